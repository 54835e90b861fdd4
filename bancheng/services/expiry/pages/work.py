"""The desk: T-3 lists and other tasks, the unit's licences, applications, items and the quarter's review."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.lib import identifiers
from bancheng.lib.refusal import Refused
from bancheng.lib.share import Share
from bancheng.lib.text import Text
from bancheng.services.expiry import figures, operations, queries, words
from bancheng.services.expiry.models import Watch
from bancheng.services.expiry.rules import Stage, State
from bancheng.web import typed
from bancheng.web.doors import Request
from bancheng.web.downloads import csv_file
from bancheng.web.forms import say
from bancheng.web.words import as_written


def tasks(request: Request) -> HttpResponse:
    closed, own = request.GET.get("show") == "closed", request.GET.get("show") == "own"
    number = request.GET.get("number", "").strip()
    found = queries.tasks(request.actor, closed=closed, own=own, number=number)
    page = Paginator(found, 30).get_page(request.GET.get("page"))
    return render(
        request,
        "expiry/tasks.html",
        {
            "page": page,
            "number": number,
            "show": request.GET.get("show", ""),
            "today": clocks.today(),
            "counts": queries.task_counts(request.actor, request.GET.get("show", "")),
            "officers": queries.officers(request.actor),
            "choosing": request.actor.has("unit_admin", service="expiry") and not closed,
        },
    )


def assign(request: Request) -> HttpResponse:
    ids = [int(pk) for pk in request.POST.getlist("task") if pk.isdecimal()]
    officer = request.POST.get("officer", "")
    if (
        not ids
        or not officer.isdecimal()
        or int(officer) not in {person.id for person in queries.officers(request.actor)}
    ):
        raise Refused(
            "nothing_chosen",
            "请先勾选任务并选择经办人，没有分派任何任务。",
            en="Tick tasks and choose an officer first; nothing was assigned.",
            status=422,
        )
    done = sum(
        operations.assign(task_ids=ids, unit=unit, officer_id=int(officer), by=request.actor, at=clocks.now())
        for unit in queries.units_of(request.actor, "unit_admin")
    )
    messages.success(request, say(f"已分派{done}项任务。", f"{done} tasks were assigned."))
    return redirect("expiry:tasks")


def task(
    request: Request, task_id: int, contact: tuple[str, str] | None = None, refused: Refused | None = None
) -> HttpResponse:
    found = queries.task(request.actor, task_id)
    return render(
        request,
        "expiry/task.html",
        {
            "task": found,
            "today": clocks.today(),
            "contact": contact,
            "refused": refused,
            "typed": request.POST,
            "places": queries.places(found.watch.item),
            "results": [(code, words.RESULTS[code]) for code in found.results],
            "kind": words.KINDS[found.kind],
            "stage": words.CALLS[Stage(found.stage)].of(get_language()) if found.stage else "",
            "assignee": as_written(found.assignee.display_name) if found.assignee else "",
            "dates": queries.dates(found.watch),
            "why_due": queries.why_due(found),
            "told": queries.reminders(found.watch),
            "mine": found.assignee_id == request.actor.user_id,
        },
        status=refused.status if refused else 200,
    )


def take(request: Request, task_id: int) -> HttpResponse:
    found = queries.task(request.actor, task_id)
    operations.take(task_id=found.pk, by=request.actor, at=clocks.now())
    messages.success(request, say("任务已归您办理。", "The task is yours now."))
    return redirect("expiry:task", task_id)


def give_back(request: Request, task_id: int) -> HttpResponse:
    found = queries.task(request.actor, task_id)
    operations.give_back(task_id=found.pk, by=request.actor, at=clocks.now())
    messages.success(request, say("已退回名单，同事可以领取。", "It is back on the list; a colleague can take it."))
    return redirect("expiry:tasks")


def contact(request: Request, task_id: int) -> HttpResponse:
    """Show the contact of an open task of one's own: an act that is logged, so a POST."""
    found = queries.task(request.actor, task_id)
    shown = operations.reveal_contact(task_id=found.pk, by=request.actor, at=clocks.now())
    return task(request, task_id, contact=shown)


def close(request: Request, task_id: int) -> HttpResponse:
    found = queries.task(request.actor, task_id)
    said = typed.words(request, "method", "result", "note")
    try:
        operations.close(task_id=found.pk, **said, by=request.actor, at=clocks.now())
    except Refused as no:
        if no.code not in ("result_unknown", "reason_missing"):
            raise
        return task(request, task_id, refused=no)
    messages.success(request, say("已办结，结果已记录。", "Closed; the result is on record."))
    return redirect("expiry:tasks")


def licences(request: Request) -> HttpResponse:
    found = queries.watches(
        request.actor,
        number=request.GET.get("number", "").strip(),
        state=request.GET.get("state", ""),
        item_code=request.GET.get("item", ""),
    )
    page = Paginator(found, 30).get_page(request.GET.get("page"))
    return render(
        request,
        "expiry/licences.html",
        {
            "page": page,
            "today": clocks.today(),
            "number": request.GET.get("number", ""),
            "state": request.GET.get("state", ""),
            "states": words.STATES.items(),
        },
    )


def licences_csv(request: Request) -> HttpResponse:
    """Send the unit's licences as CSV, names masked, no identifier and no phone in it."""
    return csv_file("licences.csv", _masked(queries.watches(request.actor)))


def _masked(watches: QuerySet[Watch]) -> Iterator[list[object]]:
    yield ["证号", "证照", "持证人", "最晚申请", "到期日", "状态"]
    for watch in watches.iterator(chunk_size=2000):
        state = words.STATES[State(watch.state)][1].zh
        holder = identifiers.mask_name(watch.licence.holder_name)
        yield [watch.licence.number, watch.item.name, holder, watch.closes_on or "", watch.expires_on or "长期", state]


APPLICATIONS = {
    "accepted": say(
        "已登记受理：对持证人的提醒停止，临近到期未决定会提醒本单位。",
        "Accepted: the holder's reminders stop; your unit is warned if it is still undecided near expiry.",
    ),
    "withdrawn": say(
        "已登记申请人撤回：决定期限取消，对持证人的提醒恢复。",
        "Taken back: nothing is left to decide, and the holder's reminders are on again.",
    ),
    "refused": say(
        "已登记不予延续：决定期限办结；证照在到期日前仍有效，对持证人的提醒恢复。",
        "Refused: your decision is on record. The licence is valid until its last day; the holder's reminders are on again.",
    ),
}


def application(request: Request, watch_id: int) -> HttpResponse:
    """Note that an application to renew was accepted, taken back by the applicant, or refused by the unit."""
    watch = queries.unit_watch(request.actor, watch_id)
    what, now = request.POST.get("what", ""), clocks.now()
    if what not in APPLICATIONS:
        raise Refused(
            "result_unknown",
            "没有选择受理、撤回或不予延续，未作任何改动。请返回列表重新选择。",
            en="Neither accepted, taken back nor refused was chosen; nothing was changed. Go back to the list and choose.",
            status=422,
        )
    note: dict[str, Any] = {"watch_id": watch.pk, "by": request.actor.ref, "at": now}
    if what == "accepted":
        operations.accept_application(on=now.date(), **note)
    elif what == "withdrawn":
        operations.withdraw_application(**note)
    else:
        operations.refuse_application(**note)
    messages.success(request, APPLICATIONS[what])
    return redirect("expiry:licences")


def review(request: Request) -> HttpResponse:
    units = queries.units_of(request.actor, "unit_admin")
    if request.method == "POST":
        unit = queries.own_unit(request.actor, request.POST.get("unit", ""))
        operations.review_quarter(unit=unit, note=request.POST.get("note", ""), by=request.actor, at=clocks.now())
        messages.success(request, say("本季度梳理已登记。", "This quarter's review is on record."))
        return redirect("expiry:review")
    return render(request, "expiry/review.html", {"reviews": queries.reviews(units, clocks.today())})


def withdraw(request: Request, code: str) -> HttpResponse:
    """Ask once more before an item leaves the directory; then take it out. It can be put back from the same list."""
    item = queries.unit_item(request.actor, code)
    if request.method == "POST":
        operations.withdraw(code=item.code, by=request.actor, at=clocks.now())
        messages.success(
            request,
            say(
                f"已撤下“{item.name}”，可在下方随时恢复。",
                f"“{item.name_en}” is withdrawn; put it back below at any time.",
            ),
        )
        return redirect("expiry:review")
    watched = queries.open_watches(item)
    name = Text(item.name, item.name_en).of(get_language())
    return render(request, "expiry/withdraw.html", {"name": name, "watched": watched})


def restore(request: Request, code: str) -> HttpResponse:
    item = queries.unit_item(request.actor, code, withdrawn=True)
    operations.restore(code=item.code, by=request.actor, at=clocks.now())
    messages.success(request, say(f"已恢复“{item.name}”。", f"“{item.name_en}” is back in the directory."))
    return redirect("expiry:review")


def inspect(request: Request) -> HttpResponse:
    """Promise an inspection now; the nightly one runs all the same and adds nothing."""
    for region in queries.regions():
        operations.record_request(by=request.actor, region=region, at=clocks.now())
    messages.success(
        request, say("巡检已开始，几秒后刷新即可看到结果。", "The inspection has begun; reload in a few seconds.")
    )
    return redirect("expiry:board")


def board(request: Request) -> HttpResponse:
    today, units = clocks.today(), queries.board_units(request.actor)
    return render(
        request,
        "expiry/board.html",
        {
            "board": figures.board(today, units),
            "how": figures,
            "city": units is None,
            "today": today,
            "last": queries.last_inspection(),
            "may_inspect": may_inspect(request.actor),
        },
    )


def board_csv(request: Request) -> HttpResponse:
    """Send the dashboard as CSV: every figure with how it is counted, then by domain and by month. No identities."""
    today = clocks.today()
    return csv_file(f"board-{today}.csv", _figures(figures.board(today, queries.board_units(request.actor))))


def _figures(board: figures.Board) -> Iterator[list[object]]:
    yield ["类别", "名称", "数值", "分子", "分母", "口径"]
    for name, value, how in figures.lines(board):
        whole = (value.value, value.part, value.whole) if isinstance(value, Share) else (value, "", "")
        yield ["指标", name.zh, *whole, how.zh]
    for line in board.domains:
        yield ["领域·证照", line.name.zh, line.licences, "", "", ""]
        yield ["领域·续证率", line.name.zh, line.rate.value, line.rate.part, line.rate.whole, figures.RATE.zh]
    for month, count in board.by_month:
        yield ["每月提醒", f"{month:%Y-%m}", count, "", "", ""]


def may_inspect(actor: identity.Actor) -> bool:
    return actor.has("supervisor", service="expiry")
