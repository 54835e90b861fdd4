"""Sites, units, sockets and meters, as the doors ask for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Prefetch, Q
from django.http import Http404

from bancheng.kernel.identity import public as identity
from bancheng.lib.text import Text
from bancheng.services.sockets.models import GatewayState, Meter, Session, Site, Socket, Ticket, Unit
from bancheng.services.sockets.rules import places
from bancheng.services.sockets.rules.places import SiteState, SocketState
from bancheng.services.sockets.rules.sessions import HOLDS_SOCKET
from bancheng.services.sockets.rules.words import decimal

HOST = "venue_host"


def meters_of(session: Session) -> list[str]:
    """Return the addresses that counted a session, the first one first: what it is billed by."""
    return [
        address for address, fitted_at in _meters(session) if not session.stopped_at or fitted_at <= session.stopped_at
    ]


def meters_since(session: Session) -> list[str]:
    """Return the addresses its socket has had since the scan: what a reading may name, also behind the end."""
    return [address for address, _ in _meters(session)]


def _meters(session: Session) -> list[tuple[str, datetime]]:
    rows = Meter.objects.filter(socket_id=session.socket_id).order_by("fitted_at")
    there = rows.exclude(removed_at__lt=session.created_at)
    return list(there.values_list("address", "fitted_at"))


def socket(code: str) -> Socket | None:
    """Return a socket with its unit and site by the number on the post; None when it is not ours."""
    return Socket.objects.select_related("unit__site").filter(code=code).first()


def site(code: str, *, hosts: Iterable[str] | None = None) -> Site:
    """Return a site; `hosts` limits it to those of a host. Raises Http404."""
    found = Site.objects.filter(code=code).first()
    if found is None or (hosts is not None and found.host not in hosts):
        raise Http404
    return found


def hosts_of(actor: identity.Actor) -> list[str]:
    """Return whose sites an actor may see as a host."""
    return [unit for unit in actor.units(HOST) if unit]


@dataclass(frozen=True)
class Line:
    """A site as the map and the list show it."""

    site: Site
    sockets: int
    on_sale: int
    blocked: int
    in_use: int
    offline: int  # units that are not there
    tickets: int

    @property
    def kind(self) -> str:
        """Return how urgent it is, as tags say it: bad, warn, ok or nothing."""
        if self.site.state != SiteState.LIVE:
            return ""
        if self.offline or self.tickets:
            return "bad"
        return "warn" if self.blocked else "ok"

    @property
    def says(self) -> Text:
        """Return how it stands, in words: nothing is told by colour alone."""
        if self.site.state != SiteState.LIVE:
            return places.SITE_STATES[SiteState(self.site.state)]
        if self.offline:
            return Text("有设备离线", "device offline")
        if self.tickets:
            return Text("有工单", "open tickets")
        return Text("部分停用", "partly blocked") if self.blocked else Text("正常", "in order")


def lines(region: str, *, scenario: str = "", area: str = "", hosts: Sequence[str] | None = None) -> list[Line]:
    """Return the sites with what happens at them, by name: four statements, however many there are."""
    found = Site.objects.filter(region=region)
    if scenario:
        found = found.filter(scenario=scenario)
    if area:
        found = found.filter(area__startswith=area)
    if hosts is not None:
        found = found.filter(host__in=hosts)
    counts = {row["unit__site"]: row for row in _socket_counts(region)}
    uses = dict(
        Session.objects.filter(region=region, state__in=HOLDS_SOCKET).values_list("site").annotate(n=Count("pk"))
    )
    open_ = dict(Ticket.objects.filter(region=region, closed_at=None).values_list("site").annotate(n=Count("pk")))
    away = _away(region)
    return [
        Line(
            one,
            counts.get(one.pk, {}).get("all", 0),
            counts.get(one.pk, {}).get("on_sale", 0),
            counts.get(one.pk, {}).get("blocked", 0),
            uses.get(one.pk, 0),
            away.get(one.pk, 0),
            open_.get(one.pk, 0),
        )
        for one in found.order_by("state", "name")
    ]


def _socket_counts(region: str) -> list[dict[str, Any]]:
    rows = (
        Socket.objects.filter(region=region)
        .exclude(state=SocketState.RETIRED)
        .values("unit__site")
        .annotate(
            all=Count("pk"),
            on_sale=Count("pk", filter=Q(state=SocketState.ON_SALE)),
            blocked=Count("pk", filter=Q(state=SocketState.BLOCKED)),
        )
        .order_by()
    )
    return [{**row} for row in rows]


def _away(region: str) -> dict[int, int]:
    """Return how many units of each site were there once and are not now."""
    gone = set(GatewayState.objects.filter(region=region, online=False).values_list("gateway", flat=True))
    found: dict[int, int] = {}
    for gateway, site_id in Unit.objects.filter(region=region, retired_on=None).values_list("gateway", "site"):
        if gateway in gone:
            found[site_id] = found.get(site_id, 0) + 1
    return found


@dataclass(frozen=True)
class SocketLine:
    """A socket as the registry shows it."""

    socket: Socket
    state: Text
    in_use: bool
    meter: Meter | None
    meter_ok: bool


@dataclass(frozen=True)
class UnitLine:
    """A unit with its sockets."""

    unit: Unit
    form: Text
    gateway: GatewayState | None
    sockets: Sequence[SocketLine]


def units(found: Site, *, today: date) -> list[UnitLine]:
    """Return the units of a site with sockets and meters: four statements."""
    current = Prefetch("meters", Meter.objects.filter(removed_at=None), to_attr="counting")
    found_units = found.units.order_by("gateway").prefetch_related(
        Prefetch("sockets", Socket.objects.order_by("number").prefetch_related(current))
    )
    held = set(Session.objects.filter(site=found, state__in=HOLDS_SOCKET).values_list("socket_id", flat=True))
    rows = list(found_units)
    states = {
        one.gateway: one
        for one in GatewayState.objects.filter(region=found.region, gateway__in=[row.gateway for row in rows])
    }
    return [
        UnitLine(
            row,
            places.FORMS[places.Form(row.form)],
            states.get(row.gateway),
            [_socket_line(one, held, today) for one in row.sockets.all()],
        )
        for row in rows
    ]


def _socket_line(one: Socket, held: set[int], today: date) -> SocketLine:
    meter = next(iter(one.counting), None)  # type: ignore[attr-defined]  # set by Prefetch
    ok = meter is not None and places.meter_is_verified(meter.verified_until, today)
    return SocketLine(one, places.SOCKET_STATES[SocketState(one.state)], one.pk in held, meter, ok)


@dataclass(frozen=True)
class Exchange:
    """A meter that was replaced, with both registers as the fitter read them off."""

    at: datetime
    socket: str
    old: str
    last_kwh: str
    new: str
    first_kwh: str


def exchanges(found: Site) -> list[Exchange]:
    """Return the meters replaced at a site, the last one first: one statement."""
    rows = Meter.objects.filter(socket__unit__site=found, replaced_by__isnull=False).select_related(
        "replaced_by", "socket"
    )
    return [
        Exchange(
            row.removed_at,
            row.socket.code,
            row.address,
            _kwh(row.last_10wh),
            row.replaced_by.address,
            _kwh(row.replaced_by.first_10wh),
        )
        for row in rows.order_by("-removed_at")
        if row.socket and row.replaced_by and row.removed_at
    ]


def _kwh(register_10wh: int | None) -> str:
    return "—" if register_10wh is None else decimal(register_10wh, 2, least=2)


def meters_to_verify(region: str, *, today: date) -> list[Meter]:
    """Return the meters that count and whose verification ended or soon ends, the first to end first (B1.11); a master meter only when its day is known."""
    rows = Meter.objects.filter(region=region, removed_at=None).select_related("socket__unit__site", "site")
    return sorted(
        (
            row
            for row in rows
            if (row.socket_id or row.verified_until) and places.meter_needs_warning(row.verified_until, today)
        ),
        key=lambda row: (row.verified_until or date.min, row.address),
    )
