"""The desk: call-backs of a unit, one of them, and what is done to it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents import public as documents
from bancheng.kernel.identity import public as identity
from bancheng.kernel.ratings import public as ratings
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.ratings import evidence, operations, queries
from bancheng.web import typed
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request

SIZE = 30
SHOWS = {
    "": Text("待办", "Open"),
    "ledger": Text("台账：限期整改", "Ledger: complex, with a day"),
    "over": Text("已结束", "Over"),
}


def call_backs(request: Request) -> HttpResponse:
    show = request.GET.get("show", "")
    over = show == "over"
    held = queries.units(request.actor, *queries.DESK)
    found = ratings.call_backs(units=held, but=request.actor.ref, over=over, ledger=show == "ledger")
    page = Paginator(found, SIZE).get_page(request.GET.get("page"))
    lines = ratings.waiting(list(page))
    return render(
        request,
        "ratings/call_backs.html",
        {
            "page": page,
            "lines": [(one, ratings.GRADES[one.grade], ratings.STATES[one.state]) for one in lines],
            "units": catalogue.unit_names([one.unit for one in lines]),
            "today": clocks.today(),
            "over": over,
            "shows": [
                {"words": words, "url": f"?show={code}" if code else "?", "current": show == code}
                for code, words in SHOWS.items()
            ],
        },
    )


def call_back(
    request: Request, call_back_id: UUID, contact: tuple[str, str] | None = None, refused: Refused | None = None
) -> HttpResponse:
    found = queries.my_call_back(request.actor, call_back_id)
    appeal = ratings.appeal_of(occasion_id=found.occasion.id)
    mine = found.taken_by == request.actor.ref
    return render(
        request,
        "ratings/call_back.html",
        {
            "found": found,
            "state": ratings.STATES[found.state],
            "route": ratings.ROUTES[found.route] if found.route else None,
            "said": [(one, ratings.GRADES[one.grade], queries.tag_words(one.tags)) for one in reversed(found.ratings)],
            "unit": catalogue.unit_names([found.occasion.unit]).get(found.occasion.unit, ""),
            "events": queries.timeline(found),
            "works": queries.may_work(request.actor, found),
            "mine": mine,
            "taker": "" if mine else identity.names_of([found.taken_by]).get(found.taken_by, ""),
            "routes": ratings.ROUTES.items(),
            "next": [state.value for state in _next(found)],
            "flaws": ratings.FLAWS.items(),
            "appeal": appeal,
            "ruling": ratings.RULINGS[appeal.state] if appeal else None,
            "reviews": queries.reviews(appeal, named=True) if appeal else [],
            "files": _files(call_back_id, found.occasion) if appeal else [],
            "evidence_most": evidence.MOST,
            "evidence_limit": documents.limits().bytes // 2**20,
            "evidence_kinds": documents.named(evidence.ACCEPTED),
            "contact": contact,
            "refused": refused,
            "typed": request.POST,
            "today": clocks.today(),
        },
        status=refused.status if refused else 200,
    )


def _files(call_back_id: UUID, found: ratings.Occasion) -> list[tuple[documents.View, str]]:
    return [(one, reverse("ratings:call_back_file", args=[call_back_id, one.id])) for one in evidence.of(found)]


def file(request: Request, call_back_id: UUID, use_id: UUID) -> StreamingHttpResponse:
    """Give out a file of the unit's own appeal."""
    found = queries.my_call_back(request.actor, call_back_id)
    return sent(evidence.read(found.occasion, use_id, by=request.actor, at=clocks.now()))


def sent(content: documents.Content) -> StreamingHttpResponse:
    return StreamingHttpResponse(content.pieces, headers=content.headers)


def _next(found: ratings.CallBack) -> list[ratings.State]:
    return list(ratings.NEXT[found.state])


def _act(request: Request, call_back_id: UUID, do: Callable[[], Any], zh: str, en: str) -> HttpResponse:
    """Do it; what is refused is told on the call-back, with everything that was typed."""
    then = ("ratings:call_back", call_back_id)
    return carry_out(request, do, zh, en, then=then, again=lambda no: call_back(request, call_back_id, refused=no))


def _work(request: Request, call_back_id: UUID, do: Callable[..., Any], zh: str, en: str, **said: Any) -> HttpResponse:
    return _act(
        request,
        call_back_id,
        lambda: operations.work(call_back_id=call_back_id, by=request.actor, do=do, at=clocks.now(), **said),
        zh,
        en,
    )


def take(request: Request, call_back_id: UUID) -> HttpResponse:
    return _work(request, call_back_id, ratings.take, "已领取，由您回访。", "It is yours now.")


def contact(request: Request, call_back_id: UUID) -> HttpResponse:
    """Show the contact of an open call-back of one's own: an act that is logged, so a POST."""
    queries.my_call_back(request.actor, call_back_id)
    try:
        name, _, mobile = ratings.contact(call_back_id, by=request.actor, at=clocks.now()).partition("\n")
    except Refused as no:
        if no.status == 404:
            raise
        return call_back(request, call_back_id, refused=no)
    return call_back(request, call_back_id, contact=(name, mobile))


def tried(request: Request, call_back_id: UUID) -> HttpResponse:
    return _work(
        request,
        call_back_id,
        ratings.note_attempt,
        "已记下，请换个时间再联系；首次回访的期限照常计算。",
        "Noted. Try again at another time; the day of the first call stands.",
        words=_words(request),
    )


def checked(request: Request, call_back_id: UUID) -> HttpResponse:
    route = request.POST.get("route", "")
    if route not in set(ratings.Route):
        no = Refused(
            "no_route",
            "请选择核实后属于哪种情况，没有记录；您填写的内容已保留。",
            en="Choose what the check found; nothing was recorded, what you wrote is kept.",
            status=422,
        )
        return call_back(request, call_back_id, refused=no)
    return _work(
        request,
        call_back_id,
        ratings.note_check,
        "已记录核实情况，期限重新计算。",
        "What you found is on record; the next day is set.",
        route=ratings.Route(route),
        words=_words(request),
        law=request.POST.get("law", ""),
        terms=ratings.terms_of(queries.my_call_back(request.actor, call_back_id).occasion.service),
    )


def settled(request: Request, call_back_id: UUID) -> HttpResponse:
    said = _words(request)
    return _work(
        request,
        call_back_id,
        ratings.settle,
        "已记录整改，请向评价人反馈。",
        "On record; now tell the rater.",
        words=said,
    )


def answered(request: Request, call_back_id: UUID) -> HttpResponse:
    said = _words(request)
    return _work(
        request, call_back_id, ratings.answer, "已反馈，这件回访办结。", "Told; the call-back is closed.", words=said
    )


def appealed(request: Request, call_back_id: UUID) -> HttpResponse:
    said = typed.words(request, "flaw", "reason", "evidence", most=1000)
    files = [evidence.File(one.name or "", one.size, one.chunks()) for one in request.FILES.getlist("file")]
    return _act(
        request,
        call_back_id,
        lambda: operations.appeal(call_back_id=call_back_id, **said, files=files, by=request.actor, at=clocks.now()),
        "已提交，由本单位以外的人员复核；复核期间回访照常进行。",
        "Sent: somebody outside your unit reviews it. The call-back goes on meanwhile.",
    )


def _words(request: Request) -> str:
    return typed.word(request, "words", most=1000)
