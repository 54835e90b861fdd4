"""Load a city's claims, and prove them."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, Prefetch
from django.utils import timezone

from bancheng.kernel.audit import public as audit
from bancheng.kernel.claims import rules
from bancheng.kernel.claims.models import Case, Check, Claim, Found, Run
from bancheng.kernel.claims.reading import CaseRow, CheckRow, ClaimRow, Pack, read
from bancheng.kernel.claims.rules import Cannot, Comparison, Kind, Number, Relation, Result, Value
from bancheng.lib.text import Text

log = logging.getLogger("bancheng.claims")
Query = Callable[[], Value]
QUERIES: dict[str, Query] = {}


def register(code: str, query: Query) -> None:
    """Let `query` recompute claim `code`; raises ValueError when another one already does."""
    if QUERIES.setdefault(code, query) is not query:
        raise ValueError(f"{code} is already recomputed by {QUERIES[code]!r}")


@dataclass(frozen=True)
class Proof:
    """What proving found for one claim. `number` is what we computed; what the source says is on the claim."""

    code: str
    service: str
    sentence: Text
    expected: str  # empty for a promise
    said: Decimal | None
    comparison: Comparison
    unit: Text
    result: Result
    number: Number | None
    as_of: date | None
    detail: Text
    took_ms: int


@dataclass(frozen=True)
class Checked:
    """What came of one consistency check between the source's own numbers."""

    code: str
    says: Text
    left: str
    left_value: Fraction
    relation: Relation
    right: str
    right_value: Fraction
    places: int | None
    holds: bool


@dataclass(frozen=True)
class Proving:
    """One whole run. `strays` are registered queries that no claim asks for, or whose claim is only ever quoted."""

    at: datetime
    proofs: tuple[Proof, ...]
    checks: tuple[Checked, ...]
    strays: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Return whether nothing that was computed differs and every check holds."""
        return all(proof.result is not Result.DIFFERS for proof in self.proofs) and all(c.holds for c in self.checks)


def load(folder: Path, *, region: str, by: str, at: datetime) -> Pack:
    """Make the city's claims those of `folder`; what proving found before stays. Raises BadPack.

    Loading the same twice changes nothing and writes no audit line.
    """
    pack = read(folder)
    with transaction.atomic():
        if _stored(region) == (sorted(pack.cases, key=lambda case: case.number), list(pack.checks)):
            return pack
        Case.objects.filter(region=region).delete()
        Check.objects.filter(region=region).delete()
        for row in pack.cases:
            case = Case.objects.create(
                region=region,
                number=row.number,
                service=row.service,
                title=row.title,
                title_en=row.title_en,
                unit=row.unit,
                unit_en=row.unit_en,
            )
            Claim.objects.bulk_create(
                Claim(region=region, case=case, position=position, **vars(claim))
                for position, claim in enumerate(row.claims)
            )
        Check.objects.bulk_create(Check(region=region, **vars(check)) for check in pack.checks)
        audit.record(
            "claims.loaded",
            who=by,
            about=f"claims:{region}",
            at=at,
            region=region,
            detail={"cases": len(pack.cases), "claims": len(pack.claims), "checks": len(pack.checks)},
        )
    return pack


def _stored(region: str) -> tuple[list[CaseRow], list[CheckRow]]:
    """Return the city's cases, by number, and checks as the pack would have written them."""

    def as_row(kind: Any, stored: Model, **more: object) -> Any:
        return kind(
            **{field.name: getattr(stored, field.name) for field in fields(kind) if field.name not in more}, **more
        )

    cases = Case.objects.filter(region=region).prefetch_related(Prefetch("claims", Claim.objects.order_by("position")))
    return (
        [
            as_row(CaseRow, case, claims=tuple(as_row(ClaimRow, claim) for claim in case.claims.all()))
            for case in cases.order_by("number")
        ],
        [as_row(CheckRow, check) for check in Check.objects.filter(region=region).order_by("pk")],
    )


def prove(*, at: datetime, region: str = "", service: str = "", by: str = "", store: bool = True) -> Proving:
    """Recompute every claim that can be, of one `service` or of all, and keep what was found.

    The queries may only read: the database refuses anything else. `store` False shows without keeping; a run of one
    service is never kept, so that the trend has no holes. `region` empty is the one city loaded.
    """
    claims = list(Claim.objects.select_related("case").order_by("case__number", "position"))
    claims = [c for c in claims if (not region or c.region == region) and (not service or c.case.service == service)]
    proofs = tuple(_prove(claim, today=timezone.localdate(at)) for claim in claims)
    proving = Proving(at, proofs, checks(region=region), strays=_strays(claims) if not service else ())
    if store and not service and claims:
        _keep(proving, region=region or claims[0].region, by=by)
    return proving


def checks(*, region: str = "") -> tuple[Checked, ...]:
    """Return the consistency checks, worked out exactly from the claims' own numbers."""
    claims = Claim.objects.filter(region=region) if region else Claim.objects.all()
    numbers = {code: number for code, number in claims.values_list("code", "number") if number is not None}
    rows = Check.objects.filter(region=region) if region else Check.objects.all()
    return tuple(_check(row, numbers) for row in rows.order_by("pk"))


def _check(row: Check, numbers: dict[str, Decimal]) -> Checked:
    left, right = rules.evaluate(row.left, numbers), rules.evaluate(row.right, numbers)
    relation = Relation(row.relation)
    return Checked(
        code=row.code,
        says=Text(row.says, row.says_en),
        left=row.left,
        left_value=left,
        relation=relation,
        right=row.right,
        right_value=right,
        places=row.places,
        holds=rules.holds(left, relation, right, places=row.places),
    )


def _prove(claim: Claim, *, today: date) -> Proof:
    kind, query = Kind(claim.kind), QUERIES.get(claim.code)
    if kind is Kind.QUOTED:
        return _proof(claim, Result.QUOTED)
    if query is None:
        if kind is Kind.NOT_YET:
            return _proof(claim, Result.NOT_YET)
        return _proof(claim, Result.CANNOT, detail=Text("还没有登记复算的查询", "no query is registered for it"))
    started = time.perf_counter()
    try:
        value = _only_reading(query)
    except Cannot as no:
        return _proof(claim, Result.CANNOT, detail=no.says, took_ms=_since(started))
    except Exception as error:  # a broken query is a finding to show, and must not hide the other claims
        log.exception("claim %s cannot be computed", claim.code)
        name = type(error).__name__
        detail = Text(f"查询出错（{name}），已记入日志", f"the query failed ({name}); see the log")
        return _proof(claim, Result.CANNOT, detail=detail, took_ms=_since(started))
    if value.unit and value.unit != claim.unit:
        detail = Text(
            f"查询的单位是“{value.unit}”，原文的单位是“{claim.unit}”",
            f"the query counts {value.unit}, the source counts {claim.unit}",
        )
        return _proof(claim, Result.CANNOT, detail=detail, took_ms=_since(started))
    said: Number = 1 if kind is Kind.PROMISE or claim.number is None else claim.number
    agrees = rules.agrees(value.number, number=said, comparison=Comparison(claim.comparison), tolerance=claim.tolerance)
    return _proof(
        claim,
        Result.MATCHES if agrees else Result.DIFFERS,
        number=value.number,
        as_of=value.as_of or today,
        detail=value.detail,
        took_ms=_since(started),
    )


def _only_reading(query: Query) -> Value:
    """Return what `query` answers, inside a savepoint that the database holds read-only and that is rolled back."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        value = query()
        transaction.set_rollback(True)
    return value


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)


def _proof(
    claim: Claim,
    result: Result,
    *,
    number: Number | None = None,
    as_of: date | None = None,
    detail: Text | None = None,
    took_ms: int = 0,
) -> Proof:
    return Proof(
        code=claim.code,
        service=claim.case.service,
        sentence=Text(claim.sentence, claim.sentence_en),
        expected=claim.expected,
        said=claim.number,
        comparison=Comparison(claim.comparison),
        unit=Text(claim.unit, claim.unit_en),
        result=result,
        number=number,
        as_of=as_of,
        detail=detail or Text("", ""),
        took_ms=took_ms,
    )


def _strays(claims: list[Claim]) -> tuple[str, ...]:
    computable = {claim.code for claim in claims if claim.kind != Kind.QUOTED}
    return tuple(sorted(set(QUERIES) - computable))


def _keep(proving: Proving, *, region: str, by: str) -> None:
    tried = [proof for proof in proving.proofs if proof.result not in (Result.QUOTED, Result.NOT_YET)]
    with transaction.atomic():
        run = Run.objects.create(region=region, at=proving.at, by=by)
        Found.objects.bulk_create(
            Found(
                region=region,
                run=run,
                code=proof.code,
                result=proof.result.value,
                number=None if proof.number is None else _decimal(proof.number),
                as_of=proof.as_of,
                detail=proof.detail.zh,
                detail_en=proof.detail.en,
                took_ms=proof.took_ms,
            )
            for proof in tried
        )


def _decimal(number: Number) -> Decimal:
    fraction = rules.rounded(Fraction(number), 10)
    return Decimal(fraction.numerator) / Decimal(fraction.denominator)
