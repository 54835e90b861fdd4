"""Who is told of what happens at places: hosts of outages, moves and devices that are away, keepers of their tickets and of meters to verify."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings

from bancheng.kernel.identity import public as identity
from bancheng.kernel.notices import public as notices
from bancheng.lib.days import SHANGHAI
from bancheng.lib.text import Text
from bancheng.services.sockets.models import GatewayState, Outage, Site, Ticket, Unit
from bancheng.services.sockets.operations.care import raise_ticket
from bancheng.services.sockets.queries import places
from bancheng.services.sockets.rules import care
from bancheng.services.sockets.rules.care import TicketKind

HOST, KEEPER = "venue_host", "device_keeper"


def tell_outage(*, outage_id: UUID, at: datetime) -> int:
    """Tell the host of a site of an outage; told twice it is one message. Return how many were told."""
    outage = Outage.objects.select_related("site").get(pk=outage_id)
    if outage.cancelled_at:
        return 0
    values = _site(outage.site) | {
        "since": _clock(outage.since),
        "before": _clock(outage.before),
        "reason": outage.reason,
        "reason_en": outage.reason_en,
        "link": _link(f"places/{outage.site.code}/"),
    }
    return _hosts(outage.site, "sockets.outage", f"sockets-outage-{outage.pk}", values, at)


def tell_moved(*, site_id: int, at: datetime) -> int:
    """Tell the host of a site where it is now."""
    site = Site.objects.get(pk=site_id)
    values = _site(site) | {
        "address": site.address,
        "address_en": site.address_en,
        "link": _link(f"places/{site.code}/"),
    }
    key = f"sockets-moved-{site.pk}-{site.moves.count()}"
    return _hosts(site, "sockets.moved", key, values, at)


def tell_assigned(*, ticket_id: UUID, account: int, at: datetime) -> None:
    """Tell a keeper of a ticket of his."""
    ticket = Ticket.objects.select_related("site").get(pk=ticket_id)
    kind = care.KINDS[TicketKind(ticket.kind)]
    values = _site(ticket.site) | {
        "reason": kind.zh,
        "reason_en": kind.en,
        "link": _link(f"tickets/{ticket.pk}/"),
    }
    key = f"sockets-assigned-{ticket.pk}-{account}-{ticket.assigned_at}"
    _tell(account, "sockets.assigned", key, f"sockets.ticket:{ticket.pk}", values, ticket.region, at)


def look_for_absent(*, at: datetime) -> int:
    """Open a ticket for each device that has been away for ten minutes, and tell its host. Return how many are away.

    Run it as often as you like: one absence is one ticket and one message.
    """
    since = at - timedelta(minutes=care.OFFLINE_MINUTES)
    gone = {row.gateway: row for row in GatewayState.objects.filter(online=False, since__lte=since)}
    units = list(Unit.objects.filter(gateway__in=gone, retired_on=None).select_related("site"))
    by_site: dict[int, list[Unit]] = {}
    for unit in units:
        raise_ticket(
            kind=TicketKind.OFFLINE,
            cause=f"unit:{unit.pk}:offline",
            region=unit.region,
            says=Text("设备离线超过10分钟。", "The device has been away for ten minutes."),
            at=at,
            site=unit.site_id,
            unit=unit,
        )
        by_site.setdefault(unit.site_id, []).append(unit)
    for found in by_site.values():
        site = found[0].site
        first = min(gone[unit.gateway].since for unit in found)
        values = _site(site) | {"devices": len(found), "link": _link("host/")}
        _hosts(site, "sockets.offline", f"sockets-offline-{site.pk}-{first:%Y%m%d%H%M}", values, at)
    return len(units)


def warn_of_meters(*, today: date, at: datetime) -> int:
    """Tell the keepers once a week which verifications run out (B1.11). Return how many meters."""
    found = [one for one in places.meters_to_verify(settings.REGION, today=today) if one.socket_id]
    if not found:
        return 0
    week = today - timedelta(days=today.weekday())
    for account in identity.officers(unit="", role=KEEPER, at=at):
        values: dict[str, object] = {"devices": len(found), "link": _link("sites/")}
        _tell(
            account,
            "sockets.meter_due",
            f"sockets-meters-{week}-{account}",
            "sockets.meters",
            values,
            settings.REGION,
            at,
        )
    return len(found)


def _hosts(site: Site, kind: str, key: str, values: Mapping[str, object], at: datetime) -> int:
    accounts = identity.officers(unit=site.host, role=HOST, at=at) if site.host else []
    for account in accounts:
        _tell(account, kind, f"{key}-{account}", f"sockets.site:{site.pk}", values, site.region, at)
    return len(accounts)


def _tell(
    account: int, kind: str, key: str, subject: str, values: Mapping[str, object], region: str, at: datetime
) -> None:
    notices.accept(
        kind=kind,
        region=region,
        key=key[:200],
        subject=subject,
        to=notices.to_staff(account),
        values=dict(values),
        at=at,
    )


def _site(site: Site | None) -> dict[str, object]:
    return {"site": site.name if site else "—", "site_en": site.name_en if site else "—"}


def _clock(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _link(path: str) -> str:
    return f"{settings.SITE_URL}/sockets/{path}"
