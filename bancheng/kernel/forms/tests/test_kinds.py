"""One value: what was typed is understood, judged, shown, and typed again as the same."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bancheng.kernel.forms.facts import Kind, Sensitivity
from bancheng.kernel.forms.rules import kinds
from bancheng.kernel.forms.testing import element
from bancheng.lib import identifiers

TODAY = date(2026, 3, 2)
CITIZEN = identifiers.make_citizen_id("411002", date(1980, 1, 1), 7)
USCC = identifiers.make_uscc("411002", 7)


def read(kind, *typed, **over):
    return kinds.read_value(element("x", kind, **over), typed, today=TODAY)


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        (Kind.TEXT, "  许昌  老 面馆 ", "许昌 老 面馆"),
        (Kind.TEXT, "３号楼Ａ座（东）", "3号楼A座（东）"),
        (Kind.TEXT, "   ", None),
        (Kind.LONG_TEXT, " 一 \r\n\r\n二\u3000", "一\n\n二"),
        (Kind.WHOLE, "１２０ 座", 120),
        (Kind.WHOLE, "1,200", 1200),
        (Kind.WHOLE, "12.0", 12),
        (Kind.AREA, "128.5㎡", 12850),
        (Kind.AREA, "128.50 平方米", 12850),
        (Kind.AREA, "0.01", 1),
        (Kind.MONEY, "1.5万元", 1_500_000),
        (Kind.MONEY, "¥12.50", 1250),
        (Kind.MONEY, "1,234 元", 123_400),
        (Kind.MONEY, "0.00000001亿元", 100),
        (Kind.DATE, "2026年3月9日", date(2026, 3, 9)),
        (Kind.DATE, "2026/3/9", date(2026, 3, 9)),
        (Kind.DATE, "２０２６－０３－０９", date(2026, 3, 9)),
        (Kind.DATE, "20260309", date(2026, 3, 9)),
        (Kind.YES_NO, "是", True),
        (Kind.YES_NO, "no", False),
        (Kind.CHOICE, "b", "b"),
        (Kind.CHOICE, "选项b", "b"),
        (Kind.CITIZEN_ID, f" {CITIZEN[:6]} {CITIZEN[6:]} ", CITIZEN),
        (Kind.USCC, USCC.lower(), USCC),
        (Kind.MOBILE, "+86 138 1234 5678", "13812345678"),
        (Kind.PHONE, "（0374）2960000", "0374-2960000"),
        (Kind.PHONE, "13812345678", "13812345678"),
        (Kind.NAME, "阿卜杜拉·买买提", "阿卜杜拉·买买提"),
        (Kind.EMAIL, "a.b@xuchang.example", "a.b@xuchang.example"),
    ],
)  # fmt: skip
def test_what_people_type_is_understood(kind, typed, value):
    assert read(kind, typed) == value


def test_several_choices_come_in_any_order_and_shape_and_leave_in_the_order_of_the_list():
    assert read(Kind.MANY, "c", "", "a") == ("a", "c")
    assert read(Kind.MANY, "选项c、a") == ("a", "c")
    assert read(Kind.MANY, "") is None


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (Kind.TEXT, "字" * 201),
        (Kind.TEXT, "a\0b"),
        (Kind.TEXT, "a\x1bb"),
        (Kind.WHOLE, "12.5"),
        (Kind.WHOLE, "-1"),
        (Kind.WHOLE, "一百"),
        (Kind.WHOLE, "9" * 40),
        (Kind.AREA, "1.234"),
        (Kind.MONEY, "0.001"),
        (Kind.DATE, "2026-02-30"),
        (Kind.DATE, "明天"),
        (Kind.YES_NO, "也许"),
        (Kind.CHOICE, "d"),
        (Kind.MANY, "a、d"),
        (Kind.CITIZEN_ID, CITIZEN[:-1] + ("0" if CITIZEN[-1] != "0" else "1")),
        (Kind.USCC, "91410000"),
        (Kind.MOBILE, "12345"),
        (Kind.PHONE, "8123456"),
        (Kind.NAME, "123"),
        (Kind.EMAIL, "a@b"),
    ],
)
def test_what_cannot_be_understood_is_told_in_both_languages_and_never_repeated(kind, typed):
    with pytest.raises(kinds.Unfit) as no:
        read(kind, typed)
    for sentence in (no.value.says.zh, no.value.says.en):
        assert sentence
        assert len(typed) < 4 or typed not in sentence


def test_bounds_are_told_in_the_unit_people_type():
    with pytest.raises(kinds.Unfit) as no:
        read(Kind.AREA, "4", least=500, most=1_000_000)
    assert no.value.says.zh == "“数据项x”不能小于5平方米。"
    with pytest.raises(kinds.Unfit) as no:
        read(Kind.MONEY, "2万", most=1_000_000)
    assert no.value.says.en == "Datum x cannot be more than 10,000 yuan."


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.WHOLE, "12"),
        (Kind.WHOLE, True),
        (Kind.YES_NO, 1),
        (Kind.DATE, "2026-03-09"),
        (Kind.MANY, ("d",)),
        (Kind.MANY, "a"),
        (Kind.CHOICE, "d"),
        (Kind.CITIZEN_ID, "1"),
        (Kind.TEXT, " a"),
        (Kind.MOBILE, "+8613812345678"),
        (Kind.AREA, -1),
    ],
)
def test_a_value_from_elsewhere_is_judged_as_strictly(kind, value):
    assert kinds.unfit(element("x", kind), value, today=TODAY) is not None


VALUES = {
    Kind.TEXT: st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20),
    Kind.WHOLE: st.integers(0, 10**9),
    Kind.AREA: st.integers(0, 10**9),
    Kind.MONEY: st.integers(0, 10**12),
    Kind.DATE: st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    Kind.YES_NO: st.booleans(),
    Kind.CHOICE: st.sampled_from("abc"),
    Kind.MANY: st.lists(st.sampled_from("abc"), unique=True, min_size=1).map(lambda codes: tuple(sorted(codes))),
}


@given(st.sampled_from(sorted(VALUES)).flatmap(lambda kind: st.tuples(st.just(kind), VALUES[kind])))
def test_what_a_control_shows_reads_back_as_the_same_value(pair):
    kind, value = pair
    asked = element("x", kind)
    typed = kinds.as_typed(asked, value)
    assert kinds.read_value(asked, typed, today=TODAY) == value or kinds.TIDY.keys() & set(map(ord, "".join(typed)))
    assert kinds.said(asked, value).zh


@given(st.sampled_from(list(Kind)), st.lists(st.text(), max_size=3))
def test_whatever_is_typed_is_read_or_told(kind, typed):
    asked = element("x", kind)
    try:
        value = kinds.read_value(asked, typed, today=TODAY)
    except kinds.Unfit:
        return
    assert kinds.unfit(asked, value, today=TODAY) is None


@pytest.mark.parametrize(
    ("kind", "value", "zh", "en"),
    [
        (Kind.AREA, 12850, "128.5平方米", "128.5 m²"),
        (Kind.MONEY, 1_234_560, "12,345.6元", "12,345.6 yuan"),
        (Kind.YES_NO, False, "否", "No"),
        (Kind.MANY, ("a", "c"), "选项a、选项c", "Choice a, Choice c"),
        (Kind.DATE, date(2026, 3, 9), "2026-03-09", "2026-03-09"),
        (Kind.TEXT, None, "", ""),
    ],
)
def test_a_value_is_shown_as_people_read_it(kind, value, zh, en):
    shown = kinds.said(element("x", kind), value)
    assert (shown.zh, shown.en) == (zh, en)


def test_what_is_personal_is_masked_and_what_is_open_is_not():
    personal = element("x", Kind.CITIZEN_ID, sensitivity=Sensitivity.PERSONAL)
    assert kinds.said(personal, CITIZEN, masked=True).zh == f"{CITIZEN[:4]}**********{CITIZEN[-4:]}"
    street = element("x", Kind.ADDRESS, sensitivity=Sensitivity.PERSONAL)
    assert kinds.said(street, "魏都区一号路2号", masked=True).zh == "魏都区*****"
    assert kinds.said(element("x", Kind.USCC), USCC, masked=True).zh == USCC
