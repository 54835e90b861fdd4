"""The bytes of a reconciliation file, and what an answer to it means. Pure: the same lines give the same bytes (land register §13.6).

Text, UTF-8, one line each, fields apart by `|`, every line ended by a line feed. The header holds service, partner, day, the file's number,
the SHA-256 of the file before, the count of lines and the sum of their amounts in fen; then the lines, sorted by their number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

VERSION = "bancheng-reconciliation-1"


class Answer(StrEnum):
    """What a partner says of a line."""

    MATCH = "MATCH"
    MISSING = "MISSING"  # it does not have it
    DIFF = "DIFF"  # it has it otherwise


class Kind(StrEnum):
    """What does not agree."""

    MISSING = "missing"
    DIFF = "diff"
    UNKNOWN = "unknown"  # the partner has a line that we do not have
    NO_ANSWER = "no_answer"


@dataclass(frozen=True)
class Line:
    """One thing that stands at the day's end. `number` names it (a proof's number) and sorts it."""

    number: str
    application: str
    lots: Sequence[tuple[str, int]]  # code and dm²
    amount_fen: int
    kind: str
    state: str
    recorded_at: datetime


def text_of(line: Line) -> str:
    """Return a line as it stands in the file."""
    lots = ",".join(f"{code}:{dm2}" for code, dm2 in sorted(line.lots))
    fields = (line.number, line.application, lots, str(line.amount_fen), line.kind, line.state)
    return "|".join(_safe(field) for field in (*fields, line.recorded_at.isoformat(timespec="seconds")))


def _safe(field: str) -> str:
    return "".join(" " if mark in "|\r\n" else mark for mark in field)


def written(*, service: str, partner: str, day: date, number: int, previous: str, lines: Sequence[Line]) -> bytes:
    """Return the file."""
    ordered = sorted(lines, key=lambda line: line.number)
    total = sum(line.amount_fen for line in ordered)
    head = (VERSION, service, partner, day.isoformat(), str(number), previous or "-", str(len(ordered)), str(total))
    return ("\n".join(["|".join(head), *map(text_of, ordered)]) + "\n").encode()


def numbers_of(body: bytes) -> list[str]:
    """Return the numbers of the lines of a file, in its order."""
    return [line.split("|", 1)[0] for line in body.decode().splitlines()[1:]]


def found_out(body: bytes, answers: Mapping[str, Answer]) -> dict[str, Kind]:
    """Return which lines do not agree: said to be missing or other, not answered at all, or unknown to us."""
    ours = numbers_of(body)
    found = {number: Kind.NO_ANSWER for number in ours if number not in answers}
    for number, said in answers.items():
        if number not in ours:
            found[number] = Kind.UNKNOWN
        elif said is not Answer.MATCH:
            found[number] = Kind.MISSING if said is Answer.MISSING else Kind.DIFF
    return found
