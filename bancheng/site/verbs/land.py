"""`bancheng land`: recompute the whole book of the land, or read one parcel's sheet."""

import argparse
import json
from dataclasses import asdict
from datetime import datetime

from rich.console import Console
from rich.table import Table

from bancheng.site.verbs._verified import say, verified

HELP = "不动产登记簿 · the book of the land: verify | sheet PARCEL [--valid TIME] [--recorded TIME] [--json]"
WIDTH = 180  # a code and eight areas beside it
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

    return verified(titles.verify, as_json=args.json)


def _sheet(args: argparse.Namespace) -> int:
    from django.conf import settings

    from bancheng.kernel.titles import public as titles

    times = {
        name: at.astimezone() if at and at.tzinfo is None else at
        for name, at in (("v", args.valid), ("r", args.recorded))
    }
    found = titles.sheet(settings.REGION, args.parcel, valid_at=times["v"], recorded_at=times["r"])
    if args.json:
        say(json.dumps(asdict(found), ensure_ascii=False, default=str))
        return 0
    table = Table("代码 · code", *COLUMNS, title=f"{found.parcel} (m²)")
    for line in (*found.lines, found.total):
        table.add_row(titles.spaced(line.lot), *(f"{getattr(line, name) / 100:,.2f}" for name in COLUMNS))
    Console(width=WIDTH).print(table)
    return 0
