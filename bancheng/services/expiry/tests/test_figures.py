"""The dashboard's figures, each recomputed from rows made here."""

from datetime import date, datetime, timedelta

import pytest

from bancheng.kernel.identity import public as identity
from bancheng.pack.loader import load_city
from bancheng.services.expiry import figures, operations
from bancheng.services.expiry.models import Item, Reminder, Term, Watch
from bancheng.services.expiry.notice import read
from bancheng.services.expiry.tests.books import book
from bancheng.services.expiry.tests.conftest import AT, UNIT
from bancheng.services.expiry.tests.test_operations import licence

TODAY = date(2026, 3, 2)


@pytest.fixture
def watched(admin: identity.Actor) -> list[Watch]:
    """Three watched licences and one that was over when its ledger came in."""
    days = (TODAY + timedelta(days=n) for n in (40, 41, 42, -5))
    data = book(*(licence(n, day) for n, day in enumerate(days, 1)))
    batch = operations.upload(unit=UNIT, name="a.xlsx", data=data, by=admin, at=AT)
    operations.read_batch(batch_id=str(batch.pk), at=AT)
    return list(Watch.objects.filter(state="live").order_by("expires_on"))


def told(watch: Watch, day: date) -> None:
    Reminder.objects.create(
        region=watch.region,
        watch=watch,
        unit=watch.unit,
        stage="t30",
        reach="message",
        expires_on=watch.expires_on,
        day=day,
    )


def renewed(watch: Watch, on: date) -> None:
    Term.objects.create(
        region=watch.region,
        watch=watch,
        item=watch.item,
        unit=watch.unit,
        expires_on=watch.expires_on,
        outcome="renewed",
        ended_on=on,
    )


def test_only_what_follows_a_message_within_seven_days_counts_as_acted(watched: list[Watch]) -> None:
    soon, late, fresh = watched
    told(soon, TODAY - timedelta(days=20))
    renewed(soon, TODAY - timedelta(days=13))
    told(late, TODAY - timedelta(days=20))
    renewed(late, TODAY - timedelta(days=12))
    told(fresh, TODAY - timedelta(days=7))  # its seven days still run
    assert figures.acted(TODAY) == figures.Share(1, 2)
    assert figures.acted(TODAY, ["tobacco"]) == figures.Share(0, 0)


def test_the_estimate_multiplies_what_it_shows(watched: list[Watch]) -> None:
    told(watched[0], TODAY)
    renewed(watched[0], TODAY)
    renewed(watched[1], TODAY)  # nobody had reminded him
    saved = figures.saved()
    assert (saved.renewed, saved.before) == (1, figures.Share(1, 4))
    assert saved.value == round(1 / 4)
    assert figures.saved(unit__in=["tobacco"]).value is None


def test_a_unit_is_silent_until_it_has_sent_and_reviewed(watched: list[Watch], admin: identity.Actor) -> None:
    mine = next(line for line in figures.silent(TODAY) if line.unit.code == UNIT)
    assert mine.uploaded_on is not None
    assert not mine.reviewed
    operations.review_quarter(unit=UNIT, note="", by=admin, at=AT)
    assert UNIT not in {line.unit.code for line in figures.silent(TODAY)}


def test_domains_add_up_to_the_board(watched: list[Watch]) -> None:
    board = figures.board(TODAY)
    assert board.licences == Watch.objects.count()
    assert board.items == Item.objects.filter(withdrawn_on=None).count()
    assert {str(name) for name, _, _ in figures.lines(board)} >= {"已送达", "按时续证率"}


def test_the_pack_does_not_bring_back_what_a_unit_withdrew(admin: identity.Actor, settings: object) -> None:
    """F10.13"""
    operations.withdraw(code="medical-device", by=admin, at=AT)
    load_city(
        settings.PACK,
        by="staff:test",
        at=AT,
        sections={"services/expiry": operations.load}
        | dict.fromkeys(("services/onething", "services/corrections"), lambda folder, **_: None),
    )  # type: ignore[attr-defined]
    assert Item.objects.get(code="medical-device").withdrawn_on is not None
    operations.restore(code="medical-device", by=admin, at=datetime(2026, 3, 3, 2, tzinfo=AT.tzinfo))
    assert Item.objects.get(code="medical-device").withdrawn_on is None


def test_a_city_without_a_notice_has_none(tmp_path: object) -> None:
    """F10.1"""
    assert read(tmp_path) is None  # type: ignore[arg-type]
