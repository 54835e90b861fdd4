"""Ledgers whose good, bad, older and endless rows are known by number."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bancheng.lib import identifiers
from bancheng.services.expiry import workbook
from bancheng.services.expiry.tests.books import book, row

BORN = date(1978, 5, 12)


def licence(n: int, last: date | str, **cells: Any) -> list[Any]:
    """Return the `n`-th licence, valid until `last`, with a holder and a phone of its own."""
    return row(
        **{
            workbook.NUMBER: f"JY{n:08d}",
            workbook.HOLDER: f"许昌第{n:05d}号小吃店",
            workbook.IDENTIFIER: identifiers.make_citizen_id("411002", BORN + timedelta(days=n // 1000), n % 1000),
            workbook.MOBILE: identifiers.make_mobile(n),
            workbook.ISSUED: "2020-01-10",
            workbook.FROM: "2020-01-10",
            workbook.TO: str(last),
        }
        | cells
    )


def write(folder: Path, name: str, rows: list[list[Any]]) -> str:
    """Write a ledger of `rows` and return its path."""
    path = folder / name
    path.write_bytes(book(*rows))
    return str(path)


def instant(day: date, hour: int = 10) -> str:
    """Return an hour of `day` in Xuchang, as a word of a command."""
    return f"{day}T{hour:02}:00:00+08:00"
