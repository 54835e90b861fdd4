"""Lists of people or things: the same few fields for each row, read from the cells as a page posts them, one after another.

A row is kept as one text of JSON, so a list is a tuple of texts like several choices are, and drafts, seals and conflicts need know
nothing new. A list typed as lines ("监事 李四 4110…") is read too: so programs send it, and so it was asked before.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from bancheng.kernel.forms.facts import Column, Element
from bancheng.lib.conditions import Value
from bancheng.lib.text import Text

MOST = 50  # rows, where the element says no less
BETWEEN = re.compile(r"[\s,，、\t]+")
Cell = str | int
Read = Callable[[Element, Sequence[str], date], Value]
Refuse = Callable[[str, str], Exception]


def read(element: Element, typed: Sequence[str], today: date, *, cell: Read, refuse: Refuse) -> Value:
    """Return the rows of what was typed, None when nothing was; `cell` reads one of them, `refuse` makes the exception."""
    rows = [row for row in cells(element, typed) if any(text.strip() for text in row)]
    if not rows:
        return None
    least, most = element.least or 0, MOST if element.most is None else element.most
    if not least <= len(rows) <= most:
        raise refuse(
            f"“{element.name}”要有{least}到{most}行，现在有{len(rows)}行。",
            f"{element.name_en}: {least} to {most} rows, this has {len(rows)}.",
        )
    return tuple(_row(element, n, row, today, cell, refuse) for n, row in enumerate(rows, start=1))


def _row(element: Element, n: int, row: Sequence[str], today: date, cell: Read, refuse: Refuse) -> str:
    if len(row) != len(element.columns):
        names = "、".join(column.name for column in element.columns)
        names_en = ", ".join(column.name_en for column in element.columns)
        raise refuse(f"第{n}行应依次写明{names}。", f"Row {n}: give {names_en}, in this order.")
    found: dict[str, Value] = {}
    for column, text in zip(element.columns, row, strict=True):
        try:
            value = cell(element.cell(column), [text], today)
        except Exception as no:
            says = getattr(no, "says", None)
            if not isinstance(says, Text):
                raise
            raise refuse(f"第{n}行，{says.zh}", f"Row {n}: {says.en}") from None
        if value is None and not column.optional:
            raise refuse(f"第{n}行，请填写“{column.name}”。", f"Row {n}: fill in {column.name_en}.")
        if value is not None:
            found[column.code] = value
    return json.dumps(found, ensure_ascii=False, sort_keys=True)


def cells(element: Element, typed: Sequence[str]) -> list[list[str]]:
    """Return what was typed, row by row: cells one after another, or lines that hold a row each."""
    width = len(element.columns) or 1  # none: refused at load
    lines = [line for text in typed for line in text.splitlines() if line.strip()]
    parts = [[part for part in BETWEEN.split(line.strip(), maxsplit=width - 1) if part] for line in lines]
    if len(typed) % width or (width > 1 and parts and all(len(part) == width for part in parts)):
        return parts
    return [list(typed[n : n + width]) for n in range(0, len(typed), width)]


def as_typed(element: Element, value: tuple[str, ...]) -> tuple[str, ...]:
    """Return the cells of all rows, one after another, as controls hold them."""
    return tuple(str(row.get(column.code, "")) for row in of(value) for column in element.columns)


def of(value: Value) -> list[dict[str, Cell]]:
    """Return the rows of a list as they are kept; what is no row is left out."""
    found = []
    for text in value if isinstance(value, tuple) else ():
        try:
            row = json.loads(text)
        except ValueError:
            continue
        if isinstance(row, dict):
            found.append(row)
    return found


def unfit(element: Element, value: Sequence[str], judge: Callable[[Element, Value], Text | None]) -> Text | None:
    """Return what is wrong with a list that came from anywhere."""
    rows = of(tuple(value))
    if len(rows) != len(value) or not rows:
        return Text(
            f"“{element.name}”的内容不是应有的类型。", f"{element.name_en}: this is not the right kind of value."
        )
    known = {column.code: column for column in element.columns}
    for n, row in enumerate(rows, start=1):
        lacks = {column.code for column in element.columns if not column.optional} - row.keys()
        if lacks or row.keys() - known.keys():
            return Text(f"“{element.name}”第{n}行不完整。", f"{element.name_en}: row {n} is not complete.")
        for code, each in row.items():
            if says := judge(element.cell(known[code]), each):
                return Text(f"第{n}行，{says.zh}", f"Row {n}: {says.en}")
    return None


def said(element: Element, value: Sequence[str], say: Callable[[Element, Value], Text]) -> list[Text]:
    """Return each row as people read it."""
    return [_said(element.columns, row, element, say) for row in of(tuple(value))]


def _said(
    columns: Sequence[Column], row: Mapping[str, Cell], element: Element, say: Callable[[Element, Value], Text]
) -> Text:
    told = [say(element.cell(column), row[column.code]) for column in columns if column.code in row]
    return Text(" ".join(one.zh for one in told), " ".join(one.en for one in told))
