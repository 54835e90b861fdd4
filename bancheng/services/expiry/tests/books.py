"""Workbooks for the tests, made the way units make them."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook

from bancheng.lib import identifiers
from bancheng.services.expiry import workbook

PERSON = identifiers.make_citizen_id("411002", date(1978, 5, 12), 77)


def row(**cells: Any) -> list[Any]:
    """Return a lawful row with `cells` put over it, by column name."""
    lawful: dict[str, Any] = {
        workbook.TYPE: "食品经营许可证",
        workbook.NUMBER: "JY14110020000001",
        workbook.HOLDER: "赵建军小吃店",
        workbook.KIND: "居民身份证",
        workbook.IDENTIFIER: PERSON,
        workbook.CONTACT: "赵建军",
        workbook.MOBILE: "13800000001",
        workbook.ISSUED: "2021-12-01",
        workbook.FROM: "2021-12-01",
        workbook.TO: "2026-11-30",
        workbook.HELP: "",
        workbook.NOTE: "",
    }
    lawful |= cells
    return list(lawful.values())


def book(
    *rows: Sequence[Any], header: Sequence[str] = workbook.COLUMNS, title: str | None = "证照到期提醒事项工作台账"
) -> bytes:
    """Return the bytes of an .xlsx with a title line, the header and `rows`."""
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    if title:
        sheet.append([title])
    sheet.append(list(header))
    for cells in rows:
        sheet.append(list(cells))
    out = io.BytesIO()
    made.save(out)
    made.close()
    return out.getvalue()
