"""Tickets, outages, changes of thresholds, and what a host may see: totals, nobody's session."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.http import Http404

from bancheng.kernel.identity import public as identity
from bancheng.lib import socketwire
from bancheng.lib.text import Text
from bancheng.services.sockets.models import GatewayState, Outage, Session, Site, SiteRequest, Socket, Threshold, Ticket
from bancheng.services.sockets.rules import care, protection, words
from bancheng.services.sockets.rules.care import RequestState, TicketKind, TicketState
from bancheng.services.sockets.rules.protection import ChangeState

SHOWN = {"open": Text("未办结", "Open"), "check": Text("待复核", "To be checked"), "closed": Text("已办结", "Closed")}


def tickets(region: str, show: str) -> QuerySet[Ticket]:
    """Return the tickets of a list, urgent and oldest first."""
    found = Ticket.objects.filter(region=region).select_related("site", "socket", "unit")
    if show == "closed":
        return found.filter(state=TicketState.CLOSED).order_by("-closed_at")
    if show == "check":
        return found.filter(state=TicketState.FIXED).order_by("-urgent", "opened_at")
    return found.filter(closed_at=None).order_by("-urgent", "opened_at")


@dataclass(frozen=True)
class TicketLine:
    """A ticket in words."""

    ticket: Ticket
    kind: Text
    state: Text
    says: Text
    assignee: str
    refused: Text | None = None  # of a strange gateway: what it said that was not taken, since ever


def ticket_lines(found: Sequence[Ticket]) -> list[TicketLine]:
    """Return tickets in words, with the names of whom they were given to."""
    names = identity.names_of([one.assigned_to for one in found if one.assigned_to])
    return [
        TicketLine(
            one,
            care.KINDS[TicketKind(one.kind)],
            care.STATES[TicketState(one.state)],
            Text(one.says, one.says_en),
            names.get(one.assigned_to, ""),
        )
        for one in found
    ]


def ticket(ticket_id: UUID) -> TicketLine:
    """Return one ticket. Raises Http404."""
    found = Ticket.objects.select_related("site", "socket", "unit").filter(pk=ticket_id).first()
    if found is None:
        raise Http404
    line = ticket_lines([found])[0]
    return replace(line, refused=_refused(found)) if found.kind == TicketKind.STRANGE and found.unit else line


def _refused(found: Ticket) -> Text | None:
    """Return in words what was refused of a ticket's gateway."""
    assert found.unit
    row = GatewayState.objects.filter(region=found.region, gateway=found.unit.gateway).first()
    if row is None:
        return None
    return Text(
        f"冒用他人{row.foreign:,}条，读不懂{row.garbled:,}条，过量{row.flooded:,}条",
        f"{row.foreign:,} under another's name, {row.garbled:,} that cannot be read, {row.flooded:,} too many",
    )


def keepers(at: datetime) -> list[tuple[int, str]]:
    """Return to whom a ticket can be given."""
    accounts = identity.officers(unit="", role="device_keeper", at=at)
    names = identity.names_of([f"staff:{account}" for account in accounts])
    return [(account, names.get(f"staff:{account}", "")) for account in accounts]


def outages(site: Site, *, at: datetime) -> list[Outage]:
    """Return the outages of a site that are not over."""
    return list(Outage.objects.filter(site=site, before__gt=at, cancelled_at=None).order_by("since"))


@dataclass(frozen=True)
class ThresholdLine:
    """A threshold as the page of protections shows it."""

    name: str
    words: Text
    value: str
    unit: str
    low: str
    high: str
    own: bool
    settable: bool
    proposed: Threshold | None
    proposed_value: str


@dataclass(frozen=True)
class ProtectionLine:
    """One of the eight, with its thresholds."""

    protection: protection.Protection
    actor: Text
    hardware: bool
    lines: Sequence[ThresholdLine]


def protections(socket: Socket) -> list[ProtectionLine]:
    """Return the eight protections of a socket: one statement."""
    rows = list(socket.thresholds.filter(state__in=[ChangeState.IN_FORCE, ChangeState.PROPOSED]))
    own = {row.name: row.value for row in rows if row.state == ChangeState.IN_FORCE}
    asked = {row.name: row for row in rows if row.state == ChangeState.PROPOSED}
    now = protection.effective(own, rated_ma=socket.rated_ma)
    return [
        ProtectionLine(
            one,
            protection.ACTORS[one.actor],
            one.actor is protection.Actor.HARDWARE,
            [_threshold(name, now[name], own, asked.get(name), one) for name in one.thresholds],
        )
        for one in protection.PROTECTIONS.values()
    ]


def _threshold(
    name: str, value: int, own: dict[str, int], asked: Threshold | None, one: protection.Protection
) -> ThresholdLine:
    said, unit, places = protection.NAMES[name]
    limit = socketwire.LIMITS[name]
    return ThresholdLine(
        name,
        said,
        protection.shown(value, places),
        unit,
        protection.shown(limit.least, places),
        protection.shown(limit.most, places),
        name in own,
        one.actor is protection.Actor.FIRMWARE,
        asked,
        protection.shown(asked.value, places) if asked else "",
    )


@dataclass(frozen=True)
class Total:
    """What was used at a site, added up."""

    site: Site
    uses: int
    kwh: str
    fen: int


def totals(sites: Sequence[Site], *, since: datetime) -> list[Total]:
    """Return the settled use of sites since an instant: one statement, no session named."""
    rows: dict[int, dict[str, Any]] = {
        row["site"]: dict(row)
        for row in Session.objects.filter(site__in=sites, settled_at__gte=since)
        .values("site")
        .annotate(n=Count("pk"), wh=Sum("used_wh"), fen=Sum("cost_fen"))
        .order_by()
    }
    return [
        Total(
            one,
            rows.get(one.pk, {}).get("n", 0),
            words.decimal(rows.get(one.pk, {}).get("wh") or 0, 3, least=2),
            rows.get(one.pk, {}).get("fen") or 0,
        )
        for one in sites
    ]


def by_day(sites: Sequence[Site], *, since: datetime) -> list[tuple[str, float]]:
    """Return (day, kWh) of sites together."""
    rows = (
        Session.objects.filter(site__in=sites, settled_at__gte=since)
        .annotate(day=TruncDate("settled_at"))
        .values_list("day")
        .annotate(wh=Sum("used_wh"))
        .order_by("day")
    )
    return [(day.isoformat(), wh / 1000) for day, wh in rows]


def requests(hosts: Sequence[str] | None, region: str) -> list[tuple[SiteRequest, Text]]:
    """Return what hosts asked for, the newest first; `hosts` None: everybody's, those that wait."""
    found = SiteRequest.objects.filter(region=region).order_by("-asked_at")
    found = found.filter(Q(state=RequestState.ASKED)) if hosts is None else found.filter(host__in=hosts)
    return [(one, care.REQUESTS[RequestState(one.state)]) for one in found[:50]]
