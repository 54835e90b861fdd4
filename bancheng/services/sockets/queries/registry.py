"""Which gateways there are and which sockets are theirs: what a message may come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bancheng.services.sockets.models import Meter, Socket
from bancheng.services.sockets.rules.places import Protocol


@dataclass
class Registered:
    """A gateway as it is registered."""

    gateway: str
    region: str
    wires: set[str] = field(default_factory=set)
    meters: dict[str, str] = field(default_factory=dict)  # of its wires: who cannot say which meter he reads is told


def gateways(protocol: Protocol = Protocol.MQTT) -> Mapping[str, Registered]:
    """Return every registered gateway that speaks `protocol`, with its sockets and their meters: two queries."""
    found: dict[str, Registered] = {}
    theirs = Socket.objects.exclude(state="retired").filter(unit__protocol=str(protocol))
    for gateway, region, wire in theirs.values_list("unit__gateway", "region", "wire"):
        found.setdefault(gateway, Registered(gateway, region)).wires.add(wire)
    fitted = Meter.objects.filter(removed_at=None, socket__unit__protocol=str(protocol)).exclude(
        socket__state="retired"
    )
    for gateway, wire, address in fitted.values_list("socket__unit__gateway", "socket__wire", "address"):
        found[gateway].meters[wire] = address
    return found
