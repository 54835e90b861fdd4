"""What a session stands on: the socket as it is sold at an instant, and the terms it is sold on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bancheng.lib.days import day_of
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.sockets.models import GatewayState, Meter, Outage, Session, Socket
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

    def highest(self, since: datetime, before: datetime) -> int:
        """Return the highest price that can apply."""
        return tariffs.highest(self.plan_id, since, before)


def of(code: str, *, at: datetime) -> Ground:
    """Return what a session on the socket `code` would stand on.

    Raises Refused: no_such_socket, socket_not_open, meter_expired, no_tariff.
    """
    found = known(code)
    if no := why_closed(found, at=at):
        raise no
    site = found.unit.site
    most = most_w(found)
    return Ground(
        found.pk,
        site.pk,
        found.region,
        found.unit.gateway,
        found.wire,
        most,
        places.idle_w(most),
        LONGEST_S,
        tariffs.plan_of(found.region, site.price_class, at=at),
        offers.most_fen(Protocol(found.unit.protocol)),
    )


def most_w(found: Socket) -> int:
    """Return the greatest power of a socket."""
    return found.rated_ma * places.VOLTS * places.phases(found.phase) // 1000


def known(code: str) -> Socket:
    """Return a socket by the number on its post. Raises Refused("no_such_socket")."""
    found = Socket.objects.select_related("unit__site").filter(code=code).first()
    if found is None:
        raise no_such_socket()
    return found


def why_closed(found: Socket, *, at: datetime) -> Refused | None:
    """Return why a socket is not sold, whoever asks; None when it is. Whether somebody uses it is another matter."""
    if found.state != SocketState.ON_SALE:
        words = SOCKET_STATES[SocketState(found.state)]
        return not_open(Text(found.reason or words.zh, found.reason_en or words.en.lower()))
    if found.unit.site.state != SiteState.LIVE:
        return not_open(Text("站点未启用", "the site is not in use"))
    meter = Meter.objects.filter(socket=found, removed_at=None).first()
    if meter is None or not meter_is_verified(meter.verified_until, day_of(at)):
        return meter_expired()
    if Outage.objects.filter(site_id=found.unit.site_id, since__lte=at, before__gt=at, cancelled_at=None).exists():
        return not_open(Text("计划停电", "a planned outage"))
    gone = GatewayState.objects.filter(region=found.region, gateway=found.unit.gateway).first()
    return offline() if gone is not None and not gone.online else None


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
    row = known(code)
    held = Session.objects.filter(region=row.region, state__in=HOLDS_SOCKET)
    site = row.unit.site
    taken = held.filter(socket=row).exists()
    closed = why_closed(row, at=at)
    periods = _periods(row, at)
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


def _periods(row: Socket, at: datetime) -> list[Period]:
    """Return the price now and what follows; nothing where there is none."""
    try:
        plan_id = tariffs.plan_of(row.region, row.unit.site.price_class, at=at)
        pieces = tariffs.prices(plan_id)(at, at + timedelta(hours=18))
    except (Refused, NoPrice):
        return []
    return [
        Period(one.since, words.BANDS.get(one.band, Text(one.band, one.band)), words.decimal(one.price, 6, least=2))
        for one in pieces
    ]
