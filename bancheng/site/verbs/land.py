"""`bancheng land`: recompute the whole book of the land, or read one parcel's sheet."""

import argparse
import json
import sys
from dataclasses import asdict
from datetime import datetime

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

HELP = "不动产登记簿 · the book of the land: verify | sheet PARCEL [--valid TIME] [--recorded TIME] [--json]"
WIDTH = 180  # a code and eight areas beside it
SHOWN = 50  # faults that are printed one by one
COLUMNS = ("registered", "with_buyers", "developer_registered", "presold", "disposable", "mortgaged", "seized", "free")


def add(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    verify = what.add_parser(
        "verify",
        help="重算全部份额、顺位、轮候、登簿链条，不符时退出码为1 · recompute everything; exit code 1 if not whole",
    )
    sheet = what.add_parser("sheet", help="一宗地的调查限制信息 · the restriction sheet of a parcel")
    sheet.add_argument("parcel", help="宗地代码 · its code of 19 characters")
    for name, text in (("valid", "事实时点 · what is true at"), ("recorded", "登簿时点 · as it was known at")):
        sheet.add_argument(f"--{name}", type=datetime.fromisoformat, metavar="TIME", help=text)
    for each in (verify, sheet):
        each.add_argument("--json", action="store_true", help="供程序读取 · for programs")


def run(args: argparse.Namespace) -> int:
    """Do what was asked; 1 when the book is not whole."""
    return {"verify": _verify, "sheet": _sheet}[args.what](args)


def _verify(args: argparse.Namespace) -> int:
    from bancheng.kernel.titles import public as titles

    with Progress(console=Console(stderr=True), disable=args.json or not sys.stderr.isatty()) as bar:
        task = bar.add_task("核对 · verifying", total=None)
        found = list(titles.verify(lambda done, total: bar.update(task, completed=done, total=total)))
    if args.json:
        faults = [{"what": one.what, "zh": one.says.zh, "en": one.says.en} for one in found]
        _say(json.dumps({"ok": not found, "faults": faults}, ensure_ascii=False))
        return 1 if found else 0
    for one in found[:SHOWN]:
        _say(f"{one.says.zh}\n{one.says.en}")
    _say(f"不符 {len(found)} 处 · {len(found)} faults" if found else "相符 · everything fits")
    return 1 if found else 0


def _sheet(args: argparse.Namespace) -> int:
    from django.conf import settings

    from bancheng.kernel.titles import public as titles

    times = {
        name: at.astimezone() if at and at.tzinfo is None else at
        for name, at in (("v", args.valid), ("r", args.recorded))
    }
    found = titles.sheet(settings.REGION, args.parcel, valid_at=times["v"], recorded_at=times["r"])
    if args.json:
        _say(json.dumps(asdict(found), ensure_ascii=False, default=str))
        return 0
    table = Table("代码 · code", *COLUMNS, title=f"{found.parcel} (m²)")
    for line in (*found.lines, found.total):
        table.add_row(titles.spaced(line.lot), *(f"{getattr(line, name) / 100:,.2f}" for name in COLUMNS))
    Console(width=WIDTH).print(table)
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
