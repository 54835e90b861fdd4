"""The desk of corrections, and what somebody corrected himself."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import public as forms
from bancheng.lib.refusal import Refused
from bancheng.services.corrections import operations, queries
from bancheng.services.corrections.queries import WORDS, Line, Show
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request
from bancheng.web.downloads import csv_file

SIZE = 30


def _show(request: Request) -> Show:
    written = request.GET.get("show", "")
    return Show(written) if written in set(Show) else Show.OPEN


def queue(request: Request) -> HttpResponse:
    show, today = _show(request), clocks.today()
    found = queries.listed(request.actor, show, today)
    page = Paginator(found, SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "corrections/queue.html",
        {
            "lines": page.object_list,
            "page": page,
            "show": show,
            "title": WORDS[show],
            "opens": request.actor.has(queries.OFFICER),
            "shows": [{"words": words, "url": f"?show={one}", "current": one is show} for one, words in WORDS.items()],
        },
    )


def export(request: Request) -> HttpResponse:
    """Send the list as CSV: what it shows and no more, so no value is in it (exports are masked)."""
    show, today = _show(request), clocks.today()
    return csv_file(f"corrections-{show}-{today}.csv", _rows(queries.listed(request.actor, show, today)))


def _rows(found: list[Line]) -> Iterator[list[object]]:
    yield ["数据项", "责任单位", "来源", "状态", "提出时间", "核实期限", "处理时间", "源头更正时间", "编号"]
    for one in found:
        each = one.item
        times = (each.opened_at, each.due_on, each.decided_at, each.changed_at)
        yield [
            each.title.zh,
            one.unit.zh,
            each.source.zh,
            one.state.zh,
            *("" if when is None else f"{when:%Y-%m-%d}" for when in times),
            str(each.id),
        ]


def item(request: Request, item_id: UUID, refused: Refused | None = None) -> HttpResponse:
    queries.check_own(request.actor, item_id)
    opened = forms.open_item(item_id=item_id, by=request.actor, at=clocks.now())
    (line,) = queries.lines([opened.item], clocks.today())
    return render(
        request,
        "corrections/item.html",
        {
            "line": line,
            "item": opened.item,
            "opened": opened,
            "keeper": queries.keeper(opened.item),
            "refused": refused,
            "reason": request.POST.get("reason", ""),
        },
        status=refused.status if refused else 200,
    )


def _act(request: Request, item_id: UUID, do: Callable[[], Any], zh: str, en: str) -> HttpResponse:
    """Do it; what is refused is told on the item, with everything that was typed."""
    queries.check_own(request.actor, item_id)
    then = ("corrections:item", item_id)
    return carry_out(request, do, zh, en, then=then, again=lambda no: item(request, item_id, refused=no))


def accept(request: Request, item_id: UUID) -> HttpResponse:
    return _act(
        request,
        item_id,
        lambda: operations.accept(item_id=item_id, by=request.actor, at=clocks.now()),
        "已采纳，申请人会收到通知。",
        "Accepted; the applicant is told.",
    )


def decline(request: Request, item_id: UUID) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _act(
        request,
        item_id,
        lambda: operations.decline(item_id=item_id, reason=reason, by=request.actor, at=clocks.now()),
        "未采纳，理由已告知申请人。",
        "Declined; the applicant is told why.",
    )


def changed(request: Request, item_id: UUID) -> HttpResponse:
    return _act(
        request,
        item_id,
        lambda: operations.note_changed(item_id=item_id, by=request.actor, at=clocks.now()),
        "已登记：源头数据已更正。",
        "Noted: the source is corrected.",
    )


def mine(request: Request) -> HttpResponse:
    return render(request, "corrections/mine.html", {"lines": queries.mine(request.actor, clocks.now())})
