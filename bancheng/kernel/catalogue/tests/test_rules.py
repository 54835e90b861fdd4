"""A guide is closed and complete; a door says when it is open."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from bancheng.kernel.catalogue import facts, rules, testing
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.text import Text

SHANGHAI = ZoneInfo("Asia/Shanghai")


def material(name: str, name_en: str = "Paper") -> facts.Material:
    return facts.Material(name, name_en, main=True, source=facts.Source.OWN)


def test_a_complete_guide_has_no_fault() -> None:
    """R-OT-3"""
    assert rules.faults(testing.guide()) == []


@pytest.mark.parametrize(
    "words",
    [
        "其他材料",
        "法律法规规定的其它条件",
        "有关证明",
        "身份证等材料",
        "合同等文件",
        "相关材料",
        "所需的资料",
        "Other documents",
        "ID card etc.",
    ],
)
def test_a_catch_all_is_refused_in_materials_and_in_conditions(words: str) -> None:
    """R-OT-3"""
    guide = testing.guide()
    in_materials = rules.faults(replace(guide, materials=(material(words),)))
    in_conditions = rules.faults(replace(guide, conditions=(Text(words, words),)))
    assert [fault.field for fault in in_materials] == ["materials"]
    assert {fault.field for fault in in_conditions} == {"conditions"}
    assert words in in_materials[0].says.zh


@pytest.mark.parametrize(
    "words", ["与关联企业的合同", "食品等级证书", "营业执照", "Mother's ID card", "Etching licence"]
)
def test_words_that_only_look_like_a_catch_all_pass(words: str) -> None:
    """R-OT-3"""
    assert rules.catch_all(words) == ""


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"statutory": None}, "statutory"),
        ({"promised": None}, "promised"),
        ({"fee_fen": None}, "fee"),
        ({"fee_fen": 100}, "fee"),
        ({"phone": ""}, "phone"),
        ({"basis": ()}, "basis"),
        ({"materials": ()}, "materials"),
        ({"conditions": ()}, "conditions"),
        ({"channels": ()}, "outlets"),
        ({"promised": clocks.Length(21, clocks.Unit.WD)}, "promised"),
        ({"channels": (facts.Channel(facts.ChannelKind.ONLINE, "网", "Net", "javascript:alert(1)"),)}, "channels"),
    ],
)
def test_what_a_guide_must_say_is_missed_when_it_is_not_there(change: dict[str, object], field: str) -> None:
    """R-OT-3 B4.7 B4.10 R-CLK-8"""
    assert [fault.field for fault in rules.faults(replace(testing.guide(), **change))] == [field]


def test_all_faults_of_a_guide_are_told_at_once() -> None:
    """R-OT-1 R-OT-3"""
    guide = replace(testing.guide(), phone="", fee_fen=None, materials=(material("其他材料"),))
    assert {fault.field for fault in rules.faults(guide)} == {"phone", "fee", "materials"}


def working(day: date) -> bool:
    return day != date(2026, 10, 1) and (day.weekday() < 5 or day == date(2026, 10, 10))


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-9-30 8:59", False),
        ("2026-9-30 9:0", True),
        ("2026-9-30 12:0", False),
        ("2026-9-30 13:0", True),
        ("2026-10-1 10:0", False),
        ("2026-10-10 16:0", True),
        ("2026-10-3 10:0", True),
    ],
)
def test_a_door_keeps_the_calendar_not_the_week(at: str, is_open: bool) -> None:
    """R4.6"""
    read = rules.hours("工作日 09:00-12:00 13:00-17:00；周六 09:30-11:00")
    moment = datetime.strptime(at, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)
    assert read.open_at(moment, is_working=working) is is_open


def test_a_closed_door_says_when_it_opens_next() -> None:
    """R4.6 B4.8"""
    read = rules.hours("工作日 09:00-17:00")
    opens = read.next_open(datetime(2026, 9, 30, 18, 0, tzinfo=SHANGHAI), is_working=working)
    assert opens == datetime(2026, 10, 2, 9, 0, tzinfo=SHANGHAI)


def test_hours_are_said_in_both_languages() -> None:
    read = rules.hours("工作日 09:00-12:00 13:00-17:00;周六 09:00-12:00")
    assert read.text.zh == "工作日09:00—12:00、13:00—17:00；周六09:00—12:00"
    assert read.text.en == "Working days 09:00–12:00, 13:00–17:00; Saturday 09:00–12:00"


@pytest.mark.parametrize(
    "written", ["", "工作日", "周八 09:00-12:00", "工作日 12:00-09:00", "工作日 9:00-12:00", "每天 09:00"]
)
def test_hours_that_cannot_be_read_are_refused(written: str) -> None:
    with pytest.raises(rules.BadHours):
        rules.hours(written)


TERMS = facts.GapTerms(facts.GapGround.LISTED, waits=True, days=20)


def may_follow(**over: object) -> facts.Material:
    """Return a secondary paper that may follow, unless told otherwise."""
    paper = facts.Material("租赁合同", "Lease", main=False, source=facts.Source.GAP, gap=TERMS)
    return replace(paper, **over)  # type: ignore[arg-type]  # fields of a paper


@pytest.mark.parametrize(
    ("over", "concerns", "says"),
    [
        ({}, (), ""),
        ({"gap": None}, (), "须写明gap"),
        ({"source": facts.Source.OWN}, (), "须写明gap"),
        ({"main": True}, (), "是主要材料"),
        ({"gap": replace(TERMS, days=0)}, (), "至少一个工作日"),
        ({}, (facts.Concern.FINANCE,), ""),
        ({}, (facts.Concern.ENVIRONMENT,), "不能容缺"),
        ({}, (facts.Concern.PUBLIC_SECURITY,), "不能容缺"),
        ({}, (facts.Concern.LIFE_HEALTH,), "不能容缺"),
        ({"gap": replace(TERMS, law="某规则 第三条")}, (facts.Concern.LIFE_HEALTH,), ""),
    ],
)
def test_what_may_follow_is_secondary_on_public_terms_and_never_where_safety_is_at_stake(
    over: dict[str, object], concerns: tuple[facts.Concern, ...], says: str
) -> None:
    """R-RQ-1 R-RQ-2 R-RQ-6: at load; the matter's own rule, named, may say otherwise."""
    found = rules.faults(replace(testing.guide(), materials=(may_follow(**over),), concerns=concerns))
    assert [says in fault.says.zh for fault in found] == ([True] if says else [])
