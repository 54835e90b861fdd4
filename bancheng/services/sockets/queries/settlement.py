"""What is handed to other systems: the log of the sockets, and what was settled on a day. No payer is named: nobody has to say who he is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.http import Http404

from bancheng.services.sockets.models import HandRefund, Session, Site, Socket
from bancheng.services.sockets.queries.reconciling import edges
from bancheng.services.sockets.rules.handwork import HandState
from bancheng.services.sockets.rules.readings import STEP_WH

# --- the log ---


@dataclass(frozen=True)
class Logged:
    """A reading, or an event with its register, as the device said it."""

    socket: str
    boot: int
    seq: int
    day: date
    up_ms: int
    device_at: datetime | None  # by the device's own clock, which may be wrong; None: no time at all
    received_at: datetime
    meter: str
    session: str
    energy_wh: int
    voltage_dv: int | None
    current_ma: int | None
    power_w: int | None
    temperature_dc: int | None
    kind: str
    code: str
    closed: bool | None


Mark = tuple[str, int, int]  # socket, boot, seq: the last that was read
LOG = """
SELECT s.code, r.boot, r.seq, r.day, r.up_ms, r.ts_ms, r.received_at, r.meter, r.session, r.e_10wh, r.u_dv, r.i_ma, r.p_w, r.t_dc, r.kind, r.code,
    r.closed
FROM sockets_socket s JOIN sockets_unit u ON u.id = s.unit_id CROSS JOIN LATERAL (
    SELECT * FROM sockets_reading l WHERE (l.region, l.gateway, l.wire) = (s.region, u.gateway, s.wire) AND l.day BETWEEN %(first)s AND %(last)s
    AND (l.boot, l.seq) > (CASE WHEN s.code = %(code)s THEN %(boot)s ELSE -1 END, CASE WHEN s.code = %(code)s THEN %(seq)s ELSE -1 END)
    ORDER BY l.boot, l.seq LIMIT %(size)s) r
WHERE s.id = ANY(%(sockets)s) AND s.code >= %(code)s ORDER BY s.code, r.boot, r.seq LIMIT %(size)s
"""


def log_of_socket(region: str, code: str, *, first: date, last: date, after: Mark | None, size: int) -> list[Logged]:
    """Return what a socket said on days, in its own order: two statements. Raises Http404."""
    socket = Socket.objects.filter(region=region, code=code).values_list("pk", flat=True).first()
    if socket is None:
        raise Http404
    return _log([socket], first=first, last=last, after=after, size=size)


def log_of_site(region: str, code: str, *, first: date, last: date, after: Mark | None, size: int) -> list[Logged]:
    """Return what the sockets that stand at a site now said on days, socket by socket: three statements. Raises Http404."""
    site = Site.objects.filter(region=region, code=code).first()
    if site is None:
        raise Http404
    sockets = list(Socket.objects.filter(region=region, unit__site=site).values_list("pk", flat=True))
    return _log(sockets, first=first, last=last, after=after, size=size)


def _log(sockets: Sequence[int], *, first: date, last: date, after: Mark | None, size: int) -> list[Logged]:
    code, boot, seq = after or ("", -1, -1)
    params: dict[str, Any] = {
        "sockets": list(sockets), "first": first, "last": last, "code": code, "boot": boot, "seq": seq, "size": size,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(LOG, params)
        rows = cursor.fetchall()
    return [_logged(*row) for row in rows]


def _logged(socket: str, boot: int, seq: int, day: date, up_ms: int, ts_ms: int, *rest: Any) -> Logged:
    received_at, meter, session, steps, *figures = rest
    said = (received_at, meter, session, steps * STEP_WH, *figures)
    return Logged(*(socket, boot, seq, day, up_ms, _clock(ts_ms)), *said)


def _clock(ts_ms: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=ts_ms) if ts_ms else None
    except OverflowError:
        return None


# --- what was settled ---


def settled(region: str, day: date, *, after: tuple[datetime, UUID] | None, size: int) -> list[Session]:
    """Return sessions settled on a day, in the order they were: one statement."""
    since, before = edges(day)
    rows = Session.objects.filter(region=region, settled_at__gte=since, settled_at__lt=before)
    if after:
        rows = rows.filter(Q(settled_at__gt=after[0]) | Q(settled_at=after[0], pk__gt=after[1]))
    return list(rows.select_related("site", "socket").order_by("settled_at", "pk")[:size])


@dataclass(frozen=True)
class Line:
    """A line of a day's settlement: a session that was settled, or a charge that went back (below zero), or came back again. Fen and Wh."""

    kind: str  # use, charge_back, charge_back_failed
    session: UUID
    site: str
    public_account: str
    socket: str
    meter: str
    started_at: datetime | None
    stopped_at: datetime | None
    energy_wh: int
    paid_fen: int
    charged_fen: int
    refunded_fen: int
    lost_fen: int
    at: datetime


@dataclass(frozen=True)
class Total:
    """What lines sum to."""

    lines: int
    energy_wh: int
    paid_fen: int
    charged_fen: int
    refunded_fen: int
    lost_fen: int


@dataclass(frozen=True)
class Account(Total):
    """What the lines of one public-user account sum to: what the utility bills the profile for is beside what passers-by paid."""

    public_account: str
    site: str


def lines(region: str, day: date) -> list[Line]:
    """Return the lines of a day's settlement, in the order they came about: two statements. A past day's stay as they are."""
    since, before = edges(day)
    rows = Session.objects.filter(region=region, settled_at__gte=since, settled_at__lt=before)
    found = [
        _line("use", one, one.settled_at or since, one.cost_fen or 0) for one in rows.select_related("site", "socket")
    ]
    return sorted([*found, *_by_hand(region, since, before)], key=lambda line: (line.at, line.session, line.kind))


def _by_hand(region: str, since: datetime, before: datetime) -> list[Line]:
    within = Q(decided_at__gte=since, decided_at__lt=before) | Q(done_at__gte=since, done_at__lt=before)
    rows = HandRefund.objects.filter(within, region=region).exclude(state__in=[HandState.DECLINED, HandState.PROPOSED])
    found = []
    for row in rows.select_related("session__site", "session__socket"):
        if row.decided_at and since <= row.decided_at < before:
            found.append(_line("charge_back", row.session, row.decided_at, -row.amount_fen))
        if row.state == HandState.FAILED and row.done_at and since <= row.done_at < before:
            found.append(_line("charge_back_failed", row.session, row.done_at, row.amount_fen))
    return found


def _line(kind: str, one: Session, at: datetime, charged_fen: int) -> Line:
    use = kind == "use"
    return Line(
        kind=kind,
        session=one.pk,
        site=one.site.code,
        public_account=one.site.public_account,
        socket=one.socket.code,
        meter=one.meter,
        started_at=one.started_at,
        stopped_at=one.stopped_at,
        energy_wh=one.used_wh if use else 0,
        paid_fen=one.paid_fen if use else 0,
        charged_fen=charged_fen,
        refunded_fen=one.refunded_fen if use else 0,
        lost_fen=one.lost_fen if use else 0,
        at=at,
    )


def total(found: Sequence[Line]) -> Total:
    """Return what lines sum to."""
    return Total(
        len(found),
        sum(one.energy_wh for one in found),
        sum(one.paid_fen for one in found),
        sum(one.charged_fen for one in found),
        sum(one.refunded_fen for one in found),
        sum(one.lost_fen for one in found),
    )


def by_account(found: Sequence[Line]) -> list[Account]:
    """Return what lines sum to, by account."""
    groups: dict[tuple[str, str], list[Line]] = {}
    for one in found:
        groups.setdefault((one.public_account, one.site), []).append(one)
    return [
        Account(**vars(total(ones)), public_account=account, site=site)
        for (account, site), ones in sorted(groups.items())
    ]
