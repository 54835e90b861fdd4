"""Cases: one filed, one read, a worker's queue, each beside the same rows by hand, among 3,500 cases and among 200,000.

The limit files, reads and lists with hand-written SQL through psycopg: the same rows (case, submission with three papers, log,
clock, task, both audit lines) in one transaction, the same columns read. Nothing is validated there, worked out or explained.
The tables are emptied at the end, so the bench refuses to run beside cases that are not its own.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from time import perf_counter
from typing import Any

from django.db import connection, transaction

from bancheng.kernel.cases import public as cases
from bancheng.kernel.cases.models import Case
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.lib import identifiers
from bancheng.lib.conditions import TRUE
from bancheng.lib.text import Text
from bancheng.site.bench import Figure, compare

REGION, UNIT, SMALL, LARGE = "411000", "market", 3_500, 200_000
ROUNDS, FILED, READ, LISTED = 7, 60, 200, 40
TABLES = "cases_case, cases_submission, cases_caseaction, cases_task, clocks_runningclock"
# case n of the past; one in twenty is still to be decided: a busy city closes most of what it has
GROW = """
CREATE TEMP TABLE grown ON COMMIT DROP AS
    SELECT n, gen_random_uuid() AS id, %(at)s::timestamptz - n * interval '1 minute' AS at, n %% 20 = 0 AS open
    FROM generate_series(%(first)s::int, %(last)s::int) AS n;
INSERT INTO cases_case (id, region, number, service, key, root_id, step, attempt, flow_id, matter, title, title_en, unit,
    applicant_kind, applicant_name, applicant_hash, applicant_sealed, identifier_kind, filed_by, state, outcome, round,
    received_at, accepted_on, decided_on, closed_at, updated_at)
SELECT id, %(region)s, 'B' || n, 'bench', 'grown' || n, id, '', 1, %(flow)s, 'bench', '办件', 'Case', %(unit)s,
    'organisation', '申请人' || n, sha256((n / 3)::text::bytea), decode(repeat('00', 65), 'hex'), 'uscc', 'person:1',
    CASE WHEN open THEN 'accepted' ELSE 'closed' END, CASE WHEN open THEN '' ELSE 'granted' END, 1,
    at, at::date, CASE WHEN open THEN NULL ELSE at::date END, CASE WHEN open THEN NULL ELSE at END, at
FROM grown;
INSERT INTO cases_submission (region, case_id, round, values, sealed, materials, form, by, at)
SELECT %(region)s, id, 1, '{"floor_area": 8000}', decode(repeat('00', 90), 'hex'), '{}', '', 'person:1', at FROM grown;
INSERT INTO cases_caseaction (region, case_id, seq, act, step, outcome, by, at, reason, law, remedy, document, detail)
SELECT %(region)s, id, seq, act, step, outcome, 'staff:1', at, '', '', '', '', '{"branches": {}}' FROM grown,
    (VALUES (1, 'submitted', '', ''), (2, 'accepted', 'review', ''), (3, 'decided', 'decide', 'granted'),
            (4, 'served', 'serve', 'done'), (5, 'closed', '', '')) AS acts (seq, act, step, outcome)
WHERE seq <= 2 OR NOT open;
INSERT INTO cases_task (region, case_id, step, kind, role, unit, state, taken_by, opened_at, due_on, ended_at)
SELECT %(region)s, id, step, kind, role, %(unit)s, CASE WHEN open AND kind = 'decide' THEN 'open' ELSE 'done' END, '', at,
    at::date + 5, CASE WHEN open AND kind = 'decide' THEN NULL ELSE at END FROM grown,
    (VALUES ('review', 'review', 'case_officer'), ('decide', 'decide', 'approver')) AS steps (step, kind, role);
INSERT INTO clocks_runningclock (region, about, rule, side, effect, started_on, length_n, length_unit, promised_n,
    promised_unit, due_on, promised_on, provisional, notified, calendar_version, state, ended_on, extension_by, extension_reason)
SELECT %(region)s, 'case:' || id, 'C-02.decide', 'agency', '', at::date, 20, 'wd', 5, 'wd', at::date + 28, at::date + 7,
    false, false, 'bench', CASE WHEN open THEN 'running' ELSE 'done' END, CASE WHEN open THEN NULL ELSE at::date END, '', ''
FROM grown;
"""
CASE = """
INSERT INTO cases_case (id, region, number, service, key, root_id, step, attempt, flow_id, matter, title, title_en, unit,
    applicant_kind, applicant_name, applicant_hash, applicant_sealed, identifier_kind, filed_by, state, outcome, round,
    received_at, updated_at)
VALUES (%(id)s, %(region)s, 'H' || nextval('cases_number'), 'bench', %(key)s, %(id)s, '', 1, %(flow)s, 'bench', '办件', 'Case',
    %(unit)s, 'organisation', '申请人', %(hash)s, %(sealed)s, 'uscc', 'person:1', 'submitted', '', 1, %(at)s, %(at)s)
"""
SUBMISSION = """
INSERT INTO cases_submission (region, case_id, round, values, sealed, materials, form, by, at)
VALUES (%(region)s, %(id)s, 1, '{"floor_area": 8000}', %(sealed)s, %(materials)s, '', 'person:1', %(at)s)
"""
ACTION = """
INSERT INTO cases_caseaction (region, case_id, seq, act, step, outcome, by, at, reason, law, remedy, document, detail)
VALUES (%(region)s, %(id)s, 1, 'submitted', '', '', 'person:1', %(at)s, '', '', '', '', '{"branches": {}}')
"""
CLOCK = """
INSERT INTO clocks_runningclock (region, about, rule, side, effect, started_on, length_n, length_unit, promised_n,
    promised_unit, due_on, promised_on, provisional, notified, calendar_version, state, extension_by,
    extension_reason)
VALUES (%(region)s, %(about)s, 'C-01', 'agency', 'correction_not_told', %(at)s, 5, 'wd', 2, 'wd', %(at)s, %(at)s, false, false,
    'bench', 'running', '', '')
"""
TASK = """
INSERT INTO cases_task (region, case_id, step, kind, role, unit, state, taken_by, opened_at, due_on)
VALUES (%(region)s, %(id)s, 'review', 'review', 'case_officer', %(unit)s, 'open', '', %(at)s, %(at)s)
"""
AUDIT = """
WITH event AS (
    INSERT INTO audit_event (region, at, action, who, about, detail)
    VALUES (%(region)s, %(at)s, 'cases.submitted', 'person:1', %(about)s, '{}'),
           (%(region)s, %(at)s, 'clocks.started', 'person:1', %(about)s, '{}') RETURNING id
) INSERT INTO audit_waiting SELECT id FROM event
"""
VIEW = (
    "SELECT * FROM cases_case WHERE root_id = (SELECT root_id FROM cases_case WHERE id = %(id)s)",
    "SELECT * FROM cases_caseaction WHERE case_id = %(id)s ORDER BY seq",
    "SELECT * FROM clocks_runningclock WHERE region = %(region)s AND about = %(about)s AND state IN ('running', 'paused')",
)
QUEUE = """
SELECT t.*, c.number, c.title, c.title_en, c.applicant_name FROM cases_task t JOIN cases_case c ON c.id = t.case_id
WHERE t.state = 'open' AND t.role = 'approver' AND t.unit = 'market' ORDER BY t.due_on NULLS LAST, t.id LIMIT 101
"""
CLERK = identity.Actor("staff:1", grants=(identity.Grant("approver", UNIT),))
CHIEF = identity.Actor("staff:2", grants=(identity.Grant("approver"), identity.Grant("case_officer")))
keys = count()


def run(scale: float) -> list[Figure]:
    """Measure among few cases and among many; `scale` 1 is 3,500 and 200,000."""
    with own_cases() as flow_id:
        grow(flow_id, 1, int(SMALL * scale))
        few, _ = measured(flow_id)
        grow(flow_id, int(SMALL * scale) + 1, int(LARGE * scale))
        many, by_hand = measured(flow_id)
    size = f"among {int(LARGE * scale):,} cases"
    told = {
        "file": f"one by one, three papers, {size}; the same rows by hand",
        "view": f"with log and clocks explained, {size}; the same rows read by hand",
        "queue": f"a page of 100 of one unit, {size}; the same page by hand",
        "queue_of_all": f"a page of 100 of every unit and two roles, {size}; one unit's page by hand",
    }
    beside = [Figure(f"cases.{name}", many[name], by_hand[name], None, "/s", note) for name, note in told.items()]
    constant = [
        Figure(
            f"cases.{name}, many beside few", many[name], few[name], 0.7, "/s", f"{size} ÷ among {int(SMALL * scale):,}"
        )
        for name in told
    ]
    return [*beside, *constant]


def measured(flow_id: int) -> tuple[dict[str, float], dict[str, float]]:
    """Return rates a second of ours and by hand, medians of interleaved rounds."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {TABLES}")
    ids = list(Case.objects.order_by("number").values_list("pk", flat=True)[:READ])
    ours: dict[str, Callable[[], Any]] = {
        "file": file_one,
        "view": lambda: cases.view(ids[next(keys) % len(ids)]),
        "queue": lambda: cases.queue(CLERK),
        "queue_of_all": lambda: cases.queue(CHIEF),
    }
    by_hand: dict[str, Callable[[], Any]] = {
        "file": lambda: file_by_hand(flow_id),
        "view": lambda: view_by_hand(ids[next(keys) % len(ids)]),
        "queue": queue_by_hand,
        "queue_of_all": queue_by_hand,
    }
    times = {"file": FILED, "view": READ, "queue": LISTED, "queue_of_all": LISTED}
    pairs = {name: compare(rate(ours[name], n), rate(by_hand[name], n), ROUNDS) for name, n in times.items()}
    return {name: pair[0] for name, pair in pairs.items()}, {name: pair[1] for name, pair in pairs.items()}


def rate(work: Callable[[], Any], times: int) -> Callable[[], float]:
    """Return a measure of how often a second `work` is done."""

    def measure() -> float:
        began = perf_counter()
        for _ in range(times):
            work()
        return times / (perf_counter() - began)

    return measure


# --- ours ---


def flow() -> cases.Flow:
    """Return the flow of one matter, with the clocks of a licence."""
    days = {n: clocks.Length(n, clocks.Unit.WD) for n in (2, 5)}
    received = cases.ClockSpec("C-01", cases.Since.RECEIVED, days[2])
    accepted = cases.ClockSpec("C-02.decide", cases.Since.ACCEPTED, days[5])
    both = Text("环节", "Step")
    steps = (
        cases.Step("review", cases.Kind.REVIEW, both, "case_officer", clock=received),
        cases.Step("decide", cases.Kind.DECIDE, both, "approver", after=("review",), clock=accepted),
        cases.Step("serve", cases.Kind.SERVE, both, after=("decide",), when=TRUE),
    )
    return cases.Flow("bench", Text("办件", "Case"), steps, matter="bench")


HASH, SEALED = bytes(32), bytes(65)
SAID = cases.Said(
    {"floor_area": 8_000},
    {"contact_mobile": "13900000001"},
    {code: [cases.Attached(code, f"{code}.pdf")] for code in ("premises", "plan", "identity")},
)


def file_one() -> None:
    """File one case as a service does."""
    who = cases.Applicant("organisation", "申请人", HASH, SEALED, "uscc")
    key, at = f"ours{next(keys)}", clocks.now()
    cases.file(
        region=REGION, service="bench", flow="bench", applicant=who, said=SAID, key=key, unit=UNIT, by="person:1", at=at
    )


# --- by hand ---


def file_by_hand(flow_id: int) -> None:
    """Write the rows of one case with SQL and nothing else."""
    at = clocks.now()
    case_id = identifiers.uuid7(at)
    row = {
        "id": case_id,
        "region": REGION,
        "key": f"hand{next(keys)}",
        "flow": flow_id,
        "unit": UNIT,
        "hash": HASH,
        "sealed": SEALED,
        "materials": '{"premises": [], "plan": [], "identity": []}',
        "at": at,
        "about": f"case:{case_id}",
    }
    with transaction.atomic(), connection.cursor() as wrapped:
        cursor = wrapped.cursor  # psycopg's own
        for sql in (CASE, SUBMISSION, ACTION, CLOCK, TASK, AUDIT):
            cursor.execute(sql, row)


def view_by_hand(case_id: Any) -> None:
    """Read the rows of one case."""
    with connection.cursor() as wrapped:
        for sql in VIEW:
            wrapped.cursor.execute(sql, {"id": case_id, "region": REGION, "about": f"case:{case_id}"}).fetchall()


def queue_by_hand() -> None:
    """Read a page of one unit's tasks."""
    with connection.cursor() as wrapped:
        wrapped.cursor.execute(QUEUE).fetchall()


# --- the tables ---


@contextmanager
def own_cases() -> Iterator[int]:
    """Refuse a database that holds cases; load the bench's flow and empty the tables at the end."""
    if Case.objects.exists():
        raise RuntimeError("there are cases in this database; a bench empties the tables and needs its own")
    cases.load_flows([flow()], region=REGION, by="system:bench", at=clocks.now())
    try:
        yield cases.current_flow(region=REGION, code="bench")[0]
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {TABLES} CASCADE")


def grow(flow_id: int, first: int, last: int) -> None:
    """Add cases `first` to `last` of the past by set-based SQL."""
    given: dict[str, Any] = {"at": datetime(2026, 11, 20, 9, tzinfo=clocks.SHANGHAI), "region": REGION, "unit": UNIT}
    with transaction.atomic(), connection.cursor() as cursor:
        for sql in GROW.split(";\n")[:-1]:
            cursor.execute(sql, given | {"flow": flow_id, "first": first, "last": last})
