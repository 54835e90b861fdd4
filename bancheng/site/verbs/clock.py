"""`bancheng clock`: work a deadline out and say why; move the demonstration's clock.

`due` and `before` need no database: they use the calendars that ship, or with `--loaded` the city's own.
"""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

from bancheng.kernel.clocks import shipped
from bancheng.kernel.clocks.rules.calendar import Calendar
from bancheng.kernel.clocks.rules.deadline import Deadline, Pause, before, due
from bancheng.kernel.clocks.rules.explain import chinese
from bancheng.kernel.clocks.rules.law import Length, Unit

HELP = "推算期限并说明理由，设置演示时钟 · work a deadline out and say why; set the demonstration's clock"
DJANGO = False  # the shipped calendars need no database; who needs one opens it himself

Answer = TypeVar("Answer")


def add(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="what", required=True, metavar="due|before|sandbox")
    forward = verbs.add_parser("due", help="从起算日向后推算 · count forward from a start")
    forward.add_argument("--from", dest="start", required=True, type=_moment, metavar="DATE", help="起算日 · the start")
    forward.add_argument(
        "--pause",
        action="append",
        default=[],
        type=_pause,
        metavar="A:B",
        help="不计入的日期（已送达告知书），可重复 · days not counted (notice served), repeatable",
    )
    forward.add_argument("--no-roll", action="store_true", help="休息日不顺延 · an end on a rest day stays")
    backward = verbs.add_parser("before", help="从某日向前推算 · count back from an event")
    backward.add_argument(
        "--event", required=True, type=date.fromisoformat, metavar="DATE", help="到期日 · the day counted back from"
    )
    for each in (forward, backward):
        each.add_argument("--length", required=True, type=int, metavar="N", help="长度 · how long")
        each.add_argument(
            "--unit",
            required=True,
            type=Unit,
            choices=list(Unit),
            metavar="wd|nd|month|hour",
            help="工作日、自然日、月、小时 · working days, natural days, months, hours",
        )
        each.add_argument("--law", default="", metavar="LAW", help="依据，如“行政许可法 第四十二条” · the article")
        each.add_argument("--json", action="store_true", help="机器可读 · for programs")
        each.add_argument("--loaded", action="store_true", help="用数据库中的日历 · use the city's loaded calendar")
    sandbox = verbs.add_parser("sandbox", help="演示时钟（仅演示环境） · the demonstration's clock")
    sandbox.add_argument("--set", dest="to", type=_instant, metavar="TIME", help="从此刻起显示 · show this from now on")
    sandbox.add_argument(
        "--rate",
        type=int,
        metavar="N",
        help="每秒走 N 秒，0 为静止，43200 为一分钟一个月 · seconds a second; 0 freezes",
    )
    sandbox.add_argument("--off", action="store_true", help="恢复真实时间 · back to the wall clock")
    sandbox.add_argument("--reason", default="", metavar="TEXT", help="拨回的理由 · why time goes back")


def run(args: argparse.Namespace) -> int:
    if args.what == "sandbox":
        return _with_database(lambda: _sandbox(args))
    calendar = _with_database(_loaded) if args.loaded else shipped.calendar()
    try:
        deadline = _worked(args, calendar)
    except ValueError as error:
        sys.stderr.write(f"不能推算 · cannot be worked out: {error}\n")
        return 2
    sys.stdout.write(_as_json(deadline) if args.json else _as_text(deadline))
    return 0


def _worked(args: argparse.Namespace, calendar: Calendar) -> Deadline:
    length = Length(args.length, args.unit)
    if args.what == "before":
        return before(event_on=args.event, length=length, calendar=calendar, law=args.law)
    return due(
        started_on=args.start,
        length=length,
        calendar=calendar,
        pauses=args.pause,
        law=args.law,
        rolls=False if args.no_roll else None,
    )


def _as_text(deadline: Deadline) -> str:
    shown = f"{deadline.at:%Y-%m-%d %H:%M}" if deadline.at else chinese(deadline.on)
    mark = "（预计 · provisional）" if deadline.provisional else ""
    return f"{shown}{mark}\n{deadline.explain.zh}\n{deadline.explain.en}\n"


def _as_json(deadline: Deadline) -> str:
    answer = {
        "on": deadline.on.isoformat(),
        "at": deadline.at.isoformat() if deadline.at else None,
        "provisional": deadline.provisional,
        "explain": {"zh": deadline.explain.zh, "en": deadline.explain.en},
        "calendar": {
            "version": deadline.calendar.version,
            "known_until": deadline.calendar.known_until.isoformat(),
        },
    }
    return json.dumps(answer, ensure_ascii=False, indent=2) + "\n"


def _sandbox(args: argparse.Namespace) -> int:
    from bancheng.kernel.clocks import public as clocks

    if args.off:
        clocks.end_sandbox(by="shell", reason=args.reason)
        sys.stdout.write("演示时钟已关闭 · the sandbox clock is off\n")
    elif args.to is None and args.rate is None:
        sys.stdout.write(f"{clocks.now():%Y-%m-%d %H:%M:%S}\n")
    else:
        shown = clocks.set_sandbox(to=args.to, rate=args.rate, by="shell", reason=args.reason)
        sys.stdout.write(f"{shown.base_virtual:%Y-%m-%d %H:%M:%S} × {shown.rate}\n")
    return 0


def _loaded() -> Calendar:
    from bancheng.kernel.clocks import public as clocks

    return clocks.calendar()


def _with_database(work: Callable[[], Answer]) -> Answer:
    """Do `work` with the database open and Django set up, as verbs that always need them have it done for them."""
    from bancheng.site import cli, house

    server = house.open_database()
    try:
        cli.set_up_django()
        return work()
    finally:
        if server:
            cli.close_connections()
            server.release()


def _pause(words: str) -> Pause:
    first, _, last = words.partition(":")
    begin = date.fromisoformat(first)
    return Pause(begin, date.fromisoformat(last), "pause", "", served_on=begin)


def _moment(words: str) -> date:
    """Read a day, or for periods in hours an instant (Shanghai time unless it says otherwise)."""
    return _instant(words) if "T" in words or " " in words else date.fromisoformat(words)


def _instant(words: str) -> datetime:
    from bancheng.kernel.clocks.rules.deadline import CHINA

    read = datetime.fromisoformat(words)
    return read if read.tzinfo else read.replace(tzinfo=CHINA)
