"""What a bank's approver does where his bank is asked: sees what waits for its answer, says yes, or no with the reason."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.registrations import public as registrations
from bancheng.lib.refusal import Refused
from bancheng.services.registry import filed, queries
from bancheng.services.registry.queries import State
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request
from bancheng.web.registered import letter_pdf

CHANNEL = "bank"


def asks(request: Request) -> HttpResponse:
    """Show the applications that wait for the bank's answer."""
    found = registrations.to_answer_of_units(request.actor.units(queries.BANKER))
    return render(request, "registry/asks.html", {"lines": queries.lines(found, clocks.today())})


def ask(request: Request, ask_id: UUID, refused: Refused | None = None) -> HttpResponse:
    """Show one application to the bank that is asked in it."""
    found = queries.my_ask(request.actor, ask_id)
    (line,) = queries.lines([found.brief], clocks.today())
    texts = registrations.consent_text(ask_id, by=request.actor, at=clocks.now())
    return render(
        request,
        "registry/ask.html",
        {
            "found": found,
            "line": line,
            "texts": texts,
            "answers": found.state is State.DRAFT,
            "rights": found.payload.get("rights_asked", []),
            "parties": [(each, registrations.ROLES[each.role]) for each in found.parties],
            "papers": [(each, registrations.material(each.material)) for each in found.papers],
            "facts": filed.facts(found),
            "letter_page": "registry:ask_letter",
            "limits": registrations.limits_on_transfer(ask_id),
            "letter_making": registrations.letter_being_made(found),
            "refused": refused,
            "typed": request.POST,
        },
        status=refused.status if refused else 200,
    )


def letter(request: Request, ask_id: UUID, letter_id: UUID) -> HttpResponse:
    """Give a letter to the bank that was asked in its application."""
    queries.my_ask(request.actor, ask_id)
    return letter_pdf(letter_id, application_id=ask_id, by=request.actor.ref, at=clocks.now())


def agree(request: Request, ask_id: UUID) -> HttpResponse:
    """Say yes for the bank."""
    return _act(
        request,
        ask_id,
        lambda: registrations.consent(application_id=ask_id, by=request.actor, channel=CHANNEL, at=clocks.now()),
        "已记录本行同意。",
        "Your bank's yes is on record.",
    )


def decline(request: Request, ask_id: UUID) -> HttpResponse:
    """Say no for the bank, with the reason: the application ends by it, nothing changes in the book."""
    reason = request.POST.get("reason", "")
    return _act(
        request,
        ask_id,
        lambda: registrations.object_to(
            application_id=ask_id, reason=reason, by=request.actor, channel=CHANNEL, at=clocks.now()
        ),
        "已记录本行不同意及理由，该申请不再办理。",
        "Your bank's no is on record with its reason; the application goes no further.",
    )


def _act(request: Request, ask_id: UUID, do: Callable[[], Any], zh: str, en: str) -> HttpResponse:
    queries.my_ask(request.actor, ask_id)
    return carry_out(request, do, zh, en, then=("registry:asks",), again=lambda no: ask(request, ask_id, refused=no))
