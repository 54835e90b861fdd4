"""Prices and thresholds: two people each, one who puts forward and another who decides."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.sockets.models import Plan, Price
from bancheng.services.sockets.operations import protections as thresholds
from bancheng.services.sockets.operations import tariffs as operations
from bancheng.services.sockets.pages import typed as typed_in
from bancheng.services.sockets.queries import care, places, tariffs
from bancheng.services.sockets.rules import protection, tariff, words
from bancheng.services.sockets.rules.tariff import Band, DayType, PlanState, Rate
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request

TARIFF = "tariff_admin"
PUT_FORWARD = "Put forward; it waits for another person."


def prices(request: Request, refused: Refused | None = None) -> HttpResponse:
    """Show the prices in force, those to come, and what waits for a second person."""
    today = clocks.today()
    found = tariffs.versions(settings.REGION)
    manages = request.actor.has(TARIFF)
    names = identity.names_of([one.proposed_by for one in found if one.state == PlanState.PROPOSED]) if manages else {}
    approved = sorted((one for one in found if one.state == PlanState.APPROVED), key=lambda one: one.first_on)
    current = {one.price_class: one for one in approved if one.first_on <= today}
    return render(
        request,
        "sockets/prices.html",
        {
            "plans": [
                {
                    "plan": one,
                    "name": Text(one.name, one.name_en),
                    "state": tariff.PLAN_STATES[PlanState(one.state)],
                    "in_force": current.get(one.price_class) == one,
                    "rows": [_row(row) for row in one.prices.all()],
                    "by": names.get(one.proposed_by, one.proposed_by),
                    "own": one.proposed_by == request.actor.ref,
                }
                for one in found
                if manages or one.state == PlanState.APPROVED
            ],
            "current": [(one, _bands(one)) for one in current.values()],
            "manages": manages,
            "refused": refused,
            "typed": request.POST if refused else {},
        },
        status=refused.status if refused else 200,
    )


def _row(row: Price) -> dict[str, Any]:
    months = row.months
    return {
        "row": row,
        "months": _months(months),
        "days": tariff.DAY_TYPES[DayType(row.days)],
        "from": tariff.clock(row.first_min),
        "to": tariff.clock(row.before_min),
        "band": words.BANDS[row.band],
        "yuan": words.decimal(row.price, 6, least=2),
    }


def _bands(plan: Plan) -> list[tuple[str, Text]]:
    """Return the bands of a plan, the dearest first."""
    held = {row.band for row in plan.prices.all()}
    return [(str(band), words.BANDS[band]) for band in Band if str(band) in held]


def _months(months: list[int]) -> Text:
    if len(months) == 12:
        return Text("全年", "all year")
    said = "、".join(map(str, months))
    return Text(f"{said}月", "months " + ", ".join(map(str, months)))


def propose(request: Request) -> HttpResponse:
    """Put a version forward: the periods of the one in force with other prices. Other periods come by the city's pack."""
    return _with_prices(request, lambda: _propose(request), "新电价已提出，等待另一人批准。", PUT_FORWARD)


def _with_prices(request: Request, do: Callable[[], Any], zh: str, en: str) -> HttpResponse:
    return carry_out(request, do, zh, en, then=("sockets:prices",), again=lambda no: prices(request, refused=no))


def _propose(request: Request) -> None:
    typed = request.POST
    price_class = typed.get("class", "")
    base = tariffs.in_force(settings.REGION, price_class, on=clocks.today())
    if base is None:
        raise Refused("no_such_class", "没有这类电价。", en="There is no such class of prices.", status=404)
    first_on = typed_in.day(typed.get("first_on", ""))
    rates = [
        Rate(
            frozenset(row.months),
            DayType(row.days),
            row.first_min,
            row.before_min,
            Band(row.band),
            typed_in.micro_yuan(typed.get(f"band_{row.band}", "")),
        )
        for row in base.prices.all()
    ]
    wanted = operations.Wanted(price_class, first_on, Text(base.name, base.name_en), typed.get("basis", ""), rates)
    operations.propose(wanted=wanted, region=settings.REGION, by=request.actor, at=clocks.now())


def decide_plan(request: Request, plan_id: int) -> HttpResponse:
    approve = request.POST.get("decision") == "approve"
    return _with_prices(
        request,
        lambda: operations.decide(plan_id=plan_id, approve=approve, by=request.actor, at=clocks.now()),
        "已处理。",
        "Decided.",
    )


def protections(request: Request, code: str, refused: Refused | None = None) -> HttpResponse:
    """Show the eight protections of a socket, who performs each, and by which thresholds."""
    socket = places.socket(code)
    if socket is None:
        raise Http404
    lines = care.protections(socket)
    return render(
        request,
        "sockets/protections.html",
        {
            "socket": socket,
            "site": socket.unit.site,
            "lines": lines,
            "choices": [one for line in lines for one in line.lines if one.settable],
            "trips": words.WHAT_TO_DO,
            "keeps": request.actor.has("device_keeper"),
            "me": request.actor.ref,
            "refused": refused,
            "typed": request.POST if refused else {},
        },
        status=refused.status if refused else 200,
    )


def set_threshold(request: Request, code: str) -> HttpResponse:
    return _with_protections(
        request, code, lambda: _set_threshold(request, code), "修改已提出，等待另一人批准。", PUT_FORWARD
    )


def _set_threshold(request: Request, code: str) -> None:
    typed = request.POST
    name = typed.get("name", "")
    protection.of_threshold(name)
    value = protection.read(typed.get("value", ""), protection.NAMES[name][2])
    thresholds.propose(
        code=code, name=name, value=value, basis=typed.get("basis", ""), by=request.actor, at=clocks.now()
    )


def _with_protections(request: Request, code: str, do: Callable[[], Any], zh: str, en: str) -> HttpResponse:
    return carry_out(
        request,
        do,
        zh,
        en,
        then=("sockets:protections", code),
        again=lambda no: protections(request, code, refused=no),
    )


def decide_threshold(request: Request, code: str, change_id: int) -> HttpResponse:
    approve = request.POST.get("decision") == "approve"
    return _with_protections(
        request,
        code,
        lambda: thresholds.decide(change_id=change_id, approve=approve, by=request.actor, at=clocks.now()),
        "已处理，设备会收到新定值。",
        "Decided; the device is told.",
    )
