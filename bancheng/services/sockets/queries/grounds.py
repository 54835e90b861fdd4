"""What a session stands on: the socket as it is sold at an instant. Provisional on the places side."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.sockets.models import Session, Socket
from bancheng.services.sockets.queries import tariffs
from bancheng.services.sockets.rules import words
from bancheng.services.sockets.rules.offers import busy
from bancheng.services.sockets.rules.sessions import HOLDS_SOCKET


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

    def highest(self, since: datetime, before: datetime) -> int:
        """Return the highest price that can apply."""
        return tariffs.highest(self.plan_id, since, before)


def of(code: str, *, at: datetime) -> Ground:
    """Return what a session on the socket `code` would stand on."""
    found = Socket.objects.select_related("unit__site").filter(code=code).first()
    if found is None:
        raise Refused("no_such_socket", "没有这个插座。", en="There is no such socket.", status=404)
    return Ground(
        found.pk,
        found.unit.site_id,
        found.region,
        found.unit.gateway,
        found.wire,
        found.rated_ma * 220 // 1000,
        0,
        12 * 3600,
        1,
    )


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
    now: Period
    next: tuple[Period, ...]
    longest_hours: int
    rated_amps: str
    closed: Refused | None  # why it cannot be used now
    beside: tuple[str, ...]  # free sockets of the same site


def offer(code: str, *, at: datetime) -> Offer:
    """Return the offer of a socket. Raises Refused("no_such_socket") for one that is not ours."""
    row = Socket.objects.select_related("unit__site").filter(code=code).first()
    if row is None:
        raise Refused("no_such_socket", "没有这个插座。", en="There is no such socket.", status=404)
    ground = of(code, at=at)
    held = Session.objects.filter(region=row.region, state__in=HOLDS_SOCKET)
    site = row.unit.site
    taken = held.filter(socket=row).exists()
    pieces = tariffs.prices(ground.plan_id)(at, at + timedelta(hours=18))
    periods = [
        Period(p.since, words.BANDS.get(p.band, Text(p.band, p.band)), words.decimal(p.price, 6, least=2))
        for p in pieces
    ]
    beside = (
        Socket.objects.filter(unit__site=site).exclude(pk__in=held.values("socket")).exclude(pk=row.pk) if taken else []
    )
    return Offer(
        code=code,
        socket_id=row.pk,
        site=Text(site.name, site.name_en or site.name),
        place=Text("", ""),
        photo="",
        now=periods[0],
        next=tuple(periods[1:3]),
        longest_hours=ground.longest_s // 3600,
        rated_amps=words.decimal(row.rated_ma, 3),
        closed=busy() if taken else None,
        beside=tuple(one.code for one in beside[:3]),
    )
