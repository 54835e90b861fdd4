"""The archive: bundles of a bank with list and chain, look-ups of the registry, and findings."""

from collections.abc import Callable, Mapping
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
READ: Mapping[str, Callable[[str], Any]] = {  # fields that are no words
    "pages": typed.whole,
    "until": typed.day,
    "taker": lambda text: typed.whole(text) if text else None,
}


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


def _act(
    request: Request, bundle_id: UUID, do: Callable[..., object], zh: str, en: str, *fields: str, **about: UUID
) -> HttpResponse:
    """Do one thing about a bundle, or about what is named instead, with what was typed into `fields`; show the bundle again."""

    def act() -> None:
        written = {name: READ.get(name, str)(request.POST.get(name, "")) for name in fields}
        do(**(about or {"bundle_id": bundle_id}), **written, by=request.actor, at=clocks.now())

    then = ("mortgages:bundle", bundle_id)
    return carry_out(request, act, zh, en, then=then, again=lambda no: bundle(request, bundle_id, refused=no))


def file_away(request: Request, bundle_id: UUID) -> HttpResponse:
    says = "已归档，您是保管人。", "Filed; you are its keeper."
    return _act(request, bundle_id, custody.file_away, *says, "box", "shelf", "pages")


def move(request: Request, bundle_id: UUID) -> HttpResponse:
    return _act(request, bundle_id, custody.move, "已登记移架。", "Moved.", "box", "shelf")


def lend(request: Request, bundle_id: UUID) -> HttpResponse:
    return _act(request, bundle_id, custody.lend, "已登记借出。", "Lent.", "to", "until")


def give_back(request: Request, bundle_id: UUID) -> HttpResponse:
    return _act(request, bundle_id, custody.give_back, "已登记归还。", "Returned.", "pages")


def lose(request: Request, bundle_id: UUID) -> HttpResponse:
    says = "已报告遗失，登记中心会跟进。", "Reported lost; the registry follows it up."
    return _act(request, bundle_id, custody.lose, *says, "words")


def find_again(request: Request, bundle_id: UUID) -> HttpResponse:
    return _act(request, bundle_id, custody.find_again, "已登记找回。", "Found again.", "box", "shelf", "pages")


def offer(request: Request, bundle_id: UUID) -> HttpResponse:
    says = "您已签认，等对方签认后生效。", "Signed by you; it changes hands when the other has signed."
    return _act(request, bundle_id, custody.offer, *says, "act", "taker", "words")


def take_over(request: Request, bundle_id: UUID) -> HttpResponse:
    """Sign for a bundle: a keeper of the same bank, or the registry."""

    def do(bundle_id: UUID, **given: Any) -> None:
        waits = queries.handover(queries.bundle(request.actor, bundle_id, clocks.today()).bundle)
        if waits is None:
            raise refusals.absent("no_such_handover", "等您签认的交接", "handing over that waits for you")
        custody.take_over(handover_id=waits.pk, **given)

    return _act(request, bundle_id, do, "已签认，档案交接完成。", "Signed; the bundle has changed hands.")


def look_up(request: Request, bundle_id: UUID) -> HttpResponse:
    says = "已发出调阅，银行限期答复。", "Asked; the bank answers by its day."
    return _act(request, bundle_id, supervising.ask, *says, "purpose")


def answer(request: Request, bundle_id: UUID, look_up_id: UUID) -> HttpResponse:
    def do(**given: Any) -> None:
        queries.bundle(request.actor, bundle_id, clocks.today())
        file = request.FILES.get("file")
        if file is None:
            raise Refused("no_scan", "请选择扫描件，没有提交。", en="Choose the scan; nothing was sent.", status=422)
        supervising.answer(name=file.name or "", pieces=file.chunks(), size=file.size, **given)

    says = "已答复，摘要已留存。", "Answered; the digests are kept."
    return _act(request, bundle_id, do, *says, "words", look_up_id=look_up_id)


def scan(request: Request, bundle_id: UUID, look_up_id: UUID) -> StreamingHttpResponse:
    """Give out the scan that answered a look-up."""
    queries.bundle(request.actor, bundle_id, clocks.today())
    content = supervising.read(look_up_id=look_up_id, by=request.actor, at=clocks.now())
    return StreamingHttpResponse(content.pieces, headers=content.headers)


def explain(request: Request, bundle_id: UUID, finding_id: UUID) -> HttpResponse:
    says = "已说明，等登记中心核实。", "Explained; the registry looks into it."
    return _act(request, bundle_id, supervising.explain, *says, "words", finding_id=finding_id)


def close(request: Request, bundle_id: UUID, finding_id: UUID) -> HttpResponse:
    return _act(request, bundle_id, supervising.close, "问题已关闭。", "The finding is closed.", finding_id=finding_id)
