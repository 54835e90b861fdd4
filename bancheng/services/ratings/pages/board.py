"""Figures: for everybody, and for leaders. Nobody's name, each with how it is counted (P-6)."""

from collections.abc import Iterator

from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.ratings import public as ratings
from bancheng.lib.text import Text
from bancheng.services.ratings import queries, terms
from bancheng.web.doors import Request, services
from bancheng.web.downloads import csv_file


def home(request: Request) -> HttpResponse:
    """The public page: what is asked, what becomes of it, and the figures of the city."""
    found = queries.board(None)
    rules, own = terms.of_pack(), ratings.own_terms()
    return render(
        request,
        "ratings/home.html",
        {
            "board": found,
            "lines": [line for line in found.units if queries.shown(line.total)],
            "least": rules.terms.least_shown,
            "terms": rules.terms,
            "own_terms": [(Text(one.name, one.name_en), own[one.code]) for one in services() if one.code in own],
            "grades": ratings.GRADES.values(),
            "how": queries.HOW,
            "basis": ratings.BASIS,
            "today": clocks.today(),
            "known": bool(request.actor.person_id),
        },
    )


def board(request: Request) -> HttpResponse:
    show = request.GET.get("show", "")
    found = queries.board(queries.board_units(request.actor), since=queries.since_of(show, clocks.now()))
    return render(
        request,
        "ratings/board.html",
        {
            "board": found,
            "how": queries.HOW,
            "today": clocks.today(),
            "show": show,
            "shows": [
                {"words": words, "url": f"?show={code}" if code else "?", "current": show == code}
                for code, words in SHOWS.items()
            ],
        },
    )


SHOWS = {"": Text("全部", "All"), "year": Text("今年", "This year"), "month": Text("近30天", "Last 30 days")}


def board_csv(request: Request) -> HttpResponse:
    """Send the board as CSV: every unit and matter, every part of every share."""
    since = queries.since_of(request.GET.get("show", ""), clocks.now())
    found = queries.board(queries.board_units(request.actor), since=since)
    return csv_file(f"ratings-{clocks.today()}.csv", _rows(found))


def _rows(found: queries.Board) -> Iterator[list[object]]:
    yield [
        "单位", "事项", "应评价", "已评价", "未评价", "非常满意", "满意", "基本满意", "不满意", "非常不满意", "不予采纳",
        "满意率", "参评率", "差评回访", "已办结", "在办逾期", "首次回访及时率", "按期办结率", "实名差评回访率",
    ]  # fmt: skip
    for unit in found.units:
        for line in unit.matters:
            yield [unit.name.zh, line.title.zh, *_numbers(line), *[""] * 6]
        yield [unit.name.zh, "合计", *_numbers(unit.total), *_calls(unit.calls)]
    yield ["全部", "合计", *_numbers(found.total), *_calls(found.calls)]
    for how in queries.HOW.values():
        yield ["口径", how.zh]


def _numbers(line: ratings.figures.Line) -> list[object]:
    counts = [line.served, line.rated, line.unrated, *reversed(line.grades), line.excluded]
    return [*counts, _share(line.satisfied.value), _share(line.answered.value)]


def _calls(calls: ratings.figures.Calls) -> list[object]:
    shares = (calls.contacted, calls.in_time, calls.real_name)
    return [calls.opened, calls.closed, calls.late_now, *(_share(one.value) for one in shares)]


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
