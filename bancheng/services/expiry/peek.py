"""Whether a workbook can hold the ledger at all, told while the person who sends it is still there.

Only the names of its sheets and their first rows are looked at, in so many bytes and no more, and then judged by the reader itself
(`workbook.open_sheet`), as a workbook of their own: one judge, one set of sentences. What cannot be told this way is left to the
job that reads the whole file. Pure.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from openpyxl import Workbook

from bancheng.services.expiry import workbook

PIECE = 2**16
HEAD = 2**20  # of a sheet: ten rows are a few KB
STRINGS = 2**24  # of the table of shared strings, where header words stand first
SHEETS = 50
CONTROL = re.compile(r"[\x00-\x1f]")

Heads = dict[str, list[list[str]]]


def check_heads(data: bytes) -> None:
    """Refuse a workbook that passed `workbook.check_package` and has no sheet with the ledger's columns.

    Raises Refused("no_ledger_sheet") or Refused("columns_missing").
    """
    try:
        found = heads(data)
    except (KeyError, ValueError, EOFError, ParseError, zipfile.BadZipFile, zlib.error):
        return  # not as workbooks are made: the reader says what is wrong
    workbook.open_sheet(_book(found))


def heads(data: bytes) -> Heads:
    """Return the sheets' names and their first rows, from the first that holds something. Raises KeyError or ValueError."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        sheets = {name: list(_rows(package, part)) for name, part in _parts(package)}
        wanted = {cell for rows in sheets.values() for _, cells in rows for cell in cells if isinstance(cell, int)}
        shared = _shared(package, wanted)
    return {name: _first(rows, shared) for name, rows in sheets.items()}


def _parts(package: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Return name and part of each sheet, in their order."""
    targets = {
        link.attrib["Id"]: posixpath.normpath(posixpath.join("/xl", link.attrib["Target"])).lstrip("/")
        for link in _elements(package, "xl/_rels/workbook.xml.rels", "Relationship", HEAD)
    }
    found = [
        (sheet.attrib["name"], targets[next(value for key, value in sheet.attrib.items() if key.endswith("}id"))])
        for sheet in _elements(package, "xl/workbook.xml", "sheet", HEAD)
    ]
    if not 0 < len(found) <= SHEETS or not all(part.startswith("xl/worksheets/") for _, part in found):
        raise ValueError("no sheets that can be told")
    return found


def _rows(package: zipfile.ZipFile, part: str) -> Iterator[tuple[int, list[int | str]]]:
    """Yield (number, cells) of the rows that may hold the header; a shared string is its number in the table."""
    number, first = 0, None
    for row in _elements(package, part, "row", HEAD):
        number = int(row.get("r") or number + 1)
        if first is not None and number >= first + workbook.HEADER_WITHIN:
            return
        if cells := [value for cell in row for value in _value(cell)]:
            first = first or number
            yield number, cells


def _value(cell: Element) -> Iterator[int | str]:
    kind, value = cell.get("t"), cell.findtext("{*}v")
    if kind == "inlineStr":
        value = "".join(text.text or "" for text in [*cell.findall("{*}is/{*}t"), *cell.findall("{*}is/{*}r/{*}t")])
    if value:
        yield int(value) if kind == "s" else value


def _shared(package: zipfile.ZipFile, wanted: set[int]) -> dict[int, str]:
    """Return the shared strings of these numbers; no further into the table than needed."""
    found: dict[int, str] = {}
    if wanted:
        for number, entry in enumerate(_elements(package, "xl/sharedStrings.xml", "si", STRINGS)):
            if number in wanted:
                found[number] = "".join(t.text or "" for t in [*entry.findall("{*}t"), *entry.findall("{*}r/{*}t")])
            if number >= max(wanted):
                break
    return found


def _first(rows: Iterable[tuple[int, list[int | str]]], shared: dict[int, str]) -> list[list[str]]:
    said: list[list[str]] = []
    first = None
    for number, cells in rows:
        first = first or number
        said += [[] for _ in range(number - first - len(said))]
        said.append([shared[cell] if isinstance(cell, int) else cell for cell in cells])
    return said


def _elements(package: zipfile.ZipFile, part: str, name: str, most: int) -> Iterator[Element]:
    """Yield the elements of this name as they are read; raise ValueError when `most` bytes were not enough, or for a DTD."""
    parser: XMLPullParser[Element] = XMLPullParser(["end"])
    with package.open(part) as text:
        while piece := text.read(PIECE):
            most -= len(piece)
            if most < 0 or b"<!DOCTYPE" in piece:
                raise ValueError("more than is looked at")
            parser.feed(piece)
            for event in parser.read_events():
                element = event[1]  # type: ignore[misc]  # the end of an element is always a pair
                if isinstance(element, Element) and element.tag.rpartition("}")[2] == name:
                    yield element
                    element.clear()
    parser.close()  # cut off in the middle: not as workbooks are made


def _book(found: Heads) -> bytes:
    """Return a workbook of these sheets' first rows, and one row more, so that it is not refused for having none."""
    book = Workbook(write_only=True)
    for name, rows in found.items():
        sheet = book.create_sheet(CONTROL.sub("", name)[:31])
        for cells in rows:
            sheet.append([CONTROL.sub("", cell)[:200].lstrip("=") for cell in cells])
        sheet.append(["…"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
