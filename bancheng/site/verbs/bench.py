"""`bancheng bench`: our figures as ratios to limits of the same run."""

import argparse
import json
import os
import re
import sys
import time

from bancheng.site import bench, cli, house
from bancheng.site.bench import Figure

HELP = "性能：与同次测得的极限之比 · figures as ratios to a limit of the same run [NAME …] [--json] [--write]"
DJANGO = False  # it takes a database of its own first
RECORD = house.ROOT / "docs" / "benchmarks.md"
HEAD = """# Figures of record

Written by `bancheng bench --write`. A ratio is ours ÷ the limit measured in the same run, medians of interleaved rounds:
rates (…/s) must reach their goal, costs must stay below it. Raw numbers belong to the machine, ratios to us.
"""
SECTION = re.compile(r"^## (\w+)\n\n(.*?)\n(?=\n## |\Z)", re.MULTILINE | re.DOTALL)


def add(parser: argparse.ArgumentParser) -> None:
    named = f"{', '.join(bench.usual())}; 只在点名时运行 · by name only: {', '.join(sorted(bench.BY_NAME))}"
    parser.add_argument("--only", nargs="+", metavar="NAME", help=named)
    parser.add_argument("--scale", type=float, default=1.0, help="数据规模 · size of the data; 1.0 is of record")
    parser.add_argument("--json", action="store_true", help="供程序读取 · for programs")
    parser.add_argument(
        "--write",
        action="store_true",
        help="写入 docs/benchmarks.md 中相应各节 · write their sections of docs/benchmarks.md",
    )


def run(args: argparse.Namespace) -> int:
    """Run the benches on a database of their own; 1 when a figure is short of its goal."""
    unknown = set(args.only or ()) - set(bench.names())
    if unknown:
        house.say(f"没有这些 · no such bench: {', '.join(sorted(unknown))}; {', '.join(bench.names())}")
        return 2
    os.environ["BANCHENG_VAR"] = str(
        house.var() / "bench"
    )  # never the demo's data; the server's settings are the real ones
    server = house.open_database()
    try:
        cli.run("migrate", [])
        cli.set_up_django()
        measured = measure(args.only or bench.usual(), args.scale)
    finally:
        if server:
            cli.close_connections()
            server.release()
    figures = [figure for found in measured.values() for figure in found]
    show(figures, as_json=args.json)
    if args.write:
        record(measured)
    return 0 if all(figure.reached for figure in figures) else 1


def measure(names: list[str], scale: float) -> dict[str, list[Figure]]:
    """Run each bench and say how long it took."""
    measured = {}
    for name in names:
        began = time.monotonic()
        house.say(f"… {name}")
        measured[name] = bench.run(name, scale)
        house.say(f"  {name}: {time.monotonic() - began:.0f} s")
    return measured


def show(figures: list[Figure], *, as_json: bool) -> None:
    """Print the table or JSON."""
    if as_json:
        rows = {"machine": bench.machine(), "figures": [figure.as_row() for figure in figures]}
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write(f"{bench.machine()}\n\n{bench.table(figures)}\n")


def record(measured: dict[str, list[Figure]]) -> None:
    """Write the sections of what was measured; those of the other benches stay as they were."""
    sections = dict(SECTION.findall(RECORD.read_text(encoding="utf-8"))) if RECORD.exists() else {}
    sections |= {name: f"{bench.machine()}.\n\n{bench.table(figures)}" for name, figures in measured.items()}
    written = "".join(f"\n## {name}\n\n{sections[name]}\n" for name in sorted(sections))
    RECORD.write_text(HEAD + written, encoding="utf-8")
