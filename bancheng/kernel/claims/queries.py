"""Every read for the public page and the console: frozen views of claims, the latest results and their trend."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from bancheng.kernel.claims.models import Claim, Found, Run
from bancheng.kernel.claims.operations import Checked, checks
from bancheng.kernel.claims.rules import Comparison, Kind, Result, Topic
from bancheng.lib.text import Text


@dataclass(frozen=True)
class ClaimView:
    """One claim as the pack tells it."""

    code: str
    service: str
    case: int
    kind: Kind
    sentence: Text
    expected: str
    comparison: Comparison
    number: Decimal | None
    tolerance: Decimal
    unit: Text
    definition: Text
    period: Text
    as_of: str
    section: str
    paragraph: int
    topic: Topic
    check_name: str


@dataclass(frozen=True)
class Line:
    """A claim and what the latest run found; before its first run, `result` is CANNOT and `proved_at` None."""

    claim: ClaimView
    result: Result
    number: Decimal | None
    as_of: date | None
    detail: Text
    took_ms: int
    proved_at: datetime | None


@dataclass(frozen=True)
class Group:
    """One case: its title, unit, totals by result and lines in the order of the source."""

    service: str
    case: int
    title: Text
    unit: Text
    totals: Mapping[Result, int]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Board:
    """The whole page: cases in order, totals over all, the source's arithmetic, the latest proving (None: never)."""

    proved_at: datetime | None
    totals: Mapping[Result, int]
    groups: tuple[Group, ...]
    checks: tuple[Checked, ...]


@dataclass(frozen=True)
class Point:
    """What one run found for one claim."""

    at: datetime
    result: Result
    number: Decimal | None
    as_of: date | None


def all_claims(*, region: str = "", service: str = "") -> list[ClaimView]:
    """Return every claim in the order of the source."""
    return [_view(claim) for claim in _claims(region, service)]


def claim(code: str, *, region: str = "") -> ClaimView | None:
    """Return one claim, or None."""
    return next((_view(found) for found in _claims(region, "") if found.code == code), None)


def board(*, region: str = "", service: str = "") -> Board:
    """Return the claims grouped by case with what the latest kept run found; three queries, whatever their number."""
    claims = _claims(region, service)
    runs = Run.objects.filter(region=region) if region else Run.objects.all()
    run = runs.order_by("-at", "-pk").first()
    found = {row.code: row for row in Found.objects.filter(run=run)} if run else {}
    by_case: dict[int, list[Claim]] = {}
    for row in claims:
        by_case.setdefault(row.case.number, []).append(row)
    groups = tuple(_group(rows, found, run.at if run else None) for rows in by_case.values())
    totals: Counter[Result] = Counter()
    for group in groups:
        totals.update(group.totals)
    return Board(run.at if run else None, _every(totals), groups, checks(region=region))


def trend(code: str, *, region: str = "", limit: int = 90) -> list[Point]:
    """Return what the latest runs found for one claim, oldest first."""
    rows = Found.objects.filter(code=code).select_related("run").order_by("-run__at", "-pk")
    if region:
        rows = rows.filter(region=region)
    return [Point(row.run.at, Result(row.result), row.number, row.as_of) for row in reversed(rows[:limit])]


def _claims(region: str, service: str) -> list[Claim]:
    rows = Claim.objects.select_related("case").order_by("case__number", "position")
    if region:
        rows = rows.filter(region=region)
    if service:
        rows = rows.filter(case__service=service)
    return list(rows)


def _group(rows: list[Claim], found: Mapping[str, Found], proved_at: datetime | None) -> Group:
    lines = tuple(_line(row, found.get(row.code), proved_at) for row in rows)
    case = rows[0].case
    return Group(
        service=case.service,
        case=case.number,
        title=Text(case.title, case.title_en),
        unit=Text(case.unit, case.unit_en),
        totals=_every(Counter(line.result for line in lines)),
        lines=lines,
    )


def _line(row: Claim, found: Found | None, proved_at: datetime | None) -> Line:
    if found is not None:
        return Line(
            claim=_view(row),
            result=Result(found.result),
            number=found.number,
            as_of=found.as_of,
            detail=Text(found.detail, found.detail_en),
            took_ms=found.took_ms,
            proved_at=proved_at,
        )
    result = {Kind.QUOTED: Result.QUOTED, Kind.NOT_YET: Result.NOT_YET}.get(Kind(row.kind), Result.CANNOT)
    detail = Text("尚未复算过", "not proved yet") if result is Result.CANNOT else Text("", "")
    return Line(_view(row), result, None, None, detail, 0, None)


def _every(totals: Mapping[Result, int]) -> dict[Result, int]:
    return {result: totals.get(result, 0) for result in Result}


def _view(row: Claim) -> ClaimView:
    return ClaimView(
        code=row.code,
        service=row.case.service,
        case=row.case.number,
        kind=Kind(row.kind),
        sentence=Text(row.sentence, row.sentence_en),
        expected=row.expected,
        comparison=Comparison(row.comparison),
        number=row.number,
        tolerance=row.tolerance,
        unit=Text(row.unit, row.unit_en),
        definition=Text(row.definition, row.definition_en),
        period=Text(row.period, row.period_en),
        as_of=row.as_of,
        section=row.section,
        paragraph=row.paragraph,
        topic=Topic(row.topic),
        check_name=row.check_name,
    )
