"""The licence alarm: a ledger read in, and the nightly inspection among 620,000 and 6,200,000 licences.

The limit of an import is reading the same file with the reader library and COPYing its cells raw. The limit of an
inspection is one hand-written statement that writes the same reminders and messages with no template, stop rule, quiet hour
or audit. Ours and the limit take turns on consecutive days with equally many licences due. The tables are emptied at the end,
so the bench refuses to run beside licences that are not its own.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from io import BytesIO
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from openpyxl import Workbook
from python_calamine import CalamineWorkbook

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.lib import identifiers, staying
from bancheng.pack.loader import load_city
from bancheng.services.expiry import operations, workbook
from bancheng.services.expiry.models import Inspection, Item
from bancheng.services.onething import before
from bancheng.site.bench import Figure, compare
from bancheng.site.bench._licences import TABLES, own_licences
from bancheng.site.bench.jobs import _url

UNIT, ITEM = "market", "food-business"
ROWS, BAD_IN_100 = 62_000, 3
LICENCES, DUE_IN_1000 = 620_000, 3
ROUNDS = 5  # and two days of each, twice: fewer than the 23 after which a second stage would speak
OWN_TABLES = f"""
DROP TABLE IF EXISTS bench_raw, bench_notice;
CREATE TABLE bench_raw ({", ".join(f"c{n} text" for n in range(len(workbook.COLUMNS)))});
CREATE TABLE bench_notice (licence_id bigint, expires_on date, days int, item bigint,
    UNIQUE (licence_id, expires_on, days));
"""
# Licence n of the first `due` ones a day is due on day n ÷ due: half by the close of its window, half by its expiry.
LICENCE_ROWS = """
INSERT INTO licences_licence (region, licence_type, number, unit, holder_kind, holder_hash, holder_sealed, holder_name,
    identifier_kind, contact_name, mobile_sealed, mobile_hash, issued_on, valid_from, valid_to, status, version, channel,
    source_batch, updated_at)
SELECT %(region)s, %(type)s, 'B' || lpad(n::text, 12, '0'), %(unit)s, 'person', sha256(n::text::bytea),
    decode(repeat('00', 65), 'hex'), '持证人' || n, 'citizen_id', '联系人', decode(repeat('00', 49), 'hex'),
    sha256(('m' || n)::bytea), %(first)s::date - 1800, %(first)s::date - 1800,
    %(first)s::date + 30 + CASE WHEN n < %(days)s::int * %(due)s THEN n / %(due)s + CASE n %% 2 WHEN 0 THEN 60 ELSE 0 END
                                ELSE 400 + n %% 1400 END,
    'valid', 1, 'batch', 'bench', now()
FROM generate_series(%(from)s, %(to)s - 1) AS n
"""
WATCH_ROWS = """
INSERT INTO expiry_watch (region, licence_id, item_id, unit, expires_on, opens_on, closes_on, provisional,
    state, fresh, special, updated_at)
SELECT l.region, l.id, %(item)s, l.unit, l.valid_to, l.valid_to - 120, l.valid_to - 60, false, 'live',
    false, false, now()
FROM licences_licence l WHERE l.number >= 'B' || lpad(%(from)s::text, 12, '0')
"""
SECONDARY = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid IN ('licences_licence'::regclass, 'expiry_watch'::regclass) AND NOT indisunique
"""
DUE = """
SELECT id, 'w30' AS stage, 'expiry.window' AS kind FROM expiry_watch
WHERE region = %(region)s AND state = 'live' AND closes_on = %(today)s::date + 30
UNION ALL SELECT id, 't30', 'expiry.expiring' FROM expiry_watch
WHERE region = %(region)s AND state = 'live' AND expires_on = %(today)s::date + 30
"""
BY_HAND = f"""
WITH due AS MATERIALIZED (
    SELECT w.*, d.stage, d.kind FROM ({DUE}) d JOIN expiry_watch w USING (id)
), said AS (
    INSERT INTO expiry_reminder (region, watch_id, unit, stage, reach, expires_on, day)
    SELECT region, id, unit, stage, 'message', expires_on, %(today)s FROM due
    ON CONFLICT (region, watch_id, expires_on, stage) DO NOTHING
)
INSERT INTO notices_message (region, key, kind, subject, template_id, language, holder_hash, mobile_sealed, mobile_hash,
    values, accepted_at, not_before, stage, position, channel, step_at, reason)
SELECT w.region, 'expiry-' || w.id || '-' || w.expires_on || '-' || w.stage, w.kind, 'expiry:' || w.id || ':' || w.expires_on,
    %(template)s, 'zh', l.holder_hash, l.mobile_sealed, l.mobile_hash,
    jsonb_build_object(
        'licence', i.name, 'licence_en', i.name_en, 'number_tail', right(l.number, 4), 'holder', l.holder_name,
        'expires_on', w.expires_on, 'apply_by', coalesce(w.closes_on, w.expires_on), 'days_left', 30, 'materials', i.bring,
        'materials_en', i.bring_en, 'channel', i.channel, 'channel_en', i.channel_en, 'phone', i.phone, 'link', '/' || w.id),
    %(at)s, %(at)s, 10, 0, 'sms', %(at)s, ''
FROM due w JOIN expiry_item i ON i.id = w.item_id JOIN licences_licence l ON l.id = w.licence_id
ON CONFLICT (region, key) DO NOTHING
"""
BAREST = f"""
INSERT INTO bench_notice (licence_id, expires_on, days, item)
SELECT w.licence_id, w.expires_on, 30, w.item_id FROM ({DUE}) d JOIN expiry_watch w USING (id)
ON CONFLICT DO NOTHING
"""
PEAK = """
import sys, django
django.setup()
from bancheng.site.bench import expiry
getattr(expiry, sys.argv[1])(open(sys.argv[2], "rb").read())
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


OTHERS = [f"services/{one.name}" for one in (Path(settings.PACK) / "services").iterdir()]  # nothing of theirs is needed
PACK = dict.fromkeys(OTHERS, lambda folder, **_: None) | {
    "services/expiry": operations.load,
    "services/onething": before.load,
}


def run(scale: float) -> list[Figure]:
    """Measure the import, its memory, and the inspection; `scale` 1 is 62,000 rows and 6,200,000 licences."""
    at = clocks.now()
    load_city(Path(settings.PACK), by="system:bench", at=at, sections=PACK)
    _sql(OWN_TABLES)
    with own_licences():
        figures = [*_importing(int(ROWS * scale) or 620), *_inspecting(int(LICENCES * scale) or 6_200)]
    _sql("DROP TABLE bench_raw, bench_notice")
    return figures


# --- the import


def _importing(rows: int) -> list[Figure]:
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(_ledger(rows))
        file.flush()
        data = Path(file.name).read_bytes()
        staying.spare()  # as a worker does when it starts
        ours, limit = compare(lambda: _timed(import_ledger, data), lambda: _timed(copy_raw, data), ROUNDS)
        _empty()
        peak, bare = (_peak(work, file.name) for work in ("import_ledger", "copy_raw"))
    size = f"{rows:,} rows, {BAD_IN_100} % bad"
    return [
        Figure(
            "a ledger uploaded, judged, sealed, merged and watched",
            ours,
            limit,
            3.0,
            "s",
            f"{size}; read and COPY; profile in docs/decisions/0013",
        ),
        Figure(
            "memory of the importing process at its peak", peak, bare, 2.0, "MB", f"{size}; beside reading and COPY"
        ),
    ]


def import_ledger(data: bytes) -> None:
    """Take one ledger in, from the upload to the last committed row."""
    user, _ = get_user_model().objects.get_or_create(username="bench", defaults={"date_joined": clocks.now()})
    by = identity.Actor(ref=f"staff:{user.pk}", user_id=user.pk, is_staff=True, unit=UNIT)
    batch = operations.upload(unit=UNIT, name="bench.xlsx", data=data, by=by, at=clocks.now())
    done = operations.read_batch(batch_id=str(batch.pk), at=clocks.now())
    assert (done.state, done.added + done.bad) == ("done", done.rows), "the whole ledger is read"


def copy_raw(data: bytes) -> None:
    """Read the same file and COPY its cells as they are."""
    sheet = CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(0)
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy("COPY bench_raw FROM STDIN") as copy:
        for row in sheet.iter_rows():
            copy.write_row(row)


def _timed(work: Any, data: bytes) -> float:
    _empty()
    began = time.perf_counter()
    work(data)
    return time.perf_counter() - began


def _peak(work: str, path: str) -> float:
    """Return the largest memory, in MB, of a new process that does nothing but `work`."""
    environment = {**os.environ, "DATABASE_URL": _url(), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", PEAK, work, path]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return int(done.stdout) / 1024


def _ledger(rows: int) -> bytes:
    """Return the workbook of a unit: three bad rows, one endless and one on the green channel in a hundred."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("工作台账")
    sheet.append(list(workbook.COLUMNS))
    names = list(Item.objects.filter(unit=UNIT, withdrawn_on=None).values_list("name", flat=True))
    for n in range(rows):
        sheet.append(_row(n, names[n % len(names)]))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _row(n: int, name: str) -> list[str]:
    issued = clocks.today() - timedelta(days=1 + n * 7919 % 1800)
    until = "长期" if n % 100 == 50 else (issued + timedelta(days=1830)).isoformat()
    who = ("居民身份证", identifiers.make_citizen_id("411002", date(1950, 1, 1) + timedelta(days=n % 18_000), n % 1000))
    if n % 3 == 0:
        who = ("统一社会信用代码", identifiers.make_uscc("411002", n))
    mobile = "1380" if n % 100 < BAD_IN_100 else identifiers.make_mobile(n)
    since, help_ = issued.isoformat(), "是" if n % 100 == 60 else ""
    return [name, f"JY{n:012d}", f"持证人{n}", *who, "联系人", mobile, since, since, until, help_, ""]


# --- the inspection


def _inspecting(licences: int) -> list[Figure]:
    _empty()
    due, first = max(2, licences * DUE_IN_1000 // 1000), clocks.today() + timedelta(days=1)
    days = (first + timedelta(days=n) for n in count())
    _add_licences(0, licences, due, first)
    ours, by_hand, barest = _nights(days, due)
    _add_licences(licences, licences * 10, due, first)
    many, _, _ = _nights(days, due)
    # behind the stages before the window's end, before those of the last day; the first ends the terms that ran out meanwhile
    empty = [1000 * _inspect(first + timedelta(days=50 + n), 0) for n in range(1 + ROUNDS)][1:]
    size, rules = f"{due:,} of {licences:,} due", "stop rules, quiet hours, dedup, audit"
    return [
        Figure("a night's inspection", ours, by_hand, 3.0, "s", f"{size}; {rules}; the same rows written by hand"),
        Figure("a night's inspection, beside the barest insert", ours, barest, None, "s", "four columns, no message"),
        Figure(
            "the same due among ten times the licences", many, ours, 1.3, "s", f"{licences * 10:,} and {licences:,}"
        ),
        Figure("a night with nothing due", median(empty), 10.0, 1.0, "ms", f"among {licences * 10:,} licences"),
    ]


def _add_licences(start: int, stop: int, due: int, first: date) -> None:
    """Put licences number `start` to `stop` into the real tables, and let the planner and the indexes settle."""
    item = Item.objects.get(code=ITEM)
    given = {"region": item.region, "type": item.licence_type, "unit": item.unit, "item": item.pk, "first": first}
    given |= {"from": start, "to": stop, "due": due, "days": 4 * ROUNDS}
    with _without_indexes():
        _sql(LICENCE_ROWS, given)
        _sql(WATCH_ROWS, given)
    for table in ("licences_licence", "expiry_watch"):
        _sql(f"VACUUM (ANALYZE) {table}")
    _sql("CHECKPOINT")


@contextmanager
def _without_indexes() -> Iterator[None]:
    """Take the secondary indexes of the two large tables away while they are filled, and build them anew."""
    with connection.cursor() as cursor:
        cursor.execute(SECONDARY)
        indexes = cursor.fetchall()
    _sql("".join(f"DROP INDEX {name};" for name, _ in indexes))
    yield
    for _, definition in indexes:
        _sql(f"SET maintenance_work_mem = '512MB'; {definition}; RESET maintenance_work_mem")


def _nights(days: Iterator[date], due: int) -> list[float]:
    """Return the medians of ours, the hand-written statement and the barest insert; the first two take turns day by day."""
    took: list[list[float]] = [[], [], []]
    for turn in range(ROUNDS):
        for number in (0, 1) if turn % 2 == 0 else (1, 0):
            day = next(days)
            if number == 0:
                took[0].append(_inspect(day, due))
            else:
                took[1].append(_write(BY_HAND, day, due))
                took[2].append(_write(BAREST, day, due))
                # the next inspection must not catch this day up
                Inspection.objects.create(
                    region=settings.REGION, day=day, ran_at=_night(day), messages=0, tasks=0, lapsed=0
                )
    return [median(each) for each in took]


def _inspect(day: date, due: int) -> float:
    began = time.perf_counter()
    done = operations.inspect(today=day, at=_night(day), region=settings.REGION)
    took = time.perf_counter() - began
    assert done.messages == due, f"{done.messages} messages on {day}, not {due}"
    return took


def _write(statement: str, day: date, due: int) -> float:
    given: dict[str, Any] = {"region": settings.REGION, "today": day, "at": _night(day), "template": _template()}
    with connection.cursor() as cursor:
        began = time.perf_counter()
        cursor.execute(statement, given)
        took = time.perf_counter() - began
        assert cursor.rowcount == due, f"{cursor.rowcount} rows on {day}, not {due}"
    return took


def _template() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM notices_template WHERE kind LIKE 'expiry.%%'", ())
        return int(cursor.fetchone()[0])


def _night(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 2, tzinfo=clocks.SHANGHAI)


def _empty() -> None:
    _sql(f"TRUNCATE {TABLES}, bench_raw, bench_notice CASCADE")


def _sql(statement: str, params: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
