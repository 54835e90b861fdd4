"""How far the replay has come, kept in the audit trail: with the data it speaks of, and nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

ABOUT, WHO = "replay", "system:replay"
SEED, SCALE = 2024, 1.0  # of a replay that is asked for none
NAMELESS = Text("", "")
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


def taken_up(
    starts: Callable[[date], date],
    *,
    scale: float | None,
    seed: int | None,
    until: date | None,
    about: str = ABOUT,
    of: Text = NAMELESS,
    may_begin: Callable[[], None] = lambda: None,
) -> Diary:
    """Return the replay of a story to go on with, or begin one: on the day `starts` gives for today, if `may_begin` does not refuse.

    `of` names the story in a sentence. Raises Refused("until_before_start" | "another_replay") and what `may_begin` raises; nothing is
    begun then.
    """
    plan, at = read(about), clocks.real_now()
    start = plan.start if plan else starts(at.date())
    _check_until(until, start=start)
    if plan is None:
        may_begin()
        _write(
            "began", at, about, start=start.isoformat(), seed=SEED if seed is None else seed, scale=str(scale or SCALE)
        )
        plan = read(about)
        assert plan
    _check_same(plan, scale, seed, of=of)
    return plan


def check_demo() -> None:
    """Raise Refused("no_replay_here") outside of a demonstration with its sandbox clock."""
    if not (settings.DEMO and settings.SANDBOX_CLOCK) or settings.PRODUCTION:
        raise Refused(
            "no_replay_here",
            "回放要用沙盒时钟，只在演示环境（BANCHENG_DEMO、BANCHENG_SANDBOX_CLOCK 均开启）可用；什么都没有改动。",
            en="A replay needs the sandbox clock, so it runs in a demonstration only; nothing was changed.",
        )


def _check_same(plan: Diary, scale: float | None, seed: int | None, *, of: Text) -> None:
    """Raise Refused("another_replay") when a replay of that story was begun with another size or seed; None: as it was begun."""
    if (scale, seed) != (scale and plan.scale, seed if seed is None else plan.seed):
        raise Refused(
            "another_replay",
            f"这个数据库里已有一次{of.zh}回放（规模 {plan.scale:g}，种子 {plan.seed}），什么都没有改动。"
            "不带 --scale、--seed 再运行即可接着回放；要重新开始，请用空数据库（另设 BANCHENG_VAR）。",
            en=f"This database holds a replay{of.en} already (scale {plan.scale:g}, seed {plan.seed}); nothing was changed. "
            "Run without --scale and --seed to go on, or take an empty database (another BANCHENG_VAR).",
        )


def _check_until(until: date | None, *, start: date) -> None:
    """Raise Refused("until_before_start") when there is no day to live up to `until`."""
    if until and until < start:
        raise Refused(
            "until_before_start",
            f"回放从 {start} 开始，{until} 在它之前，没有可以回放的日子，什么都没有改动。请给一个不早于 {start} 的日期，或不带 --until。",
            en=f"The replay begins on {start}; there is no day to live up to {until}. Nothing was changed: name a day from {start} on, "
            "or leave --until out.",
        )


def end_day(day: date, *, at: datetime, about: str = ABOUT) -> None:
    """Write down that a whole day is over."""
    _write("day", at, about, day=day.isoformat())


def end(*, at: datetime, about: str = ABOUT) -> None:
    """Write down that the year is over."""
    _write("ended", at, about)


def _write(what: str, at: datetime, about: str, **detail: object) -> None:
    audit.record(f"replay.{what}", who=WHO, about=about, at=at, region=audit.PLATFORM, detail=detail)
