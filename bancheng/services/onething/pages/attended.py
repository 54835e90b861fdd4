"""The counter, in a case: what the applicant may do, done by a clerk while he is there."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.onething import attending, counter, queries
from bancheng.services.onething.pages.correcting import answered
from bancheng.web import typed
from bancheng.web.doors import Request
from bancheng.web.forms import say

ACTS = {
    "withdraw": Text("撤回", "Take back"),
    "retry": Text("重新申请", "Apply again"),
    "give_up": Text("不再办理", "Go on without"),
}


def visitor_of(request: Request) -> attending.Visitor:
    """Return who stands at the counter, as it was typed."""
    said = {name: typed.word(request, f"visitor-{name}", most=100) for name in ("name", "citizen_id", "document")}
    return attending.Visitor(**said, agreed=request.POST.get("visitor-agreed") == "yes")


def act(request: Request, case_id: UUID) -> HttpResponse:
    """Ask who stands here and do one thing for him: `act` and its `target`, a matter or a step."""
    view = counter.case(case_id, by=request.actor, at=clocks.now())
    given = request.POST if request.method == "POST" else request.GET
    code, target = given.get("act", "withdraw"), given.get("target", str(view.case.id))[:64]
    if code not in ACTS or (what := _named(view, code, target)) is None:
        raise queries.no_such_case()
    refused = None
    if request.method == "POST":
        try:
            _do(request, view, code, target)
        except Refused as no:
            refused = no
        else:
            messages.success(
                request,
                say(
                    "已代为办理，记录已注明到场人身份。",
                    "Done for the applicant; in which capacity he came is on record.",
                ),
            )
            return redirect("onething:counter_case", view.case.id)
    return render(
        request,
        "onething/attended.html",
        {
            "view": view,
            "act": code,
            "target": target,
            "title": ACTS[code],
            "what": what,
            "refused": refused,
            "typed": visitor_of(request),
            "reason": request.POST.get("reason", ""),
        },
        status=refused.status if refused else 200,
    )


def _named(view: cases.View, code: str, target: str) -> Text | None:
    """Return the name of what an act is about; None where there is nothing of the kind."""
    if code == "withdraw":
        found = next((one for one in (view.case, *view.matters) if str(one.id) == target), None)
        return found.title if found else None
    step = view.case.flow.by_code.get(target)
    return step.name if step else None


def _do(request: Request, view: cases.View, code: str, target: str) -> None:
    visitor, by, at = visitor_of(request), request.actor, clocks.now()
    if code == "withdraw":
        reason = typed.word(request, "reason", most=300)
        attending.withdraw(view=view, case_id=UUID(target), visitor=visitor, reason=reason, by=by, at=at)
    elif code == "retry":
        attending.retry(view=view, step=target, visitor=visitor, by=by, at=at)
    else:
        attending.give_up(view=view, step=target, visitor=visitor, by=by, at=at)


def correct(request: Request, case_id: UUID) -> HttpResponse:
    """The one correction screen, answered by a clerk for whoever stands at the counter."""
    view = counter.case(case_id, by=request.actor, at=clocks.now())
    return answered(request, view, back="onething:counter_case", visitor=visitor_of(request))
