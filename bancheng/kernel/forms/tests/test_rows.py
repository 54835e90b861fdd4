"""Lists of people or things: read from cells or lines, judged row by row, shown and typed again, kept as they are."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bancheng.kernel.forms import codec
from bancheng.kernel.forms.facts import Choice, Column, Element, Kind, Sensitivity
from bancheng.kernel.forms.rules import faults, kinds, rows
from bancheng.lib.identifiers import make_citizen_id

TODAY = date(2026, 3, 2)
NUMBER = make_citizen_id("411002", date(1980, 1, 1), 1)
CAPACITY = Column(
    "capacity", "身份", "Capacity", Kind.CHOICE,
    choices=(Choice("shareholder", "股东", "Shareholder"), Choice("director", "董事", "Director")),
)  # fmt: skip
PEOPLE = Element(
    "people", "名单", "People", Kind.ROWS, "登记条例 第八条", "market", Sensitivity.SENSITIVE, most=3,
    columns=(CAPACITY, Column("name", "姓名", "Name", Kind.NAME), Column("id", "号码", "Number", Kind.CITIZEN_ID, optional=True)),
)  # fmt: skip
GOOD = ["shareholder", "李四", NUMBER]


def read(*typed: str) -> object:
    return kinds.read_value(PEOPLE, typed, today=TODAY)


def no(*typed: str) -> str:
    with pytest.raises(kinds.Unfit) as unfit:
        read(*typed)
    assert unfit.value.says.en
    return unfit.value.says.zh


def test_cells_of_a_page_and_lines_of_a_program_are_the_same_rows() -> None:
    """R14.10: one after another as a page posts them, blank rows left out; or a line each, the capacity in words."""
    cells = read(*GOOD, "", " ", "", "董事", "John A Smith", "")
    assert [row.get("name") for row in rows.of(cells)] == ["李四", "John A Smith"]  # type: ignore[arg-type]  # a list
    assert read(f"股东 李四 {NUMBER}\n\n董事，王五 ,{NUMBER}") == read(*GOOD, "董事", "王五", NUMBER)
    assert read(f"股东 李四 {NUMBER}", f"董事 王五 {NUMBER}") == read(*GOOD, "董事", "王五", NUMBER)
    assert read("", "", "") is None
    assert read() is None


def test_what_is_wrong_is_told_by_row_and_field_and_repeats_no_number() -> None:
    wrong = NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")
    assert no(*GOOD, "director", "王五", wrong).startswith("第2行，")
    assert wrong not in no(*GOOD, "director", "王五", wrong)
    assert no("shareholder", "", NUMBER) == "第1行，请填写“姓名”。"
    assert "从所列各项中选择" in no("监事", "李四", NUMBER)
    assert "依次写明身份、姓名、号码" in no("股东 李四")
    assert "0到3行，现在有4行" in no(*GOOD * 4)


def test_a_list_is_shown_by_row_masked_and_typed_again_as_it_was() -> None:
    value = read(*GOOD, "director", "王五", "")
    assert kinds.said(PEOPLE, value).zh == f"股东 李四 {NUMBER}；董事 王五"  # type: ignore[arg-type]  # a value
    masked = kinds.said(PEOPLE, value, masked=True).zh  # type: ignore[arg-type]  # a value
    assert NUMBER not in masked
    assert "股东" in masked
    assert kinds.as_typed(PEOPLE, value) == (*GOOD, "director", "王五", "")  # type: ignore[arg-type]  # a value
    assert kinds.unfit(PEOPLE, value, today=TODAY) is None  # type: ignore[arg-type]  # a value
    assert codec.value_from_json(codec.value_as_json(value)) == value  # type: ignore[arg-type]  # a value


@pytest.mark.parametrize(
    "value",
    [
        "股东 李四",
        ("x",),
        ("[]",),
        ("{}",),
        (),
        ('{"capacity": "king", "name": "李四"}',),
        ('{"capacity": "director", "name": "李四", "more": 1}',),
        ('{"capacity": "director", "name": 7}',),
    ],
)
def test_a_value_from_elsewhere_that_is_no_list_of_its_rows_is_told(value: object) -> None:
    assert kinds.unfit(PEOPLE, value, today=TODAY)  # type: ignore[arg-type]  # what is not right


def test_lines_of_a_draft_of_before_are_shown_as_rows_and_saved_once() -> None:
    """What was typed in one box is not lost: the page reads it as rows, and says why it has to be saved."""
    before = f"股东 李四 {NUMBER}"
    says = kinds.unfit(PEOPLE, before, today=TODAY)
    assert says
    assert "保存一次" in says.zh
    assert kinds.read_value(PEOPLE, kinds.as_typed(PEOPLE, before), today=TODAY) == read(*GOOD)


def test_an_element_with_rows_comes_back_from_its_table() -> None:
    assert codec.element_from_json(codec.element_as_json(PEOPLE)) == PEOPLE


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ((), "要写明每行的字段"),
        ((Column("x", "甲", "A", Kind.ROWS),), "不能放进列表"),
        ((Column("x", "甲", "A", Kind.TEXT), Column("x", "乙", "B", Kind.TEXT)), "有误或重复"),
        ((Column("x", "甲", "", Kind.TEXT),), "要有中英文两种名称"),
        ((Column("x", "甲", "A", Kind.CHOICE),), "选择题要有选项"),
    ],
)
def test_a_list_that_cannot_be_filled_in_is_refused(columns: tuple[Column, ...], says: str) -> None:
    element = Element("people", "名单", "People", Kind.ROWS, "法", "market", columns=columns)
    assert any(says in fault.says.zh for fault in faults.of_element(element))
    plain = Element("people", "名单", "People", Kind.TEXT, "法", "market", columns=(CAPACITY,))
    assert any("列表要写明" in fault.says.zh for fault in faults.of_element(plain))


@given(some.lists(some.text(max_size=12), max_size=14))
def test_whatever_is_typed_is_read_or_told(typed: list[str]) -> None:
    try:
        value = kinds.read_value(PEOPLE, typed, today=TODAY)
    except kinds.Unfit:
        return
    assert value is None or kinds.unfit(PEOPLE, value, today=TODAY) is None
