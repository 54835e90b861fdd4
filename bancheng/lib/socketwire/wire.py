"""Bytes to messages and back; the one place where a payload is judged."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

from bancheng.lib.refusal import Garbled
from bancheng.lib.socketwire.messages import (
    Command,
    CommandAck,
    Event,
    Message,
    Reading,
    Refusals,
    State,
    Status,
    Stored,
    TimeAsked,
    TimeTold,
)
from bancheng.lib.socketwire.topics import NAME, OF_SOCKET, RETAINED, place, topic
from bancheng.lib.socketwire.words import FLAGS, LIMITS, REGISTER, EventKind, Op, Result

LARGEST_PAYLOAD = 4096  # bytes; the largest lawful message is under 1,000
U32 = 2**32 - 1
UPTIME_MS = 2**53 - 1
TIME_MS = 253_402_300_799_999  # the end of the year 9999; 0 is 1970, where a clock without a battery begins

ID = re.compile(r"[0-9A-Za-z-]{1,36}", re.ASCII)  # of a command or a session
METER = re.compile(r"[0-9]{12}", re.ASCII)
REASON = re.compile(r"[a-z_]{1,24}", re.ASCII)
FIRMWARE = re.compile(r"[0-9A-Za-z._+-]{1,32}", re.ASCII)


class Parcel(NamedTuple):
    """A message as MQTT carries it, always with QoS 1."""

    topic: str
    payload: bytes
    retain: bool


def read(name: str, payload: bytes) -> Message:
    """Return the message that came under topic `name`; raise Garbled for anything that is not one, never anything else."""
    gateway, kind, socket = place(name)
    if len(payload) > LARGEST_PAYLOAD:
        raise Garbled("too large")
    try:
        said = _DECODER.decode(payload.decode())
    except (ValueError, RecursionError) as wrong:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise Garbled("no JSON of ours") from wrong
    if not isinstance(said, dict):
        raise Garbled("no object")
    kind = "told" if kind == "time" and "now" in said else kind
    made = [reader(said.get(word)) for word, reader in _READERS[kind]]
    message: Message = _CLASSES[kind](gateway, *([socket] if kind in OF_SOCKET else []), *made)
    return message


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Garbled("a word said twice")  # which of the two would hold?
    return made


def _never(text: str) -> Any:
    raise Garbled("a number that is not whole")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_float=_never, parse_constant=_never)
_Reader: TypeAlias = Callable[[Any], Any]


def _whole(least: int, most: int) -> _Reader:
    def reader(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:  # True is an int to isinstance
            raise Garbled("a number out of its kind or bounds")
        return value

    return reader


def _matching(pattern: re.Pattern[str], *, or_none: bool = False) -> _Reader:
    def reader(value: Any) -> str:
        if isinstance(value, str) and (pattern.fullmatch(value) or (or_none and not value)):
            return value
        raise Garbled("a word out of its kind")

    return reader


def _one_of(kind: type[StrEnum]) -> _Reader:
    known = {str(each): each for each in kind}

    def reader(value: Any) -> StrEnum:
        if isinstance(value, str) and value in known:
            return known[value]
        raise Garbled("an unknown word")

    return reader


def _or(reader: _Reader, blank: Any) -> _Reader:
    return lambda value: blank if value is None else reader(value)


def _bit(value: Any) -> bool:
    if type(value) is int and value in (0, 1):
        return value == 1
    raise Garbled("neither 0 nor 1")


def _edges(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or len(value) > 32:
        raise Garbled("no list of instants")
    return tuple(_TS(each) for each in value)


def _limits(value: Any) -> dict[str, int]:
    if not isinstance(value, dict) or not value.keys() <= LIMITS.keys():
        raise Garbled("an unknown limit")
    return {name: _whole(LIMITS[name].least, LIMITS[name].most)(said) for name, said in value.items()}


def _seqs(value: Any) -> dict[str, int]:
    if not isinstance(value, dict) or not all(NAME.fullmatch(socket) for socket in value):
        raise Garbled("no numbers of sockets")
    return {socket: _U32(said) for socket, said in value.items()}


def _counts(value: Any) -> dict[str, int]:
    if not isinstance(value, dict) or len(value) > 16 or not all(REASON.fullmatch(reason) for reason in value):
        raise Garbled("no counts")
    return {reason: _U32(said) for reason, said in value.items()}


_U32, _COUNT, _SIGNED = _whole(0, U32), _whole(1, U32), _whole(-1_000_000, 1_000_000)
_UP, _TS, _ENERGY = _whole(0, UPTIME_MS), _whole(0, TIME_MS), _whole(0, REGISTER - 1)
_SESSION, _CODE = _matching(ID, or_none=True), _matching(re.compile(r"[0-9A-Za-z_]{1,24}", re.ASCII), or_none=True)
_FLAGS = _whole(0, FLAGS)
_STAMP = (("boot", _COUNT), ("seq", _COUNT), ("up_ms", _UP), ("ts", _TS))
_QUOTA_WH, _LONGEST_S = 1_000_000, 7 * 86_400

# word on the wire and what reads it, in the order of the class's fields
_READERS: Mapping[str, tuple[tuple[str, _Reader], ...]] = {
    "status": (("on", _bit), ("boot", _COUNT), ("fw", _or(_matching(FIRMWARE, or_none=True), ""))),
    "reading": (
        *_STAMP,
        ("meter", _matching(METER)),
        ("session", _or(_SESSION, "")),
        ("e_10wh", _ENERGY),
        ("u_dv", _whole(0, 100_000)),
        ("i_ma", _SIGNED),
        ("p_w", _SIGNED),
        ("t_dc", _whole(-1_000, 5_000)),
        ("f", _FLAGS),
    ),
    "event": (
        *_STAMP,
        ("kind", _one_of(EventKind)),
        ("code", _or(_CODE, "")),
        ("meter", _matching(METER)),
        ("session", _or(_SESSION, "")),
        ("relay", _bit),
        ("e_10wh", _ENERGY),
        ("value", _or(_whole(-TIME_MS, TIME_MS), 0)),
    ),
    "state": (
        ("boot", _COUNT),
        ("seq", _U32),
        ("up_ms", _UP),
        ("ts", _TS),
        ("meter", _matching(METER)),
        ("session", _or(_SESSION, "")),
        ("relay", _bit),
        ("f", _FLAGS),
        ("left_wh", _whole(0, _QUOTA_WH)),
        ("e_10wh", _ENERGY),
        ("i_ma", _SIGNED),
    ),
    "cmd": (
        ("cmd_id", _matching(ID)),
        ("op", _one_of(Op)),
        ("not_after", _TS),
        ("session", _or(_SESSION, "")),
        ("quota_wh", _or(_whole(0, _QUOTA_WH), 0)),
        ("max_s", _or(_whole(0, _LONGEST_S), 0)),
        ("lease_until", _or(_TS, 0)),
        ("edges", _or(_edges, ())),
        ("limits", lambda value: {} if value is None else _limits(value)),
        ("meter", _or(_matching(METER, or_none=True), "")),
    ),
    "cmdack": (
        ("cmd_id", _matching(ID)),
        ("result", _one_of(Result)),
        ("relay", _bit),
        ("e_10wh", _ENERGY),
        ("boot", _COUNT),
        ("seq", _U32),
    ),
    "ack": (("boot", _COUNT), ("stored", lambda value: {} if value is None else _seqs(value))),
    "refused": (("counts", lambda value: {} if value is None else _counts(value)),),
    "time": (("boot", _COUNT), ("up_ms", _UP), ("ts", _TS)),
    "told": (("boot", _COUNT), ("up_ms", _UP), ("ts", _TS), ("now", _TS)),
}
_CLASSES: Mapping[str, Any] = {
    "status": Status,
    "reading": Reading,
    "event": Event,
    "state": State,
    "cmd": Command,
    "cmdack": CommandAck,
    "ack": Stored,
    "refused": Refusals,
    "time": TimeAsked,
    "told": TimeTold,
}

_WORDS: Mapping[Any, tuple[tuple[str, str, Any], ...]] = {
    made: tuple(
        (word, each.name, each.default)
        for (word, _), each in zip(_READERS[kind], fields(made)[2 if kind in OF_SOCKET else 1 :], strict=True)
    )
    for kind, made in _CLASSES.items()
}


def write(message: Message) -> Parcel:
    """Return `message` as MQTT carries it."""
    said = {}
    for word, name, blank in _WORDS[type(message)]:
        value = getattr(message, name)
        if value not in (blank, "", (), {}):
            said[word] = int(value) if isinstance(value, bool) else value
    payload = json.dumps(said, separators=(",", ":")).encode()
    kind = message.KIND
    return Parcel(topic(message.gateway, kind, getattr(message, "socket", "")), payload, kind in RETAINED)
