"""The desk: T-3 lists and other tasks, the unit's licences, applications, items and the quarter's review."""

import csv

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.lib import identifiers
from bancheng.lib.refusal import Refused
from bancheng.services.expiry import operations, queries, words
from bancheng.services.expiry.rules import State
from bancheng.web.doors import Request
from bancheng.web.forms import say


def tasks(request: Request) -> HttpResponse:
    closed, own = request.GET.get("show") == "closed", request.GET.get("show") == "own"
    page = Paginator(queries.tasks(request.actor, closed=closed, own=own), 30).get_page(request.GET.get("page"))
    return render(
        request,
        "expiry/tasks.html",
        {
            "page": page,
            "show": request.GET.get("show", ""),
            "today": clocks.today(),
            "counts": queries.task_counts(request.actor, request.GET.get("show", "")),
            "officers": queries.officers(request.actor),
            "may_assign": request.actor.has("unit_admin", service="expiry"),
        },
    )


def assign(request: Request) -> HttpResponse:
    ids = [int(pk) for pk in request.POST.getlist("task") if pk.isdigit()]
    officer = request.POST.get("officer", "")
    if (
        not ids
        or not officer.isdigit()
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


def task(request: Request, task_id: int, contact: tuple[str, str] | None = None) -> HttpResponse:
    found = queries.task(request.actor, task_id)
    return render(
        request,
        "expiry/task.html",
        {
            "task": found,
            "today": clocks.today(),
            "contact": contact,
            "results": [(code, words.RESULTS[code]) for code in found.results],
            "kind": words.KINDS[found.kind],
            "dates": queries.dates(found.watch),
            "why_due": queries.why_due(found),
            "told": queries.reminders(found.watch),
            "mine": found.assignee_id == request.actor.user_id,
        },
    )


def take(request: Request, task_id: int) -> HttpResponse:
    found = queries.task(request.actor, task_id)
    operations.take(task_id=found.pk, by=request.actor, at=clocks.now())
    messages.success(request, say("任务已归您办理。", "The task is yours now."))
    return redirect("expiry:task", task_id)


def contact(request: Request, task_id: int) -> HttpResponse:
    """Show the contact of an open task of one's own: an act that is logged, so a POST."""
    found = queries.task(request.actor, task_id)
    shown = operations.reveal_contact(task_id=found.pk, by=request.actor, at=clocks.now())
    return task(request, task_id, contact=shown)


def close(request: Request, task_id: int) -> HttpResponse:
    found = queries.task(request.actor, task_id)
    operations.close(
        task_id=found.pk,
        method=request.POST.get("method", ""),
        result=request.POST.get("result", ""),
        note=request.POST.get("note", ""),
        by=request.actor,
        at=clocks.now(),
    )
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
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="licences.csv"'
    answer.write("\ufeff")
    writer = csv.writer(answer)
    writer.writerow(["证号", "证照", "持证人", "最晚申请", "到期日", "状态"])
    for watch in queries.watches(request.actor).iterator(chunk_size=2000):
        state = words.STATES[State(watch.state)][1].zh
        holder = identifiers.mask_name(watch.licence.holder_name)
        writer.writerow(
            [watch.licence.number, watch.item.name, holder, watch.closes_on or "", watch.expires_on or "长期", state]
        )
    return answer


def application(request: Request, watch_id: int) -> HttpResponse:
    """Note that an application to renew was accepted, or has ended without a renewal."""
    watch = queries.unit_watch(request.actor, watch_id)
    now = clocks.now()
    if request.POST.get("what") == "accepted":
        operations.accept_application(watch_id=watch.pk, on=now.date(), by=request.actor.ref, at=now)
        messages.success(
            request,
            say(
                "已登记受理：对持证人的提醒停止，临近到期未决定会提醒本单位。",
                "Accepted: the holder's reminders stop; your unit is warned if it is still undecided near expiry.",
            ),
        )
    else:
        operations.withdraw_application(watch_id=watch.pk, by=request.actor.ref, at=now)
        messages.success(
            request, say("已登记申请终结：提醒恢复。", "The application has ended: reminders are on again.")
        )
    return redirect("expiry:licences")


def review(request: Request) -> HttpResponse:
    units = queries.units_of(request.actor, "unit_admin")
    if request.method == "POST":
        unit = queries.own_unit(request.actor, request.POST.get("unit", ""))
        operations.review_quarter(unit=unit, note=request.POST.get("note", ""), by=request.actor, at=clocks.now())
        messages.success(request, say("本季度梳理已登记。", "This quarter's review is on record."))
        return redirect("expiry:review")
    return render(
        request,
        "expiry/review.html",
        {"reviews": queries.reviews(units, clocks.today()), "items": queries.items_of(units)},
    )


def inspect(request: Request) -> HttpResponse:
    """Promise an inspection now; the nightly one runs all the same and adds nothing."""
    for region in queries.regions():
        operations.record_request(by=request.actor, region=region, at=clocks.now())
    messages.success(
        request, say("巡检已开始，几秒后刷新即可看到结果。", "The inspection has begun; reload in a few seconds.")
    )
    return redirect("expiry:board")


def board(request: Request) -> HttpResponse:
    today = clocks.today()
    return render(
        request,
        "expiry/board.html",
        {
            "board": queries.board_of(request.actor, today=today),
            "city": queries.sees_city(request.actor),
            "today": today,
            "last": queries.last_inspection(),
            "may_inspect": may_inspect(request.actor),
        },
    )


def may_inspect(actor: identity.Actor) -> bool:
    return any(actor.has(role, service="expiry") for role in ("supervisor", "operator"))
