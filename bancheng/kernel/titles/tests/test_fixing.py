"""A maximum-amount mortgage is fixed: how much and since which day, the maximum beside it (民法典 第四百二十条至第四百二十三条)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bancheng.kernel.ledger import testing as ledger_testing
from bancheng.kernel.titles import public as titles
from bancheng.kernel.titles.rules import fixing
from bancheng.kernel.titles.testing import AT, BANK, COURT, DEVELOPER, PARCEL, REGION, parcel, said
from bancheng.kernel.titles.tests.common import U11, day, refused

MAXIMUM, OWED = 90_000_000, 61_234_567
DAY = AT.date()


@pytest.fixture
def mortgaged(whole: None) -> None:
    parcel()
    titles.register_mortgage(lots=[U11], bank=BANK, number="M1", form=titles.Form.MAXIMUM, amount_fen=MAXIMUM, **said())


def fix(**over: Any) -> titles.RightView:
    asked = {"amount_fen": OWED, "reason": "约定的债权确定期间届满", "fixed_on": DAY + timedelta(days=7), **over}
    titles.fix_mortgage(number="M1", **asked, **said(day(9)))
    return titles.right(REGION, "M1")


def seized(at: datetime) -> None:
    titles.register_seizure(
        parcel=PARCEL, court=COURT, number="（2026）豫10执保12号", debtor=DEVELOPER, served_at=at, until=date(2028, 3, 1),
        scope=titles.Scope.EXPLICIT, lots=[U11], **said(at),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said_day", "known", "found"),
    [
        pytest.param(5, None, 5, id="the day said"),
        pytest.param(0, None, 0, id="the day of the mortgage itself"),
        pytest.param(10, None, 10, id="today"),
        pytest.param(11, None, None, id="not a day to come"),
        pytest.param(-1, None, None, id="not before there was a mortgage"),
        pytest.param(None, None, None, id="a day has to be said"),
        pytest.param(None, 6, 6, id="of a seizure its day"),
        pytest.param(4, 6, 4, id="what came before the seizure counts"),
        pytest.param(7, 6, None, id="nothing is fixed after it was fixed by the seizure"),
    ],
)
def test_the_day_of_a_fixing(said_day: int | None, known: int | None, found: int | None) -> None:
    days = [None if n is None else DAY + timedelta(days=n) for n in (said_day, known, found)]
    assert fixing.day_of_fixing(days[0], known=days[1], first=DAY, today=DAY + timedelta(days=10)) == days[2]


@pytest.mark.parametrize("fen", [0, -1, MAXIMUM + 1, 1.5, "5", None, True])
def test_an_amount_is_whole_fen_more_than_nothing_and_at_most_the_maximum(fen: object) -> None:
    """B7.8"""
    assert fixing.may_amount(fen, MAXIMUM) is False
    assert fixing.may_amount(MAXIMUM, MAXIMUM)


@pytest.mark.django_db
def test_how_much_and_since_when_are_recorded_and_the_maximum_stays_readable(mortgaged: None) -> None:
    found = fix()
    assert (found.fixed_fen, found.fixed_on, found.amount_fen) == (OWED, DAY + timedelta(days=7), MAXIMUM)
    assert (found.fixed_at, found.detail["fixed_by"]) == (day(9), "约定的债权确定期间届满")
    said_of = [one for one in titles.history(REGION, PARCEL) if one.right == "M1" and not one.lot]
    now, *before = said_of
    assert (now.detail["fixed_fen"], now.detail["fixed_on"], now.detail["amount_fen"]) == (OWED, "2026-03-09", MAXIMUM)
    assert {(one.detail["amount_fen"], one.detail["fixed_at"], one.detail.get("fixed_fen")) for one in before} == {
        (MAXIMUM, None, None)
    }


@pytest.mark.django_db
def test_what_cannot_be_fixed_is_refused_and_the_book_is_as_it_was(mortgaged: None) -> None:
    assert refused(lambda: fix(amount_fen=MAXIMUM + 1)) == "title_fixed_amount"
    assert refused(lambda: fix(amount_fen=0)) == "title_fixed_amount"
    assert refused(lambda: fix(fixed_on=DAY + timedelta(days=30))) == "title_fixed_day"
    assert refused(lambda: fix(fixed_on=None)) == "title_fixed_day"
    assert titles.right(REGION, "M1").fixed_on is None
    fix()
    assert refused(fix) == "title_ended"


@pytest.mark.django_db
def test_a_seizure_fixes_the_day_and_the_amount_comes_later(mortgaged: None) -> None:
    """民法典 第四百二十三条第（四）项, 查封规定 第二十五条"""
    seized(day(5))
    found = titles.right(REGION, "M1")
    assert (found.fixed_at, found.fixed_on, found.fixed_fen) == (day(5), DAY + timedelta(days=5), None)
    assert "豫10执保12号" in found.detail["fixed_by"]
    assert refused(lambda: fix(fixed_on=DAY + timedelta(days=7))) == "title_fixed_day"
    found = fix(fixed_on=None, reason="银行报送")
    assert (found.fixed_at, found.fixed_on, found.fixed_fen) == (day(5), DAY + timedelta(days=5), OWED)
    assert "豫10执保12号" in found.detail["fixed_by"]
    assert refused(lambda: fix(fixed_on=None)) == "title_ended"


@pytest.mark.django_db
def test_what_fixed_the_claim_before_the_seizure_counts(mortgaged: None) -> None:
    seized(day(5))
    found = fix(fixed_on=DAY + timedelta(days=3))
    assert (found.fixed_on, found.detail["fixed_by"]) == (DAY + timedelta(days=3), "约定的债权确定期间届满")


@pytest.mark.django_db
def test_once_fixed_it_is_the_fixed_amount_that_changes_never_above_the_maximum(mortgaged: None) -> None:
    fix()
    titles.change_mortgage(number="M1", amount_fen=50_000_000, **said(day(10)))
    found = titles.right(REGION, "M1")
    assert (found.fixed_fen, found.amount_fen) == (50_000_000, MAXIMUM)
    above = MAXIMUM + 1
    assert (
        refused(lambda: titles.change_mortgage(number="M1", amount_fen=above, **said(day(11)))) == "title_fixed_amount"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "detail", ['{"fixed_fen": 90000001}', '{"fixed_fen": 61234566}', '{"fixed_on": "2026-03-08"}'], ids=str
)
def test_a_fixing_changed_past_the_guards_is_named(detail: str) -> None:
    """R7.11"""
    parcel()
    titles.register_mortgage(lots=[U11], bank=BANK, number="M1", form=titles.Form.MAXIMUM, amount_fen=MAXIMUM, **said())
    fix()
    ledger_testing.tampered(f"UPDATE titles_right SET detail = detail || '{detail}' WHERE number = 'M1'")
    assert "right:M1" in {one.what for one in titles.verify()}
