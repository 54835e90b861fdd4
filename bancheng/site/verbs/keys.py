"""`bancheng keys`: moving sealed values and hashes to new keys (docs/operate/settings.md)."""

import argparse
import sys

HELP = "密钥更换：状态、重新加密、重算散列 · keys: status | rotate | rehash"


def add(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("status", help="旧密钥还封着多少 · what an older key still seals")
    what.add_parser("rotate", help="用最新密钥重新加密 · seal again under the newest key")
    what.add_parser("rehash", help="用新散列密钥重算，须先停止服务 · write every hash again, with the site closed")


def run(args: argparse.Namespace) -> int:
    """Show what is left, or move it and say how many rows of each column moved."""
    from bancheng.kernel.identity import public as identity

    if args.what == "status":
        counts = identity.still_old()
    else:
        counts = {}
        for column, rows in identity.rotate() if args.what == "rotate" else identity.rehash():
            name = f"{column.model}.{column.field}"
            counts[name] = counts.get(name, 0) + rows
    lines = [f"{rows:>10}  {name}" for name, rows in counts.items()]
    sys.stdout.write("\n".join([*lines, f"{sum(counts.values()):>10}  共计 · in all"]) + "\n")
    return 0
