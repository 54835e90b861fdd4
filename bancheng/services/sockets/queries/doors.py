"""Who should come by a door, and who is there: for whoever has to say whether the house is well."""

from dataclasses import dataclass

from bancheng.services.sockets.models import GatewayState, Unit
from bancheng.services.sockets.rules.places import Protocol


@dataclass(frozen=True)
class Door:
    """The devices that come by one door: their names, and of how many of them we know that they are connected."""

    names: tuple[str, ...]
    online: int


def door(protocol: Protocol) -> Door:
    """Return the devices in use that speak `protocol`: two statements."""
    units = Unit.objects.filter(protocol=str(protocol), retired_on=None).order_by("gateway")
    names = tuple(units.values_list("gateway", flat=True))
    return Door(names, GatewayState.objects.filter(gateway__in=names, online=True).count())
