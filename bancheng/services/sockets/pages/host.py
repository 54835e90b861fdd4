"""A host's own page: totals of his sites, nobody's session; faults and wishes."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused
from bancheng.services.sockets.operations import care as operations
from bancheng.services.sockets.queries import care, places
from bancheng.services.sockets.rules import places as words
from bancheng.web.doors import Request
from bancheng.web.forms import say

DAYS = 30


def host(request: Request, refused: Refused | None = None) -> HttpResponse:
    hosts = places.hosts_of(request.actor)
    at = clocks.now()
    lines = places.lines(settings.REGION, hosts=hosts)
    sites = [one.site for one in lines]
    since = at - timedelta(days=DAYS)
    totals = care.totals(sites, since=since)
    return render(
        request,
        "sockets/host.html",
        {
            "lines": list(zip(lines, totals, strict=True)),
            "uses": sum(one.uses for one in totals),
            "days": care.by_day(sites, since=since),
            "requests": care.requests(hosts, settings.REGION),
            "scenarios": words.SCENARIOS.items(),
            "period": DAYS,
            "refused": refused,
            "typed": request.POST if refused else {},
        },
        status=refused.status if refused else 200,
    )


def report(request: Request) -> HttpResponse:
    try:
        operations.report_fault(
            code=request.POST.get("code", "").strip()[:32],
            words=request.POST.get("words", ""),
            hosts=places.hosts_of(request.actor),
            by=request.actor,
            at=clocks.now(),
        )
    except Refused as no:
        return host(request, refused=no)
    messages.success(request, say("已报修，供电公司会派人处理。", "Reported; the power company will see to it."))
    return redirect("sockets:host")


def ask(request: Request) -> HttpResponse:
    typed = request.POST
    scenario = typed.get("scenario", "")
    number = typed.get("sockets", "")
    try:
        operations.ask_for_site(
            host=places.hosts_of(request.actor)[0],
            region=settings.REGION,
            place=typed.get("place", ""),
            scenario=words.Scenario(scenario) if scenario in set(words.Scenario) else words.Scenario.STALL,
            sockets=int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0,
            words=typed.get("words", ""),
            by=request.actor,
            at=clocks.now(),
        )
    except Refused as no:
        return host(request, refused=no)
    messages.success(request, say("申请已提交，供电公司会答复。", "Sent; the power company will answer."))
    return redirect("sockets:host")
