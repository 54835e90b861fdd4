"""OCPP-J frames: a call, its result, its error. Whatever is not exactly one raises Garbled."""

import json
from dataclasses import dataclass
from typing import Any, TypeAlias

from bancheng.lib.refusal import Garbled

CALL, RESULT, ERROR = 2, 3, 4
LARGEST = 64 * 1024  # bytes of a frame
LONGEST_ID = 36


@dataclass(frozen=True)
class Call:
    """Somebody asks."""

    id: str
    action: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class Result:
    """The answer to a call of ours."""

    id: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class Error:
    """A call of ours that was not understood."""

    id: str
    code: str


Frame: TypeAlias = Call | Result | Error


def read(raw: str | bytes) -> Frame:
    """Return the frame; raise Garbled for anything that is none."""
    if isinstance(raw, bytes):
        raise Garbled("no text")
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError) as wrong:
        raise Garbled("no JSON") from wrong
    match said:
        case [2, str(own), str(action), dict(payload)] if 0 < len(own) <= LONGEST_ID:
            return Call(own, action, payload)
        case [3, str(own), dict(payload)]:
            return Result(own, payload)
        case [4, str(own), str(code), *_]:
            return Error(own, code)
    raise Garbled("no frame of OCPP")


def call(own: str, action: str, payload: dict[str, Any]) -> str:
    """Return a call as it is sent."""
    return _dump([CALL, own, action, payload])


def result(own: str, payload: dict[str, Any]) -> str:
    """Return an answer as it is sent."""
    return _dump([RESULT, own, payload])


def error(own: str, code: str, says: str = "") -> str:
    """Return an error as it is sent."""
    return _dump([ERROR, own, code, says, {}])


def _dump(frame: list[Any]) -> str:
    return json.dumps(frame, separators=(",", ":"), ensure_ascii=False)
