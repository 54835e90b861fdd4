"""What can be read from a meter: the table of data items, and how each is written in bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from bancheng.lib.refusal import Garbled
from bancheng.lib.text import Text


class Kind(StrEnum):
    """How an item's bytes are read."""

    NUMBER = "number"  # BCD
    SIGNED = "signed"  # BCD, the top bit is the sign
    BITS = "bits"
    DATE = "date"  # YYMMDDWW
    TIME = "time"  # hhmmss


@dataclass(frozen=True)
class Item:
    """One data item: its identifier, its length, and where the point stands."""

    di: int
    name: Text
    unit: str
    length: int
    decimals: int = 0
    kind: Kind = Kind.NUMBER

    @property
    def identifier(self) -> bytes:
        """Return DI0 DI1 DI2 DI3, as it stands in data."""
        return self.di.to_bytes(4, "little")

    def pack(self, value: int) -> bytes:
        """Return `value` (in the last decimal: 22310 mV is no voltage, 2231 is 223.1 V) as bytes; numbers wrap as registers do."""
        if self.kind is Kind.BITS:
            return value.to_bytes(self.length, "little")
        digits = f"{abs(value) % 10 ** (2 * self.length):0{2 * self.length}d}"
        packed = bytearray(bytes.fromhex(digits)[::-1])
        if self.kind is Kind.SIGNED and value < 0:
            packed[-1] |= 0x80
        return bytes(packed)

    def unpack(self, data: bytes) -> int:
        """Return the value in the last decimal; raise Garbled for what is no number."""
        if len(data) != self.length:
            raise Garbled(f"{len(data)} bytes where {self.length} belong")
        if self.kind is Kind.BITS:
            return int.from_bytes(data, "little")
        negative = self.kind is Kind.SIGNED and bool(data[-1] & 0x80)
        digits = (data[:-1] + bytes([data[-1] & 0x7F]) if negative else data)[::-1].hex()
        if not digits.isdecimal():
            raise Garbled("no decimal digits")
        return -int(digits) if negative else int(digits)

    def show(self, data: bytes) -> str:
        """Return the value as people write it."""
        value = self.unpack(data)
        if self.kind is Kind.BITS:
            return f"{value:0{8 * self.length}b}"
        if self.kind in (Kind.DATE, Kind.TIME):
            return _moment(self.kind, f"{value:0{2 * self.length}d}")
        whole, part = divmod(abs(value), 10**self.decimals)
        return f"{'-' if value < 0 else ''}{whole}" + (f".{part:0{self.decimals}d}" if self.decimals else "")


def _moment(kind: Kind, digits: str) -> str:
    one, two, three = (int(digits[n : n + 2]) for n in (0, 2, 4))
    try:
        return str(date(2000 + one, two, three) if kind is Kind.DATE else time(one, two, three))
    except ValueError as wrong:
        raise Garbled("no such day or time") from wrong


RELAY_OPEN = 1 << 4  # of state word 3

ITEMS: Mapping[str, Item] = {
    "energy": Item(0x00010000, Text("正向有功总电能", "forward active energy, total"), "kWh", 4, 2),
    "energy-sharp": Item(0x00010100, Text("正向有功尖电能", "forward active energy, sharp"), "kWh", 4, 2),
    "energy-peak": Item(0x00010200, Text("正向有功峰电能", "forward active energy, peak"), "kWh", 4, 2),
    "energy-flat": Item(0x00010300, Text("正向有功平电能", "forward active energy, flat"), "kWh", 4, 2),
    "energy-valley": Item(0x00010400, Text("正向有功谷电能", "forward active energy, valley"), "kWh", 4, 2),
    "voltage": Item(0x02010100, Text("A相电压", "voltage, phase A"), "V", 2, 1),
    "current": Item(0x02020100, Text("A相电流", "current, phase A"), "A", 3, 3, Kind.SIGNED),
    "power": Item(0x02030000, Text("总有功功率", "active power, total"), "kW", 3, 4, Kind.SIGNED),
    "power-factor": Item(0x02060000, Text("总功率因数", "power factor, total"), "", 2, 3, Kind.SIGNED),
    "temperature": Item(0x02800007, Text("表内温度", "temperature inside"), "°C", 2, 1, Kind.SIGNED),
    "date": Item(0x04000101, Text("日期", "date"), "", 4, 0, Kind.DATE),
    "time": Item(0x04000102, Text("时间", "time"), "", 3, 0, Kind.TIME),
    "state-relay": Item(0x04000503, Text("运行状态字3", "run state word 3"), "", 2, 0, Kind.BITS),
    "state-phase": Item(0x04000504, Text("运行状态字4", "run state word 4"), "", 2, 0, Kind.BITS),
}
BY_DI: Mapping[int, str] = {item.di: name for name, item in ITEMS.items()}


def named(data: bytes) -> str:
    """Return the name of the item whose identifier leads `data`, "" when it is none of ours."""
    return BY_DI.get(int.from_bytes(data[:4], "little"), "") if len(data) >= 4 else ""
