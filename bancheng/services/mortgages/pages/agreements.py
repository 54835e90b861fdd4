"""Agreements and channels: what the registry and the banks have agreed, and where people file."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages import doors, terms
from bancheng.services.mortgages.operations import agreements as operations
from bancheng.services.mortgages.queries import agreements as queries
from bancheng.services.mortgages.rules.channels import KINDS
from bancheng.web import typed
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request


def home(request: Request) -> HttpResponse:
    """The public page: what can be filed where, what it promises, and how the registry and the banks behave."""
    rules = terms.of_pack()
    return render(
        request,
        "mortgages/home.html",
        {"channels": queries.channels(clocks.today()), "goals": rules.goals, "conduct": rules.conduct},
    )


def agreements(request: Request, refused: Refused | None = None) -> HttpResponse:
    actor = request.actor
    return render(
        request,
        "mortgages/agreements.html",
        {
            "lines": queries.listed(actor, clocks.today()),
            "proposes": bool(doors.units(actor, *doors.REGISTRY)),
            "banks": queries.banks(),
            "kinds": KINDS.items(),
            "refused": refused,
            "typed": request.POST,
            "chosen": request.POST.getlist("scope"),
        },
        status=refused.status if refused else 200,
    )


def agreement(request: Request, agreement_id: UUID, refused: Refused | None = None) -> HttpResponse:
    actor = request.actor
    line = queries.one(actor, agreement_id, clocks.today())
    return render(
        request,
        "mortgages/agreement.html",
        {
            "line": line,
            "one": line.agreement,
            "signs": doors.is_bank(actor, line.agreement.bank, doors.APPROVER) and line.agreement.state == "proposed",
            "ends": doors.is_registry(actor, line.agreement.registry) and line.agreement.state == "signed",
            "refused": refused,
            "typed": request.POST,
        },
        status=refused.status if refused else 200,
    )


def propose(request: Request) -> HttpResponse:
    post = request.POST
    return carry_out(
        request,
        lambda: operations.propose(
            bank=post.get("bank", ""),
            number=post.get("number", ""),
            first=typed.day(post.get("first", "")),
            last=typed.day(post.get("last", "")),
            scope=post.getlist("scope"),
            said={name: post.get(name, "") for name in operations.SAID},
            by=request.actor,
            at=clocks.now(),
        ),
        "已发给银行，待其审批人员签署。",
        "Sent to the bank; its approver signs.",
        then=("mortgages:agreements",),
        again=lambda no: agreements(request, refused=no),
    )


def _act(request: Request, agreement_id: UUID, do: Callable[[], Any], zh: str, en: str) -> HttpResponse:
    then = ("mortgages:agreement", agreement_id)
    return carry_out(request, do, zh, en, then=then, again=lambda no: agreement(request, agreement_id, refused=no))


def sign(request: Request, agreement_id: UUID) -> HttpResponse:
    return _act(
        request,
        agreement_id,
        lambda: operations.sign(agreement_id=agreement_id, by=request.actor, at=clocks.now()),
        "已签署，协议自约定之日起生效。",
        "Signed; it is in force from its first day.",
    )


def turn_down(request: Request, agreement_id: UUID) -> HttpResponse:
    return _act(
        request,
        agreement_id,
        lambda: operations.turn_down(
            agreement_id=agreement_id, why=request.POST.get("why", ""), by=request.actor, at=clocks.now()
        ),
        "已告知登记中心不签署。",
        "The registry sees that it is not signed.",
    )


def end(request: Request, agreement_id: UUID) -> HttpResponse:
    return _act(
        request,
        agreement_id,
        lambda: operations.end(
            agreement_id=agreement_id, why=request.POST.get("why", ""), by=request.actor, at=clocks.now()
        ),
        "协议已终止，本行网点不再受理新的申报。",
        "The agreement is over; the bank's outlets file nothing new.",
    )
