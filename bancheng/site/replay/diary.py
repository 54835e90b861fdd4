"""How far the replay has come, kept in the audit trail: with the data it speaks of, and nowhere else."""

from dataclasses import dataclass
from datetime import date, datetime

from bancheng.kernel.audit import public as audit

ABOUT, WHO = "replay", "system:replay"
LONGEST = 5_000  # entries of one replay


@dataclass(frozen=True)
class Diary:
    """A replay that has begun: what it was asked for, the last whole day, and whether it is over."""

    began_at: datetime
    start: date
    seed: int
    scale: float
    last: date | None
    over: bool


def read(about: str = ABOUT) -> Diary | None:
    """Return the replay this database holds, or None; `about` tells one story from another."""
    events = audit.timeline(about, limit=LONGEST)
    began = next((event for event in events if event.action == "replay.began"), None)
    if began is None:
        return None
    days = [date.fromisoformat(str(event.detail["day"])) for event in events if event.action == "replay.day"]
    return Diary(
        began_at=began.at,
        start=date.fromisoformat(str(began.detail["start"])),
        seed=int(str(began.detail["seed"])),
        scale=float(str(began.detail["scale"])),
        last=max(days, default=None),
        over=any(event.action == "replay.ended" for event in events),
    )


def begin(*, start: date, seed: int, scale: float, at: datetime, about: str = ABOUT) -> None:
    """Write down what was asked for."""
    _write("began", at, about, start=start.isoformat(), seed=seed, scale=str(scale))


def end_day(day: date, *, at: datetime, about: str = ABOUT) -> None:
    """Write down that a whole day is over."""
    _write("day", at, about, day=day.isoformat())


def end(*, at: datetime, about: str = ABOUT) -> None:
    """Write down that the year is over."""
    _write("ended", at, about)


def _write(what: str, at: datetime, about: str, **detail: object) -> None:
    audit.record(f"replay.{what}", who=WHO, about=about, at=at, region=audit.PLATFORM, detail=detail)
