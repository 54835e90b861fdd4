"""The counter: file for somebody who stands there, find a case by its number or by credit code, see the whole bundle."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused
from bancheng.services.onething import attaching, counter, queries, visiting, writings
from bancheng.services.onething import papers as reading
from bancheng.services.onething.pages.follow import gaps_of, promises_of
from bancheng.services.onething.pages.papers import supplied
from bancheng.services.onething.registers import queries as registers
from bancheng.web import typed
from bancheng.web.doors import Request
from bancheng.web.forms import say

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
            "proofs": [(code, identity.PROOFS[code]) for code in counter.METHODS],
            "proving": "method" in request.POST,
            "refused": refused,
        },
        status=refused.status if refused else 200,
    )


def start(request: Request) -> HttpResponse:
    try:
        draft = counter.begin(
            bundle=request.POST.get("bundle", ""),
            visitor=counter.Visitor(**typed.words(request, *FIELDS)),
            agreed=request.POST.get("agreed") == "yes",
            by=request.actor,
            at=clocks.now(),
        )
    except Refused as no:
        return home(request, refused=no)
    return redirect("onething:draft", draft.id)


def prove(request: Request) -> HttpResponse:
    """Record whose identity was proven here (R-ID-4)."""
    try:
        counter.prove(
            visitor=counter.Visitor(**typed.words(request, "name", "citizen_id")),
            method=request.POST.get("method", ""),
            document=request.POST.get("document", ""),
            by=request.actor,
            at=clocks.now(),
        )
    except Refused as no:
        return home(request, refused=no)
    messages.success(request, say("已登记实名核验。", "The proof of identity is recorded."))
    return redirect("onething:counter")


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
            "writings": writings.of(view),
            "promises": promises_of(view),
            "slowest": queries.slowest(view.matters or (view.case,)),
            "corrections": [one for one in cases.corrections(view.case.id, sent=True) if not one.answered],
        },
    )


def supply(request: Request, case_id: UUID, paper: str) -> HttpResponse:
    """Take in a promised paper that somebody brings to the counter."""
    view = counter.case(case_id, by=request.actor, at=clocks.now())
    one = attaching.the(reading.of_case(view, reading.matters_of(view)), paper)
    return supplied(request, view, one, back="onething:counter_case")
