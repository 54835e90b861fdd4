"""Sites on a map and in a list: for everybody who looks for a socket, and for those who watch over them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.sockets import codes
from bancheng.services.sockets.operations import care as operations
from bancheng.services.sockets.operations import meters, registry, sessions
from bancheng.services.sockets.pages import typed as typed_in
from bancheng.services.sockets.pages import use
from bancheng.services.sockets.queries import care, places
from bancheng.services.sockets.rules import maps
from bancheng.services.sockets.rules import places as words
from bancheng.services.sockets.rules.places import SiteState
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request
from bancheng.web.forms import say

KEEPER, DISPATCHER = "device_keeper", "dispatcher"
URGENCY = {"bad": 0, "warn": 1, "ok": 2, "": 3}


def scan(request: Request, printed: str) -> HttpResponse:
    """Show the socket behind a printed code. Raises Refused("foreign_code") for one that we did not print."""
    return use.socket(request, codes.read(printed))


def home(request: Request) -> HttpResponse:
    """Show where there are sockets, and how many are free."""
    found = [one for one in _filtered(request) if one.site.state == SiteState.LIVE]
    return render(request, "sockets/home.html", {**_map(request, found, "sockets:place"), "today": clocks.today()})


def place(request: Request, site_code: str) -> HttpResponse:
    """Show a site to whoever looks for a socket."""
    site = places.site(site_code)
    at = clocks.now()
    rows = [row for unit in places.units(site, today=clocks.today()) for row in unit.sockets]
    return render(
        request,
        "sockets/place.html",
        {
            "site": site,
            "scenario": words.SCENARIOS[words.Scenario(site.scenario)],
            "sockets": [row for row in rows if row.socket.state == "on_sale" and row.meter_ok],
            "outages": care.outages(site, at=at),
            "moves": site.moves.order_by("-moved_at")[:1],
        },
    )


def watch(request: Request) -> HttpResponse:
    """Show every site as it stands now."""
    found = sorted(_filtered(request), key=lambda one: URGENCY[one.kind])  # what calls for somebody stands first
    values = _map(request, found, "sockets:site")
    return render(
        request,
        "sockets/watch.html",
        {
            **values,
            "live": sum(one.site.state == SiteState.LIVE for one in found),
            "sockets": sum(one.sockets for one in found),
            "in_use": sum(one.in_use for one in found),
            "blocked": sum(one.blocked for one in found),
            "offline": sum(one.offline for one in found),
            "tickets": sum(one.tickets for one in found),
            "meters": places.meters_to_verify(settings.REGION, today=clocks.today())[:20],
            "requests": care.requests(None, settings.REGION) if request.actor.has(DISPATCHER) else [],
            "dispatches": request.actor.has(DISPATCHER),
        },
    )


def _filtered(request: Request) -> list[places.Line]:
    scenario, area = request.GET.get("scenario", ""), request.GET.get("area", "")
    return places.lines(
        settings.REGION,
        scenario=scenario if scenario in set(words.Scenario) else "",
        area=area if area.isascii() and area.isdigit() else "",
    )


def _map(request: Request, found: list[places.Line], door: str) -> dict[str, Any]:
    """Return list and drawing: the same sites in the same order."""
    drawing = maps.draw(
        [
            (one.site.code, one.site.longitude, one.site.latitude)
            for one in found
            if one.site.longitude is not None and one.site.latitude is not None
        ]
    )
    by_code = {one.site.code: one for one in found}
    scenario, area = request.GET.get("scenario", ""), request.GET.get("area", "")
    counties = [one for one in catalogue.areas() if one.kind == catalogue.AreaKind.COUNTY and one.until is None]
    return {
        "lines": [
            (one, words.SCENARIOS[words.Scenario(one.site.scenario)], reverse(door, args=[one.site.code]))
            for one in found
        ],
        "drawing": drawing,
        "points": [
            (point, by_code[point.key], reverse(door, args=[point.key]))
            for point in (drawing.points if drawing else ())
        ],
        "scenarios": [
            {"words": name, "url": f"?scenario={code}&area={area}", "current": code == scenario}
            for code, name in [("", Text("全部", "All")), *words.SCENARIOS.items()]
        ],
        "areas": [(one.code, Text(one.name, one.name_en), one.code == area) for one in counties],
        "scenario": scenario,
    }


def site(request: Request, site_code: str, refused: Refused | None = None) -> HttpResponse:
    """Show a site with all its devices, and what can be done there."""
    found = places.site(site_code)
    at, today = clocks.now(), clocks.today()
    actor = request.actor
    tickets = list(care.tickets(found.region, "open").filter(site=found))
    return render(
        request,
        "sockets/site.html",
        {
            "site": found,
            "state": words.SITE_STATES[SiteState(found.state)],
            "scenario": words.SCENARIOS[words.Scenario(found.scenario)],
            "master": found.masters.filter(removed_at=None).first(),
            "units": places.units(found, today=today),
            "tickets": care.ticket_lines(tickets),
            "outages": care.outages(found, at=at),
            "moves": found.moves.order_by("-moved_at"),
            "exchanges": places.exchanges(found),
            "checks": words.CHECKS.items(),
            "keeps": actor.has(KEEPER),
            "dispatches": actor.has(DISPATCHER),
            "forms": words.FORMS.items(),
            "ratings": words.RATINGS_A,
            "refused": refused,
            "typed": request.POST if refused else {},
        },
        status=refused.status if refused else 200,
    )


def _act(request: Request, site_code: str, do: Callable[[], Any], zh: str, en: str) -> HttpResponse:
    """Do it; what is refused is told on the site's page, with everything that was typed."""
    return carry_out(
        request,
        do,
        zh,
        en,
        then=("sockets:site", site_code),
        again=lambda no: site(request, site_code, refused=no),
    )


def _code(request: Request) -> str:
    return request.POST.get("code", "").strip()[:32]


def force_off(request: Request, site_code: str) -> HttpResponse:
    """Switch a socket off that somebody uses: off at any time, on never."""
    return _act(
        request,
        site_code,
        lambda: sessions.force_off(code=_code(request), by=request.actor.ref, at=clocks.now()),
        "已下达断电指令；用电按断电时的电表示值结算，余额退回。",
        "Told to switch off; what the meter had counted is charged and the rest goes back.",
    )


def block(request: Request, site_code: str) -> HttpResponse:
    return _act(
        request,
        site_code,
        lambda: operations.block(
            code=_code(request), reason=request.POST.get("reason", ""), by=request.actor, at=clocks.now()
        ),
        "插座已停用并开出工单。",
        "The socket is blocked, with a ticket.",
    )


def commission(request: Request, site_code: str) -> HttpResponse:
    return _act(
        request,
        site_code,
        lambda: registry.commission(
            code=_code(request), passed=frozenset(request.POST.getlist("passed")), by=request.actor, at=clocks.now()
        ),
        "测试通过，插座已投运。",
        "The test is passed and the socket is on sale.",
    )


def swap_meter(request: Request, site_code: str) -> HttpResponse:
    return _act(
        request,
        site_code,
        lambda: meters.swap(code=_code(request), new=_fitted(request), by=request.actor, at=clocks.now()),
        "已换表，旧表记录保留；会读表的设备核对新表地址，正在进行的用电按两只表分段计费。",
        "The meter is replaced; the old one stays on record. A device that reads its meter looks for the new one, and a use that runs is counted over both.",
    )


def _fitted(request: Request) -> meters.Fitted:
    typed = request.POST
    return meters.Fitted(
        address=typed.get("address", "").strip(),
        verified_until=typed_in.day(typed.get("verified_until", "")),
        first_10wh=typed_in.register(typed.get("first", "")),
        old_last_10wh=typed_in.register(typed.get("last", "")),
    )


def register(request: Request, site_code: str) -> HttpResponse:
    found = places.site(site_code)
    typed = request.POST

    def do() -> None:
        registry.register_unit(
            site=found,
            new=registry.NewUnit(
                gateway=typed.get("gateway", "").strip()[:32],
                serial=typed.get("serial", "").strip()[:40],
                form=words.Form(typed["form"]) if typed.get("form") in set(words.Form) else words.Form.BOX,
                fingerprint=typed.get("fingerprint", "").strip()[:64],
                amps=int(typed["amps"]) if typed.get("amps", "") in {str(one) for one in words.RATINGS_A} else 0,
                phase=typed.get("phase", "A"),
                meters=tuple(typed.get("meters", "").split()),
                verified_until=typed_in.day(typed.get("verified_until", "")),
            ),
            by=request.actor,
            at=clocks.now(),
        )

    return _act(request, site_code, do, "设备已登记，等待投运测试。", "Registered; its sockets wait for their test.")


def outage(request: Request, site_code: str) -> HttpResponse:
    found = places.site(site_code)
    typed = request.POST

    def do() -> None:
        operations.announce_outage(
            site=found,
            since=typed_in.instant(typed.get("since", "")),
            before=typed_in.instant(typed.get("before", "")),
            reason=Text(typed.get("reason", "").strip(), typed.get("reason_en", "").strip()),
            urgent=typed.get("urgent") == "1",
            by=request.actor,
            at=clocks.now(),
        )

    return _act(request, site_code, do, "停电通知已发布。", "The outage is announced.")


def cancel_outage(request: Request, site_code: str, outage_id: UUID) -> HttpResponse:
    return _act(
        request,
        site_code,
        lambda: operations.cancel_outage(outage_id=outage_id, by=request.actor, at=clocks.now()),
        "停电已取消。",
        "The outage is called off.",
    )


def move(request: Request, site_code: str) -> HttpResponse:
    found = places.site(site_code)
    typed = request.POST

    def do() -> None:
        registry.move_site(
            site=found,
            address=Text(typed.get("address", "").strip(), typed.get("address_en", "").strip()),
            longitude=typed_in.degrees(typed.get("longitude", "")),
            latitude=typed_in.degrees(typed.get("latitude", "")),
            reason=typed.get("reason", ""),
            by=request.actor,
            at=clocks.now(),
        )

    return _act(
        request, site_code, do, "站点已迁移，原址保留在记录里。", "The site has moved; where it was stays on record."
    )


def code_sheet(request: Request, site_code: str) -> HttpResponse:
    """Send the sheet of a site's codes."""
    found = places.site(site_code)
    answer = HttpResponse(codes.sheet(found, at=clocks.now()), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="codes-{found.code}.pdf"'
    return answer


def answer(request: Request, request_id: UUID) -> HttpResponse:
    """Answer a host's wish for a site."""
    try:
        operations.answer_request(
            request_id=request_id,
            accept=request.POST.get("decision") == "accept",
            answer=request.POST.get("answer", ""),
            by=request.actor,
            at=clocks.now(),
        )
    except Refused as no:
        if no.status == 404:
            raise
        messages.error(request, say(no.says, no.en))
    return redirect("sockets:watch")
