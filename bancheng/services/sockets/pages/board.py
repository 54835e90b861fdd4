"""The board for leaders: figures only, nobody's use, each with how it is counted (A1)."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.claims import public as claims
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.text import Text
from bancheng.services.sockets import assumed, figures
from bancheng.services.sockets.rules import words
from bancheng.web.doors import Request
from bancheng.web.downloads import csv_file

SHOWS = {
    "": Text("近一年", "Last year"),
    "period": Text("统计期", "Fixed period"),
    "month": Text("近30天", "Last 30 days"),
}
DAYS = {"": 365, "month": 30}


def _found(request: Request) -> tuple[str, figures.Board]:
    show = request.GET.get("show", "")
    period = claims.fixed_period("sockets") if show == "period" else None
    if period:
        since, before = figures.whole_period(period.first, period.last)
    else:
        show = show if show in DAYS else ""
        today = clocks.today()
        since, before = figures.whole_period(today - timedelta(days=DAYS[show]), today)
    return show, figures.board(settings.REGION, since=since, before=before)


def board(request: Request) -> HttpResponse:
    show, found = _found(request)
    fixed = claims.fixed_period("sockets")
    return render(
        request,
        "sockets/board.html",
        {
            "board": found,
            "scenarios": [(name, uses, words.decimal(wh, 3, least=2)) for name, uses, wh in found.scenarios],
            "how": figures.HOW,
            "assumed": assumed.of_pack(),
            "today": clocks.today(),
            "period": fixed if show == "period" else None,
            "shows": [
                {"words": says, "url": f"?show={code}" if code else "?", "current": show == code}
                for code, says in SHOWS.items()
                if code != "period" or fixed
            ],
        },
    )


def board_csv(request: Request) -> HttpResponse:
    """Send the board as CSV: every figure with how it is counted."""
    _, found = _found(request)
    return csv_file(f"sockets-board-{clocks.today()}.csv", _rows(found))


def _rows(found: figures.Board) -> Iterator[list[object]]:
    yield ["类别", "指标", "数值", "口径"]
    for group, name, value, how in figures.lines(found):
        yield [group, name, value, how.zh]
