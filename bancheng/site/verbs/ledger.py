"""`bancheng ledger`: recompute everything that was posted, or read one account."""

import argparse
import json
from dataclasses import asdict
from datetime import date, timedelta

from rich.console import Console
from rich.table import Table

from bancheng.lib.refusal import Refused
from bancheng.site.verbs._verified import say, verified

HELP = "账簿 · the ledger: verify | statement ACCOUNT [--since DAY] [--before DAY] [--json]"


def add(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    verify = what.add_parser(
        "verify", help="重算全部余额与账目，不符时退出码为1 · recompute every balance and entry; exit code 1 if not"
    )
    statement = what.add_parser("statement", help="一个账户的明细 · what moved on an account")
    statement.add_argument("account", help="账户路径 · its path, e.g. sockets/income/energy")
    statement.add_argument("--since", type=date.fromisoformat, metavar="DAY", help="从这一天 · from this day")
    statement.add_argument("--before", type=date.fromisoformat, metavar="DAY", help="到这一天之前 · up to this day")
    for each in (verify, statement):
        each.add_argument("--json", action="store_true", help="供程序读取 · for programs")


def run(args: argparse.Namespace) -> int:
    """Do what was asked; 1 when the ledger does not fit its lines."""
    return {"verify": _verify, "statement": _statement}[args.what](args)


def _verify(args: argparse.Namespace) -> int:
    from bancheng.kernel.ledger import public as ledger

    return verified(ledger.verify, as_json=args.json)


def _statement(args: argparse.Namespace) -> int:
    from django.conf import settings

    from bancheng.kernel.clocks import public as clocks
    from bancheng.kernel.ledger import public as ledger
    from bancheng.lib.days import start_of

    standing = ledger.standing(settings.REGION, args.account)
    if standing is None:
        raise Refused("no_account", f"没有账户 {args.account}。", en=f"There is no account {args.account}.", status=404)
    since = args.since or date(2000, 1, 1)
    before = args.before or clocks.today() + timedelta(days=1)
    lines = ledger.statement(settings.REGION, args.account, since=start_of(since), before=start_of(before))
    if args.json:
        told = {"account": asdict(standing), "lines": [asdict(line) for line in lines]}
        say(json.dumps(told, ensure_ascii=False, default=str))
        return 0
    table = Table("时间 · at", "编号 · key", "类别 · kind", "发生额 · amount", "余额 · balance", title=standing.path)
    for line in lines:
        table.add_row(f"{line.at:%Y-%m-%d %H:%M:%S}", line.key, line.kind, f"{line.amount:+,}", f"{line.balance:,}")
    Console().print(table)
    return 0
