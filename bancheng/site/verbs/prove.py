"""`bancheng prove`: recompute every figure of the source document that can be, and show the rest as what it is."""

import argparse
import json
from typing import Any

from rich.console import Console
from rich.table import Table

from bancheng.kernel.claims import public as claims
from bancheng.kernel.claims.public import Checked, Comparison, Proof, Proving, Result
from bancheng.kernel.clocks import public as clocks

HELP = "recompute the source document's figures and check its promises (案例自证)"
STYLES = {
    Result.MATCHES: "green",
    Result.DIFFERS: "bold red",
    Result.QUOTED: "dim",
    Result.NOT_YET: "dim",
    Result.CANNOT: "yellow",
}


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--service", default="", metavar="S10", help="only the claims of one service; nothing is kept")


def run(args: argparse.Namespace) -> int:
    """Return 0, 1 when a computed figure differs or a check fails, 2 when no claims are loaded."""
    proving = claims.prove(at=clocks.now(), service=args.service.upper(), by="command")
    console = Console()
    if not proving.proofs:
        console.print(
            "没有可复算的条目：请先运行 bancheng load，或核对 --service。 No claims: load a pack first, or check --service."
        )
        return 2
    if args.json:
        console.print_json(json.dumps(document(proving), ensure_ascii=False))
    else:
        show(proving, console)
    return 0 if proving.ok else 1


def show(proving: Proving, console: Console) -> None:
    """Print the tables and the totals."""
    table = Table("编号", "原文", "复算", "结果", "截至", "毫秒", title="案例自证")
    for proof in proving.proofs:
        table.add_row(
            proof.code,
            proof.expected,
            found(proof),
            f"[{STYLES[proof.result]}]{claims.SAYS[proof.result].zh}[/]",
            str(proof.as_of or ""),
            str(proof.took_ms) if proof.number is not None else "",
        )
    console.print(table)
    sums = Table("编号", "算式", "结果", title="原文数字之间的算术")
    for check in proving.checks:
        sums.add_row(
            check.code, check.says.zh, "[green]成立[/]" if check.holds else f"[bold red]不成立[/] {sides(check)}"
        )
    console.print(sums)
    for stray in proving.strays:
        console.print(f"[yellow]{stray} 有复算查询，但没有可复算的条目[/]")
    console.print("　".join(f"{claims.SAYS[result].zh} {n}" for result, n in totals(proving).items()))


def found(proof: Proof) -> str:
    """Return what was computed, or why not."""
    if proof.number is None:
        return proof.detail.zh
    if proof.comparison is Comparison.EQUAL or proof.said is None:
        return f"{claims.shown(proof.number)}{proof.unit.zh}"
    return f"{claims.shown(proof.number)}{proof.unit.zh}（{proof.comparison}{claims.shown(proof.said)}）"


def sides(check: Checked) -> str:
    """Return both sides of a check that does not hold."""
    return f"{check.left} = {claims.shown(check.left_value)}，{check.right} = {claims.shown(check.right_value)}"


def totals(proving: Proving) -> dict[Result, int]:
    """Return how many claims came to each result."""
    return {result: sum(proof.result is result for proof in proving.proofs) for result in Result}


def document(proving: Proving) -> dict[str, Any]:
    """Return the run as JSON values; numbers are exact texts."""
    return {
        "at": proving.at.isoformat(),
        "ok": proving.ok,
        "totals": {str(result): n for result, n in totals(proving).items()},
        "claims": [
            {
                "id": proof.code,
                "service": proof.service,
                "expected": proof.expected,
                "comparison": str(proof.comparison),
                "said": None if proof.said is None else claims.shown(proof.said).replace(",", ""),
                "computed": None if proof.number is None else claims.shown(proof.number).replace(",", ""),
                "unit": proof.unit.zh,
                "result": str(proof.result),
                "as_of": proof.as_of and proof.as_of.isoformat(),
                "why": proof.detail.zh,
                "took_ms": proof.took_ms,
            }
            for proof in proving.proofs
        ],
        "checks": [
            {
                "id": check.code,
                "says": check.says.zh,
                "left": claims.shown(check.left_value).replace(",", ""),
                "relation": str(check.relation),
                "right": claims.shown(check.right_value).replace(",", ""),
                "holds": check.holds,
            }
            for check in proving.checks
        ],
        "strays": list(proving.strays),
    }
