"""The leader's board: figures only, each with how it is counted (A7), and the map's data and the exchange file beside it."""

from collections.abc import Iterator

from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.clocks import public as clocks
from bancheng.services.landshares import figures
from bancheng.services.landshares.rules import amounts
from bancheng.web.doors import Request
from bancheng.web.downloads import csv_file


def board(request: Request) -> HttpResponse:
    found = figures.board()
    return render(
        request,
        "landshares/board.html",
        {
            "board": found,
            "area": amounts.shown(found.area_dm2),
            "raised": found.raised_fen // 100,
            "today": clocks.today(),
        },
    )


def board_csv(request: Request) -> HttpResponse:
    return csv_file(f"landshares-board-{clocks.today()}.csv", _rows(figures.board()))


def _rows(found: figures.Board) -> Iterator[list[object]]:
    yield [
        "楼盘",
        "宗地代码",
        "阶段",
        "类型",
        "登记面积（平方米）",
        "已首次登记幢数",
        "已转移户数",
        *(words.zh for words, _ in found.amounts),
    ]
    for line in found.lines:
        sums = [amounts.plain(getattr(line.total, name)) for name in figures.AMOUNTS]
        head = line.head
        yield [
            head.name.zh,
            head.code,
            head.stage.zh,
            head.kind.zh,
            amounts.plain(head.parcel.area_dm2),
            line.buildings,
            line.titled,
            *sums,
        ]
