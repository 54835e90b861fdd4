"""Every row of a ledger once: the worker and the database are killed while it is read."""

import os
import random
import signal
from datetime import date

import pytest

from bancheng.services.expiry import workbook
from tests.whole import ledgers
from tests.whole.city import City
from tests.whole.work import BEFORE_CHUNK

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]
DAY = date(2026, 3, 2)
GOOD, OLDER, ENDLESS = 2_000, 40, 30  # older: a second line of the same number, issued before
BAD = 70  # between the rows of the first half, and three at the end: the chunks of the second half have none
ROWS = GOOD + OLDER + BAD


def rows() -> list[list[object]]:
    """Return the ledger: good and bad rows, older twins at the end."""
    made: list[list[object]] = []
    for n in range(GOOD):
        made.append(ledgers.licence(n, "长期" if n < ENDLESS else "2029-06-30"))
        if n % 15 == 0 and n < GOOD // 2:
            made.append(ledgers.licence(90_000 + n, "2029-06-30", **{workbook.MOBILE: "1"}))
    made += [ledgers.licence(n, "2024-06-30", **{workbook.ISSUED: "2019-01-10"}) for n in range(GOOD)[-OLDER:]]
    made += [ledgers.licence(99_990 + n, "2029-06-30", **{workbook.ISSUED: "?"}) for n in range(ROWS - len(made))]
    return made


BAD_LINES = [n + 3 for n, cells in enumerate(rows()) if str(cells[1]) >= "JY00090000"]  # a title and the header above


def before_chunk(number: int) -> str:
    """Return the lock at which a reader stops, behind a commit and before the chunk of a hundred rows `number`, from 0."""
    return f"select pg_advisory_xact_lock({BEFORE_CHUNK}, {number})"


def read_so_far(city: City) -> int:
    """Return how many rows are read; at no moment do the counters say otherwise."""
    ((read, counted),) = city.ask("select read, added + changed + same + older + bad from expiry_batch")
    assert read == counted
    return int(read)


def upload(city: City) -> None:
    city.work("upload", ledgers.write(city.folder, "ledger.xlsx", rows()), ledgers.instant(DAY))


def check_every_row_once(city: City) -> None:
    ((state, sealed, *counters),) = city.ask(
        "select state, sealed, rows, read, added, older, bad, endless, changed, same from expiry_batch"
    )
    assert (state, sealed) == ("done", None)
    assert counters == [ROWS, ROWS, GOOD, OLDER, BAD, ENDLESS, 0, 0]
    assert city.ask("select count(*), count(distinct number), max(version) from licences_licence") == [(GOOD, GOOD, 1)]
    assert city.count("select count(*) from licences_licenceversion") == 0
    assert city.ask("select state, count(*) from expiry_watch group by state order by state") == [
        ("endless", ENDLESS),
        ("live", GOOD - ENDLESS),
    ]
    assert [line for (line,) in city.ask("select line from expiry_badrow order by line")] == BAD_LINES
    check_it_is_on_record_once(city)


def check_it_is_on_record_once(city: City) -> None:
    merged = "select sum((detail->>%s)::int) from audit_event where action = 'licences.merged'"
    assert [city.count(merged, part) for part in ("added", "changed", "unchanged", "older")] == [GOOD, 0, 0, OLDER]
    told = city.ask("select action, count(*) from audit_event where action like 'expiry.%%' group by action order by 1")
    assert dict(told).items() >= {"expiry.uploaded": 1, "expiry.read": 1}.items()
    city.check_audit()


def test_a_ledger_whose_worker_is_killed_again_and_again_is_read_once(city: City) -> None:
    """B10.9: kill -9 of the worker between two chunks, before a commit, and at moments of chance."""
    upload(city)
    city.start("worker")
    city.until(lambda: read_so_far(city) > 0, "the first chunk")
    with city.halted("lock table expiry_badrow in exclusive mode"):  # a chunk is merged and not committed
        before = read_so_far(city)
        city.kill("worker")
    assert read_so_far(city) == before
    with city.halted(before_chunk(before // 100 + 2), then=lambda: city.start("worker")):
        city.kill("worker")
    assert read_so_far(city) == before + 200
    for threshold in sorted(random.sample(range(read_so_far(city), ROWS * 2 // 3), 2)):
        city.start("worker")
        city.until(lambda reached=threshold: read_so_far(city) > reached, f"row {threshold}")
        city.kill("worker")
    assert read_so_far(city) < ROWS, "everything was read before the last kill: the test proves nothing"
    city.start("worker")
    city.until(lambda: city.ask("select state from expiry_batch") == [("done",)], "the end of the ledger")
    check_every_row_once(city)


def test_a_ledger_whose_worker_was_only_asleep_is_not_read_twice(city: City) -> None:
    """A worker that wakes up after another took its job finds the chunk taken and leaves off."""
    upload(city)
    with city.halted(before_chunk(13), then=lambda: city.start("worker")) as halter:  # no bad rows from here on
        sleeper = city.put_to_sleep("worker", halter)
    city.start("worker")
    city.until(lambda: city.ask("select state from expiry_batch") == [("done",)], "the end of the ledger")
    os.kill(sleeper, signal.SIGTERM)
    os.kill(sleeper, signal.SIGCONT)
    assert city.wait(sleeper) == 0  # it finishes what it had begun
    check_every_row_once(city)


def test_a_ledger_whose_database_is_killed_is_read_once(city: City) -> None:
    """kill -9 of the database in the middle of a chunk, twice."""
    upload(city)
    city.start("worker")
    for _ in range(2):
        before = read_so_far(city)
        city.until(lambda reached=before: read_so_far(city) > reached, "the next chunk")
        with city.halted("lock table expiry_badrow in exclusive mode"):
            city.kill("postgres")
        city.revive("postgres")
        assert read_so_far(city) < ROWS, "everything was read before the kill: the test proves nothing"
    city.until(lambda: city.ask("select state from expiry_batch") == [("done",)], "the end of the ledger")
    check_every_row_once(city)
