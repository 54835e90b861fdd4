"""The board for leaders: figures only, nobody's name (P-6), each with how it is counted."""

from collections.abc import Iterator

from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.clocks import public as clocks
from bancheng.services.onething import figures, queries
from bancheng.web.doors import Request
from bancheng.web.downloads import csv_file


def board(request: Request) -> HttpResponse:
    today = clocks.today()
    found = figures.board(today, queries.board_units(request.actor))
    return render(
        request,
        "onething/board.html",
        {"board": found, "how": figures.HOW, "goal": figures.TYPED_GOAL, "today": today},
    )


def board_csv(request: Request) -> HttpResponse:
    """Send the board as CSV: every figure with how it is counted."""
    today = clocks.today()
    return csv_file(f"onething-board-{today}.csv", _rows(figures.board(today, queries.board_units(request.actor))))


def _rows(found: figures.Board) -> Iterator[list[object]]:
    yield ["类别", "指标", "数值", "口径"]
    for group, name, value, how in figures.lines(found):
        yield [group, name, "" if value is None else value, how.zh]
