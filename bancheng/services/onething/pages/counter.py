"""The counter: file for somebody who stands there, find a case by its number or by credit code, see the whole bundle."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused
from bancheng.services.onething import counter, queries, visiting
from bancheng.services.onething.pages.follow import gaps_of
from bancheng.services.onething.registers import queries as registers
from bancheng.web.doors import Request

FIELDS = ("name", "citizen_id", "mobile", "organisation", "uscc")


def home(request: Request, refused: Refused | None = None) -> HttpResponse:
    asked = request.GET.get("q", "")[:60]
    return render(
        request,
        "onething/counter.html",
        {
            "asked": asked,
            "found": [queries.line_of(one) for one in counter.search(asked)],
            "bundles": queries.bundles(),
            "typed": request.POST,
            "refused": refused,
        },
        status=refused.status if refused else 200,
    )


def start(request: Request) -> HttpResponse:
    typed = {name: request.POST.get(name, "").strip() for name in FIELDS}
    try:
        draft = counter.begin(
            bundle=request.POST.get("bundle", ""),
            visitor=counter.Visitor(**typed),
            agreed=request.POST.get("agreed") == "yes",
            by=request.actor,
            at=clocks.now(),
        )
    except Refused as no:
        return home(request, refused=no)
    return redirect("onething:draft", draft.id)


def case(request: Request, case_id: UUID) -> HttpResponse:
    view = counter.case(case_id, by=request.actor, at=clocks.now())
    return render(
        request,
        "onething/counter_case.html",
        {
            "view": view,
            "state": cases.STATES[view.case.state],
            "parcels": queries.parcels(view),
            "waiting": queries.waiting(view),
            "gaps": gaps_of(view),
            "visit": visiting.of(view),
            "registers": registers.for_applicant(view),
            "slowest": queries.slowest(view.matters or (view.case,)),
            "corrections": [one for one in cases.corrections(view.case.id, sent=True) if not one.answered],
        },
    )
