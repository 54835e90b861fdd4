"""How much one gateway may say. A backlog after an outage is lawful and large; a stream without end is not, nor is what is stored already
said again and again: a device that does not hear our answers does that, and so does whoever replays what he has caught."""

from dataclasses import dataclass

PER_SECOND = 50  # for ever; eight sockets in use say about two
BURST = 100_000  # a day of eight busy sockets, all at once
REPEATS_PER_SECOND = 2  # what was stored and is said again: a lost answer now and then
REPEATS_BURST = 100_000  # and hours in which we were away, and eight sockets said again and again what they kept


@dataclass
class Bucket:
    """What a gateway may still say at an instant (seconds of any steady clock)."""

    left: float = BURST
    at: float = 0.0

    def take(self, now: float) -> bool:
        """Take one message in; return whether it may be heard."""
        burst, per_second = self.bounds()
        self.left = min(burst, self.left + (now - self.at) * per_second)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True

    def bounds(self) -> tuple[float, float]:
        """Return how much at once, and how much a second."""
        return BURST, PER_SECOND


@dataclass
class Repeats(Bucket):
    """What of it may have been said before."""

    left: float = REPEATS_BURST

    def bounds(self) -> tuple[float, float]:
        """Return how much at once, and how much a second."""
        return REPEATS_BURST, REPEATS_PER_SECOND
