"""The unit's workbook: what is taken, what comes back and why, what is refused whole."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from bancheng.lib import identifiers
from bancheng.lib.refusal import Refused
from bancheng.services.expiry import workbook
from bancheng.services.expiry.tests.books import PERSON, book, row

TODAY = date(2026, 11, 1)
ITEMS = {"食品经营许可证": "JY"}


def read(*rows: list[Any], **options: Any) -> list[workbook.Good | workbook.Bad]:
    sheet = opened(book(*rows, **options))
    reader = workbook.Reader(sheet.header, ITEMS, TODAY)
    return [reader.read(line, cells) for line, cells in sheet.rows()]


def reasons(**cells: Any) -> str:
    (bad,) = read(row(**cells))
    assert isinstance(bad, workbook.Bad)
    return "；".join(bad.reasons)


def test_a_lawful_row_is_taken_with_the_line_that_excel_shows() -> None:
    """F10.4"""
    (good,) = read(row())
    assert isinstance(good, workbook.Good)
    assert (good.line, good.item, good.number) == (3, "JY", "JY14110020000001")
    assert (good.identifier_kind, good.identifier, good.mobile) == ("citizen_id", PERSON, "13800000001")
    assert good.valid_to == date(2026, 11, 30)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-30",
        "2026/11/30",
        "2026.11.30",
        "2026年11月30日",
        "20261130",
        datetime(2026, 11, 30),  # noqa: DTZ001 -- as the reader gives it
        "２０２６－１１－３０",
    ],
)
def test_a_date_may_be_written_as_people_write_it(written: Any) -> None:
    (good,) = read(row(有效期至=written))
    assert isinstance(good, workbook.Good)
    assert good.valid_to == date(2026, 11, 30)


@pytest.mark.parametrize("written", ["长期", "", "永久"])
def test_a_licence_without_a_last_day_is_taken_as_endless(written: str) -> None:
    """B10.1"""
    (good,) = read(row(有效期至=written))
    assert isinstance(good, workbook.Good)
    assert good.valid_to is None


def test_the_29th_of_february_is_a_day_in_leap_years_only() -> None:
    """B10.6"""
    (good,) = read(row(有效期至="2028-02-29"))
    assert isinstance(good, workbook.Good)
    assert good.valid_to == date(2028, 2, 29)
    assert "2027.2.29”这一天不存在" in reasons(有效期至="2027.2.29")


def test_an_identifier_that_excel_has_rounded_is_sent_back() -> None:
    """B10.10: 4.11e17 has lost its last digits; nobody may guess them."""
    assert "请把该列设为文本" in reasons(证件号码=411002197805120774)
    assert "文本" in reasons(证件号码="4.11002E+17")


def test_a_plain_identity_number_outside_its_column_is_rejected() -> None:
    """B10.10"""
    assert "出现了身份证号" in reasons(备注=f"身份证{PERSON}")
    assert "出现了身份证号" in reasons(联系人=PERSON)
    header = (*workbook.COLUMNS, "法人证件")
    (bad,) = read([*row(), PERSON], header=header)
    assert isinstance(bad, workbook.Bad)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"证照名称": "采砂证"}, "不在本单位已公布的提醒事项目录中"),
        ({"证照编号": ""}, "证照编号未填写"),
        ({"证照编号": 14110020000001.0}, "证照编号被存成了数字"),
        ({"持证人": " "}, "持证人未填写"),
        ({"证件类型": "驾照"}, "不能识别"),
        ({"证件号码": PERSON[:-1] + ("0" if PERSON[-1] != "0" else "1")}, "证件号码"),
        ({"手机号": "1380000000"}, "手机号"),
        ({"发证日期": ""}, "发证日期未填写"),
        ({"发证日期": "2027-01-01"}, "发证日期晚于今天"),
        ({"有效期自": "2027-01-01"}, "有效期至早于"),
        ({"有效期至": 46000.0}, "不是日期"),
        ({"绿色通道": "肢体残疾"}, "请勿填写健康状况"),
    ],
)
def test_a_bad_row_comes_back_with_its_reason(cells: dict[str, Any], says: str) -> None:
    """B10.4 B10.9"""
    assert says in reasons(**cells)


def test_all_reasons_come_at_once() -> None:
    """B10.9"""
    assert len(reasons(证照编号="", 手机号="1", 有效期至="2026-02-30").split("；")) == 3


def test_a_missing_phone_does_not_stop_a_row() -> None:
    (good,) = read(row(手机号=""))
    assert isinstance(good, workbook.Good)
    assert good.mobile == ""


def test_a_unified_social_credit_code_is_checked_as_one() -> None:
    code = identifiers.make_uscc("411002", 12345)
    (good,) = read(row(证件类型="统一社会信用代码", 证件号码=code.lower()))
    assert isinstance(good, workbook.Good)
    assert (good.identifier_kind, good.identifier) == ("uscc", code)


def opened(data: bytes) -> workbook.Sheet:
    workbook.check_package(data)
    return workbook.open_sheet(data)


def refused(data: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        opened(data)
    assert "未导入任何数据" in caught.value.says
    assert "nothing was imported" in caught.value.en.lower()
    return caught.value


def test_what_is_no_workbook_is_refused() -> None:
    assert refused(b"%PDF-1.7 nothing").code == "not_a_workbook"
    assert refused(b"PK\x03\x04 broken").code == "not_a_workbook"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("word/document.xml", "<w/>")
    assert refused(out.getvalue()).code == "not_a_workbook"


def test_a_workbook_without_the_ledger_is_refused_naming_its_sheets() -> None:
    no = refused(book(["甲", "乙"], header=["姓名", "成绩"]))
    assert no.code == "no_ledger_sheet"
    assert "Sheet" in no.says


def test_missing_columns_are_named() -> None:
    no = refused(book(header=[name for name in workbook.COLUMNS if name not in ("手机号", "有效期至")]))
    assert no.code == "columns_missing"
    assert "手机号、有效期至" in no.says


def test_a_formula_is_refused_with_its_cell() -> None:
    no = refused(book(row(), row(有效期至="=TODAY()+30")))
    assert no.code == "formula"
    assert "J4" in no.says


def test_a_hundred_megabytes_are_refused_before_anything_is_opened() -> None:
    assert refused(b"PK" + bytes(100 * 2**20)).code == "file_too_large"


def test_a_zip_bomb_is_refused_by_what_really_comes_out_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_UNPACKED", 8 * 2**20)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", "<workbook/>")
        package.writestr("xl/worksheets/sheet1.xml", b"0" * (16 * 2**20))
    assert refused(out.getvalue()).code == "zip_bomb"


def test_columns_may_stand_in_any_order_and_under_a_title() -> None:
    header = list(reversed(workbook.COLUMNS))
    (good,) = read(list(reversed(row())), header=header, title=None)
    assert isinstance(good, workbook.Good)
    assert good.line == 2


@pytest.mark.parametrize("cell", ["XFD1048576", "A1048576", "CW2", "AAA3", "AA1048576", "1048576"])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_stray_cell_far_out_is_refused_before_memory_is_asked_for_it(cell: str, quote: str) -> None:
    stray = f"<row><c r={quote}{cell}{quote}><v>1</v></c></row></sheetData>"
    assert refused(with_sheet(lambda xml: xml.replace("</sheetData>", stray))).code == "cell_far_out"


def test_a_cell_within_the_bounds_is_no_stray() -> None:
    within = '<row><c r="CV200000"><v>1</v></c><c r="A99999"/><c\nr=\'AB3\'/></row></sheetData>'
    workbook.check_package(with_sheet(lambda xml: xml.replace("</sheetData>", within)))


def with_sheet(change: Callable[[str], str]) -> bytes:
    """Return a lawful ledger whose sheet was changed behind Excel's back."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book(row()))) as lawful, zipfile.ZipFile(out, "w") as changed:
        for name in lawful.namelist():
            data = lawful.read(name)
            changed.writestr(name, change(data.decode()) if name.startswith("xl/worksheets/") else data)
    return out.getvalue()


def test_a_ledger_without_a_row_says_so() -> None:
    assert refused(book()).code == "no_rows"
