"""Figures: silence apart, what was left out apart, and two statements however many there are."""

from datetime import date

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.ratings.operations import appeals, call_backs
from bancheng.kernel.ratings.queries import figures, reading
from bancheng.kernel.ratings.rules import Flaw, Mode, Route
from bancheng.kernel.ratings.testing import AT, OFFICER, REGION, REVIEWER, TERMS, called, later, rated, served

pytestmark = pytest.mark.django_db


def test_silence_stands_apart_and_is_never_satisfied() -> None:
    """R-RT-6: of ten served two rate, one of them well: half are satisfied, not nine tenths."""
    rows = [served(f"case:{n}") for n in range(10)]
    rated(rows[0], 3)
    rated(rows[1], 2)
    (line,) = figures.lines(REGION)
    assert (line.served, line.rated, line.unrated, line.bad) == (10, 2, 8, 1)
    assert line.satisfied.value == 0.5
    assert line.answered.value == 0.2


def test_of_nothing_there_is_no_rate() -> None:
    served()
    assert figures.lines(REGION)[0].satisfied.value is None


def test_what_was_left_out_is_counted_apart() -> None:
    """R-RT-4."""
    call_back = called()
    rated(served("case:2"), 5)
    occasion = reading.call_back(call_back).occasion.id
    appeal = appeals.appeal(occasion_id=occasion, flaw=Flaw.MALICIOUS, reason="x", evidence="x", by=OFFICER, at=AT)
    appeals.decide(
        appeal_id=appeal, leave_out=True, reason="x", by=REVIEWER, unit="justice", terms=TERMS, at=later(days=1)
    )
    (line,) = figures.lines(REGION)
    assert (line.served, line.rated, line.excluded, line.satisfied.value) == (2, 1, 1, 1.0)


def test_lines_are_by_unit_and_matter_of_the_units_and_days_asked_for() -> None:
    for n, (unit, matter) in enumerate([("market", "sign"), ("market", "food"), ("tobacco", "sign")]):
        served(f"case:{n}", unit=unit, matter=matter, at=later(days=n))
    assert [(one.unit, one.matter) for one in figures.lines(REGION)] == [
        ("market", "food"),
        ("market", "sign"),
        ("tobacco", "sign"),
    ]
    assert [one.matter for one in figures.lines(REGION, units=["market"])] == ["food", "sign"]
    assert [one.unit for one in figures.lines(REGION, since=later(days=2))] == ["tobacco"]
    assert figures.lines(REGION, units=[]) == []
    assert figures.total(figures.lines(REGION)).served == 3


def test_real_name_bad_ratings_are_called_back_all_of_them_or_the_figure_says_so() -> None:
    """R-RT-3: 100 % called back; one whose day has passed without a call breaks it, one whose day is to come does not."""
    late, kept, young = called("case:1"), called("case:2"), called("case:3", at=later(days=2))
    called("visit:1", mode=Mode.ON_SITE, rater_hash=b"", contact="")
    call_backs.note_check(
        call_back_id=kept, route=Route.FIX, words="核实", law="", terms=TERMS, by=OFFICER, at=later(hours=1)
    )
    assert figures.calls(REGION)[0].real_name.value == 1.0
    clocks.fire_due(today=date(2026, 3, 4), at=later(days=2))
    (line,) = figures.calls(REGION)
    assert (line.opened, line.open, line.late_now) == (4, 4, 2)
    assert (line.real_name.part, line.real_name.whole) == (1, 2)
    assert (line.contacted.part, line.contacted.whole) == (1, 3)
    assert {late, young}


def test_a_call_that_came_late_was_made_but_not_in_time() -> None:
    pk = called()
    clocks.fire_due(today=date(2026, 3, 4), at=later(days=2))
    call_backs.note_check(
        call_back_id=pk, route=Route.NO_BASIS, words="x", law="x", terms=TERMS, by=OFFICER, at=later(days=3)
    )
    call_backs.answer(call_back_id=pk, words="x", by=OFFICER, at=later(days=3))
    (line,) = figures.calls(REGION)
    assert (line.contacted.value, line.in_time.value, line.real_name.value) == (0.0, 0.0, 1.0)


def test_figures_take_two_statements(django_assert_num_queries: object) -> None:
    for n in range(6):
        called(f"case:{n}")
    with django_assert_num_queries(2):  # type: ignore[operator]
        figures.lines(REGION)
        figures.total_calls(figures.calls(REGION))
