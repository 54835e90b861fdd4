"""The city's registration offices: a city is data, so who keeps them in the pack tells them here."""

from collections.abc import Callable, Sequence

from bancheng.kernel.registrations.facts import Registry
from bancheng.lib.refusal import Refused

_told: list[Callable[[], Sequence[Registry]]] = []


def declare(tell: Callable[[], Sequence[Registry]]) -> None:
    """Declare who tells the city's registries; asked when they are needed."""
    _told[:] = [tell]


def all_of_city() -> tuple[Registry, ...]:
    """Return the registries of the city; none where nobody told."""
    return tuple(each for tell in _told for each in tell())


def of_lot(lot: str) -> Registry:
    """Return the registry in whose book a lot is: that of its county, else the one that serves the city. Raises Refused("no_registry")."""
    found = all_of_city()
    own = next((each for each in found if lot[:6] in each.areas), None)
    if own is None:
        raise Refused(
            "no_registry",
            f"不动产单元{lot[:28]}所在的区县没有接入本平台的登记机构，没有提交；请核对单元代码。",
            en=f"No registry of this platform keeps the county of {lot[:28]}; nothing was filed. Check the unit code.",
            status=422,
        )
    return own


def of_unit(unit: str) -> Registry:
    """Return the registry that is this unit; raises LookupError."""
    return next(each for each in all_of_city() if each.unit == unit)
