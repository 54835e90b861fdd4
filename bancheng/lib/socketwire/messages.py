"""The messages, as frozen facts. Every one is said with QoS 1."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from bancheng.lib.socketwire.words import EventKind, Op, Result


@dataclass(frozen=True, slots=True)
class Status:
    """A gateway is there, or the broker says that it is gone."""

    KIND: ClassVar[str] = "status"
    gateway: str
    on: bool
    boot: int
    firmware: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at one socket's meter."""

    KIND: ClassVar[str] = "reading"
    gateway: str
    socket: str
    boot: int
    seq: int
    up_ms: int
    ts_ms: int
    meter: str
    session: str  # what the relay was closed for; "" for none
    energy_10wh: int
    voltage_dv: int
    current_ma: int  # below zero: the other way round
    power_w: int
    temperature_dc: int
    flags: int


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened at a socket; the register is that of the moment."""

    KIND: ClassVar[str] = "event"
    gateway: str
    socket: str
    boot: int
    seq: int
    up_ms: int
    ts_ms: int
    kind: EventKind
    code: str
    meter: str
    session: str
    closed: bool  # the relay, afterwards
    energy_10wh: int
    value: int  # what was measured: dV for OV and UV, mA for OC, SC, RC and AF, 0.1 °C for OT, ms for clock_set


@dataclass(frozen=True, slots=True)
class State:
    """How a socket stands; a hint, for it is retained: a birth with another boot voids it."""

    KIND: ClassVar[str] = "state"
    gateway: str
    socket: str
    boot: int
    seq: int
    up_ms: int
    ts_ms: int
    meter: str
    session: str
    closed: bool
    flags: int
    quota_left_wh: int
    energy_10wh: int
    current_ma: int


@dataclass(frozen=True, slots=True)
class Command:
    """What a socket is to do, until when at the latest, and for a session within what bounds."""

    KIND: ClassVar[str] = "cmd"
    gateway: str
    socket: str
    command: str
    op: Op
    not_after_ms: int
    session: str = ""
    quota_wh: int = 0
    longest_s: int = 0
    lease_until_ms: int = 0
    edges_ms: tuple[int, ...] = ()  # instants at which the price changes: a reading is wanted on each
    limits: Mapping[str, int] = field(default_factory=dict)
    meter: str = ""


@dataclass(frozen=True, slots=True)
class CommandAck:
    """What became of a command, at which register."""

    KIND: ClassVar[str] = "cmdack"
    gateway: str
    socket: str
    command: str
    result: Result
    closed: bool
    energy_10wh: int
    boot: int
    seq: int


@dataclass(frozen=True, slots=True)
class Stored:
    """Up to which number, without a gap, the database holds the readings and events of each socket since that boot."""

    KIND: ClassVar[str] = "ack"
    gateway: str
    boot: int
    seqs: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TimeAsked:
    """A gateway asks what time it is, and says what it thinks."""

    KIND: ClassVar[str] = "time"
    gateway: str
    boot: int
    up_ms: int
    ts_ms: int


@dataclass(frozen=True, slots=True)
class TimeTold:
    """The answer: what the question said, and the platform's clock."""

    KIND: ClassVar[str] = "time"
    gateway: str
    boot: int
    up_ms: int
    ts_ms: int
    now_ms: int


@dataclass(frozen=True, slots=True)
class Refusals:
    """What the broker's doorkeeper did not take from a gateway, or from somebody under its name, since it said so last."""

    KIND: ClassVar[str] = "refused"
    gateway: str
    counts: Mapping[str, int]  # by reason


Message: TypeAlias = Status | Reading | Event | State | Command | CommandAck | Stored | TimeAsked | TimeTold | Refusals
