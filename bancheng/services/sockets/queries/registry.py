"""Which gateways there are and which sockets are theirs: what a message may come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bancheng.services.sockets.models import Socket


@dataclass
class Registered:
    """A gateway as it is registered."""

    gateway: str
    region: str
    wires: set[str] = field(default_factory=set)


def gateways() -> Mapping[str, Registered]:
    """Return every registered gateway with its sockets: one query."""
    found: dict[str, Registered] = {}
    rows = Socket.objects.exclude(state="retired").values_list("unit__gateway", "region", "wire")
    for gateway, region, wire in rows:
        found.setdefault(gateway, Registered(gateway, region)).wires.add(wire)
    return found
