"""What a gateway may do at the broker: say what is its own to say, hear what is meant for it, and not too much at once. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from bancheng.lib import socketwire as wire
from bancheng.lib.refusal import Garbled

LARGEST_PACKET = 16_384  # what is longer is not even read: the connection is closed
STEADY, BURST = 100.0, 2_000.0  # messages a second, and at once: a gateway that comes back brings what it kept


class Why(StrEnum):
    """Why something was refused."""

    PASSWORD = "password"  # unknown, or not his password
    NAME = "name"  # comes under another's client name, or leaves another's will
    FOREIGN = "foreign"  # another's topic, or none of ours
    RETAINED = "retained"  # what must not stay
    LARGE = "large"
    FLOODED = "flooded"  # held back, nothing lost
    MALFORMED = "malformed"


def may_say(gateway: str, topic: str, *, retain: bool, size: int) -> Why | None:
    """Return why a gateway may not publish this, None when it may."""
    try:
        whose, kind, _ = wire.place(topic)
    except Garbled:
        return Why.FOREIGN
    if whose != gateway or kind not in wire.UP:
        return Why.FOREIGN
    if retain and kind not in wire.RETAINED:
        return Why.RETAINED
    return Why.LARGE if size > wire.LARGEST_PAYLOAD else None


def may_hear(gateway: str, wanted: str) -> bool:
    """Return whether a gateway may subscribe to this filter: what is said to it, and to its sockets, and no more."""
    parts = wanted.split("/")
    own = parts[:3] == ["pw", "1", gateway]
    if len(parts) == 4:
        return own and parts[3] in ("ack", "time")
    return own and len(parts) == 5 and parts[4] == "cmd" and (parts[3] == "+" or bool(wire.NAME.fullmatch(parts[3])))


@dataclass
class Bucket:
    """How much a gateway may say: a burst at once, then steadily."""

    at: float  # seconds of a steady clock
    left: float = BURST

    def take(self, count: int, now: float) -> float:
        """Take out `count` messages; return for how many seconds no more is to be read, 0 when there is no need."""
        self.left = min(BURST, self.left + (now - self.at) * STEADY) - count
        self.at = now
        return -self.left / STEADY if self.left < 0 else 0.0
