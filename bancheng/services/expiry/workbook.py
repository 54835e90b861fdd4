"""The unit's workbook 证照到期提醒事项工作台账, read once at the edge and never trusted.

A file that is wrong as a whole is refused with one sentence before a row is taken; a row that is wrong comes back with its
reasons; nothing is guessed. Pure: bytes and a day in, facts out.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from typing import Any, NamedTuple

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from bancheng.lib import identifiers
from bancheng.lib.refusal import Refused

MAX_BYTES = 30 * 2**20  # 62,000 rows are about 5 MB
MAX_UNPACKED = 600 * 2**20
MAX_ROWS = 200_000
LAST_COLUMN = "CV"  # the hundredth
HEADER_WITHIN = 10  # a title and notes may stand above the header

TYPE, NUMBER, HOLDER, KIND, IDENTIFIER = "证照名称", "证照编号", "持证人", "证件类型", "证件号码"
CONTACT, MOBILE, ISSUED, FROM, TO, HELP = "联系人", "手机号", "发证日期", "有效期自", "有效期至", "绿色通道"
NOTE = "备注"
REASONS = "原因"  # stands in the workbook that goes back; ignored when it comes in again
REQUIRED = (TYPE, NUMBER, HOLDER, KIND, IDENTIFIER, MOBILE, ISSUED, TO)
COLUMNS = (TYPE, NUMBER, HOLDER, KIND, IDENTIFIER, CONTACT, MOBILE, ISSUED, FROM, TO, HELP, NOTE)

CITIZEN = {"居民身份证", "身份证", "港澳台居民居住证", "外国人永久居留身份证"}
ENTITY = {"统一社会信用代码", "营业执照"}
PASSPORT = {"护照"}
ENDLESS = {"长期", "长期有效", "永久", "无固定期限"}
YES, NO = {"是", "Y", "y", "√"}, {"", "否", "N", "n"}

_ID_LIKE = re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])")
_DATE = re.compile(r"^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?$")
_FORMULA = re.compile(rb"<f[ >/]")
# A cell far out costs whoever reads the sheet memory for everything before it: a row of six digits or more, a column behind CV.
# What is near is left in two steps, and the search begins with a letter: seven times as fast among the 744,000 cells of a ledger.
_NEAR = rb"""r=["'](?![A-Z]?\d{1,5}["'])(?<=[ \t\r\n]r=.)"""
_FAR = re.compile(_NEAR + rb"""(?:[A-Z]{0,3}(\d{6,})|(?:C[W-Z]|[D-Z][A-Z]|[A-Z]{3})\d+)["']""")
_CELL = re.compile(rb'<c r="([A-Z]+[0-9]+)"')


class Good(NamedTuple):
    """A row that can be taken. `identifier` and `mobile` are plain here, and nowhere after."""

    line: int
    item: str
    number: str
    holder: str
    identifier_kind: str  # citizen_id, uscc or passport: the kind it is sealed as
    identifier: str
    contact: str
    mobile: str
    issued_on: date
    valid_from: date | None
    valid_to: date | None  # None: 长期, or no last day known (B10.1)
    special: bool


class Bad(NamedTuple):
    """A row that goes back: its cells as typed and every reason at once."""

    line: int
    cells: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """The sheet that holds the ledger: its columns by name and its rows with the numbers Excel shows."""

    header: dict[str, int]
    total: int
    _sheet: CalamineSheet
    _top: int  # index of the header row within the used area
    _offset: int  # rows above the used area

    def rows(self, skip: int = 0) -> Iterator[tuple[int, list[Any]]]:
        """Yield (row number as Excel shows it, cells) for each row that is not empty, leaving out the first `skip` of them."""
        seen = 0
        for index, cells in enumerate(self._sheet.iter_rows()):
            if index <= self._top or not any(cell != "" for cell in cells):
                continue
            seen += 1
            if seen > skip:
                yield index + self._offset + 1, cells


def open_sheet(data: bytes) -> Sheet:
    """Return the ledger sheet of a workbook that `check_package` let pass.

    Raises Refused when the file as a whole cannot be taken: damaged, no such sheet or columns, no row at all.
    """
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
    except (CalamineError, ValueError) as error:
        raise _refuse(
            "unreadable",
            "文件已损坏，未导入任何数据。请在Excel中重新另存为.xlsx后再上传。",
            "The file is damaged; nothing was imported. Save it again as .xlsx and upload it.",
        ) from error
    missing: dict[str, list[str]] = {}
    for sheet in sheets:
        found = _find_header(sheet)
        if found is None:
            continue
        top, header = found
        lacking = [name for name in REQUIRED if name not in header]
        if lacking:
            missing[sheet.name] = lacking
            continue
        return Sheet(header, _count_rows(sheet, top), sheet, top, (sheet.start or (0, 0))[0])
    if missing:
        name, lacking = next(iter(missing.items()))
        raise _refuse(
            "columns_missing",
            f"工作表“{name}”缺少列：{'、'.join(lacking)}。未导入任何数据，请按模板补齐表头后再上传。",
            f"Sheet “{name}” lacks the columns {', '.join(lacking)}; nothing was imported. Complete the header as in the template.",
        )
    names = "、".join(sheet.name for sheet in sheets)
    raise _refuse(
        "no_ledger_sheet",
        f"没有找到工作台账：工作表（{names}）前{HEADER_WITHIN}行内没有“{TYPE}”“{NUMBER}”等表头。未导入任何数据，请使用模板。",
        f"No ledger found: none of the sheets ({names}) has the header of the template in its first {HEADER_WITHIN} rows. Nothing was imported.",
    )


def _count_rows(sheet: CalamineSheet, top: int) -> int:
    """Return how many rows stand below the header; refuse none at all, and more than MAX_ROWS."""
    total = sheet.height - top - 1
    if not total:
        raise _refuse(
            "no_rows",
            f"工作表“{sheet.name}”只有表头，没有一行数据，未导入任何数据。请填好后再上传。",
            f"Sheet “{sheet.name}” has a header and no rows; nothing was imported. Fill it in and upload it again.",
        )
    if total > MAX_ROWS:
        raise _refuse(
            "too_many_rows",
            f"工作表有{total:,}行，超过{MAX_ROWS:,}行，未导入任何数据。请拆分后分次上传。",
            f"The sheet has {total:,} rows, over {MAX_ROWS:,}; nothing was imported. Split it and upload the parts.",
        )
    return total


def check_package(data: bytes) -> None:
    """Refuse what is not an honest .xlsx before a library opens it: size, kind, unpacked size, formulas, cells far out."""
    check_size(len(data))
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
        names = set(package.namelist())
    except zipfile.BadZipFile as error:
        raise _not_a_workbook() from error
    if "xl/workbook.xml" not in names:
        raise _not_a_workbook()
    left = MAX_UNPACKED
    # by its own word already; a header that lies is found when the part is read
    if sum(info.file_size for info in package.infolist()) > left:
        raise _bomb()
    for info in package.infolist():
        left = _check_part(package, info, left)


def check_size(size: int) -> None:
    """Refuse a file of more than MAX_BYTES, before its content is looked at."""
    if size > MAX_BYTES:
        raise _refuse(
            "file_too_large",
            f"文件有{size / 2**20:.0f}MB，超过{MAX_BYTES // 2**20}MB，未导入任何数据。请删去图片和多余工作表，或拆分后上传。",
            f"The file has {size / 2**20:.0f} MB, over {MAX_BYTES // 2**20} MB; nothing was imported. Remove pictures and extra sheets, or split it.",
            status=413,
        )


def _check_part(package: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> int:
    """Read one part in pieces, counting what really comes out (a header may lie); return what is left of the allowance."""
    is_sheet = info.filename.startswith("xl/worksheets/") and info.filename.endswith(".xml")
    tail = b""
    try:
        with package.open(info) as part:
            while piece := part.read(2**20):
                left -= len(piece)
                if left < 0:
                    raise _bomb()
                if is_sheet:
                    tail = _check_cells(tail + piece)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise _not_a_workbook() from error
    return left


def _check_cells(text: bytes) -> bytes:
    """Refuse a formula, naming its cell, and a cell far out; return the end of `text`, which the next piece may complete."""
    for far in _FAR.finditer(text):
        if not far[1] or int(far[1]) > MAX_ROWS + HEADER_WITHIN:
            raise _refuse(
                "cell_far_out",
                f"工作表在第{MAX_ROWS:,}行以下或{LAST_COLUMN}列以右还有内容，未导入任何数据。请删去表格之外的行和列，或拆分后再上传。",
                f"The sheet has something below row {MAX_ROWS:,} or right of column {LAST_COLUMN}; nothing was imported. "
                "Delete the rows and columns outside the table, or split it, and upload it again.",
            )
    if found := _FORMULA.search(text):
        cells = _CELL.findall(text[: found.start()])
        where = cells[-1].decode() if cells else "某个"
        raise _refuse(
            "formula",
            f"{where}单元格是公式。未导入任何数据，请全选后“选择性粘贴为数值”，再上传。",
            f"Cell {where} holds a formula; nothing was imported. Paste everything as values and upload it again.",
        )
    return text[-200:]


def _find_header(sheet: CalamineSheet) -> tuple[int, dict[str, int]] | None:
    for index, cells in enumerate(sheet.to_python(nrows=HEADER_WITHIN)):
        names = [str(cell).strip().replace(" ", "").rstrip("*＊") for cell in cells]
        if TYPE in names and NUMBER in names:
            return index, {name: place for place, name in enumerate(names) if name}
    return None


class Reader:
    """Judge rows one after the other for one unit; built once a file, so that a row costs little."""

    def __init__(self, header: Mapping[str, int], items: Mapping[str, str], today: date) -> None:
        """`items` gives the item code for every name the unit may write in 证照名称; `today` bounds dates of birth and issue."""
        self._pick = itemgetter(*(header.get(name, -1) for name in COLUMNS))
        self._others = [place for name, place in header.items() if name not in COLUMNS and name != REASONS]
        self._items = items
        self._today = today
        self._dates: dict[Any, date | str] = {}

    def read(self, line: int, row: Sequence[Any]) -> Good | Bad:
        """Return the row as a fact, or with every reason why not."""
        cells = self._pick([*row, ""])  # a column that is missing reads the empty cell put behind the row
        why: list[str] = []
        kind_cell, number, holder, id_kind, identifier, contact, mobile, issued, since, until, special, note = cells
        item = self._items.get(_text(kind_cell))
        if item is None:
            why.append(
                f"证照名称“{_short(kind_cell)}”不在本单位已公布的提醒事项目录中"
                if kind_cell != ""
                else "证照名称未填写"
            )
        number = self._number(number, why)
        holder = self._holder(holder, why)
        holder_kind, identifier = self._identifier(id_kind, identifier, why)
        mobile = self._mobile(mobile, why)
        issued_on = self._day(ISSUED, issued, why)
        valid_from = self._day(FROM, since, why) if since != "" else None
        valid_to = None if until == "" or _text(until) in ENDLESS else self._day(TO, until, why)
        self._order(issued_on, valid_from, valid_to, why)
        if issued == "":
            why.append("发证日期未填写")
        helped = self._help(special, why)
        contact = _text(contact)[:40]
        self._no_plain_identifier(row, identifier, (holder, contact, _text(note), number), why)
        if why or issued_on is None or item is None:
            return Bad(line, tuple(_shown(cell) for cell in cells), tuple(why))
        return Good(
            line,
            item,
            number,
            holder,
            holder_kind,
            identifier,
            contact,
            mobile,
            issued_on,
            valid_from,
            valid_to,
            helped,
        )

    def _number(self, cell: Any, why: list[str]) -> str:
        if not isinstance(cell, str):
            why.append(f"证照编号被存成了数字（{_short(cell)}），末位可能已丢失，请把该列设为文本后重填")
            return ""
        number = identifiers.normalise(cell)
        if not number:
            why.append("证照编号未填写")
        elif len(number) > 60:
            why.append("证照编号超过60个字符")
        return number

    def _holder(self, cell: Any, why: list[str]) -> str:
        holder = _text(cell)
        if not holder:
            why.append("持证人未填写")
        elif len(holder) > 80:
            why.append("持证人超过80个字符")
        return holder

    def _identifier(self, kind: Any, cell: Any, why: list[str]) -> tuple[str, str]:
        if not isinstance(cell, str):
            why.append(f"证件号码被存成了数字（{_short(cell)}），末位已丢失，请把该列设为文本后重填")
            return "", ""
        kind = _text(kind)
        try:
            if kind in CITIZEN:
                return "citizen_id", identifiers.check_citizen_id(cell, today=self._today)
            if kind in ENTITY:
                return "uscc", identifiers.check_uscc(cell)
            if kind in PASSPORT:
                return "passport", identifiers.check_passport(cell)
        except identifiers.Invalid as error:
            why.append(f"证件号码：{error.says}")
            return "", ""
        why.append(f"证件类型“{_short(kind)}”不能识别，请填居民身份证、统一社会信用代码、护照等")
        return "", ""

    def _mobile(self, cell: Any, why: list[str]) -> str:
        if cell == "":
            return ""  # nobody to message: the one-on-one list reaches this holder
        if isinstance(cell, float | int) and not isinstance(cell, bool):
            cell = str(int(cell))  # eleven digits survive Excel's numbers whole, unlike eighteen
        try:
            return identifiers.check_mobile(_text(cell))
        except identifiers.Invalid as error:
            why.append(f"手机号：{error.says}")
            return ""

    def _day(self, name: str, cell: Any, why: list[str]) -> date | None:
        if cell == "":
            return None
        day = self._dates.get(cell)
        if day is None:
            day = self._dates[cell] = parse_day(cell)
        if isinstance(day, str):
            why.append(f"{name}{day}")
            return None
        return day

    def _order(self, issued: date | None, since: date | None, until: date | None, why: list[str]) -> None:
        if issued and issued > self._today:
            why.append("发证日期晚于今天")
        if until and (since or issued) and until < (since or issued):  # type: ignore[operator]
            why.append("有效期至早于有效期起始日")

    def _help(self, cell: Any, why: list[str]) -> bool:
        word = _text(cell)
        if word in YES:
            return True
        if word not in NO:
            why.append("绿色通道只填“是”或“否”，请勿填写健康状况")
        return False

    def _no_plain_identifier(self, row: Sequence[Any], own: str, texts: Sequence[str], why: list[str]) -> None:
        """B10.10: an identity number may stand in its own column only, where it is sealed as soon as it is read."""
        if self._others:
            texts = (*texts, *(str(row[place]) for place in self._others if place < len(row)))
        for text in texts:
            if len(text) >= 18 and (text == own or (_ID_LIKE.search(text) and _is_citizen_id(text, self._today))):
                why.append("“证件号码”以外的列出现了身份证号，请删去后重传")
                return


def parse_day(cell: Any) -> date | str:
    """Return the day a cell names, or what is wrong with it in Chinese."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, float | int):
        return f"“{_short(cell)}”不是日期，请填2026-11-30这样的日期"
    text = identifiers.normalise(str(cell))
    found = _DATE.match(text)
    if not found:
        return f"“{_short(cell)}”不是日期，请填2026-11-30这样的日期"
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return f"“{_short(cell)}”这一天不存在"


def _is_citizen_id(text: str, today: date) -> bool:
    for found in _ID_LIKE.findall(text):
        try:
            identifiers.check_citizen_id(found, today=today)
        except identifiers.Invalid:
            continue
        return True
    return False


def _text(cell: Any) -> str:
    return cell.strip() if isinstance(cell, str) else _shown(cell)


def _shown(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat()[:10] if isinstance(cell, date) else str(cell)


def _short(cell: Any) -> str:
    text = str(cell)
    return text if len(text) <= 20 else text[:19] + "…"


def _refuse(code: str, says: str, en: str, status: int = 422) -> Refused:
    return Refused(code, says, en=en, status=status)


def _bomb() -> Refused:
    return _refuse(
        "zip_bomb",
        f"文件解压后超过{MAX_UNPACKED // 2**20}MB，疑似异常文件，未导入任何数据。请重新另存后上传。",
        f"Unpacked, the file is over {MAX_UNPACKED // 2**20} MB; nothing was imported. Save it anew and upload it.",
    )


def _not_a_workbook() -> Refused:
    return _refuse(
        "not_a_workbook",
        "这不是Excel工作簿（.xlsx），未导入任何数据。请下载模板填写，或在Excel中另存为“Excel工作簿（*.xlsx）”。",
        "This is not an Excel workbook (.xlsx); nothing was imported. Fill in the template, or save the file as .xlsx in Excel.",
    )
