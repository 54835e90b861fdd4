"""How much one gateway may say. A backlog after an outage is lawful and large; a stream without end is not."""

from dataclasses import dataclass

PER_SECOND = 50  # for ever; eight sockets in use say about two
BURST = 100_000  # a day of eight busy sockets, all at once


@dataclass
class Bucket:
    """What a gateway may still say at an instant (seconds of any steady clock)."""

    left: float = BURST
    at: float = 0.0

    def take(self, now: float) -> bool:
        """Take one message in; return whether it may be heard."""
        self.left = min(BURST, self.left + (now - self.at) * PER_SECOND)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True
