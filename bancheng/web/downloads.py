"""Lists as files that spreadsheets open as they are meant."""

import csv
from collections.abc import Iterable

from django.http import HttpResponse

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for a formula at the head of a cell


def safe_cell(cell: object) -> object:
    """Return the cell, a text that looks like a formula with a quote before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def csv_file(name: str, rows: Iterable[Iterable[object]]) -> HttpResponse:
    """Return `rows`, the header first, as a CSV file with the byte-order mark by which spreadsheets see UTF-8."""
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    csv.writer(answer).writerows(map(safe_cell, row) for row in rows)
    return answer
