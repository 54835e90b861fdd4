"""A ledger that waits and rows that went back move to new keys; who holds what is found under a new hash key."""

from datetime import date

from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.notices import public as notices
from bancheng.kernel.notices.testing import Message
from bancheng.services.expiry import operations, queries
from bancheng.services.expiry.models import Batch
from bancheng.services.expiry.tests.books import PERSON, book, row
from bancheng.services.expiry.tests.conftest import AT, UNIT

OLD, NEW = "11" * 32, "22" * 32
PHONE = "13800000001"


def test_a_waiting_ledger_and_bad_rows_are_still_read_when_the_old_key_is_dropped(admin, settings):
    """D7 P-9"""
    before = settings.FIELD_KEYS  # what the pack brought is sealed by it
    settings.FIELD_KEYS = f"{OLD},{before}"
    read = operations.upload(unit=UNIT, name="一.xlsx", data=book(row(手机号="1")), by=admin, at=AT)
    operations.read_batch(batch_id=str(read.pk), at=AT)
    waiting = operations.upload(unit=UNIT, name="二.xlsx", data=book(row()), by=admin, at=AT)
    settings.FIELD_KEYS = f"{NEW},{OLD},{before}"
    moved = {(column.model, column.field) for column, _ in identity.rotate()}
    assert moved >= {("expiry.Batch", "sealed"), ("expiry.BadRow", "sealed")}
    settings.FIELD_KEYS = NEW
    assert operations.read_batch(batch_id=str(waiting.pk), at=AT).added == 1
    ((_, cells, _),) = queries.bad_rows(Batch.objects.get(pk=read.pk))
    assert cells[0] == "食品经营许可证"


def test_after_a_new_hash_key_everybody_still_finds_his_licences_messages_and_stops(admin, settings):
    """D7 F10.9 N-1 R-ID-7: the copies of a holder's hash move with it, in every part of the house."""
    batch = operations.upload(unit=UNIT, name="一.xlsx", data=book(row(有效期至="2026-03-08")), by=admin, at=AT)
    operations.read_batch(batch_id=str(batch.pk), at=AT)
    operations.inspect(today=AT.date(), at=AT, region="411000")
    holder = people.actor(people.citizen("赵建军", serial=77, born=date(1978, 5, 12)))
    told = Message.objects.get()
    to_staff = {"pk": None, "key": "to staff", "holder_hash": identity.staff_hash(admin.user_id)}
    Message.objects.create(**{**Message.objects.values().get(), "id": None, **to_staff})
    notices.opt_out(by="test", at=AT, holder_hash=identity.person_hashes(holder)[0], channel="push")
    notices.opt_out(by="test", at=AT, mobile_hash=bytes(told.mobile_hash), channel="sms")
    before = found(holder, admin)
    assert [len(each) for each in before] == [1, 1, 1, 1, 1]
    settings.FIELD_HASH_KEY = f"{NEW},{settings.FIELD_HASH_KEY}"
    assert found(holder, admin) != before
    assert list(identity.rehash())
    settings.FIELD_HASH_KEY = NEW  # the former key is dropped
    assert found(holder, admin) == before


def found(holder, staff):
    """Return what each search by hash finds: watches, his messages, his stop, the phone's stop, the staff's messages."""
    own, phone = (identity.find_hash(text, kind=kind) for text, kind in ((PERSON, "citizen_id"), (PHONE, "mobile")))
    return (
        [mine.watch.pk for mine in queries.mine(holder, today=AT.date())],
        [item.id for item in notices.inbox([own])],
        notices.stops(holder_hashes=identity.person_hashes(holder)),
        notices.stops(mobile_hash=phone),
        [item.id for item in notices.inbox(identity.mailboxes(staff))],
    )
