"""The owner's pages: what was filed on his homes, where he agrees or objects, and a complaint; and the desk that answers it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages.operations import complaints as operations
from bancheng.services.mortgages.operations import freeing
from bancheng.services.mortgages.queries import owners as queries
from bancheng.services.mortgages.rules.channels import Channel
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request

CHANNEL = Channel.ONE_WINDOW  # this site is the city's "one window"


def mine(request: Request, refused: Refused | None = None) -> HttpResponse:
    hashes = identity.person_hashes(request.actor, clocks.now(), service="mortgages")
    homes = queries.homes(hashes)
    return render(
        request,
        "mortgages/mine.html",
        {
            "lines": queries.mine(hashes),
            "resting": queries.resting(homes),
            "complaints": queries.complaints_of(hashes),
            "asked": queries.asked_of(homes),
            "refused": refused,
            "typed": request.POST,
        },
        status=refused.status if refused else 200,
    )


def ask_to_cancel(request: Request, right: str) -> HttpResponse:
    """Ask that a mortgage on one's home ends: the bank says online that it may, then the office records it."""
    return carry_out(
        request,
        lambda: freeing.ask_to_cancel(
            right=right,
            channel=CHANNEL,
            reason=request.POST.get("reason", ""),
            by=request.actor,
            at=clocks.now(),
        ),
        "已提交，等银行在网上确认解除；确认后登记机构当日办理。",
        "Filed: the bank is asked to release it online; once it has, the registry deals with it the same day.",
        then=("mortgages:mine",),
        again=lambda no: mine(request, refused=no),
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
