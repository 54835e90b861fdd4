"""What is held against somebody bars what the law lets it bar, and no longer once it is mended."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.credit import public as credit
from bancheng.kernel.credit.models import Mark
from bancheng.kernel.credit.public import Instrument, Kind
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HOLDER, OTHER = b"h" * 32, b"o" * 32
CASE = "case:019caced-0000-7000-8000-000000000001"


def noted(kind: Kind = Kind.FALSE_PROMISE, **over: Any) -> bool:
    given: dict[str, Any] = {"region": "411000", "holder_hash": HOLDER, "about": CASE, "unit": "fire", "by": "staff:1"}
    given |= {"reason": "现场与承诺不符", "law": "消防法 第十五条", "at": AT}
    return credit.note(kind=kind, **(given | over))


def repaired(kind: Kind = Kind.FALSE_PROMISE, because: str = "已整改并复查合格") -> None:
    credit.repair(region="411000", kind=kind, about=CASE, because=because, by="staff:2", at=AT + timedelta(days=9))


@pytest.mark.parametrize(
    ("kind", "promise", "gap"),
    [(Kind.FALSE_PROMISE, True, False), (Kind.DISHONEST, True, True), (Kind.GAP_BROKEN, False, False)],
)
def test_each_kind_bars_what_the_law_lets_it_bar(kind: Kind, promise: bool, gap: bool) -> None:
    """R-GC-2, R-RQ-5, R-RQ-6, R-CR-7: kept apart, linked and proportionate."""
    noted(kind)
    assert bool(credit.barred(HOLDER, Instrument.PROMISE)) is promise
    assert bool(credit.barred(HOLDER, Instrument.GAP)) is gap
    assert credit.barred(OTHER, Instrument.PROMISE) == credit.barred(OTHER, Instrument.GAP) == []


def test_what_is_mended_bars_no_more_and_stays_on_record() -> None:
    """R-GC-2: excluded until repair."""
    noted()
    repaired()
    assert credit.barred(HOLDER, Instrument.PROMISE) == []
    (mark,) = credit.marks_about([CASE])
    assert (mark.open, mark.repaired_because) == (False, "已整改并复查合格")
    assert credit.marks_of(HOLDER) == [mark]
    assert credit.ever(HOLDER)
    assert not credit.ever(OTHER)
    with pytest.raises(Refused, match="no_mark"):
        repaired()


def test_a_repair_says_what_was_mended() -> None:
    noted()
    with pytest.raises(Refused, match="unmended"):
        repaired(because=" ")
    assert credit.barred(HOLDER, Instrument.PROMISE) == [Kind.FALSE_PROMISE]


def test_the_same_failure_is_held_once() -> None:
    assert noted()
    assert not noted(reason="又一次")
    assert Mark.objects.count() == 1
    assert [event.action for event in audit.about_any([CASE], limit=9)] == ["credit.noted"]


@pytest.mark.parametrize("sql", ["DELETE FROM credit_mark", "UPDATE credit_mark SET reason = 'x'"])
def test_the_database_refuses_to_forget_or_rewrite(sql: str) -> None:
    noted()
    with pytest.raises(IntegrityError, match="never removed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_mark_without_its_article_is_none() -> None:
    """R-CR-2: reason and basis."""
    with pytest.raises(IntegrityError, match="a_mark_has_reason_and_article"), transaction.atomic():
        noted(law="")
