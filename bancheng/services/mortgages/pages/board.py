"""The board: filings by channel, bank and kind, how quick, how often corrected, requests, the archive, outlets."""

from collections.abc import Iterator

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.lib.days import start_of
from bancheng.lib.text import Text
from bancheng.services.mortgages import doors, figures
from bancheng.services.mortgages.queries import agreements, archive, serving
from bancheng.web.doors import Request
from bancheng.web.downloads import csv_file

CITY = ("supervisor", "auditor", *doors.REGISTRY)
SHOWS = {"": Text("全部", "All"), "year": Text("今年", "This year")}


def _banks(actor: identity.Actor) -> list[str] | None:
    """Return the banks whose figures the actor may see: None for all."""
    if any(actor.has(role, service=doors.SERVICE) for role in CITY):
        return None
    return sorted(doors.units(actor, *doors.BANK))


def _board(request: Request) -> figures.Board:
    year = request.GET.get("show") == "year"
    since = start_of(clocks.today().replace(month=1, day=1)) if year else None
    return figures.board(settings.REGION, _banks(request.actor), since)


def board(request: Request) -> HttpResponse:
    banks, today, show = _banks(request.actor), clocks.today(), request.GET.get("show", "")
    return render(
        request,
        "mortgages/board.html",
        {
            "board": _board(request),
            "requests": serving.figures(banks),
            "archive": archive.figures(banks, today),
            "outlets": agreements.channels(today),
            "city": banks is None,
            "how": figures.HOW,
            "show": show,
            "shows": [
                {"words": words, "url": f"?show={code}" if code else "?", "current": show == code}
                for code, words in SHOWS.items()
            ],
        },
    )


def board_csv(request: Request) -> HttpResponse:
    """Send the board as CSV."""
    return csv_file(f"mortgages-{clocks.today()}.csv", _rows(_board(request)))


def _rows(found: figures.Board) -> Iterator[list[object]]:
    yield ["分组", "名称", "件数", "已登簿", "补正过"]
    for group, lines in (
        ("银行", found.banks),
        ("渠道", found.channels),
        ("种类", found.kinds),
        ("合计", [found.total]),
    ):
        for line in lines:
            yield [group, line.name.zh, line.filed, line.recorded, line.corrected]
    yield ["登簿中位用时（分钟）", "", "" if found.median_minutes is None else found.median_minutes, "", ""]
    yield ["当日注销", "", found.same_day, found.cancelled, ""]
    for how in figures.HOW:
        yield ["口径", how.zh, "", "", ""]
