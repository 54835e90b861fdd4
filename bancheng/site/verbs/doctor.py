"""`bancheng doctor`: one page on what is configured, reachable, missing."""

import argparse
import json
import sys
from collections.abc import Iterator

from bancheng.site import cli, doctor, house
from bancheng.site.doctor import Finding, State
from bancheng.site.postgres import EmbeddedPg, EmbeddedPgError

HELP = "体检：已配置、可连接、缺少什么 · what is configured, reachable, missing [--json]"
DJANGO = False  # it must speak when there is no database


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="供程序读取 · for programs")


def run(args: argparse.Namespace) -> int:
    """Print the findings; 1 when something does not work."""
    findings = []
    for finding in examine():
        findings.append(finding)
        if not args.json:
            sys.stdout.write(f" {finding.state} {finding.what}: {finding.says}\n")
            sys.stdout.flush()
    bad = sum(finding.state is State.BAD for finding in findings)
    if args.json:
        rows = [finding._asdict() | {"state": finding.state.name.lower()} for finding in findings]
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    elif bad:
        sys.stdout.write(f"\n{bad} 处不能工作 · {bad} thing(s) do not work\n")
    else:
        sys.stdout.write("\n可以工作 · fit for work\n")
    return 1 if bad else 0


def examine() -> Iterator[Finding]:
    """Yield every finding, the database's and Django's when they can be had."""
    yield from doctor.without_django()
    server: EmbeddedPg | None = None
    try:
        server = house.open_database()
        cli.set_up_django()
    except (EmbeddedPgError, RuntimeError) as error:
        yield Finding(State.BAD, "启动 · start", str(error))
        return
    try:
        yield from doctor.with_django()
    finally:
        cli.close_connections()
        if server:
            server.release()
