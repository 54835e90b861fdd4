"""The court's page: what is left to seize, the service of an order, and what the court's own orders cover."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.titles import public as titles
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.landshares.operations import serving
from bancheng.services.landshares.queries import court as queries
from bancheng.services.landshares.queries import doors
from bancheng.services.landshares.rules import amounts, orders
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request
from bancheng.web.forms import say


def court(request: Request, refused: Refused | None = None) -> HttpResponse:
    words = request.GET.get("parcel", "")
    found = queries.found(words)
    if found is not None:
        return redirect("landshares:quote", found.code)
    unit = doors.check_court(request.actor)
    missing = doors.missing() if words else None
    no = refused or missing
    return render(
        request,
        "landshares/court.html",
        {
            "orders": queries.orders_of(unit),
            "court": catalogue.units_by_code([unit]).get(unit),
            "words": words,
            "refused": no,
            "today": clocks.today(),
        },
        status=no.status if no else 200,
    )


def quote(request: Request, parcel: str, refused: Refused | None = None, suggested: Text | None = None) -> HttpResponse:
    return render(
        request,
        "landshares/quote.html",
        {
            "found": queries.quoted(parcel),
            "refused": refused,
            "suggested": suggested,
            "typed": request.POST,
            "today": clocks.today(),
        },
        status=refused.status if refused else 200,
    )


def serve(request: Request, parcel: str) -> HttpResponse:
    """Serve an order; what is presold and named comes back with a drafted review suggestion (§8.3)."""
    said, at = request.POST, clocks.now()
    number = said.get("number", "").strip()
    try:
        before = titles.parcel(doors.region(), parcel).version
        done = serving.serve(
            parcel=parcel,
            number=number,
            until=orders.read_day(said.get("until", "")),
            amount_fen=_fen(said.get("yuan", "")),
            lots=orders.read_lots(said.get("lots", ""), parcel=parcel),
            insisted=bool(said.get("insisted")),
            by=request.actor,
            at=at,
        )
    except Refused as no:
        if no.status == 404:
            raise
        return quote(request, parcel, no, _suggested(request, no, number))
    messages.success(
        request,
        say("已送达并登簿，送达时间以秒计入轮候。", "Served and recorded; its place goes by the second of service."),
    )
    if said.get("version") != str(before) and not done.again:
        messages.warning(
            request,
            say(
                "报价之后登记簿有变化，按送达时的登记状态办理，请核对本院查封清单。",
                "The book changed since the quote; the state at service counts: check the list of your orders.",
            ),
        )
    return redirect("landshares:court")


def _suggested(request: Request, no: Refused, number: str) -> Text | None:
    if not isinstance(no, titles.Blocked) or no.code != "seizure_presold":
        return None
    unit = catalogue.units_by_code([doors.check_court(request.actor)]).get(doors.check_court(request.actor))
    return orders.suggestion(court=unit.name if unit else "", number=number, blockers=no.blockers)


def _fen(written: str) -> int | None:
    """Return whole fen of yuan with two decimals at most: the same form as an area. Raises Refused("no_such_amount")."""
    if not written.strip():
        return None
    fen = amounts.read(written)
    if fen is None:
        raise Refused(
            "no_such_amount",
            "金额应为元，最多两位小数。没有登记。",
            en="The amount is yuan with two decimals at most. Nothing was recorded.",
            status=422,
        )
    return fen


def _act(request: Request, do: Callable[[], Any], zh: str, en: str) -> HttpResponse:
    return carry_out(request, do, zh, en, then=("landshares:court",), again=lambda no: court(request, no))


def renew(request: Request) -> HttpResponse:
    said = request.POST
    return _act(
        request,
        lambda: serving.renew(
            number=said.get("number", ""),
            until=orders.read_day(said.get("until", "")),
            by=request.actor,
            at=clocks.now(),
        ),
        "已续封，顺序不变。",
        "Renewed; it keeps its place.",
    )


def lift(request: Request) -> HttpResponse:
    said = request.POST
    number = said.get("number", "")

    def do() -> None:
        parcel = queries.own(doors.check_court(request.actor), number).parcel
        lots = orders.read_lots(said.get("lots", ""), parcel=parcel)
        serving.lift(number=number, lots=lots, by=request.actor, at=clocks.now())

    return _act(request, do, "已解除，轮候的自动生效。", "Lifted; what waited there took effect.")
