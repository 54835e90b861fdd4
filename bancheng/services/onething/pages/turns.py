"""What is done to a matter besides deciding it: promises verified, visits called off, handed over, taken as waived, leave for what was
overlooked. Each door parses, calls one operation and shows the case again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.onething import handing, operations, overlooked, promising, visiting
from bancheng.services.onething.pages import desk
from bancheng.web import typed
from bancheng.web.doors import Request
from bancheng.web.forms import say


def _answer(request: Request, name: str) -> bool | None:
    """Return yes, no, or None where nothing was chosen."""
    return {"yes": True, "no": False}.get(request.POST.get(name, ""))


def verify(request: Request, case_id: UUID) -> HttpResponse:
    true = _answer(request, "true")

    def do() -> None:
        why = desk.because(request)
        why = cases.Because(why.reason) if true else why
        promising.verify(case_id=case_id, true=true, because=why, by=request.actor, at=clocks.now())

    told = (
        ("已记录：承诺属实。", "Recorded: the promise is true.")
        if true
        else ("已记录：承诺不实，责令改正已告知申请人。", "Recorded: untrue; the applicant is told to mend it.")
    )
    return desk.act(request, case_id, do, *told)


def settle(request: Request, case_id: UUID) -> HttpResponse:
    mended = _answer(request, "mended")

    def do() -> None:
        why = desk.because(request)
        why = cases.Because(why.reason) if mended else why
        promising.settle(case_id=case_id, mended=mended, because=why, by=request.actor, at=clocks.now())

    told = (
        ("已记录：已改正，失信记录已修复。", "Recorded: mended; nothing is held against the applicant any more.")
        if mended
        else (
            "已撤销许可，证照同时失效，已告知申请人。",
            "The grant is taken back, its licence with it; the applicant is told.",
        )
    )
    return desk.act(request, case_id, do, *told)


def repair(request: Request, case_id: UUID) -> HttpResponse:
    def do() -> None:
        promising.repair(
            case_id=case_id, because=typed.word(request, "reason", most=1000), by=request.actor, at=clocks.now()
        )

    return desk.act(request, case_id, do, "失信记录已修复。", "The record is repaired.")


def hand_over(request: Request, case_id: UUID) -> HttpResponse:
    """Hand it over; who did sees it no more, so he is shown his queue."""
    try:
        to = handing.hand_over(
            case_id=case_id,
            to=typed.word(request, "to", most=64),
            outside=typed.word(request, "outside", most=100),
            because=desk.because(request),
            by=request.actor,
            at=clocks.now(),
        )
    except Refused as no:
        if no.status == 404:
            raise
        return desk.case(request, case_id, refused=no)
    messages.success(request, say(f"已转{to.zh}，已告知申请人。", f"Handed over to {to.en}; the applicant is told."))
    return redirect("onething:desk")


def waive(request: Request, case_id: UUID) -> HttpResponse:
    def do() -> None:
        handing.waive(case_id=case_id, because=desk.because(request), by=request.actor, at=clocks.now())

    return desk.act(request, case_id, do, "已认定视为放弃，已告知申请人。", "Taken as waived; the applicant is told.")


def cancel_visit(request: Request, case_id: UUID) -> HttpResponse:
    def do() -> None:
        visiting.cancel(
            case_id=case_id, reason=typed.word(request, "reason", most=300), by=request.actor, at=clocks.now()
        )

    return desk.act(
        request,
        case_id,
        do,
        "已取消，申请人和各部门会收到通知。",
        "Called off; the applicant and the offices are told.",
    )


def ask_leave(request: Request, case_id: UUID) -> HttpResponse:
    defects = operations.defects_from(
        request.POST.getlist("about"), request.POST.getlist("says"), request.POST.getlist("law")
    )

    def do() -> None:
        overlooked.ask_leave(
            case_id=case_id,
            defects=defects,
            reason=typed.word(request, "reason", most=1000),
            by=request.actor,
            at=clocks.now(),
        )

    return desk.act(
        request,
        case_id,
        do,
        "已提交主管确认。确认后计为服务缺陷。",
        "Put before the supervisor; allowed, it is a defect.",
    )


# --- the supervisor ---


def late(request: Request) -> HttpResponse:
    return render(request, "onething/late.html", {"requests": overlooked.waiting(request.actor)})


def decide_late(request: Request, request_id: int) -> HttpResponse:
    allowed = request.POST.get("allow") == "yes"
    try:
        overlooked.decide(request_id=request_id, allowed=allowed, by=request.actor, at=clocks.now())
    except Refused as no:
        if no.status == 404:
            raise
        found = overlooked.waiting(request.actor)
        return render(request, "onething/late.html", {"requests": found, "refused": no}, status=no.status)
    said = (
        Text("已同意提出，记为服务缺陷。", "Allowed; it counts as a defect of the service.")
        if allowed
        else Text("未同意，不再要求补正。", "Not allowed; it is not asked.")
    )
    messages.success(request, say(said.zh, said.en))
    return redirect(reverse("onething:late"))
