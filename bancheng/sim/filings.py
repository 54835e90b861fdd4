"""The filings of six banks (A13.1: 14,051 of them), made up: which home, which loan, on which day, what the bank's system does wrong with it.

Homes are those of the made-up city (`estates`). Some mortgages are cancelled again, some are of homes not yet handed over. The same seed makes the
same filings, and what must come of them is counted here, apart from whoever takes them in.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from random import Random

from bancheng.sim.banks import Home
from bancheng.sim.estates import Estate, Unit, apportion

FILINGS = 14_051  # the source: 网办件14051件
DAYS = 60  # working days over which they come
SHARES = {"boc": 18, "abc": 19, "icbc": 17, "ccb": 16, "psbc": 11, "rcb": 19}  # percent of all
CANCELLED, BEFORE_HANDOVER = 20, 8  # percent of the filings
REST = 5  # working days a mortgage stands before it is cancelled
TWICE, OVERTAKEN, FORGED = 5, 5, 2  # percent of the filings


class Kind(StrEnum):
    """What is filed."""

    SET_UP = "mortgage.set"
    PRE = "mortgage.pre"
    CANCEL = "mortgage.cancel"


class Slip(StrEnum):
    """What a bank's system does wrong with a filing."""

    NONE = ""
    SAME_KEY = "same_key"  # sent again at once, under the same key
    OTHER_KEY = "other_key"  # and under another
    NEXT_DAY = "next_day"  # and under another on the next day, when it is long recorded
    OVERTAKEN = "overtaken"  # quoted in its turn, and sent behind all others of the day
    FORGED = "forged"  # first with a signature that is not the bank's


AT_ONCE = (Slip.SAME_KEY, Slip.OTHER_KEY)


@dataclass(frozen=True)
class Filing:
    """One thing a bank files."""

    number: int
    bank: str
    kind: Kind
    home: Home
    contract: str  # of the sale, while the home is not handed over
    day: int  # working day of the season, from 0
    loan: str
    principal_fen: int
    slip: Slip


@dataclass(frozen=True)
class Season:
    """All of them, in the order in which they are numbered."""

    filings: tuple[Filing, ...]

    @cached_property
    def by_day(self) -> dict[int, list[Filing]]:
        """Return the filings of each day."""
        found: dict[int, list[Filing]] = {}
        for one in self.filings:
            found.setdefault(one.day, []).append(one)
        return found

    @property
    def figures(self) -> dict[str, int]:
        """Return what must come of it by the evening of its last day, whose repeats of the next day are still to come."""
        kinds = Counter(one.kind for one in self.filings)
        slips = Counter(one.slip for one in self.filings)
        slips_of_the_last = Counter(one.slip for one in self.by_day.get(max(self.by_day, default=0), ()))
        return {
            "filed": len(self.filings),
            "set_up": kinds[Kind.SET_UP],
            "before_handover": kinds[Kind.PRE],
            "cancelled": kinds[Kind.CANCEL],
            "standing": kinds[Kind.SET_UP] + kinds[Kind.PRE] - kinds[Kind.CANCEL],
            "secured_fen": sum(one.principal_fen for one in self.filings),
            "again": sum(slips[one] for one in (*AT_ONCE, Slip.NEXT_DAY)) - slips_of_the_last[Slip.NEXT_DAY],
            "forged": slips[Slip.FORGED],
        }


def make(city: Sequence[Estate], *, count: int = FILINGS, days: int = DAYS, seed: int = 2024) -> Season:
    """Return `count` filings over `days` working days for homes of a city.

    Raises ValueError when it has too few homes for them.
    """
    random = Random(f"{seed}/filings")
    cancelled, before = count * CANCELLED // 100, count * BEFORE_HANDOVER // 100
    claimed = [_claimed(each, unit) for each in city if each.stage == 3 for unit in each.units if unit.buyer]
    homes = [_home(unit) for each in city for unit in each.units if unit.transferred]
    before = min(before, len(claimed))
    set_up = count - cancelled - before
    if set_up > len(homes):
        raise ValueError(f"{len(homes)} homes for {set_up} mortgages")
    chosen = [(Kind.PRE, home, contract) for home, contract in random.sample(claimed, before)]
    chosen += [(Kind.SET_UP, home, "") for home in random.sample(homes, set_up)]
    random.shuffle(chosen)
    return Season(tuple(_filings(random, chosen, cancelled, days)))


def _home(unit: Unit) -> Home:
    assert unit.buyer
    return Home(unit.code, unit.buyer[0], unit.buyer[1], unit.measured_dm2)


def _claimed(each: Estate, unit: Unit) -> tuple[Home, str]:
    assert unit.buyer
    return Home(unit.code, unit.buyer[0], unit.buyer[1], unit.predicted_dm2), unit.contract


def _filings(random: Random, chosen: Sequence[tuple[Kind, Home, str]], cancelled: int, days: int) -> Iterator[Filing]:
    """Yield the set-ups with their banks and days, and behind them the cancellations of some."""
    parts = apportion(len(chosen), SHARES)
    banks = [bank for bank, number in parts.items() for _ in range(number)]
    random.shuffle(banks)
    made = []
    early = days - REST - 1  # what is cancelled stands for some days first
    for number, ((kind, home, contract), bank) in enumerate(zip(chosen, banks, strict=True)):
        loan = f"{bank}-2025-{number:06d}"
        fen = random.randint(20, 200) * 1_000_000
        day = number * days // len(chosen)
        made.append(
            Filing(number, bank, kind, home, contract, day, loan, fen, _slip(random, (*AT_ONCE, Slip.NEXT_DAY)))
        )
    yield from made
    again = [one for one in made if one.kind is Kind.SET_UP and one.day <= early]
    for number, one in enumerate(random.sample(again, cancelled), len(made)):
        day = random.randint(one.day + REST, days - 1)
        slip = _slip(random, AT_ONCE)  # on the next day there is no mortgage any more that could be cancelled
        yield Filing(number, one.bank, Kind.CANCEL, one.home, "", day, one.loan, 0, slip)


def _slip(random: Random, repeats: Sequence[Slip]) -> Slip:
    drawn = random.randrange(100)
    if drawn < TWICE:
        return random.choice(repeats)
    if drawn < TWICE + OVERTAKEN:
        return Slip.OVERTAKEN
    return Slip.FORGED if drawn < TWICE + OVERTAKEN + FORGED else Slip.NONE
