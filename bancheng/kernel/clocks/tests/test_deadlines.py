"""The law, line by line: every example of the tables, and the sentences that go with them."""

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from bancheng.kernel.clocks import shipped
from bancheng.kernel.clocks.rules.deadline import CHINA, Deadline, Extension, Pause, before, due
from bancheng.kernel.clocks.rules.decision import decide, reconsider
from bancheng.kernel.clocks.rules.explain import CAUSES
from bancheng.kernel.clocks.rules.law import Length, Unit, unit_of
from bancheng.kernel.clocks.testing import calendar_of
from bancheng.lib.dated import NotInForce
from bancheng.lib.refusal import Refused

HERE = Path(__file__).parent
CALENDAR = shipped.calendar()


def cases(name: str) -> list[Any]:
    table = tomllib.loads((HERE / name).read_text(encoding="utf-8"))["case"]
    return [pytest.param(case, id=case.get("says") or f"{name} {n}") for n, case in enumerate(table)]


def worked(case: dict[str, Any]) -> Deadline:
    unit = Unit(case["unit"])
    length = Length(case["n"], unit)
    if "event_on" in case:
        return before(event_on=case["event_on"], length=length, calendar=CALENDAR, law=case.get("law", ""))
    extension = case.get("extension")
    return due(
        started_on=case["started_on"],
        length=length,
        calendar=CALENDAR,
        pauses=[
            Pause(
                row["first"],
                row.get("last"),
                row["cause"],
                row.get("basis", "行政许可法 第四十五条"),
                row.get("served_on"),
                row.get("planned_last"),
            )
            for row in case.get("pauses", [])
        ],
        extension=extension
        and Extension(
            Length(extension["n"], unit),
            extension["decided_on"],
            extension["by"],
            extension["reason"],
            extension.get("served_on"),
        ),
        law=case.get("law", ""),
    )


@pytest.mark.parametrize("case", cases("deadlines.toml"))
def test_worked_example(case: dict[str, Any]) -> None:
    """R-CLK-1 R-CLK-2 R-CLK-4 R-CLK-5: the examples of the clock rules give the dates that stand beside them."""
    deadline = worked(case)
    assert deadline.on == case["expect"]
    assert not deadline.provisional


@pytest.mark.parametrize("case", cases("windows.toml"))
def test_worked_window(case: dict[str, Any]) -> None:
    """R-CLK-2: counted back from an event, and never rolled over."""
    assert worked(case).on == case["expect"]


@pytest.mark.parametrize("case", cases("sentences.toml"))
def test_a_deadline_explains_itself_in_one_sentence(case: dict[str, Any]) -> None:
    """R-CLK-9: rule, article, calendar, pauses counted and ignored, roll-over, provisional — word for word."""
    explained = worked(case).explain
    assert explained.zh == case["zh"]
    assert explained.en == case["en"]


def test_hours_begin_after_the_hour_of_the_start_and_do_not_roll_over() -> None:
    """R-CLK-1 R-CLK-2: 48 hours from Friday 10:20 end on Sunday at 11:00."""
    started_at = datetime(2026, 3, 6, 10, 20, tzinfo=CHINA)
    deadline = due(
        started_on=started_at, length=Length(48, Unit.HOUR), calendar=CALENDAR, law="民事诉讼法 第一百零三条"
    )
    assert deadline.at == datetime(2026, 3, 8, 11, tzinfo=CHINA)
    assert deadline.on == date(2026, 3, 8)
    assert deadline.explain.zh == (
        "依据《民事诉讼法》第一百零三条，期限48小时，自2026年3月6日10:20起算（开始的小时不计），至2026年3月8日11:00届满。"
    )


def test_hours_need_an_instant_to_start_from() -> None:
    with pytest.raises(ValueError, match="instant"):
        due(started_on=date(2026, 3, 6), length=Length(48, Unit.HOUR), calendar=CALENDAR)


def test_a_period_that_says_so_does_not_roll_over() -> None:
    """R-CLK-2: a freeze of deposits ends on its day, rest day or not."""
    given = shipped.rule("C-39.deposit")
    frozen = due(started_on=date(2025, 10, 3), length=given.length, calendar=CALENDAR, rolls=given.rolls)
    assert frozen.on == date(2026, 10, 3)
    assert not frozen.provisional


def test_a_paper_posted_before_the_end_is_in_time() -> None:
    """R-CLK-2: posted in time counts, whenever it arrives."""
    deadline = due(started_on=date(2026, 3, 2), length=Length(15, Unit.ND), calendar=CALENDAR)
    assert deadline.on == date(2026, 3, 17)
    assert deadline.met(received_on=date(2026, 3, 20), posted_on=date(2026, 3, 17))
    assert not deadline.met(received_on=date(2026, 3, 20), posted_on=date(2026, 3, 18))
    assert not deadline.met(received_on=date(2026, 3, 18))


@pytest.mark.parametrize(
    ("statute", "days", "unit"),
    [
        ("行政许可法", 45, Unit.WD),
        ("行政复议法", 3, Unit.WD),
        ("行政复议法", 10, Unit.WD),
        ("行政复议法", 15, Unit.ND),
        ("行政复议法", 60, Unit.ND),
        ("行政处罚法", 7, Unit.WD),
        ("行政处罚法", 10, Unit.ND),
        ("民事诉讼法", 5, Unit.ND),
    ],
)
def test_the_unit_belongs_to_the_statute(statute: str, days: int, unit: Unit) -> None:
    """R-CLK-3: 许可法 all working days; 复议法 3, 5, 7, 10; 处罚法 2, 3, 5, 7; civil procedure none."""
    assert unit_of(statute, days, on=date(2026, 1, 1), units=shipped.units()) is unit


def test_before_its_2023_revision_three_days_of_the_reconsideration_law_were_natural_days() -> None:
    """R-CLK-3: the row in force on the day of the start applies."""
    assert unit_of("行政复议法", 3, on=date(2023, 12, 31), units=shipped.units()) is Unit.ND


def test_every_row_of_the_clock_table_counts_as_its_statute_does() -> None:
    """R-CLK-3: getting this wrong would make every test green and every deadline wrong."""
    known = [rule for rule in shipped.rules().values() if rule.law.split(" ")[0] in shipped.units()]
    assert len(known) > 40
    for rule in known:
        if rule.length.n == 0 or rule.length.unit in (Unit.MONTH, Unit.HOUR) or rule.id == "C-05.apply":
            continue  # on the spot, months and hours; and the applicant's thirty days, see the table
        statute = rule.law.split(" ")[0]
        assert unit_of(statute, rule.length.n, on=date(2026, 1, 1), units=shipped.units()) is rule.length.unit, rule.id


def test_publicity_pauses_no_licence() -> None:
    """R-CLK-4: 公示 is not on the closed list of 行政许可法 第四十五条."""
    pause = Pause(date(2026, 3, 9), date(2026, 3, 13), "publicity", "无", date(2026, 3, 9))
    with pytest.raises(Refused) as refused:
        decide(
            rule=shipped.rule("C-02.decide"),
            started_on=date(2026, 3, 2),
            calendar=CALENDAR,
            pauses=[pause],
            causes=CAUSES,
        )
    assert refused.value.code == "pause_not_allowed"
    assert "听证、招标、拍卖、检验、检测、检疫、鉴定、专家评审" in refused.value.says


def test_a_rule_without_a_list_is_paused_by_nothing() -> None:
    """R-CLK-4: the penalty decision knows no pause."""
    pause = Pause(date(2026, 3, 9), date(2026, 3, 13), "hearing", "无", date(2026, 3, 9))
    with pytest.raises(Refused, match="法律没有规定可以暂停的情形"):
        decide(rule=shipped.rule("C-80"), started_on=date(2026, 3, 2), calendar=CALENDAR, pauses=[pause], causes=CAUSES)


def test_supplementing_papers_pauses_a_procurement_complaint_and_no_licence() -> None:
    """R-CLK-4: 政府采购法实施条例 第五十八条 against 行政许可法 第四十五条."""
    assert "supplement" in shipped.rule("C-59").causes
    assert "supplement" not in shipped.rule("C-02.decide").causes


def extension(n: int, decided_on: date, served_on: date | None = date(2026, 3, 30), reason: str = "复杂") -> Extension:
    return Extension(Length(n, Unit.WD), decided_on, "局长", reason, served_on)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (extension(11, date(2026, 3, 30)), "extension_too_long"),
        (extension(10, date(2026, 3, 31)), "extension_too_late"),
        (extension(10, date(2026, 3, 30), reason=" "), "extension_unfounded"),
        (Extension(Length(10, Unit.ND), date(2026, 3, 30), "局长", "复杂", None), "extension_not_allowed"),
    ],
)
def test_an_extension_that_the_law_does_not_give_is_refused(given: Extension, code: str) -> None:
    """R-CLK-6: at most the statutory amount, before the end, by a named approver with reasons."""
    with pytest.raises(Refused) as refused:
        decide(
            rule=shipped.rule("C-02.decide"),
            started_on=date(2026, 3, 2),
            calendar=CALENDAR,
            extension=given,
            causes=CAUSES,
        )
    assert refused.value.code == code


def test_an_extension_on_the_last_day_counts_once_its_reasons_are_served() -> None:
    """R-CLK-6: decided on 30 March, the last day; unserved it changes nothing."""
    rule = shipped.rule("C-02.decide")
    start = date(2026, 3, 2)
    served = decide(
        rule=rule, started_on=start, calendar=CALENDAR, extension=extension(10, date(2026, 3, 30)), causes=CAUSES
    )
    unserved = decide(
        rule=rule, started_on=start, calendar=CALENDAR, extension=extension(10, date(2026, 3, 30), None), causes=CAUSES
    )
    assert served.statutory.on == date(2026, 4, 14)
    assert unserved.statutory.on == date(2026, 3, 30)
    assert "延长10个工作日的决定未送达，不予计入" in unserved.statutory.explain.zh


def test_law_and_promise_pause_together_and_are_late_apart() -> None:
    """R-CLK-8: a week of expert review moves both; 7 April is late for the promise only."""
    pause = Pause(date(2026, 3, 4), date(2026, 3, 10), "expert_review", "第四十五条", date(2026, 3, 4))
    both = decide(
        rule=shipped.rule("C-02.decide"),
        started_on=date(2026, 3, 2),
        calendar=CALENDAR,
        pauses=[pause],
        promised=Length(5, Unit.WD),
        causes=CAUSES,
    )
    assert both.promised is not None
    assert (both.statutory.on, both.promised.on) == (date(2026, 4, 7), date(2026, 3, 16))
    assert both.late(date(2026, 3, 16)) == (0, 0)
    assert both.late(date(2026, 4, 7)) == (0, 22)
    assert both.late(date(2026, 4, 8)) == (1, 23)


@pytest.mark.parametrize("promised", [Length(21, Unit.WD), Length(29, Unit.ND)])
def test_a_promise_longer_than_the_law_is_refused(promised: Length) -> None:
    """R-CLK-8: also when it counts in another unit."""
    with pytest.raises(Refused) as refused:
        decide(
            rule=shipped.rule("C-02.decide"),
            started_on=date(2026, 3, 2),
            calendar=CALENDAR,
            promised=promised,
            causes=CAUSES,
        )
    assert refused.value.code == "promise_too_long"


def test_a_date_beyond_the_last_loaded_year_is_provisional() -> None:
    """R-CLK-9: also a day of natural days whose end only might be a rest day."""
    assert CALENDAR.known_until == date(2026, 12, 31)
    assert due(started_on=date(2026, 12, 30), length=Length(2, Unit.WD), calendar=CALENDAR).provisional
    assert due(started_on=date(2026, 12, 20), length=Length(30, Unit.ND), calendar=CALENDAR).provisional
    assert not due(started_on=date(2026, 12, 30), length=Length(1, Unit.WD), calendar=CALENDAR).provisional


def test_recomputing_may_lengthen_and_never_shorten_a_notified_date() -> None:
    """R-CLK-9: a rest day more lengthens; a make-up day more would shorten, and does not once it was notified."""
    long = calendar_of(rest=[date(2027, 1, 4)], work=[date(2027, 1, 9)], years=(2026, 2027))
    short = calendar_of(work=[date(2027, 1, 9)], years=(2026, 2027))
    given = {"started_on": date(2026, 12, 31), "length": Length(10, Unit.WD)}
    old = due(calendar=CALENDAR, **given)
    shorter = due(calendar=short, **given)
    assert shorter.on < old.on
    assert reconsider(old=old, new=shorter, notified=False).on == shorter.on
    kept = reconsider(old=old, new=shorter, notified=True)
    assert (kept.on, kept.provisional) == (old.on, False)
    assert "重新计算得2027年1月13日（周三），早于已告知的日期，仍以已告知的日期为准" in kept.explain.zh
    later = due(calendar=long, started_on=date(2026, 12, 31), length=Length(2, Unit.WD))
    first = due(calendar=CALENDAR, started_on=date(2026, 12, 31), length=Length(2, Unit.WD))
    assert reconsider(old=first, new=later, notified=True).on == later.on > first.on


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(Refused, match="结束日"):
        Pause(date(2026, 3, 9), date(2026, 3, 8), "testing", "x", None)


def test_silence_has_an_effect_in_six_places() -> None:
    """R-CLK-7: each with its article, and each on a clock that is in the table."""
    effects = shipped.effects()
    assert len(effects) == 6
    for effect in effects.values():
        assert effect.law.endswith("条")
        for code in effect.rules:
            assert shipped.effect_of(code) is effect
            assert code in shipped.rules()


def test_a_rule_applies_from_the_day_its_law_came_into_force() -> None:
    """R-CLK-3: the ten working days for supplementing came with the 2023 revision of 行政复议法."""
    assert shipped.rule("C-22.supply", on=date(2024, 1, 1)).length == Length(10, Unit.WD)
    with pytest.raises(NotInForce):
        shipped.rule("C-22.supply", on=date(2023, 12, 31))
