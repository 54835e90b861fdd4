"""Tickets: from an alarm to the second check."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused
from bancheng.services.sockets.operations import care as operations
from bancheng.services.sockets.queries import care as queries
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request

SIZE = 30


def tickets(request: Request) -> HttpResponse:
    show = request.GET.get("show", "open")
    show = show if show in queries.SHOWN else "open"
    page = Paginator(queries.tickets(settings.REGION, show), SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "sockets/tickets.html",
        {
            "lines": queries.ticket_lines(list(page)),
            "page": page,
            "shows": [
                {"words": words, "url": f"?show={code}", "current": code == show}
                for code, words in queries.SHOWN.items()
            ],
        },
    )


def ticket(request: Request, ticket_id: UUID, refused: Refused | None = None) -> HttpResponse:
    found = queries.ticket(ticket_id)
    actor = request.actor
    return render(
        request,
        "sockets/ticket.html",
        {
            "line": found,
            "ticket": found.ticket,
            "dispatches": actor.has("dispatcher"),
            "keeps": actor.has("device_keeper"),
            "mine": found.ticket.assigned_to == actor.ref,
            "own_work": found.ticket.fixed_by == actor.ref,
            "keepers": queries.keepers(clocks.now()) if actor.has("dispatcher") else [],
            "refused": refused,
            "typed": request.POST if refused else {},
        },
        status=refused.status if refused else 200,
    )


def _act(request: Request, ticket_id: UUID, do: Callable[[], Any], zh: str, en: str) -> HttpResponse:
    return carry_out(
        request,
        do,
        zh,
        en,
        then=("sockets:ticket", ticket_id),
        again=lambda no: ticket(request, ticket_id, refused=no),
    )


def assign(request: Request, ticket_id: UUID) -> HttpResponse:
    typed = request.POST.get("to", "")
    to = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
    return _act(
        request,
        ticket_id,
        lambda: operations.assign(ticket_id=ticket_id, to=to, by=request.actor, at=clocks.now()),
        "已派单。",
        "Assigned.",
    )


def fix(request: Request, ticket_id: UUID) -> HttpResponse:
    return _act(
        request,
        ticket_id,
        lambda: operations.fix(
            ticket_id=ticket_id, words=request.POST.get("words", ""), by=request.actor, at=clocks.now()
        ),
        "已记录修复，等待另一人复核。",
        "Recorded; another person checks it.",
    )


def check(request: Request, ticket_id: UUID) -> HttpResponse:
    passed = request.POST.get("decision") == "passed"
    return _act(
        request,
        ticket_id,
        lambda: operations.check(ticket_id=ticket_id, passed=passed, by=request.actor, at=clocks.now()),
        "复核结果已记录。",
        "The second check is on record.",
    )
