"""`bancheng bills`: every bill of shared power, worked out anew from the raw readings by code that has not seen how it was done."""

import argparse
import json
import sys
from datetime import date, timedelta

from rich.console import Console
from rich.progress import Progress

HELP = "复核电费 · shared power's bills from the raw readings: check [--since DAY] [--before DAY] [--json]"
SHOWN = 50


def add(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    check = what.add_parser("check", help="逐单复算，不符时退出码为1 · work each out; exit code 1 if one is wrong")
    check.add_argument("--since", type=date.fromisoformat, metavar="DAY", help="从这一天结算的 · settled from this day")
    check.add_argument("--before", type=date.fromisoformat, metavar="DAY", help="到这一天之前 · up to this day")
    check.add_argument("--json", action="store_true", help="供程序读取 · for programs")


def run(args: argparse.Namespace) -> int:
    """Return 1 when a bill is wrong."""
    from bancheng.kernel.clocks import public as clocks
    from bancheng.lib.days import start_of
    from bancheng.services.sockets import checker

    since = start_of(args.since or date(2000, 1, 1))
    before = start_of(args.before or clocks.today() + timedelta(days=1))
    counted = checker.Checked()
    with Progress(console=Console(stderr=True), disable=args.json or not sys.stderr.isatty()) as bar:
        task = bar.add_task("复算 · working out", total=None)
        told = checker.check(
            since=since, before=before, counted=counted, progress=lambda done: bar.update(task, completed=done)
        )
        found = list(told)
    if args.json:
        faults = [{"session": str(one.session), "zh": one.says.zh, "en": one.says.en} for one in found]
        values = {"ok": not found, "sessions": counted.sessions, "without_readings": counted.without_readings}
        sys.stdout.write(json.dumps({**values, "faults": faults}, ensure_ascii=False) + "\n")
        return 1 if found else 0
    for one in found[:SHOWN]:
        sys.stdout.write(f"{one.session} {one.says.zh}\n{one.session} {one.says.en}\n")
    sys.stdout.write(
        f"复算{counted.sessions:,}单，其中{counted.without_readings:,}单原始读数已过保存期；不符{len(found)}处 · "
        f"{counted.sessions:,} sessions, {counted.without_readings:,} of them older than the raw readings; {len(found)} faults\n"
    )
    return 1 if found else 0
