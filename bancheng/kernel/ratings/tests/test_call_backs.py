"""Call-backs: three ways, an answer always, a clock for each part, and lateness that is escalated."""

from datetime import date
from uuid import UUID

import pytest

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity.public import Actor, Grant
from bancheng.kernel.ratings import facts
from bancheng.kernel.ratings.facts import Happened, What
from bancheng.kernel.ratings.models import CallBack
from bancheng.kernel.ratings.operations import call_backs
from bancheng.kernel.ratings.queries import reading
from bancheng.kernel.ratings.rules import Act, Mode, Route, State, Terms
from bancheng.kernel.ratings.testing import AT, OFFICER, REGION, TERMS, WORKER, called, later
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db


def checked(pk: UUID, route: Route, *, law: str = "", terms: Terms = TERMS) -> None:
    call_backs.note_check(
        call_back_id=pk, route=route, words="已电话核实", law=law, terms=terms, by=OFFICER, at=later(hours=2)
    )


def due(pk: UUID) -> date | None:
    return CallBack.objects.get(pk=pk).due_on


def test_a_bad_rating_is_to_be_called_back_within_a_working_day() -> None:
    """R-RT-7, C-93: one working day from a Monday is Tuesday."""
    pk = called()
    assert due(pk) == date(2026, 3, 3)
    (clock,) = clocks.open_clocks(region=REGION, abouts=[f"callback:{pk}"])
    assert clock.rule.id == "C-93.contact"


@pytest.mark.parametrize(
    ("route", "state", "by"),
    [
        (Route.FIX, State.FIXING, date(2026, 3, 9)),
        (Route.COMPLEX, State.LEDGERED, date(2026, 3, 23)),
        (Route.NO_BASIS, State.EXPLAINED, date(2026, 3, 9)),
    ],
)
def test_what_the_check_found_decides_the_way_and_its_day(route: Route, state: State, by: date) -> None:
    """R-RT-3, R-RT-7: five working days, or fifteen."""
    pk = called()
    checked(pk, route, law="行政许可法 第三十二条")
    found = reading.call_back(pk)
    assert (found.state, found.route) == (state, route)
    assert due(pk) == by


def test_a_city_gives_fewer_days() -> None:
    """R-RT-7: settings of the city."""
    pk = called()
    checked(pk, Route.FIX, terms=Terms(fix=clocks.Length(2, clocks.Unit.WD)))
    assert due(pk) == date(2026, 3, 4)


def test_from_the_call_to_the_answer() -> None:
    """R-RT-3: called, put right, told, closed; each step in the log, all clocks ended."""
    pk = called()
    call_backs.take(call_back_id=pk, by=OFFICER, at=AT)
    call_backs.note_attempt(call_back_id=pk, words="无人接听", by=OFFICER, at=later(hours=1))
    checked(pk, Route.FIX)
    call_backs.settle(call_back_id=pk, words="已补发回执", by=OFFICER, at=later(hours=3))
    call_backs.answer(call_back_id=pk, words="已为您补发，抱歉让您久等", by=OFFICER, at=later(hours=4))
    found = reading.call_back(pk)
    acts = [Act.OPENED, Act.TAKEN, Act.TRIED, Act.CONTACTED, Act.SETTLED, Act.FED_BACK]
    assert [line.what for line in found.lines] == acts
    assert (found.state, found.closed_at, found.clocks) == (State.CLOSED, later(hours=4), ())
    assert reading.answers(found.occasion.id) == [(State.CLOSED, "已为您补发，抱歉让您久等", later(hours=4))]


def test_nothing_is_closed_without_an_answer_or_answered_unchecked() -> None:
    """R-RT-3: feedback always."""
    pk = called()
    for too_soon in (call_backs.settle, call_backs.answer):
        with pytest.raises(Refused) as no:
            too_soon(call_back_id=pk, words="好了", by=OFFICER, at=AT)
        assert no.value.code == "call_back_moved_on"
    checked(pk, Route.FIX)
    with pytest.raises(Refused) as no:
        call_backs.answer(call_back_id=pk, words="好了", by=OFFICER, at=later(hours=3))
    assert no.value.code == "call_back_moved_on"


def test_what_is_not_said_is_not_recorded() -> None:
    pk = called()
    with pytest.raises(Refused) as no:
        call_backs.note_check(call_back_id=pk, route=Route.FIX, words=" ", law="", terms=TERMS, by=OFFICER, at=AT)
    assert no.value.code == "say_what"
    assert reading.call_back(pk).state is State.OPEN


def test_who_has_taken_it_has_it_alone() -> None:
    pk = called()
    call_backs.take(call_back_id=pk, by=OFFICER, at=AT)
    with pytest.raises(Refused) as no:
        call_backs.take(call_back_id=pk, by="staff:12", at=AT)
    assert no.value.code == "taken"


def test_what_is_over_stays_over() -> None:
    pk = called()
    checked(pk, Route.NO_BASIS, law="行政许可法 第三十二条")
    call_backs.answer(call_back_id=pk, words="依法不能办", by=OFFICER, at=later(hours=3))
    with pytest.raises(Refused) as no:
        call_backs.take(call_back_id=pk, by=OFFICER, at=later(hours=4))
    assert no.value.code == "call_back_over"


def test_lateness_is_escalated_once_and_told() -> None:
    """R-RT-7: the clock of a silent unit runs out on its day and not before."""
    pk = called()
    heard: list[Happened] = []
    facts.happened.connect(heard.append)
    try:
        clocks.fire_due(today=date(2026, 3, 3), at=later(days=1))
        assert CallBack.objects.get(pk=pk).late_at is None
        for _ in range(2):
            clocks.fire_due(today=date(2026, 3, 4), at=later(days=2))
    finally:
        facts.happened._listeners.remove(heard.append)
    assert CallBack.objects.get(pk=pk).late_at == later(days=2)
    assert [one.what for one in heard] == [What.LATE]
    assert [line.what for line in reading.call_back(pk).lines] == [Act.OPENED, Act.LATE]


def test_the_contact_is_seen_by_whoever_has_the_open_call_back_and_each_look_is_on_record() -> None:
    """R-RT-5, P-3."""
    pk = called()
    officer = Actor(OFFICER, user_id=11, is_staff=True, grants=(Grant("section_officer", unit="market"),))
    with pytest.raises(Refused) as no:
        reading.contact(pk, by=officer, at=AT)
    assert no.value.code == "not_yours"
    call_backs.take(call_back_id=pk, by=OFFICER, at=AT)
    assert reading.contact(pk, by=officer, at=AT) == "王芳\n13900000007"
    occasion = reading.call_back(pk).occasion.id
    (look,) = [one for one in audit.about_any([f"rating:{occasion}"], limit=9) if one.action == "identity.revealed"]
    assert (look.who, look.detail["why"]) == (OFFICER, "差评回访")
    checked(pk, Route.NO_BASIS, law="行政许可法 第三十二条")
    call_backs.answer(call_back_id=pk, words="依法不能办", by=OFFICER, at=later(hours=3))
    with pytest.raises(Refused) as no:
        reading.contact(pk, by=officer, at=later(hours=4))
    assert no.value.code == "no_such_call_back"


def test_an_administrator_does_not_see_the_contact() -> None:
    """P-10."""
    pk = called()
    call_backs.take(call_back_id=pk, by="staff:7", at=AT)
    with pytest.raises(Refused) as no:
        reading.contact(pk, by=Actor("staff:7", user_id=7, grants=(Grant("unit_admin", unit="market"),)), at=AT)
    assert no.value.code == "may_not_open"


def test_a_bad_rating_without_a_number_is_checked_all_the_same() -> None:
    """R-RT-3: an anonymous bad rating is checked all the same."""
    pk = called("visit:1", mode=Mode.ON_SITE, rater_hash=b"", contact="")
    found = reading.call_back(pk)
    assert not found.real_name
    call_backs.take(call_back_id=pk, by=OFFICER, at=AT)
    officer = Actor(OFFICER, grants=(Grant("section_officer", unit="market"),))
    with pytest.raises(Refused) as no:
        reading.contact(pk, by=officer, at=AT)
    assert no.value.code == "no_contact"


def test_a_list_shows_the_unit_s_and_none_of_one_s_own_work() -> None:
    """R-RT-5: the rated never sees who rated, nor that he was."""
    one = called()
    called("case:2", unit="tobacco")
    assert [row.pk for row in reading.call_backs(units=["market"])] == [one]
    assert list(reading.call_backs(units=["market"], but=WORKER)) == []
    assert len(reading.call_backs(units=None)) == 2


def test_the_ledger_lists_what_is_complex_with_its_day() -> None:
    """R-RT-3: explained, in the ledger, with a day."""
    one, two = called(), called("case:2")
    checked(one, Route.COMPLEX)
    checked(two, Route.FIX)
    (row,) = reading.call_backs(units=["market"], ledger=True)
    assert (row.pk, row.due_on) == (one, date(2026, 3, 23))


def test_a_list_asks_as_often_for_many_as_for_few(django_assert_num_queries: object) -> None:
    for n in range(5):
        called(f"case:{n}")
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert len(reading.waiting(list(reading.call_backs(units=["market"])))) == 5
