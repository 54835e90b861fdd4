"""The owner's pages: what was filed on his homes, where he agrees or objects, and a complaint; and the desk that answers it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages.operations import complaints as operations
from bancheng.services.mortgages.queries import owners as queries
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request


def mine(request: Request, refused: Refused | None = None) -> HttpResponse:
    hashes = identity.person_hashes(request.actor, clocks.now(), service="mortgages")
    return render(
        request,
        "mortgages/mine.html",
        {
            "lines": queries.mine(hashes),
            "complaints": queries.complaints_of(hashes),
            "asked": queries.asked_of(hashes),
            "refused": refused,
            "typed": request.POST,
        },
        status=refused.status if refused else 200,
    )


def complain(request: Request, application_id: UUID) -> HttpResponse:
    return carry_out(
        request,
        lambda: operations.complain(
            application_id=application_id, words=request.POST.get("words", ""), by=request.actor, at=clocks.now()
        ),
        "投诉已提交登记中心，银行不会知道是谁投诉的。",
        "Your complaint is with the registry; the bank is not told who complained.",
        then=("mortgages:mine",),
        again=lambda no: mine(request, refused=no),
    )


def complaints(request: Request, refused: Refused | None = None) -> HttpResponse:
    return render(
        request,
        "mortgages/complaints.html",
        {"lines": queries.complaints(request.actor), "today": clocks.today(), "refused": refused},
        status=refused.status if refused else 200,
    )


def answer(request: Request, complaint_id: UUID) -> HttpResponse:
    return carry_out(
        request,
        lambda: operations.answer(
            complaint_id=complaint_id,
            upheld=request.POST.get("upheld") == "yes",
            words=request.POST.get("words", ""),
            by=request.actor,
            at=clocks.now(),
        ),
        "已答复投诉人。",
        "Answered.",
        then=("mortgages:complaints",),
        again=lambda no: complaints(request, refused=no),
    )
