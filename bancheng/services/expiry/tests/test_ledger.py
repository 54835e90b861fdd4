"""A ledger read in chunks: as many statements for few rows as for many, restarted where it stopped, dates as derived one by one."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.licences import public as licences
from bancheng.services.expiry import operations, queries
from bancheng.services.expiry.models import Batch, Item, Watch, Window
from bancheng.services.expiry.operations import ledger, watches
from bancheng.services.expiry.tests.books import book
from bancheng.services.expiry.tests.conftest import AT, UNIT
from bancheng.services.expiry.tests.test_operations import TODAY, licence

COLUMNS = (
    "licence_id",
    "item_id",
    "expires_on",
    "opens_on",
    "closes_on",
    "provisional",
    "state",
    "fresh",
)


def uploaded(admin: identity.Actor, *rows: list[object]) -> str:
    return str(operations.upload(unit=UNIT, name="台账.xlsx", data=book(*rows), by=admin, at=AT).pk)


def mixed(first: int, count: int) -> list[list[object]]:
    """Return rows of every item of the unit, ending on many days, near and far; every fifth is bad, some are 长期 or over."""
    items = list(Item.objects.filter(unit=UNIT).order_by("code").values_list("name", flat=True))
    rows = []
    for n in range(first, first + count):
        cells = {"证照名称": items[n % len(items)], "绿色通道": "是" if n % 4 == 0 else ""}
        if n % 5 == 1:
            cells["手机号"] = "1"
        if n % 7 == 2:
            cells["有效期至"] = "长期"
        rows.append(licence(n, TODAY + timedelta(days=n * 13 % 500 - 20), **cells))
    return rows


def statements_of_reading(admin: identity.Actor, *rows: list[object]) -> int:
    batch_id = uploaded(admin, *rows)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        operations.read_batch(batch_id=batch_id, at=AT)
    return len(asked)


def test_a_chunk_takes_as_many_statements_for_ten_rows_as_for_two_hundred(admin: identity.Actor) -> None:
    """B10.9"""
    few = statements_of_reading(admin, *mixed(0, 10))
    assert statements_of_reading(admin, *mixed(500, 200)) == few <= 50


def test_a_reader_that_dies_goes_on_behind_the_last_whole_chunk(
    admin: identity.Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B10.9: what the dead one had not committed is read again, what it had is not."""
    monkeypatch.setattr(ledger, "CHUNK", 8)
    merge, merged = licences.merge, []

    def dies_at_the_third(*args: Any, **more: Any) -> licences.Merged:
        merged.append(merge(*args, **more))
        if len(merged) == 3:
            raise MemoryError
        return merged[-1]

    batch_id = uploaded(admin, *mixed(0, 40))
    monkeypatch.setattr(licences, "merge", dies_at_the_third)
    with pytest.raises(MemoryError):
        operations.read_batch(batch_id=batch_id, at=AT)
    stopped = Batch.objects.get(pk=batch_id)
    assert (stopped.state, stopped.read, Watch.objects.count()) == ("reading", 16, stopped.added)
    monkeypatch.setattr(licences, "merge", merge)
    done = operations.read_batch(batch_id=batch_id, at=AT)
    assert (done.state, done.rows, done.added, done.bad, done.changed) == ("done", 40, 32, 8, 0)
    assert Watch.objects.count() == 32
    assert len({line for line, _, _ in queries.bad_rows(done)}) == 8


def test_the_windows_of_a_ledger_are_those_derived_one_by_one(admin: identity.Actor) -> None:
    """R10.1 R-CLK-9"""
    operations.read_batch(batch_id=uploaded(admin, *mixed(0, 150)), at=AT)
    calendar = clocks.calendar()
    closing = Watch.objects.filter(item__closes__isnull=False, expires_on__isnull=False).select_related("item")
    assert len(closing) > 80
    for watch in closing:
        assert watch.expires_on is not None
        one = watches.derive_window(watch.item, watch.expires_on, calendar)
        assert (watch.opens_on, watch.closes_on, watch.provisional) == (one.opens_on, one.closes_on, one.provisional)
    assert Window.objects.count() == len({(watch.item_id, watch.expires_on) for watch in closing})
    for watch in Watch.objects.all():
        assert watch.fresh == (watch.state == "live" and _first_end(watch) <= TODAY + timedelta(days=31))


def _first_end(watch: Watch) -> date:
    return min(day for day in (watch.closes_on, watch.expires_on) if day)


def test_new_licences_are_watched_as_changed_ones_are(admin: identity.Actor) -> None:
    """The short way for what is new writes what the long way would."""
    operations.read_batch(batch_id=uploaded(admin, *mixed(0, 60)), at=AT)
    new = list(Watch.objects.order_by("licence_id").values_list(*COLUMNS))
    ids = [row[0] for row in new]
    Watch.objects.all().delete()
    operations.note_licences(licences.Batch(ids, AT, UNIT))
    assert list(Watch.objects.order_by("licence_id").values_list(*COLUMNS)) == new
    operations.note_licences(licences.Batch(ids, AT, UNIT))
    assert list(Watch.objects.order_by("licence_id").values_list(*COLUMNS)) == new


def test_a_correction_that_moves_no_day_keeps_the_answer_and_wakes_nobody(admin: identity.Actor) -> None:
    """R10.5"""
    operations.read_batch(batch_id=uploaded(admin, licence(1, TODAY + timedelta(days=20))), at=AT)
    operations.inspect(today=TODAY, at=AT, region="411000")
    watch = Watch.objects.get()
    assert not watch.fresh
    operations.answer(watch_id=watch.pk, says=watches.State.SAYS_DONE, by="person", at=AT)
    operations.note_licences(licences.Batch([watch.licence_id], AT, UNIT))
    watch.refresh_from_db()
    assert (watch.state, watch.fresh) == ("says_done", False)
