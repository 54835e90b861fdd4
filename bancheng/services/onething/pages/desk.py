"""The desk: the queue, a case, and what is done to it."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.onething import attaching, handing, operations, promising, queries, visiting, writings
from bancheng.services.onething.registers import queries as registers
from bancheng.web import typed
from bancheng.web.doors import Request
from bancheng.web.forms import say

SIZE = 30
SHOWS = {"": Text("全部待办", "All open"), "mine": Text("我领取的", "Mine"), "late": Text("逾期未补正", "Answer late")}
LAWS = {
    "taken_back": "行政许可法 第六十九条",
    "handed_over": "行政许可法 第三十二条",
}  # offered, and may be written over


def queue(request: Request) -> HttpResponse:
    show = request.GET.get("show", "")
    show = show if show in SHOWS else ""
    page = request.GET.get("page", "")
    number = max(int(page) if page.isdecimal() and 1 <= len(page) <= 6 else 1, 1)
    first, today = (number - 1) * SIZE, clocks.today()
    late = queries.unanswered(request.actor, today, first=first, size=SIZE) if show == "late" else []
    found = [] if show == "late" else queries.queue(request.actor, mine=show == "mine", first=first, size=SIZE)
    return render(
        request,
        "onething/queue.html",
        {
            "tasks": found[:SIZE],
            "late": late[:SIZE],
            "visits": visiting.days_of([one.case for one in found if one.kind is cases.Kind.VISIT]),
            "more": len(found) > SIZE or len(late) > SIZE,
            "page": number,
            "show": show,
            "today": today,
            "shows": [
                {"words": words, "url": f"?show={code}" if code else "?", "current": show == code}
                for code, words in SHOWS.items()
            ],
        },
    )


def case(request: Request, case_id: UUID, refused: Refused | None = None) -> HttpResponse:
    desk = queries.on_desk(request.actor, case_id)
    now = clocks.now()
    who = queries.names(desk.view)
    content = operations.open_content(desk, by=request.actor, at=now)
    units = handing.desks(desk, now) if handing.may_hand_over(request.actor, desk) else []
    return render(
        request,
        "onething/desk.html",
        {
            "found": desk,
            "matter": desk.matter,
            "state": cases.STATES[desk.matter.state],
            "events": queries.timeline(desk.matter, who),
            "steps": {step.kind.value: step for step in desk.steps},
            "answers": content.answers,
            "fields": content.fields,
            "papers": content.papers,
            "gaps": [one for one in content.papers if one.promised and not one.files],
            "signed": attaching.signed(desk.view, {one.name.zh for one in content.papers}),
            "promise": promising.followed(desk.matter, promising.marks_of(desk.view)),
            "follow_up": next((step for step in desk.steps if step.kind is cases.Kind.FOLLOW_UP), None),
            "units": units,
            "may_hand_over": handing.may_hand_over(request.actor, desk),
            "may_repair": request.actor.has("approver", service=queries.SERVICE, unit=desk.matter.unit),
            "asked": list(zip(request.POST.getlist("about"), request.POST.getlist("says"), strict=False)),
            "late_since": handing.late(desk, day_of(now)),
            "similar": queries.similar(desk, now),
            "writings": writings.of(desk.view, case_id),
            "registers": registers.for_officer(desk.view.case.id, desk.matter.matter),
            "visit": visiting.of(desk.view),
            "visits": [one for one in visiting.open_visits(desk.view) if one.id != case_id],
            "refused": refused,
            "overlooked": bool(refused and refused.code == "one_time_notice"),
            "typed": request.POST,
            "laws": LAWS,
            "today": clocks.today(),
        },
        status=refused.status if refused else 200,
    )


def act(request: Request, case_id: UUID, do: Callable[[], Any], zh: str, en: str) -> HttpResponse:
    """Do it and say so; what is refused is told on the case, with everything that was typed."""
    try:
        do()
    except Refused as no:
        if no.status == 404:
            raise
        return case(request, case_id, refused=no)
    messages.success(request, say(zh, en))
    return redirect(reverse("onething:desk_case", args=[case_id]))


def take(request: Request, case_id: UUID) -> HttpResponse:
    return act(
        request,
        case_id,
        lambda: operations.take(case_id=case_id, by=request.actor, at=clocks.now()),
        "已领取，由您办理。",
        "It is yours now.",
    )


def accept(request: Request, case_id: UUID) -> HttpResponse:
    return act(
        request,
        case_id,
        lambda: operations.accept(
            case_id=case_id, by=request.actor, at=clocks.now(), freely=request.POST.getlist("freely")
        ),
        "已受理，受理通知已发给申请人。",
        "Accepted; the applicant is told.",
    )


def correction(request: Request, case_id: UUID) -> HttpResponse:
    defects = operations.defects_from(
        request.POST.getlist("about"), request.POST.getlist("says"), request.POST.getlist("law")
    )
    return act(
        request,
        case_id,
        lambda: operations.ask_correction(case_id=case_id, defects=defects, by=request.actor, at=clocks.now()),
        "已记下补正事项，将与其他部门的一并一次告知。",
        "Noted: it is told once, with what other departments ask.",
    )


def refuse(request: Request, case_id: UUID) -> HttpResponse:
    return act(
        request,
        case_id,
        lambda: operations.refuse(case_id=case_id, because=because(request), by=request.actor, at=clocks.now()),
        "已作出不予受理决定。",
        "Not accepted.",
    )


def done(request: Request, case_id: UUID) -> HttpResponse:
    result = typed.word(request, "result")
    return act(
        request,
        case_id,
        lambda: operations.do(case_id=case_id, result=result, by=request.actor, at=clocks.now()),
        "已记录结果。",
        "The result is recorded.",
    )


def visit(request: Request, case_id: UUID) -> HttpResponse:
    def book() -> None:
        visiting.book(
            case_id=case_id,
            day=_day(request.POST.get("day", "")),
            half=request.POST.get("half", ""),
            with_=request.POST.getlist("with"),
            by=request.actor,
            at=clocks.now(),
        )

    return act(request, case_id, book, "已预约，申请人会收到通知。", "Booked; the applicant is told.")


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def ask_registers(request: Request, case_id: UUID) -> HttpResponse:
    """Ask registers again for the case, because what they said has changed since."""

    def ask() -> None:
        operations.ask_registers(case_id=case_id, by=request.actor, at=clocks.now())

    return act(request, case_id, ask, "已经再查，结果见“登记核验”。", "Asked again; see “Registers”.")


def decide(request: Request, case_id: UUID) -> HttpResponse:
    outcome = cases.Outcome.DENIED if request.POST.get("outcome") == "denied" else cases.Outcome.GRANTED
    return act(
        request,
        case_id,
        lambda: operations.decide(
            case_id=case_id, outcome=outcome, because=because(request), by=request.actor, at=clocks.now()
        ),
        "已作出决定，结果已发给申请人。",
        "Decided; the applicant is told.",
    )


def undo(request: Request, case_id: UUID) -> HttpResponse:
    return act(
        request,
        case_id,
        lambda: operations.undo(case_id=case_id, by=request.actor, at=clocks.now()),
        "已撤销上一步。",
        "The last step was taken back.",
    )


def because(request: Request) -> cases.Because:
    """Return the reason, article and remedy that were typed."""
    return cases.Because(
        typed.word(request, "reason", most=1000),
        typed.word(request, "law", most=300),
        typed.word(request, "remedy", most=500),
    )
