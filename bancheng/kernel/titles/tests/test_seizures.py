"""What seizures and objections write, refuse and tell."""

from datetime import date, datetime, timedelta

import pytest

from bancheng.kernel.titles import public as titles
from bancheng.kernel.titles.public import Blocked, Scope, State
from bancheng.kernel.titles.testing import AT, COURT, COURT_2, DEVELOPER, LI, PARCEL, REGION, WANG, parcel, said, sold
from bancheng.kernel.titles.tests.common import U11, U12, U13, UNTIL, day, refused, seize

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole")]


# --- seizures ---


def test_the_quote_divides_the_parcel_and_the_order_takes_exactly_that() -> None:
    """F7.10, B7.4: what is presold or with others is left out; what is seized already waits."""
    parcel(registered=True)
    titles.transfer(lot=U11, to=titles.sole(WANG), **said())
    sold(U12, titles.sole(LI), "HT-1")
    seize("S1", DEVELOPER, lots=[U13])
    quote = titles.quote_seizure(REGION, PARCEL)
    groups = (quote.seizable, quote.would_wait, quote.presold, quote.with_others)
    assert [len(group) for group in groups] == [3, 1, 1, 1]
    assert sum(line.dm2 for group in groups for line in group) == quote.area_dm2
    done = seize("S2", DEVELOPER, court=COURT_2, at=day(1))
    assert set(done.lots) == {line.lot for line in (*quote.seizable, *quote.would_wait)}


def test_a_presold_lot_that_is_named_is_refused_and_contested_when_the_court_insists() -> None:
    parcel()
    sold(U11, titles.sole(LI), "HT-1")
    with pytest.raises(Blocked) as no:
        seize("S1", DEVELOPER, lots=[U11])
    assert (no.value.code, no.value.blockers[0].number) == ("seizure_presold", "HT-1")
    seize("S1", DEVELOPER, lots=[U11], insisted=True)
    [one] = titles.right(REGION, "S1").lots
    assert (one.contested, one.state) == (True, State.EFFECTIVE)


def test_nobody_is_seized_for_anothers_debt_nor_for_more_than_three_years() -> None:
    parcel()
    assert refused(lambda: seize("S1", WANG)) == "title_nothing_to_seize"
    assert refused(lambda: seize("S1", WANG, lots=[U11])) == "seizure_presold"
    late = {
        "parcel": PARCEL,
        "court": COURT,
        "number": "S1",
        "debtor": DEVELOPER,
        "served_at": AT,
        "until": date(2029, 3, 3),
    }
    assert refused(lambda: titles.register_seizure(**late, **said())) == "title_seizure_term"


def test_who_was_served_first_comes_first_whoever_was_written_first() -> None:
    """LI6, 查封规定 第二十三条: to the second."""
    parcel()
    seize("S1", DEVELOPER, lots=[U11], at=AT + timedelta(seconds=1))
    titles.register_seizure(
        parcel=PARCEL,
        court=COURT_2,
        number="S2",
        debtor=DEVELOPER,
        scope=Scope.EXPLICIT,
        lots=[U11],
        served_at=AT,
        until=UNTIL,
        **said(day(1)),
    )
    states = {one.right: (one.rank, one.state) for one in titles.rights_on(REGION, [U11])}
    assert states == {"S2": (1, State.EFFECTIVE), "S1": (2, State.WAITING)}


def test_a_seizure_is_renewed_in_time_keeps_its_place_or_expires_and_the_next_takes_effect() -> None:
    """R7.5, 民诉法解释 第四百八十五条"""
    parcel()
    seize("S1", DEVELOPER, lots=[U11])
    seize("S2", DEVELOPER, court=COURT_2, lots=[U11], at=day(1))
    titles.renew_seizure(number="S1", until=date(2029, 3, 1), **said(day(10)))
    after = datetime(2029, 3, 2, 4, 0, tzinfo=AT.tzinfo)
    assert titles.expire_seizures(region=REGION, by="night", at=after - timedelta(days=1)) == []
    assert (
        refused(lambda: titles.renew_seizure(number="S1", until=date(2030, 1, 1), **said(after)))
        == "title_renewal_late"
    )
    assert len(titles.expire_seizures(region=REGION, by="night", at=after)) == 1
    assert titles.expire_seizures(region=REGION, by="night", at=after) == []
    [one] = titles.rights_on(REGION, [U11])
    assert (one.right, one.state, one.rank, one.since) == ("S2", State.EFFECTIVE, 1, after)
    assert one.until == date(2029, 3, 2) + (UNTIL - date(2026, 3, 3))
    assert titles.right(REGION, "S1").state is State.EXPIRED


def test_an_accepted_application_does_not_stop_a_court_and_is_suspended(heard: list[titles.Changed]) -> None:
    parcel()
    titles.pend(region=REGION, application="A1", lots=[U11], act=titles.Act.PRESALE, at=AT)
    titles.pend(region=REGION, application="A1", lots=[U11], act=titles.Act.PRESALE, at=AT)
    seize("S1", DEVELOPER, lots=[U11])
    assert ("application_suspended", "A1", U11) in [(one.kind, one.right, one.lot) for one in heard[-1].told]


# --- objections ---


def test_an_objection_lets_only_go_on_who_undertakes_in_writing_and_ends() -> None:
    """民法典 第二百二十条"""
    parcel(registered=True)
    titles.register_objection(lots=[U11], who=WANG, number="Y1", **said())
    assert titles.right(REGION, "Y1").until == date(2026, 3, 17)
    assert refused(lambda: titles.transfer(lot=U11, to=titles.sole(LI), **said())) == "lot_blocked"
    titles.transfer(lot=U11, to=titles.sole(LI), undertaking=True, **said())
    titles.end_objection(number="Y1", how=State.WITHDRAWN, **said())
    assert titles.rights_on(REGION, [U11]) == []
