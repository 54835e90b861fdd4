"""What is told of a workbook while its sender is still there: the same no as the reader's, and never one too many."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook

from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused
from bancheng.services.expiry import operations, peek, workbook
from bancheng.services.expiry.models import Batch
from bancheng.services.expiry.tests.books import book, row
from bancheng.services.expiry.tests.conftest import AT, UNIT

SCORES = book(["甲", "乙"], header=["姓名", "成绩"])
SHORT = book(header=[name for name in workbook.COLUMNS if name not in ("手机号", "有效期至")])


def sheets(*made: list[list[object]], write_only: bool = False) -> bytes:
    """Return a workbook of several sheets."""
    whole = Workbook(write_only=write_only)
    for number, rows in enumerate(made):
        sheet = whole.create_sheet(f"表{number}", number)
        for cells in rows:
            sheet.append(cells)
    out = io.BytesIO()
    whole.save(out)
    whole.close()
    return out.getvalue()


HEADER: list[object] = list(workbook.COLUMNS)


def changed(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, change(before.read(name)) if name == part else before.read(name))
    return out.getvalue()


def shared(data: bytes) -> bytes:
    """Return the workbook with its words in the shared table, as Excel keeps them."""
    words: list[bytes] = []

    def move(found: re.Match[bytes]) -> bytes:
        words.append(b"<si><r>" + found[1] + b"</r></si>" if len(words) % 2 else b"<si>" + found[1] + b"</si>")
        return b't="s"><v>%d</v></c>' % (len(words) - 1)

    inline = re.compile(rb't="inlineStr"><is>(<t[^>]*>[^<]*</t>)</is></c>')
    data = changed(data, "xl/worksheets/sheet1.xml", lambda xml: inline.sub(move, xml))
    table = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%b</sst>' % b"".join(words)
    assert words
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as package:
        package.writestr("xl/sharedStrings.xml", table)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        book(row()),
        book(row(), title=None),
        sheets([["说明"]], [["台账"], HEADER, row()]),
        sheets([HEADER, row()], write_only=True),
        sheets([[], [], ["标题"], *[[]] * 8, HEADER, row()]),  # the tenth row from the first that holds something
        sheets([[], [f" {name} *" for name in HEADER], row()]),
        shared(book(row())),
    ],
)
def test_what_the_reader_takes_is_not_refused_before_it(data: bytes) -> None:
    assert workbook.open_sheet(data).total
    peek.check_heads(data)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (SCORES, "no_ledger_sheet"),
        (SHORT, "columns_missing"),
        (shared(SCORES), "no_ledger_sheet"),
        (shared(SHORT), "columns_missing"),
        (sheets([["说明"]], [["姓名"]]), "no_ledger_sheet"),
        (sheets([["证照名称", "证照编号"], ["甲", "1"]], write_only=True), "columns_missing"),
        (sheets([["标题"], *[[]] * 9, HEADER, row()]), "no_ledger_sheet"),  # one row too far down
    ],
)
def test_the_reader_s_own_no_is_given_at_once(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as later:
        workbook.open_sheet(data)
    with pytest.raises(Refused) as now:
        peek.check_heads(data)
    assert (now.value.code, now.value.says, now.value.en) == (code, later.value.says, later.value.en)


PADDING = b"<!--" + b"x" * (2 * peek.HEAD) + b"-->"


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"<sheetData>", PADDING + b"<sheetData>")),
        ("xl/worksheets/sheet1.xml", lambda xml: b"<!DOCTYPE x>" + xml),
        ("xl/worksheets/sheet1.xml", lambda xml: b"<worksheet><sheetData><row>"),
        ("xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"<v>0</v>", b"<v>99</v>")),
        ("xl/_rels/workbook.xml.rels", lambda xml: xml.replace(b"worksheets/", b"chartsheets/")),
        ("xl/_rels/workbook.xml.rels", lambda xml: xml.replace(b"Relationship ", b"Other ")),
        ("xl/workbook.xml", lambda xml: xml.replace(b"<sheet ", b"<other ")),
        ("xl/sharedStrings.xml", lambda xml: b""),
    ],
)
def test_what_cannot_be_told_cheaply_is_left_to_the_reader(part: str, change: Callable[[bytes], bytes]) -> None:
    peek.check_heads(changed(shared(SCORES), part, change))


def test_no_more_is_unpacked_than_the_heads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet may unpack to hundreds of megabytes: the look at it ends with its tenth row."""
    taken = 0
    read = zipfile.ZipExtFile.read

    def counted(self: zipfile.ZipExtFile, n: int | None = -1) -> bytes:
        nonlocal taken
        piece = read(self, n)
        taken += len(piece)
        return piece

    data = changed(
        book(row()),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"</row></sheetData>", b"</row>" + b"<row/>" * 300_000),
    )
    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    peek.check_heads(data)
    assert taken < 2 * peek.PIECE


@pytest.mark.parametrize(("data", "code"), [(SCORES, "no_ledger_sheet"), (SHORT, "columns_missing")])
def test_an_upload_of_the_wrong_file_is_refused_in_its_answer(admin: identity.Actor, data: bytes, code: str) -> None:
    """B10.9: nothing is kept and nothing is promised."""
    with pytest.raises(Refused, match=code):
        operations.upload(unit=UNIT, name="成绩.xlsx", data=data, by=admin, at=AT)
    assert not Batch.objects.exists()
