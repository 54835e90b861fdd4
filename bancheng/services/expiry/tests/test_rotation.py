"""A ledger that waits and rows that went back move to new keys."""

from bancheng.kernel.identity import public as identity
from bancheng.services.expiry import operations, queries
from bancheng.services.expiry.models import Batch
from bancheng.services.expiry.tests.books import book, row
from bancheng.services.expiry.tests.conftest import AT, UNIT

OLD, NEW = "11" * 32, "22" * 32


def test_a_waiting_ledger_and_bad_rows_are_still_read_when_the_old_key_is_dropped(admin, settings):
    """D7 P-9"""
    settings.FIELD_KEYS = OLD
    read = operations.upload(unit=UNIT, name="一.xlsx", data=book(row(手机号="1")), by=admin, at=AT)
    operations.read_batch(batch_id=str(read.pk), at=AT)
    waiting = operations.upload(unit=UNIT, name="二.xlsx", data=book(row()), by=admin, at=AT)
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    moved = {(column.model, column.field) for column, _ in identity.rotate()}
    assert moved == {("expiry.Batch", "sealed"), ("expiry.BadRow", "sealed")}
    settings.FIELD_KEYS = NEW
    assert operations.read_batch(batch_id=str(waiting.pk), at=AT).added == 1
    ((_, cells, _),) = queries.bad_rows(Batch.objects.get(pk=read.pk))
    assert cells[0] == "食品经营许可证"
