"""The archive: bundles of a bank with list and chain, look-ups of the registry, and findings."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages import doors, refusals
from bancheng.services.mortgages.operations import custody, supervising
from bancheng.services.mortgages.queries import archive as queries
from bancheng.services.mortgages.rules.custody import NEXT, State
from bancheng.web import typed
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request

SIZE = 30


def bundles(request: Request) -> HttpResponse:
    show = request.GET.get("show", "")
    found, lines = queries.bundles(request.actor, show, clocks.today())
    page = Paginator(found, SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "mortgages/bundles.html",
        {
            "lines": lines.of(list(page)),
            "page": page,
            "shows": [
                {"words": words, "url": f"?show={code}" if code else "?", "current": show == code}
                for code, (words, _) in queries.SHOWS.items()
            ],
        },
    )


def bundle(request: Request, bundle_id: UUID, refused: Refused | None = None) -> HttpResponse:
    actor = request.actor
    line = queries.bundle(actor, bundle_id, clocks.today())
    found = line.bundle
    keeps = doors.is_bank(actor, found.bank, doors.ARCHIVIST)
    return render(
        request,
        "mortgages/bundle.html",
        {
            "line": line,
            "one": found,
            "listed": queries.listed(found),
            "events": queries.timeline(found),
            "look_ups": queries.look_ups(found),
            "findings": queries.findings(found),
            "handover": queries.handover(found),
            "takes": _takes(request, found),
            "keeps": keeps,
            "supervises": doors.is_registry(actor, found.registry),
            "can": {str(act) for act in NEXT[State(found.state)]} if keeps else set(),
            "archivists": queries.archivists(found, actor.user_id, clocks.now()) if keeps else [],
            "refused": refused,
            "typed": request.POST,
        },
        status=refused.status if refused else 200,
    )


def _takes(request: Request, found: Any) -> bool:
    given = queries.handover(found)
    if given is None:
        return False
    if given.taker is not None:
        return bool(given.taker == request.actor.user_id)
    return doors.is_registry(request.actor, found.registry)


def _act(request: Request, bundle_id: UUID, do: Callable[[], Any], zh: str, en: str) -> HttpResponse:
    then = ("mortgages:bundle", bundle_id)
    return carry_out(request, do, zh, en, then=then, again=lambda no: bundle(request, bundle_id, refused=no))


def _text(request: Request, name: str) -> str:
    return request.POST.get(name, "")


def file_away(request: Request, bundle_id: UUID) -> HttpResponse:
    return _act(
        request,
        bundle_id,
        lambda: custody.file_away(
            bundle_id=bundle_id,
            box=_text(request, "box"),
            shelf=_text(request, "shelf"),
            pages=typed.whole(_text(request, "pages")),
            by=request.actor,
            at=clocks.now(),
        ),
        "已归档，您是保管人。",
        "Filed; you are its keeper.",
    )


def move(request: Request, bundle_id: UUID) -> HttpResponse:
    return _act(
        request,
        bundle_id,
        lambda: custody.move(
            bundle_id=bundle_id,
            box=_text(request, "box"),
            shelf=_text(request, "shelf"),
            by=request.actor,
            at=clocks.now(),
        ),
        "已登记移架。",
        "Moved.",
    )


def lend(request: Request, bundle_id: UUID) -> HttpResponse:
    return _act(
        request,
        bundle_id,
        lambda: custody.lend(
            bundle_id=bundle_id,
            to=_text(request, "to"),
            until=typed.day(_text(request, "until")),
            by=request.actor,
            at=clocks.now(),
        ),
        "已登记借出。",
        "Lent.",
    )


def give_back(request: Request, bundle_id: UUID) -> HttpResponse:
    return _act(
        request,
        bundle_id,
        lambda: custody.give_back(
            bundle_id=bundle_id, pages=typed.whole(_text(request, "pages")), by=request.actor, at=clocks.now()
        ),
        "已登记归还。",
        "Returned.",
    )


def lose(request: Request, bundle_id: UUID) -> HttpResponse:
    return _act(
        request,
        bundle_id,
        lambda: custody.lose(bundle_id=bundle_id, words=_text(request, "words"), by=request.actor, at=clocks.now()),
        "已报告遗失，登记中心会跟进。",
        "Reported lost; the registry follows it up.",
    )


def find_again(request: Request, bundle_id: UUID) -> HttpResponse:
    return _act(
        request,
        bundle_id,
        lambda: custody.find_again(
            bundle_id=bundle_id,
            box=_text(request, "box"),
            shelf=_text(request, "shelf"),
            pages=typed.whole(_text(request, "pages")),
            by=request.actor,
            at=clocks.now(),
        ),
        "已登记找回。",
        "Found again.",
    )


def offer(request: Request, bundle_id: UUID) -> HttpResponse:
    taker = _text(request, "taker")
    return _act(
        request,
        bundle_id,
        lambda: custody.offer(
            bundle_id=bundle_id,
            act=_text(request, "act"),
            taker=typed.whole(taker) if taker else None,
            words=_text(request, "words"),
            by=request.actor,
            at=clocks.now(),
        ),
        "您已签认，等对方签认后生效。",
        "Signed by you; it changes hands when the other has signed.",
    )


def take_over(request: Request, bundle_id: UUID) -> HttpResponse:
    """Sign for a bundle: a keeper of the same bank, or the registry."""

    def do() -> None:
        given = queries.handover(queries.bundle(request.actor, bundle_id, clocks.today()).bundle)
        if given is None:
            raise refusals.absent("no_such_handover", "等您签认的交接", "handing over that waits for you")
        custody.take_over(handover_id=given.pk, by=request.actor, at=clocks.now())

    return _act(request, bundle_id, do, "已签认，档案交接完成。", "Signed; the bundle has changed hands.")


def look_up(request: Request, bundle_id: UUID) -> HttpResponse:
    return _act(
        request,
        bundle_id,
        lambda: supervising.ask(
            bundle_id=bundle_id, purpose=_text(request, "purpose"), by=request.actor, at=clocks.now()
        ),
        "已发出调阅，银行限期答复。",
        "Asked; the bank answers by its day.",
    )


def answer(request: Request, bundle_id: UUID, look_up_id: UUID) -> HttpResponse:
    def do() -> None:
        queries.bundle(request.actor, bundle_id, clocks.today())
        file = request.FILES.get("file")
        if file is None:
            raise Refused("no_scan", "请选择扫描件，没有提交。", en="Choose the scan; nothing was sent.", status=422)
        supervising.answer(
            look_up_id=look_up_id,
            name=file.name or "",
            pieces=file.chunks(),
            size=file.size,
            words=_text(request, "words"),
            by=request.actor,
            at=clocks.now(),
        )

    return _act(request, bundle_id, do, "已答复，摘要已留存。", "Answered; the digests are kept.")


def scan(request: Request, bundle_id: UUID, look_up_id: UUID) -> StreamingHttpResponse:
    """Give out the scan that answered a look-up."""
    queries.bundle(request.actor, bundle_id, clocks.today())
    content = supervising.read(look_up_id=look_up_id, by=request.actor, at=clocks.now())
    return StreamingHttpResponse(content.pieces, headers=content.headers)


def explain(request: Request, bundle_id: UUID, finding_id: UUID) -> HttpResponse:
    return _act(
        request,
        bundle_id,
        lambda: supervising.explain(
            finding_id=finding_id, words=_text(request, "words"), by=request.actor, at=clocks.now()
        ),
        "已说明，等登记中心核实。",
        "Explained; the registry looks into it.",
    )


def close(request: Request, bundle_id: UUID, finding_id: UUID) -> HttpResponse:
    return _act(
        request,
        bundle_id,
        lambda: supervising.close(finding_id=finding_id, by=request.actor, at=clocks.now()),
        "问题已关闭。",
        "The finding is closed.",
    )
