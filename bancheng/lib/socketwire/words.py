"""The words of the wire: flags, kinds of events, operations, results, and the thresholds a socket may be given."""

from collections.abc import Mapping
from enum import IntFlag, StrEnum
from typing import NamedTuple

REGISTER = 100_000_000  # a register counts 10 Wh up to here and begins again


class Flag(IntFlag):
    """What a socket says of itself beside the numbers: the eight protections, then what else is wrong, then how it was read."""

    OV = 1  # over-voltage 过压
    UV = 2  # under-voltage 欠压
    OC = 4  # overload 过流/过载
    SC = 8  # short circuit 短路
    RC = 16  # residual current 漏电
    OT = 32  # over-temperature 过温
    AF = 64  # arc 电弧
    TP = 128  # door, tilt, water, smoke 开箱/倾倒/水浸
    WELDED = 256  # the relay is told to be open and current flows
    METER = 512  # the meter does not answer: no readings come, none is said again
    CLOCK = 1024  # the device knows that its clock is not set
    EDGE = 2048  # this reading was taken on a price edge, by order


PROTECTIONS = tuple(Flag(1 << n) for n in range(8))
HARDWARE = Flag.SC | Flag.RC | Flag.AF  # done by the switch in milliseconds and told by it afterwards
FLAGS = sum(Flag)


class EventKind(StrEnum):
    """What happened at a socket. `code` tells more: a protection, why a relay opened, which clock fault."""

    CLOSED = "closed"  # relay, by a command; code "start"
    OPENED = "opened"  # relay; code: one of `Cut`
    WARNED = "warned"  # code: a protection
    TRIPPED = "tripped"  # relay, by a protection, which is the code
    CLEARED = "cleared"  # the value is back within bounds; code: a protection
    RECLOSED = "reclosed"  # relay, by itself after OV or UV
    WELDED = "welded"
    METER_SILENT = "meter_silent"
    METER_BACK = "meter_back"
    METER_CHANGED = "meter_changed"  # said twice: of the old meter (code "off", its last register), of the new one ("on", its first)
    POWER_LOST = "power_lost"
    POWER_BACK = "power_back"
    CLOCK_SET = "clock_set"
    UNPLUGGED = "unplugged"  # where the socket can tell


class Cut(StrEnum):
    """Why a relay opened other than by a protection."""

    STOP = "stop"  # by command
    QUOTA = "quota"
    DURATION = "duration"
    LEASE = "lease"
    POWER = "power"  # the mains were away when the session ended
    METER = "meter"  # the meter is silent: what is not counted is not given


class Op(StrEnum):
    """What the platform may ask of a socket."""

    START = "start"
    STOP = "stop"
    RAISE = "raise"  # more quota, time or lease for the session that runs; never less than is used
    REPORT = "report"  # say state and a reading now
    CLEAR = "clear"  # let a latched protection go, after a look on the spot or a new scan where that is enough
    LIMIT = "limit"  # thresholds of the protections
    METER = "meter"  # which meter is fitted now by the registry; a device that reads another answers NO_METER


class Result(StrEnum):
    """What became of a command. A repeat of one of the last 64 ids is answered as it was the first time."""

    DONE = "done"  # obeyed; for the relay only `State` and the event prove it
    LATE = "late"  # after `not_after`
    NO_CLOCK = "no_clock"  # the device's clock is not set: it cannot tell
    BUSY = "busy"  # another session runs
    NOT_IT = "not_it"  # no such session runs
    LATCHED = "latched"  # a protection holds it open
    NO_POWER = "no_power"
    NO_METER = "no_meter"
    WELDED = "welded"
    LOWER = "lower"  # a quota below what is used
    BAD = "bad"  # cannot be read or is out of bounds


class Limit(NamedTuple):
    """Bounds of one threshold, and what it is where nobody said otherwise (220 V, one phase)."""

    least: int
    most: int
    usual: int


LIMITS: Mapping[str, Limit] = {
    "rated_ma": Limit(6_000, 63_000, 16_000),
    "ov_warn_dv": Limit(2_200, 2_530, 2_354),  # GB/T 12325: +7 %
    "ov_trip_dv": Limit(2_420, 2_750, 2_640),
    "ov_trip_ms": Limit(200, 10_000, 2_000),
    "ov_fast_dv": Limit(2_640, 3_000, 2_800),
    "ov_fast_ms": Limit(20, 2_000, 200),
    "ov_back_dv": Limit(2_200, 2_530, 2_420),
    "uv_warn_dv": Limit(1_760, 2_200, 1_980),  # GB/T 12325: -10 %
    "uv_trip_dv": Limit(1_300, 1_900, 1_650),
    "uv_trip_ms": Limit(500, 30_000, 5_000),
    "uv_back_dv": Limit(1_700, 2_200, 1_870),
    "oc_warn_pct": Limit(80, 110, 100),
    "oc_trip1_pct": Limit(105, 130, 113),
    "oc_trip1_s": Limit(60, 3_600, 900),
    "oc_trip2_pct": Limit(115, 145, 125),
    "oc_trip2_s": Limit(10, 300, 60),
    "oc_trip3_pct": Limit(130, 180, 150),
    "oc_trip3_s": Limit(2, 60, 10),
    "oc_trip4_pct": Limit(160, 300, 200),
    "oc_trip4_s": Limit(1, 10, 2),
    "sc_pct": Limit(500, 1_000, 500),  # GB/T 10963.1 type C; the switch's own
    "rc_warn_ma": Limit(6, 25, 15),
    "rc_trip_ma": Limit(10, 30, 30),  # GB/T 13955; the switch's own
    "ot_warn_dc": Limit(500, 800, 700),
    "ot_rise_dc": Limit(20, 200, 50),  # in a minute, under load
    "ot_trip_dc": Limit(600, 900, 850),
    "ot_trip_s": Limit(1, 60, 5),
    "ot_back_dc": Limit(400, 700, 600),
    "tp_ms": Limit(100, 5_000, 500),
    "hold_s": Limit(10, 600, 60),  # how long a value is out before a warning, and back before it counts as back
}
