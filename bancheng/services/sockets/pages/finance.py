"""Finance: the channels' bills beside ours, refunds that did not arrive, and what two people found of them."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.payments import public as payments
from bancheng.lib.refusal import Refused
from bancheng.services.sockets.rules import finance as words
from bancheng.web.doors import Request
from bancheng.web.forms import say

FINANCE = "power_finance"
SHOWN = timedelta(days=31)


def finance(request: Request, refused: Refused | None = None) -> HttpResponse:
    """Show the refunds that wait for a person, and each day's comparison of the last month."""
    stuck = payments.stuck(settings.REGION, clocks.now())
    findings = payments.findings(settings.REGION)
    names = identity.names_of([one.found_by for one in findings.values()])
    today = clocks.today()
    return render(
        request,
        "sockets/finance.html",
        {
            "stuck": [
                {
                    "refund": one,
                    "channel": words.CHANNELS[one.channel],
                    "state": words.REFUNDS[one.state],
                    "abnormal": one.state == payments.RefundState.ABNORMAL,
                    "finding": findings.get(one.id),
                    "by": names.get(findings[one.id].found_by, "") if one.id in findings else "",
                    "own": one.id in findings and findings[one.id].found_by == request.actor.ref,
                }
                for one in stuck
            ],
            "days": [
                {
                    "day": one,
                    "channel": words.CHANNELS[one.channel],
                    "says": words.differences(len(one.differences)),
                    "differences": [
                        (number, words.MATCHES[match], ours, theirs) for number, match, ours, theirs in one.differences
                    ],
                }
                for one in payments.days(settings.REGION, first=today - SHOWN, last=today)
            ],
            "acts": request.actor.has(FINANCE),
            "refused": refused,
            "typed": request.POST if refused else {},
        },
        status=refused.status if refused else 200,
    )


def _act(request: Request, do: Callable[[], Any], zh: str, en: str) -> HttpResponse:
    try:
        do()
    except Refused as no:
        if no.status == 404:
            raise
        return finance(request, refused=no)
    messages.success(request, say(zh, en))
    return redirect("sockets:finance")


def find(request: Request, refund_id: UUID) -> HttpResponse:
    """Put forward what the channel's console shows of an abnormal refund."""
    succeeded = request.POST.get("outcome") == "arrived"
    return _act(
        request,
        lambda: payments.find(
            region=settings.REGION,
            refund_id=refund_id,
            succeeded=succeeded,
            why=request.POST.get("why", ""),
            by=request.actor.ref,
            at=clocks.now(),
        ),
        "已提出，等待另一人同意；在此之前退款不变。",
        "Put forward; it waits for another person. Until then the refund stays as it is.",
    )


def decide(request: Request, finding_id: int) -> HttpResponse:
    """Agree to what another found, or decline."""
    agree = request.POST.get("decision") == "agree"
    return _act(
        request,
        lambda: payments.decide(
            region=settings.REGION, finding_id=finding_id, agree=agree, by=request.actor.ref, at=clocks.now()
        ),
        "已记录。",
        "On record.",
    )


def compare(request: Request) -> HttpResponse:
    """Have a day's bill fetched and compared once more."""
    channel = request.POST.get("channel", "")
    if channel not in words.CHANNELS:
        raise Http404
    return _act(
        request,
        lambda: payments.compare_again(region=settings.REGION, channel=channel, day=_day(request.POST.get("day", ""))),
        "已安排重新对账，稍后刷新本页查看。",
        "It will be compared again; reload this page in a moment.",
    )


def _day(typed: str) -> date:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = clocks.today()
    if day >= clocks.today():
        raise Refused(
            "no_bill_yet",
            "账单次日上午十时以后才有，请选昨天或更早的日期，没有安排对账。",
            en="A bill is there after ten on the next day. Take yesterday or a day before; nothing was arranged.",
            status=422,
        )
    return day
