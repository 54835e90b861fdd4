"""What a court sees: the quote of a parcel, and its own orders with what they cover."""

from dataclasses import dataclass
from datetime import date

from bancheng.kernel.titles import public as titles
from bancheng.lib.refusal import Refused
from bancheng.services.landshares.queries import doors, parcels
from bancheng.services.landshares.rules import amounts, orders


@dataclass(frozen=True)
class Quoted:
    """A parcel divided for a seizure."""

    head: parcels.Head
    quote: titles.SeizureQuote
    groups: tuple[orders.Group, ...]

    @property
    def total(self) -> str:
        """Return the sum of the groups, which is the parcel's area."""
        return amounts.shown(sum(group.dm2 for group in self.groups))


@dataclass(frozen=True)
class Order:
    """An order of the court, and what it covers now."""

    right: titles.RightView
    name: parcels.Head

    @property
    def effective(self) -> str:
        return amounts.shown(self._sum(titles.State.EFFECTIVE))

    @property
    def waiting(self) -> str:
        return amounts.shown(self._sum(titles.State.WAITING))

    @property
    def place(self) -> int:
        """Return the last place in a queue that one of its lots has; 1 is the effective one."""
        return max((one.rank for one in self.right.lots if one.open), default=0)

    def ends_soon(self, today: date) -> bool:
        """Return whether it has to be renewed within 30 days."""
        return self.right.until is not None and (self.right.until - today).days <= 30

    def _sum(self, state: titles.State) -> int:
        return sum(one.dm2 for one in self.right.lots if one.open and one.state is state)


def quoted(code: str) -> Quoted:
    """Return the quote of a parcel. Raises Refused("title_no_parcel")."""
    found = titles.quote_seizure(doors.region(), code)
    return Quoted(parcels.head(code), found, orders.groups(found))


def found(words: str) -> titles.ParcelView | None:
    """Return the parcel whose code is typed, spaced or not; None when there is none."""
    bare = "".join(words.split()).upper()[:19]
    one = titles.find(doors.region(), bare) if bare else None
    return one if isinstance(one, titles.ParcelView) else None


def orders_of(unit: str) -> list[Order]:
    """Return the court's orders that have not ended, the earliest served first."""
    rights = [each for each in titles.seizures_of(doors.region(), unit) if any(one.open for one in each.lots)]
    heads = {
        head.code: head
        for head in parcels.named(titles.parcel(doors.region(), code) for code in {each.parcel for each in rights})
    }
    return [Order(each, heads[each.parcel]) for each in sorted(rights, key=lambda each: each.priority_at)]


def own(unit: str, number: str) -> titles.RightView:
    """Return an order of the court. Raises Refused("no_such_order"): another court's is not there."""
    found = next((each for each in titles.seizures_of(doors.region(), unit) if each.number == number), None)
    if found is None:
        raise Refused(
            "no_such_order",
            "没有找到本院的这件查封，没有登记。",
            en="Your court has no such seizure; nothing was recorded.",
            status=404,
        )
    return found
