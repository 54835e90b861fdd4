"""The board's figures, recomputed from the book each time: how many estates, buildings and m², how far they are, and what of it is still free.

An estate counts as solved once its shares are divided and a house on it is registered: then its owners can have their titles (A7.1, A7.2).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bancheng.kernel.titles import public as titles
from bancheng.lib.text import Text
from bancheng.services.landshares.models import Matter
from bancheng.services.landshares.queries import doors, parcels
from bancheng.services.landshares.rules import amounts, procedures

MOST = 5000
AMOUNTS = (
    "registered",
    "with_buyers",
    "with_public",
    "presold",
    "disposable",
    "mortgaged",
    "seized",
    "waiting",
    "free",
)


@dataclass(frozen=True)
class EstateLine:
    """One parcel in the figures."""

    head: parcels.Head
    total: titles.Totals
    mortgages: tuple[titles.MortgageLine, ...]

    @property
    def solved(self) -> bool:
        return bool(self.head.parcel.plan_version and self.total.buildings)

    @property
    def buildings(self) -> int:
        return self.total.buildings

    @property
    def titled(self) -> int:
        return self.total.titled

    @property
    def split(self) -> tuple[titles.MortgageLine, ...]:
        """Return the developer's mortgages registered by divided shares, never on the land as a whole (量化分割土地抵押登记)."""
        return tuple(each for each in self.mortgages if not each.whole and 0 < each.dm2 < self.head.parcel.area_dm2)


@dataclass(frozen=True)
class Board:
    """All of it."""

    lines: tuple[EstateLine, ...]

    @property
    def solved(self) -> tuple[EstateLine, ...]:
        return tuple(line for line in self.lines if line.solved)

    @property
    def estates(self) -> int:
        return len(self.solved)

    @property
    def buildings(self) -> int:
        return sum(line.buildings for line in self.solved)

    @property
    def area_dm2(self) -> int:
        return sum(line.head.parcel.area_dm2 for line in self.solved)

    @property
    def titled(self) -> int:
        return sum(line.titled for line in self.lines)

    @property
    def enterprises(self) -> int:
        return len({line.head.parcel.developer.id for line in self.lines if line.split})

    @property
    def raised_fen(self) -> int:
        return sum(each.amount_fen for line in self.lines for each in line.split)

    @property
    def stages(self) -> list[tuple[Text, int]]:
        """Return how many parcels are at each stage."""
        found = Counter(line.head.parcel.stage for line in self.lines)
        return [(stage.name, found[stage.number]) for stage in procedures.STAGES]

    @property
    def kinds(self) -> list[tuple[Text, int]]:
        """Return how many parcels are of each type."""
        found = Counter(line.head.parcel.origin.value for line in self.lines)
        return [(procedures.kind_words(code), found[code]) for code in ("new", *procedures.KINDS)]

    def amount(self, name: str) -> int:
        """Return a sum of the sheets in dm²."""
        return sum(getattr(line.total, name) for line in self.lines)

    @property
    def amounts(self) -> list[tuple[Text, str]]:
        return [(parcels.COLUMNS[name], amounts.shown(self.amount(name))) for name in AMOUNTS]

    @property
    def exceptions(self) -> list[tuple[Text, int]]:
        """Return what calls for somebody."""
        waiting = sum(
            line.head.parcel.origin.value in procedures.EXISTING and not line.head.parcel.plan_version
            for line in self.lines
        )
        return [
            (Text("存量用地未量化", "Existing land not divided"), waiting),
            (
                Text("有轮候查封的宗地", "Parcels with waiting seizures"),
                sum(bool(line.total.waiting) for line in self.lines),
            ),
            (
                Text("整宗抵押未分割", "Mortgaged as a whole"),
                sum(any(each.whole for each in line.mortgages) for line in self.lines),
            ),
        ]


def board() -> Board:
    """Return the board of the city: four statements, however many parcels there are."""
    region = doors.region()
    totals = {each.parcel: each for each in titles.totals(region)}
    mortgages: dict[str, list[titles.MortgageLine]] = {}
    for each in titles.developers_mortgages(region):
        mortgages.setdefault(each.parcel, []).append(each)
    heads = parcels.named(titles.parcels(region, most=MOST))
    return Board(tuple(EstateLine(head, totals[head.code], tuple(mortgages.get(head.code, ()))) for head in heads))


def stages_there() -> tuple[int, Sequence[str]]:
    """Return how many of the five stages have a procedure of their own, each with steps, and which acts of the book have passed them."""
    passed = [stage.name.zh for stage in procedures.STAGES if stage.steps]
    return len(passed), passed


def kinds_there() -> tuple[int, Sequence[str]]:
    """Return how many of the four types have parcels in the book or decisions of the group, and which."""
    region = doors.region()
    origins = {each.origin.value for each in titles.parcels(region, most=MOST)}
    decided = set(Matter.objects.filter(region=region).values_list("kind", flat=True))
    there = [code for code in procedures.EXISTING if code in origins | decided]
    return len(there), there
