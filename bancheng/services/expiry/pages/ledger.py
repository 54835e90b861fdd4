"""The unit administrator's ledgers: upload, progress, bad rows back."""

import io
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused
from bancheng.services.expiry import operations, queries, words, workbook
from bancheng.services.expiry.models import Batch
from bancheng.services.expiry.operations.ledger import KEEP_BAD_ROWS_DAYS
from bancheng.web.doors import Request
from bancheng.web.downloads import safe_cell

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def ledgers(request: Request, refused: Refused | None = None) -> HttpResponse:
    page = Paginator(queries.batches(request.actor), 20).get_page(request.GET.get("page"))
    units = [catalogue.unit(code) for code in queries.units_of(request.actor, "unit_admin")]
    return render(
        request,
        "expiry/ledgers.html",
        {
            "page": page,
            "units": units,
            "columns": workbook.COLUMNS,
            "required": workbook.REQUIRED,
            "refused": refused,
            "most_mb": workbook.MAX_BYTES // 2**20,
            "most_rows": workbook.MAX_ROWS,
        },
        status=refused.status if refused else 200,
    )


def upload(request: Request) -> HttpResponse:
    unit = queries.own_unit(request.actor, request.POST.get("unit", ""))
    file = request.FILES.get("file")
    try:
        if file is None:
            raise Refused(
                "no_file",
                "还没有选择文件，未导入任何数据。请选择填好的工作台账（.xlsx）。",
                en="No file was chosen; nothing was imported. Choose the completed ledger (.xlsx).",
                status=422,
            )
        workbook.check_size(file.size or 0)  # before it is read into memory
        batch = operations.upload(unit=unit, name=file.name or "", data=file.read(), by=request.actor, at=clocks.now())
    except Refused as no:
        return ledgers(request, refused=no)
    return redirect("expiry:ledger", batch.pk)


def ledger(request: Request, batch_id: str) -> HttpResponse:
    batch = queries.batch(request.actor, batch_id)
    context = {
        "batch": batch,
        "progress": progress_of(batch),
        "bad": queries.bad_preview(batch),
        "keep_days": KEEP_BAD_ROWS_DAYS,
    }
    if request.htmx:  # the progress line asks for itself until it is over
        status = 286 if batch.finished_at else 200
        return render(request, "expiry/ledger.html#progress", context, status=status)
    return render(request, "expiry/ledger.html", context)


def progress_of(batch: Batch) -> dict[str, Any]:
    """Return what the progress component shows."""
    return {
        "done": batch.read,
        "total": max(batch.rows, batch.read, 1),
        "finished": batch.finished_at is not None,
        "url": reverse("expiry:ledger", args=[batch.pk]),
        "words": None,
    }


def bad_rows(request: Request, batch_id: str) -> HttpResponse:
    """Send the rows that could not be taken back as a workbook with a 原因 column; corrected, it can be uploaded as it is."""
    batch = queries.batch(request.actor, batch_id)
    operations.record_download(batch=batch, by=request.actor, at=clocks.now())
    book = Workbook(write_only=True)
    sheet = _sheet(book, [workbook.REASONS, "原行号", *workbook.COLUMNS])
    for line, cells, reasons in queries.bad_rows(batch):
        sheet.append([reasons, str(line), *map(safe_cell, cells)])
    return _download(book, f"退回行-{batch.uploaded_at:%Y%m%d}.xlsx")


def template(request: Request) -> HttpResponse:
    """Send an empty ledger with its header, and the rules on a second sheet."""
    book = Workbook(write_only=True)
    _sheet(book, list(workbook.COLUMNS))
    rules = book.create_sheet("填写说明")
    for line in words.LEDGER_RULES:
        rules.append([line])
    return _download(book, "证照到期提醒事项工作台账（模板）.xlsx")


def _sheet(book: Workbook, header: list[str]) -> Any:
    from openpyxl.cell import WriteOnlyCell

    sheet = book.create_sheet("工作台账")
    sheet.freeze_panes = "A2"
    cells = []
    for name in header:
        cell = WriteOnlyCell(sheet, value=name)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", start_color="FFF3DC" if name in workbook.REQUIRED else "ECEFF4")
        cells.append(cell)
    sheet.append(cells)
    return sheet


def _download(book: Workbook, name: str) -> HttpResponse:
    out = io.BytesIO()
    book.save(out)
    answer = HttpResponse(out.getvalue(), content_type=XLSX)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{_quoted(name)}"
    return answer


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name)
