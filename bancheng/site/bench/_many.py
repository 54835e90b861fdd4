"""A million cases: a few hundred bundles filed and worked on by the real operations, then copied by INSERT … SELECT.

Every copy is a case of its own, with its submission, log, tasks and clocks, its identifiers and keys; what the log of its model says of
it, its own says too, so `cases.verify` finds nothing. Messages, audit and events are not copied.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.lib.conditions import Value
from bancheng.lib.identifiers import make_uscc

OFFICER, APPROVER = "staff:1", "staff:2"
DAYS = 40  # over which the models were filed
OPEN = 0.15  # of them, how many are left somewhere on their way
AT_ONCE = 40_000
ANSWERS: dict[str, dict[str, Value]] = {
    "open-business": {},
    "move-in": {},
    "change-information": {"changed_items": ("name",)},
    "close-business": {"customs_code": ""},
    "open-restaurant": {
        "floor_area": 8000,
        "wants_sign": True,
        "wants_tobacco": False,
        "food_business_kind": "catering",
    },
}
# an identifier of its own for the n-th copy; its time stays
OWN = "(left({0}::text, 14) || right(md5({0}::text || n)::uuid::text, 22))::uuid"
# what differs in a copy, by table; everything else is as in its model
DIFFERS = {
    "cases_case": {
        "id": OWN.format("id"),
        "root_id": OWN.format("root_id"),
        "number": "number || '-' || n",
        "key": "key || '/' || n",
        "applicant_hash": "sha256(applicant_hash || n::text::bytea)",
    },
    "cases_submission": {"case_id": OWN.format("case_id")},
    "cases_caseaction": {"case_id": OWN.format("case_id")},
    "cases_task": {"case_id": OWN.format("case_id")},
    "clocks_runningclock": {"about": f"'case:' || {OWN.format('substr(about, 6)')}"},
}
COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND NOT (attname = 'id' AND %s)
ORDER BY attnum
"""


def fill(total: int) -> int:
    """Fill the tables to about `total` cases; return how many there are."""
    by = f"person:{people.citizen('申请人', serial=999, born=date(1959, 1, 1)).person_id}"
    models = _models(by, max(15, min(150, total // 400)))
    with connection.cursor() as cursor:
        for table in DIFFERS:
            cursor.execute(f"CREATE TEMP TABLE model_{table} AS SELECT * FROM {table}")
        first, copies = 1, -(-total // models) - 1
        while first <= copies:
            last = min(copies, first + max(1, AT_ONCE // models) - 1)
            for table, differs in DIFFERS.items():
                cursor.execute(_copy(cursor, table, differs), [first, last])
            first = last + 1
        for table in DIFFERS:
            cursor.execute(f"DROP TABLE model_{table}")
            cursor.execute(f"VACUUM (ANALYZE) {table}")
    return models * (copies + 1)


def _copy(cursor: Any, table: str, differs: dict[str, str]) -> str:
    cursor.execute(COLUMNS, [table, table != "cases_case"])
    columns = [name for (name,) in cursor.fetchall()]
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(differs.get(name, f'"{name}"') for name in columns)
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM model_{table}, generate_series(%s::int, %s::int) AS n"


# -- the models


def _models(by: str, number: int) -> int:
    """File so many bundles, their matters among them, and let departments work on them; return how many cases that is."""
    chance, found = Random(1), 0
    for serial in range(number):
        code = list(ANSWERS)[serial % len(ANSWERS)]
        at = clocks.now() - timedelta(days=1 + chance.randrange(DAYS), minutes=serial)
        root = _filed(code, serial, by, at)
        most = chance.randrange(8) if chance.random() < OPEN else 100
        found += _worked(root, at, most)
    return found


def _filed(code: str, serial: int, by: str, at: datetime) -> UUID:
    uscc = make_uscc("411002", 30_000_000 + serial)
    hash_, sealed = identity.find_hash(uscc, kind="uscc"), identity.seal(uscc, kind="uscc")
    applicant = cases.Applicant("organisation", f"许昌样例{serial}有限公司", hash_, sealed, "uscc")
    said, key = cases.Said(ANSWERS[code], {"contact_mobile": "13900000001"}), f"{code}-{serial}"
    given: dict[str, Any] = {"service": "onething", "flow": code, "by": by, "at": at}
    return cases.file(region=settings.REGION, applicant=applicant, said=said, key=key, **given).id


def _worked(root: UUID, at: datetime, most: int) -> int:
    """Let departments do at most so many steps, one after the other; return how many cases the bundle then has."""
    for _ in range(most):
        view = cases.view(root)
        assert view
        todo = next(_todo(view), None)
        if todo is None:
            break
        at += timedelta(minutes=1)
        _step(*todo, at)
    view = cases.view(root)
    assert view
    return 1 + len(view.matters)


def _todo(view: cases.View) -> Iterator[tuple[cases.Matter, str]]:
    for one in view.matters:
        yield from ((one, code) for code in one.steps.open if one.flow.by_code[code].role)


def _step(one: cases.Matter, code: str, at: datetime) -> None:
    match one.flow.by_code[code].kind:
        case cases.Kind.REVIEW:
            cases.accept(case_id=one.id, by=OFFICER, at=at)
        case cases.Kind.DECIDE:
            because = cases.Because("")
            cases.decide(case_id=one.id, outcome=cases.Outcome.GRANTED, because=because, by=APPROVER, at=at)
        case cases.Kind.SERVE:
            cases.serve(case_id=one.id, how="counter", by=OFFICER, at=at)
        case _:
            cases.do(case_id=one.id, step=code, result="符合要求", by=OFFICER, at=at)
