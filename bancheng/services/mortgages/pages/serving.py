"""Service officers and the banks' requests: who serves whom, visits and symposiums, and a request from its asking to its rating."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages import doors, terms
from bancheng.services.mortgages.operations import serving as operations
from bancheng.services.mortgages.queries import agreements
from bancheng.services.mortgages.queries import serving as queries
from bancheng.services.mortgages.rules import requests as rules
from bancheng.web import typed
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request

SIZE = 30


def requests(request: Request, refused: Refused | None = None) -> HttpResponse:
    actor, show = request.actor, request.GET.get("show", "")
    page = Paginator(queries.requests(actor, show, clocks.today()), SIZE).get_page(request.GET.get("page"))
    own = doors.units(actor, *doors.BANK)
    return render(
        request,
        "mortgages/requests.html",
        {
            "lines": page.object_list,
            "page": page,
            "shows": [
                {"words": words, "url": f"?show={code}" if code else "?", "current": show == code}
                for code, words in queries.SHOWS.items()
            ],
            "banks": [(code, name) for code, name in agreements.banks() if not own or code in own],
            "symposiums": queries.log(actor).symposiums if doors.units(actor, *doors.REGISTRY) else [],
            "conduct": terms.of_pack().conduct,
            "refused": refused,
            "typed": request.POST,
        },
        status=refused.status if refused else 200,
    )


def ask(request: Request) -> HttpResponse:
    return carry_out(
        request,
        lambda: operations.ask(
            bank=request.POST.get("bank", ""),
            words=request.POST.get("words", ""),
            symposium=request.POST.get("symposium", ""),
            by=request.actor,
            at=clocks.now(),
        ),
        "已提交，首席服务官会研判并答复。",
        "Sent; the chief service officer sorts and answers it.",
        then=("mortgages:requests",),
        again=lambda no: requests(request, refused=no),
    )


def one(request: Request, request_id: UUID, refused: Refused | None = None) -> HttpResponse:
    actor = request.actor
    line = queries.request(actor, request_id, clocks.today())
    return render(
        request,
        "mortgages/request.html",
        {
            "line": line,
            "one": line.request,
            "events": queries.timeline(line.request),
            "solves": doors.is_registry(actor, line.request.registry, doors.OFFICER),
            "rates": doors.is_bank(actor, line.request.bank) and line.request.state == rules.State.ANSWERED,
            "topics": rules.TOPICS.items(),
            "routes": rules.ROUTES.items(),
            "grades": queries.GRADES.items(),
            "refused": refused,
            "typed": request.POST,
        },
        status=refused.status if refused else 200,
    )


def _act(request: Request, request_id: UUID, do: Callable[..., Any], zh: str, en: str, **said: Any) -> HttpResponse:
    return carry_out(
        request,
        lambda: do(request_id=request_id, by=request.actor, at=clocks.now(), **said),
        zh,
        en,
        then=("mortgages:request", request_id),
        again=lambda no: one(request, request_id, refused=no),
    )


def sort(request: Request, request_id: UUID) -> HttpResponse:
    said = typed.words(request, "topic", "route", "others")
    return _act(request, request_id, operations.sort, "已研判分类。", "Sorted.", **said)


def answer(request: Request, request_id: UUID) -> HttpResponse:
    words = request.POST.get("words", "")
    return _act(
        request, request_id, operations.answer, "已答复，请银行评价。", "Answered; the bank rates it.", words=words
    )


def rate(request: Request, request_id: UUID) -> HttpResponse:
    written = request.POST.get("grade", "")
    grade = int(written) if written in {"1", "2", "3", "4", "5"} else 0
    words = request.POST.get("words", "")
    return _act(request, request_id, operations.rate, "已评价，谢谢。", "Rated, thank you.", grade=grade, words=words)


def send_back(request: Request, request_id: UUID) -> HttpResponse:
    words = request.POST.get("words", "")
    return _act(request, request_id, operations.send_back, "已退回继续办理。", "Sent back; it goes on.", words=words)


def officers(request: Request, refused: Refused | None = None) -> HttpResponse:
    """Who serves which bank, and what was done for it."""
    actor = request.actor
    registry, own = doors.unit_of(actor, *doors.REGISTRY), doors.units(actor, *doors.BANK)
    banks = [(code, name) for code, name in agreements.banks() if registry or code in own]
    return render(
        request,
        "mortgages/officers.html",
        {
            "banks": queries.officers(banks),
            "log": queries.log(actor),
            "figures": queries.figures(None if registry else sorted(own)),
            "keeps": bool(registry),
            "candidates": queries.candidates(registry, clocks.now()) if registry else [],
            "kinds": rules.CONTACTS.items(),
            "conduct": terms.of_pack().conduct,
            "refused": refused,
            "typed": request.POST,
            "chosen": request.POST.getlist("banks"),
        },
        status=refused.status if refused else 200,
    )


def _keep(request: Request, do: Callable[[], Any], zh: str, en: str) -> HttpResponse:
    return carry_out(request, do, zh, en, then=("mortgages:officers",), again=lambda no: officers(request, refused=no))


def name_officer(request: Request) -> HttpResponse:
    return _keep(
        request,
        lambda: operations.name_officer(
            bank=request.POST.get("bank", ""),
            account=typed.whole(request.POST.get("account", "")),
            by=request.actor,
            at=clocks.now(),
        ),
        "已指定首席服务官。",
        "The chief service officer is named.",
    )


def note_contact(request: Request) -> HttpResponse:
    post = request.POST
    return _keep(
        request,
        lambda: operations.note_contact(
            bank=post.get("bank", ""),
            kind=post.get("kind", ""),
            held_on=typed.day(post.get("held_on", "")),
            place=post.get("place", ""),
            words=post.get("words", ""),
            by=request.actor,
            at=clocks.now(),
        ),
        "已登记。",
        "On record.",
    )


def note_symposium(request: Request) -> HttpResponse:
    post = request.POST
    return _keep(
        request,
        lambda: operations.note_symposium(
            held_on=typed.day(post.get("held_on", "")),
            subject=post.get("subject", ""),
            minutes=post.get("minutes", ""),
            banks=post.getlist("banks"),
            by=request.actor,
            at=clocks.now(),
        ),
        "座谈会已登记。",
        "The symposium is on record.",
    )
