"""How `bancheng prove` shows a run: two tables, or one JSON document."""

import json

from rich.console import Console
from rich.table import Table

from bancheng.kernel.claims import public as claims
from bancheng.kernel.claims.public import Checked, Comparison, Proof, Proving, Result

STYLES = {
    Result.MATCHES: "green",
    Result.DIFFERS: "bold red",
    Result.QUOTED: "dim",
    Result.NOT_YET: "dim",
    Result.CANNOT: "yellow",
}


def show(proving: Proving) -> None:
    """Print the tables and the totals."""
    console = Console()
    table = Table(
        "id",
        "原文 · source",
        "复算 · computed",
        "结果 · result",
        "截至 · as of",
        "ms",
        title="案例自证 · the document proves itself",
    )
    for proof in proving.proofs:
        table.add_row(
            proof.code,
            proof.expected or proof.sentence.zh,
            found(proof),
            f"[{STYLES[proof.result]}]{claims.SAYS[proof.result].zh}[/]",
            str(proof.as_of or ""),
            str(proof.took_ms) if proof.number is not None else "",
        )
    console.print(table)
    sums = Table("id", "原文数字之间的算术 · arithmetic of the source", "结果 · result")
    for check in proving.checks:
        sums.add_row(
            check.code, check.says.zh, "[green]成立[/]" if check.holds else f"[bold red]不成立[/] {sides(check)}"
        )
    console.print(sums)
    for stray in proving.strays:
        console.print(f"[yellow]{stray} 有查询，但没有可复算的条目 · has a query but no claim to compute[/]")
    console.print(
        "　".join(f"{claims.SAYS[result].zh} {claims.SAYS[result].en} {n}" for result, n in totals(proving).items())
    )


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


def document(proving: Proving) -> str:
    """Return the run as JSON; numbers are exact texts."""
    values = {
        "at": proving.at.isoformat(),
        "ok": proving.ok,
        "totals": {str(result): n for result, n in totals(proving).items()},
        "claims": [
            {
                "id": proof.code,
                "service": proof.service,
                "sentence": proof.sentence.zh,
                "sentence_en": proof.sentence.en,
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
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"
