"""The questions we ask and how their answers read, and the same from the meter's side. Pure: who sends them is another's matter."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from bancheng.lib.dlt645.frames import ANYBODY, EVERYBODY, Frame, Function
from bancheng.lib.dlt645.items import ITEMS
from bancheng.lib.refusal import Garbled

CLEAR_TEXT = 0x02  # authority level; 98 wants a secure chip, which utility-owned meters have
RELAY_LENGTH = 16


class Order(IntEnum):
    """What a relay is told (N1)."""

    TRIP = 0x1A
    ALLOW = 0x1B  # a key press then closes it
    CLOSE = 0x1C
    ALARM = 0x2A
    ALARM_OFF = 0x2B
    KEEP_POWER = 0x3A
    END_KEEP_POWER = 0x3B


@dataclass(frozen=True)
class Relay:
    """A relay command: good until `until`, so that a delayed one cannot act."""

    order: Order
    until: datetime  # the meter's own wall clock, without a zone
    operator: int = 0  # our audit number, eight digits
    password: str = "000000"
    level: int = CLEAR_TEXT

    def pack(self) -> bytes:
        """Return PA P0 P1 P2 C0..C3 N1 N2 N3..N8."""
        return (
            bytes([self.level])
            + bytes.fromhex(self.password)[::-1]
            + bytes.fromhex(f"{self.operator:08d}")[::-1]
            + bytes([self.order, 0])
            + pack_instant(self.until)
        )

    @classmethod
    def unpack(cls, data: bytes) -> "Relay":
        """Return the command in `data`; raise Garbled for anything else."""
        if len(data) != RELAY_LENGTH:
            raise Garbled("no relay command")
        try:
            return cls(
                order=Order(data[8]),
                until=unpack_instant(data[10:16]),
                operator=int(data[7:3:-1].hex()),
                password=data[3:0:-1].hex(),
                level=data[0],
            )
        except ValueError as wrong:
            raise Garbled("no relay command") from wrong


def pack_instant(at: datetime) -> bytes:
    """Return ss mm hh DD MM YY."""
    return bytes.fromhex(f"{at:%y%m%d%H%M%S}")[::-1]


def unpack_instant(data: bytes) -> datetime:
    """Return the instant; raise ValueError when there is no such one."""
    digits = data[::-1].hex()
    if len(digits) != 12 or not digits.isdecimal():
        raise ValueError("no instant")
    year, month, day, hour, minute, second = (int(digits[n : n + 2]) for n in range(0, 12, 2))
    return datetime(2000 + year, month, day, hour, minute, second)  # noqa: DTZ001 - a meter's clock knows no zone


def read(address: str, item: str) -> Frame:
    """Return the question for an item."""
    return Frame(address, Function.READ, ITEMS[item].identifier)


def read_more(address: str, item: str, number: int) -> Frame:
    """Return the question for the part `number` (from 1) of an answer after which more follows."""
    return Frame(address, Function.MORE, ITEMS[item].identifier + bytes([number]))


def who() -> Frame:
    """Return the question for the address of the one meter on the line."""
    return Frame(ANYBODY, Function.ADDRESS)


def relay(address: str, command: Relay) -> Frame:
    """Return the frame that switches."""
    return Frame(address, Function.RELAY, command.pack())


def set_time(at: datetime) -> Frame:
    """Return the broadcast of the time; nobody answers it."""
    return Frame(EVERYBODY, Function.TIME, pack_instant(at))


def data_of(answer: Frame, item: str) -> bytes:
    """Return what an answer says of `item`, without identifier and, in a later part, its number; raise Garbled for another answer."""
    if not answer.is_answer or answer.is_error or answer.function not in (Function.READ, Function.MORE):
        raise Garbled(f"no answer with data (control {answer.control:02X})")
    if answer.data[:4] != ITEMS[item].identifier:
        raise Garbled("an answer about something else")
    return answer.data[4:-1] if answer.function == Function.MORE else answer.data[4:]


def value_of(answer: Frame, item: str) -> int:
    """Return the value in the item's last decimal; raise Garbled when the answer has none."""
    return ITEMS[item].unpack(data_of(answer, item))
