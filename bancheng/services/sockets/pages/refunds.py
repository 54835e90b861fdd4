"""Finance: refunds that did not arrive, charges given back, both by two people, and the account of one session."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.payments import public as payments
from bancheng.lib.refusal import Refused
from bancheng.services.sockets.operations import handwork
from bancheng.services.sockets.pages import typed
from bancheng.services.sockets.pages.finance import SIZE, tabs
from bancheng.services.sockets.queries import finance as queries
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request

WAITING = 200  # shown at once; more wait their turn


def refunds(request: Request, refused: Refused | None = None, about: UUID | None = None) -> HttpResponse:
    """Show what waits for a second person, the refunds that did not arrive, and what was decided."""
    decided = Paginator(queries.by_hand(settings.REGION, open_only=False), SIZE).get_page(request.GET.get("page"))
    waiting = list(queries.by_hand(settings.REGION, open_only=True)[:WAITING])
    return render(
        request,
        "sockets/finance_refunds.html",
        {
            "tabs": tabs("finance_refunds"),
            "stuck": queries.stuck(settings.REGION, clocks.now()),
            "waiting": queries.hands(waiting),
            "decided": queries.hands(list(decided)),
            "page": decided,
            "works": request.actor.has(queries.FINANCE),
            "me": request.actor.ref,
            "refused": refused,
            "about": about,  # the refund whose form comes back as it was typed
            "typed": request.POST if refused else {},
        },
        status=refused.status if refused else 200,
    )


def _act(request: Request, do: Callable[[], Any], zh: str, en: str, about: UUID | None = None) -> HttpResponse:
    return carry_out(
        request,
        do,
        zh,
        en,
        then=("sockets:finance_refunds",),
        again=lambda no: refunds(request, refused=no, about=about),
    )


def find(request: Request, refund_id: UUID) -> HttpResponse:
    """Put forward what the channel's console shows of an abnormal refund."""
    if not queries.sessions_of([refund_id]):
        raise Http404
    return _act(
        request,
        lambda: payments.find(
            region=settings.REGION,
            refund_id=refund_id,
            succeeded=_arrived(request.POST.get("outcome", "")),
            why=request.POST.get("why", ""),
            by=request.actor.ref,
            at=clocks.now(),
        ),
        "已提出，等待另一人同意；在此之前退款不变。",
        "Put forward; it waits for another person. Until then the refund stays as it is.",
        about=refund_id,
    )


def _arrived(outcome: str) -> bool:
    if outcome not in ("arrived", "not_sent"):
        raise Refused(
            "say_outcome",
            "请选择商户平台显示的结果，没有提交。",
            en="Choose what the console shows; nothing was put forward.",
            status=422,
        )
    return outcome == "arrived"


def decide_finding(request: Request, finding_id: int) -> HttpResponse:
    """Agree to what another found, or decline; of a refund of shared power."""
    waiting = {one.id: one.refund_id for one in payments.findings(settings.REGION).values()}
    if finding_id in waiting and not queries.sessions_of([waiting[finding_id]]):
        raise Http404
    agree = request.POST.get("decision") == "agree"
    return _act(
        request,
        lambda: payments.decide(
            region=settings.REGION, finding_id=finding_id, agree=agree, by=request.actor.ref, at=clocks.now()
        ),
        "已记录。",
        "On record.",
    )


def decide_charge(request: Request, hand_id: int) -> HttpResponse:
    """Decide on a charge that another would give back."""
    approve = request.POST.get("decision") == "approve"
    return _act(
        request,
        lambda: handwork.decide(hand_id=hand_id, approve=approve, by=request.actor, at=clocks.now()),
        "已处理。",
        "Decided.",
    )


def search(request: Request) -> HttpResponse:
    asked = request.GET.get("q", "")
    found = queries.find(settings.REGION, asked) if asked else None
    if found:
        return redirect("sockets:finance_session", found)
    return render(
        request,
        "sockets/finance_search.html",
        {"tabs": tabs("finance_search"), "typed": asked},
        status=404 if asked else 200,
    )


def session(request: Request, session_id: UUID, refused: Refused | None = None) -> HttpResponse:
    return render(
        request,
        "sockets/finance_session.html",
        {
            "account": queries.account(settings.REGION, session_id),
            "works": request.actor.has(queries.FINANCE),
            "refused": refused,
            "typed": request.POST if refused else {},
        },
        status=refused.status if refused else 200,
    )


def propose_charge(request: Request, session_id: UUID) -> HttpResponse:
    """Put forward that a charge, or a part of it, goes back."""
    return carry_out(
        request,
        lambda: handwork.propose_charge(
            session_id=session_id,
            fen=typed.fen(request.POST.get("yuan", "")),
            reason=request.POST.get("reason", ""),
            by=request.actor,
            at=clocks.now(),
        ),
        "已提出，等待另一人批准。",
        "Put forward; it waits for another person.",
        then=("sockets:finance_refunds",),
        again=lambda no: session(request, session_id, refused=no),
    )
