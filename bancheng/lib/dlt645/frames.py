"""Frames of DL/T 645-2007, and a reader that finds them among noise.

    68 A0..A5 68 C L DATA.. CS 16      data bytes +33H on the wire, low bytes first; CS sums everything from the first 68

A 68H may stand inside an address or data, and a line makes noise. So nothing is believed but a whole frame: second 68, length, checksum
and 16 in their places; after a false start the search goes on one byte further.
"""

from dataclasses import dataclass
from enum import IntFlag

from bancheng.lib.refusal import Garbled

START, END, WAKE, SHIFT = 0x68, 0x16, 0xFE, 0x33
MOST_DATA = 200  # bytes; 645 allows this for answers, and less for writing
BARE = 12  # bytes of a frame without data
ANYBODY, EVERYBODY = "A" * 12, "9" * 12  # the one meter on the line; all of them, and none answers


class Function:
    """What is asked, in the low five bits of the control byte."""

    TIME, READ, MORE, ADDRESS, WRITE, FREEZE, RELAY = 0x08, 0x11, 0x12, 0x13, 0x14, 0x16, 0x1C


class Trouble(IntFlag):
    """The byte of an error answer."""

    OTHER = 1
    NO_DATA = 2
    PASSWORD = 4
    SPEED = 8
    YEAR_ZONES = 16
    DAY_SLOTS = 32
    RATES = 64


@dataclass(frozen=True)
class Frame:
    """One frame: the address as people write it, the control byte, and the data without the +33H."""

    address: str
    control: int
    data: bytes = b""

    @property
    def function(self) -> int:
        return self.control & 0x1F

    @property
    def is_answer(self) -> bool:
        return bool(self.control & 0x80)

    @property
    def is_error(self) -> bool:
        return bool(self.control & 0x40)

    @property
    def more_follows(self) -> bool:
        return bool(self.control & 0x20)

    @property
    def trouble(self) -> Trouble:
        """Return what an error answer complains of."""
        return Trouble(self.data[0] & 0x7F) if self.is_error and self.data else Trouble(0)

    def encode(self, wake: int = 0) -> bytes:
        """Return the frame as sent, behind `wake` bytes that wake the line (a master sends four)."""
        if len(self.data) > MOST_DATA:
            raise ValueError(f"{len(self.data)} bytes do not fit a frame")
        address = bytes.fromhex(self.address)[::-1]
        shifted = bytes((byte + SHIFT) & 0xFF for byte in self.data)
        body = bytes([START, *address, START, self.control, len(self.data)]) + shifted
        return bytes([WAKE]) * wake + body + bytes([sum(body) & 0xFF, END])

    def answered(self, data: bytes = b"", *, more: bool = False, address: str = "") -> "Frame":
        """Return the answer to this question."""
        return Frame(address or self.address, 0x80 | (0x20 if more else 0) | self.function, data)

    def refused(self, why: Trouble, address: str = "") -> "Frame":
        """Return the error answer to this question."""
        return Frame(address or self.address, 0xC0 | self.function, bytes([why]))

    def is_for(self, address: str) -> bool:
        """Return whether a meter with this address is meant: by number, by wildcard pairs, or everybody."""
        if self.address in (ANYBODY, EVERYBODY):
            return True
        pairs = zip(self._pairs(self.address), self._pairs(address), strict=True)
        return all(asked in ("AA", own) for asked, own in pairs)

    @staticmethod
    def _pairs(address: str) -> list[str]:
        return [address[n : n + 2] for n in range(0, 12, 2)]


class Reader:
    """Finds frames in what a line delivers, in whatever pieces."""

    def __init__(self) -> None:
        self._held = bytearray()
        self.skipped = 0  # bytes that belonged to no frame, wake-up bytes among them

    def feed(self, piece: bytes) -> list[Frame]:
        """Take in `piece` and return the frames that are whole now."""
        self._held += piece
        return self._search()

    def give_up(self) -> list[Frame]:
        """Say that nothing more comes: what looked like the start of a frame was none. Return what stood behind it."""
        found = []
        while self._held:
            self._skip(1)
            found += self._search()
        return found

    def _search(self) -> list[Frame]:
        found = []
        while self._held:
            start = self._held.find(START)
            self._skip(len(self._held) if start < 0 else start)
            length = self._length()
            if length is None:
                break  # too little to tell
            if length and (frame := self._whole(length)):
                found.append(frame)
                del self._held[:length]
            else:
                self._skip(1)
        return found

    def _length(self) -> int | None:
        """Return how long the frame at the front is once all of it is here, 0 when it is none, None while that is open."""
        held = self._held
        if len(held) > 7 and held[7] != START:
            return 0
        if len(held) < 10:
            return None
        if held[9] > MOST_DATA:
            return 0
        length = BARE + held[9]
        return length if len(held) >= length else None

    def _whole(self, length: int) -> Frame | None:
        body, check, end = self._held[: length - 2], self._held[length - 2], self._held[length - 1]
        if end != END or sum(body) & 0xFF != check:
            return None
        data = bytes((byte - SHIFT) & 0xFF for byte in body[10:])
        return Frame(bytes(body[6:0:-1]).hex().upper(), body[8], data)

    def _skip(self, count: int) -> None:
        self.skipped += count
        del self._held[:count]


def decode(sent: bytes) -> Frame:
    """Return the first frame in `sent`; raise Garbled when there is none."""
    reader = Reader()
    if found := reader.feed(sent) or reader.give_up():
        return found[0]
    raise Garbled("no whole frame")
