"""What a session stands on: the socket as it is sold at an instant, and the terms it is sold on."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from bancheng.lib import rows
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.sockets.models import Session, Site, Socket, Unit
from bancheng.services.sockets.queries import tariffs
from bancheng.services.sockets.rules import offers, places, words
from bancheng.services.sockets.rules.offers import busy
from bancheng.services.sockets.rules.places import (
    SOCKET_STATES,
    Protocol,
    SiteState,
    SocketState,
    meter_expired,
    meter_is_verified,
    no_such_socket,
    not_open,
    offline,
)
from bancheng.services.sockets.rules.sessions import HOLDS_SOCKET
from bancheng.services.sockets.rules.tariff import NoPrice, no_tariff

LONGEST_S = 12 * 3600
# a socket and all that decides whether it is sold and on what terms, with where its log stands
KNOWN = f"""
SELECT {rows.columns(Socket, "socket")}, {rows.columns(Unit, "unit")}, {rows.columns(Site, "site")}, meter.verified_until,
    EXISTS (
        SELECT FROM sockets_outage AS outage
        WHERE outage.site_id = unit.site_id AND since <= %(at)s AND before > %(at)s AND cancelled_at IS NULL
    ), gateway.online, plan.id, log.boot, log.stored
FROM sockets_socket AS socket JOIN sockets_unit AS unit ON unit.id = socket.unit_id JOIN sockets_site AS site ON site.id = unit.site_id
LEFT JOIN sockets_meter AS meter ON meter.socket_id = socket.id AND meter.removed_at IS NULL
LEFT JOIN sockets_gatewaystate AS gateway ON (gateway.region, gateway.gateway) = (socket.region, unit.gateway)
LEFT JOIN LATERAL (
    SELECT id FROM sockets_plan WHERE (region, price_class) = (socket.region, site.price_class) AND state = 'approved' AND first_on <= %(day)s
    ORDER BY first_on DESC LIMIT 1
) AS plan ON true
LEFT JOIN LATERAL (
    SELECT boot, stored FROM sockets_socketstate AS state
    WHERE (state.region, state.gateway, state.wire) = (socket.region, unit.gateway, socket.wire) ORDER BY boot DESC LIMIT 1
) AS log ON true
WHERE socket.code = %(code)s
"""


@dataclass(frozen=True)
class Ground:
    """A socket that may be sold, and on what terms."""

    socket_id: int
    site_id: int
    region: str
    gateway: str
    wire: str
    most_w: int
    idle_w: int
    longest_s: int
    plan_id: int
    most_fen: int
    log: tuple[int, int]  # boot and number up to which the socket's log is stored

    def highest(self, since: datetime, before: datetime) -> int:
        """Return the highest price that can apply."""
        return tariffs.highest(self.plan_id, since, before)


def of(code: str, *, at: datetime) -> Ground:
    """Return what a session on the socket `code` would stand on.

    Raises Refused: no_such_socket, socket_not_open, meter_expired, no_tariff.
    """
    here = known(code, at=at)
    if no := why_closed(here, at=at):
        raise no
    if here.plan_id is None:
        raise no_tariff()
    found = here.socket
    most = most_w(found)
    return Ground(
        found.pk,
        found.unit.site_id,
        found.region,
        found.unit.gateway,
        found.wire,
        most,
        places.idle_w(most),
        LONGEST_S,
        here.plan_id,
        offers.most_fen(Protocol(found.unit.protocol)),
        here.log,
    )


def most_w(found: Socket) -> int:
    """Return the greatest power of a socket."""
    return found.rated_ma * places.VOLTS * places.phases(found.phase) // 1000


@dataclass(frozen=True)
class Known:
    """A socket as it stands at an instant."""

    socket: Socket
    verified_until: date | None  # of its meter; None: there is none, or it never was
    outage: bool
    online: bool | None  # None: it was never heard of
    plan_id: int | None
    log: tuple[int, int]


def known(code: str, *, at: datetime) -> Known:
    """Return a socket by the number on its post: one statement. Raises Refused("no_such_socket")."""
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, {"code": code, "at": at, "day": day_of(at)})
        found = rows.found_in(cursor, Socket, Unit, Site)
    if not found:
        raise no_such_socket()
    socket, unit, site, verified_until, outage, online, plan_id, boot, stored = found[0]
    socket.unit, unit.site = unit, site
    return Known(socket, verified_until, outage, online, plan_id, (boot or 0, stored or 0))


def why_closed(here: Known, *, at: datetime) -> Refused | None:
    """Return why a socket is not sold, whoever asks; None when it is. Whether somebody uses it is another matter."""
    found = here.socket
    if found.state != SocketState.ON_SALE:
        words = SOCKET_STATES[SocketState(found.state)]
        return not_open(Text(found.reason or words.zh, found.reason_en or words.en.lower()))
    if found.unit.site.state != SiteState.LIVE:
        return not_open(Text("站点未启用", "the site is not in use"))
    if not meter_is_verified(here.verified_until, day_of(at)):
        return meter_expired()
    if here.outage:
        return not_open(Text("计划停电", "a planned outage"))
    return offline() if here.online is False else None


@dataclass(frozen=True)
class Period:
    """A price and from when it applies."""

    since: datetime
    band: Text
    yuan_per_kwh: str


@dataclass(frozen=True)
class Offer:
    """What a scan page shows of a socket: where it is, what it costs now and next, whether it is free, and which beside it is."""

    code: str
    socket_id: int
    site: Text
    place: Text
    photo: str
    now: Period | None  # None where there is no price
    next: tuple[Period, ...]
    longest_hours: int
    rated_amps: str
    closed: Refused | None  # why it cannot be used now
    most_fen: int  # that may be prepaid
    charge_point: bool  # less may be prepaid there, and the plug follows the payment
    beside: tuple[str, ...]  # free sockets of the same site


def offer(code: str, *, at: datetime) -> Offer:
    """Return the offer of a socket. Raises Refused("no_such_socket") for one that is not ours."""
    here = known(code, at=at)
    row = here.socket
    held = Session.objects.filter(region=row.region, state__in=HOLDS_SOCKET)
    site = row.unit.site
    taken = held.filter(socket=row).exists()
    closed = why_closed(here, at=at)
    periods = _periods(here.plan_id, at)
    if not periods and closed is None:
        closed = no_tariff()
    beside = list(
        Socket.objects.filter(unit__site=site, state=SocketState.ON_SALE)
        .exclude(pk__in=held.values("socket"))
        .exclude(pk=row.pk)
        .order_by("code")[:3]
        if taken or closed
        else []
    )
    return Offer(
        code=code,
        socket_id=row.pk,
        site=Text(site.name, site.name_en or site.name),
        place=Text(site.address, site.address_en or site.address),
        photo=site.photo,
        now=periods[0] if periods else None,
        next=tuple(periods[1:3]),
        longest_hours=LONGEST_S // 3600,
        rated_amps=words.decimal(row.rated_ma, 3),
        closed=closed or (busy() if taken else None),
        most_fen=offers.most_fen(Protocol(row.unit.protocol)),
        charge_point=row.unit.protocol == Protocol.OCPP16,
        beside=tuple(one.code for one in beside),
    )


def _periods(plan_id: int | None, at: datetime) -> list[Period]:
    """Return the price now and what follows; nothing where there is none."""
    if plan_id is None:
        return []
    try:
        pieces = tariffs.prices(plan_id)(at, at + timedelta(hours=18))
    except NoPrice:
        return []
    return [
        Period(one.since, words.BANDS.get(one.band, Text(one.band, one.band)), words.decimal(one.price, 6, least=2))
        for one in pieces
    ]
