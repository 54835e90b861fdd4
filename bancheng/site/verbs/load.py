"""`bancheng load`: read a city pack, tell everything that is wrong with it, or load it whole."""

import argparse
import importlib
import re
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bancheng.site import house

if TYPE_CHECKING:  # these need settings, and a verb is imported before they are read
    from bancheng.pack.loader import LoadReport, Section
    from bancheng.pack.reader import Faulty

HELP = "检查并加载城市包 · check a city pack and load it: bancheng load [PACK] [--check | --dry-run]"
BY = "staff:console"  # whoever may run this command; the machine's own log says who that is
CLAIMS = "bancheng.kernel.claims.public"
MISTAKE = re.compile(r"(?P<file>[^:]+):(?P<line>\d+): (?P<says>.*)")


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pack", nargs="?", type=Path, default=None, help="资料包文件夹 · folder (packs/xuchang)")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--check", action="store_true", help="只检查，不写入 · check only, write nothing")
    only.add_argument("--dry-run", action="store_true", help="检查并列出将有的变化 · show what would change")


def run(args: argparse.Namespace) -> int:
    """Load the pack; exit code 1 when it is faulty, with one line for each problem: file, line, what to do."""
    from bancheng.kernel.clocks import public as clocks
    from bancheng.pack.loader import load_city
    from bancheng.pack.reader import Faulty

    folder = args.pack or house.pack()
    try:
        report = load_city(
            folder,
            by=BY,
            at=clocks.now(),
            sections=sections(),
            dry_run=args.check or args.dry_run,
            step=lambda text: house.say(f"{text.zh} · {text.en}"),
        )
    except Faulty as faulty:
        _say_faulty(folder, faulty)
        return 1
    _say_done(report, args)
    if not report.dry_run:
        open_demo_accounts()
    return 0


def open_demo_accounts() -> None:
    """In a demonstration, open the named accounts that the sign-in page offers by one press, and the banks', and show what the pack says was done for them; production has none."""
    from django.conf import settings

    from bancheng.kernel.clocks import public as clocks
    from bancheng.kernel.identity import public as identity
    from bancheng.services.mortgages import served
    from bancheng.services.partners import demo

    if settings.DEMO:
        # a sandbox clock may stand before today or behind it: the accounts are open on both days
        identity.load_demo(at=min(clocks.now(), clocks.real_now()))
        demo.open_banks(settings.VAR, region=settings.REGION, at=clocks.now())
        served.lay_out(at=min(clocks.now(), clocks.real_now()))


def sections() -> "dict[str, Section | None]":
    """Return who reads which folder of a pack: each service its own, the claims theirs; None for who reads none yet."""
    from django.conf import settings

    from bancheng.web import doors

    found: dict[str, Section | None] = {f"services/{name.rpartition('.')[2]}": None for name in settings.SERVICES}
    found |= {f"services/{service.code}": service.load for service in doors.services()}
    if house.built(CLAIMS):
        found["claims"] = load_claims
    return found


def load_claims(folder: Path, *, region: str, by: str, at: datetime) -> None:
    """Load the city's claims; what is wrong with them is told with the rest of the pack's problems."""
    claims = importlib.import_module(CLAIMS)
    try:
        claims.load(folder, region=region, by=by, at=at)
    except claims.BadPack as bad:
        raise faulty_from(bad.mistakes) from bad


def faulty_from(mistakes: Iterable[str]) -> "Faulty":
    """Return the mistakes ("file:line: what is wrong") as the pack's problems."""
    from bancheng.pack.reader import Faulty, Problem

    problems = []
    for mistake in mistakes:
        found = MISTAKE.fullmatch(mistake)
        file, line, says = (found["file"], int(found["line"]), found["says"]) if found else (".", 1, mistake)
        problems.append(Problem(file, line, says, says))
    return Faulty(tuple(problems))


def _say_faulty(folder: Path, faulty: "Faulty") -> None:
    for problem in faulty.problems:
        house.say(f"{problem}\n    {problem.en}")
    n = len(faulty.problems)
    house.say(f"\n{folder}：共{n}处需要改正，没有写入任何内容 · {n} to correct; nothing was written")


def _say_done(report: "LoadReport", args: argparse.Namespace) -> None:
    name = f"{report.name} {report.name_en}"
    if args.check:
        sys.stdout.write(f"{name}：没有问题 · the pack is good\n")
        return
    for line in report.lines("zh"):
        sys.stdout.write(f"{line}\n")
    if report.nothing:
        sys.stdout.write(f"{name}：没有变化 · nothing changed\n")
    elif args.dry_run:
        sys.stdout.write(f"{name}：试运行，没有写入 · a dry run, nothing was written\n")
    else:
        sys.stdout.write(f"{name}：已加载 · loaded\n")
