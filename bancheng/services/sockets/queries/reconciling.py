"""The facts of a day that are compared: what came in and went back, what was settled, what every register said. A few statements a day,
however many sockets there are; the registers are found at the edges of a day's log, never by reading it through.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, Max, Q

from bancheng.kernel.ledger import public as ledger
from bancheng.lib.days import start_of
from bancheng.services.sockets.models import (
    HandRefund,
    MasterReading,
    Meter,
    Prepay,
    Refund,
    Segment,
    Session,
    Stay,
    Unit,
)
from bancheng.services.sockets.rules import money, places
from bancheng.services.sockets.rules.handwork import HandState
from bancheng.services.sockets.rules.readings import STEP_WH, WRAP
from bancheng.services.sockets.rules.reconciling import OLDEST, Span, is_too_old
from bancheng.services.sockets.rules.sessions import State

Keyed = list[tuple[str, int]]


def edges(day: date) -> tuple[datetime, datetime]:
    """Return the first instant of a day and that of the next."""
    return start_of(day), start_of(day + timedelta(days=1))


def began_by(region: str, day: date) -> bool:
    """Return whether anybody had used a socket by the end of a day: before that there is nothing to compare."""
    before = edges(day)[1]
    return Session.objects.filter(region=region, created_at__lt=before).exists()


# --- money ---


@dataclass(frozen=True)
class Money:
    """The money of a day as the service's own rows have it, by the keys its entries carry, and as the ledger has it."""

    ours: Keyed
    ledger: Keyed
    channels: frozenset[str]
    sessions: int
    charged_fen: int
    lost_fen: int
    paid_fen: int
    refunded_fen: int


def money_of(region: str, day: date) -> Money:
    """Return the money of a day."""
    since, before = edges(day)
    paid = list(
        Prepay.objects.filter(region=region, paid_at__gte=since, paid_at__lt=before).values_list(
            "session_id", "pk", "channel", "amount_fen"
        )
    )
    done = list(
        Refund.objects.filter(region=region, done_at__gte=since, done_at__lt=before).values_list(
            "session_id", "number", "prepay__channel", "amount_fen"
        )
    )
    settled = [
        (pk, cost or 0, lost)
        for pk, cost, lost in Session.objects.filter(
            region=region, settled_at__gte=since, settled_at__lt=before
        ).values_list("pk", "cost_fen", "lost_fen")
    ]
    hand, hand_channels, back = _by_hand(region, since, before)
    channels = {one[2] for one in paid} | {one[2] for one in done} | hand_channels
    accounts = [money.INCOME, *(money.clearing(channel) for channel in sorted(channels))]
    return Money(
        ours=[
            *((f"sockets-{session}-paid-{prepay}", fen) for session, prepay, _, fen in paid),
            *((f"sockets-{session}-refund-{number}-done", -fen) for session, number, _, fen in done),
            *((f"sockets-{pk}-cost", -cost - lost) for pk, cost, lost in settled if cost + lost),
            *hand,
        ],
        ledger=[
            (one.key, one.amount)
            for account in accounts
            for one in ledger.statement(region, account, since=since, before=before)
        ],
        channels=frozenset(channels),
        sessions=len(settled),
        charged_fen=sum(one[1] for one in settled),
        lost_fen=sum(one[2] for one in settled),
        paid_fen=sum(one[3] for one in paid),
        refunded_fen=sum(one[3] for one in done) + back,
    )


def _by_hand(region: str, since: datetime, before: datetime) -> tuple[Keyed, set[str], int]:
    """Return what two people gave back of charges: decided, carried out, or taken back on the day; and what was carried out."""
    within = Q(decided_at__gte=since, decided_at__lt=before) | Q(done_at__gte=since, done_at__lt=before)
    rows = HandRefund.objects.filter(within, region=region).exclude(state=HandState.DECLINED)
    keyed: Keyed = []
    channels: set[str] = set()
    back = 0
    for pk, state, fen, decided, done, channel in rows.values_list(
        "pk", "state", "amount_fen", "decided_at", "done_at", "session__prepays__channel"
    ).filter(session__prepays__counts=True):
        channels.add(channel)
        if decided and since <= decided < before:
            keyed.append((f"sockets-hand-{pk}", fen))
        if done and since <= done < before:
            carried_out = state == HandState.DONE
            keyed.append((f"sockets-hand-{pk}-done" if carried_out else f"sockets-hand-{pk}-failed", -fen))
            back += fen if carried_out else 0
    return keyed, channels, back


# --- energy ---


@dataclass
class SocketDay:
    """A socket's day: what its registers said, and the sessions on each of them. More than one register: the meter was exchanged."""

    socket_id: int
    code: str
    unit_id: int
    most_w: int
    registers: dict[str, Span] = field(default_factory=dict)
    sessions: dict[str, list[Span]] = field(default_factory=dict)


REGISTERS = """
SELECT s.id, s.code, s.unit_id, s.rated_ma, s.phase, m.address, coalesce(eve.e_10wh, first.e_10wh), last.e_10wh
FROM sockets_meter m
JOIN sockets_socket s ON s.id = m.socket_id JOIN sockets_unit u ON u.id = s.unit_id
LEFT JOIN LATERAL (
    SELECT r.e_10wh FROM sockets_reading r WHERE (r.region, r.gateway, r.wire, r.meter) = (m.region, u.gateway, s.wire, m.address)
    AND r.day = %(day)s ORDER BY r.boot DESC, r.seq DESC LIMIT 1) AS last ON true
LEFT JOIN LATERAL (
    SELECT r.e_10wh FROM sockets_reading r WHERE (r.region, r.gateway, r.wire, r.meter) = (m.region, u.gateway, s.wire, m.address)
    AND r.day = %(day)s ORDER BY r.boot, r.seq LIMIT 1) AS first ON true
LEFT JOIN LATERAL (
    SELECT r.e_10wh FROM sockets_reading r WHERE (r.region, r.gateway, r.wire, r.meter) = (m.region, u.gateway, s.wire, m.address)
    AND r.day = %(eve)s ORDER BY r.boot DESC, r.seq DESC LIMIT 1) AS eve ON true
WHERE m.region = %(region)s AND s.state <> 'retired' AND m.fitted_at < %(before)s AND (m.removed_at IS NULL OR m.removed_at > %(since)s)
ORDER BY s.code, m.fitted_at
"""


def sockets_of(region: str, day: date) -> list[SocketDay]:
    """Return every socket's day, by its number: three statements."""
    since, before = edges(day)
    found: dict[int, SocketDay] = {}
    params: dict[str, Any] = {
        "region": region,
        "day": day,
        "eve": day - timedelta(days=1),
        "since": since,
        "before": before,
    }
    with connection.cursor() as cursor:
        cursor.execute(REGISTERS, params)
        for socket_id, code, unit_id, rated_ma, phase, address, first, last in cursor.fetchall():
            most_w = rated_ma * places.VOLTS * places.phases(phase) // 1000
            one = found.setdefault(socket_id, SocketDay(socket_id, code, unit_id, most_w))
            if last is not None:
                one.registers[address] = Span(first, last)
    for socket_id, meter, span in _sessions(region, since, before):
        if socket_id in found:
            found[socket_id].sessions.setdefault(meter, []).append(span)
    return list(found.values())


def _sessions(region: str, since: datetime, before: datetime) -> Iterable[tuple[int, str, Span]]:
    """Yield the registers of the sessions of a day: of settled ones for ever, of those under way as far as they are."""
    rows = Segment.objects.filter(region=region, last_at__gte=since, first_at__lt=before)
    for socket_id, meter, first, last in rows.values_list("session__socket_id", "meter", "from_10wh", "to_10wh"):
        yield socket_id, meter, Span(first, last)
    running = Session.objects.filter(region=region, settled_at=None, started_at__lt=before, e_10wh__isnull=False)
    running = running.exclude(last_at__lt=since)
    for socket_id, meter, now, used in running.values_list("socket_id", "meter", "e_10wh", "used_wh"):
        if now is not None:
            yield socket_id, meter, Span((now - used // STEP_WH) % WRAP, now)


@dataclass(frozen=True)
class Master:
    """A site with a master meter, and what it counted on the day; None when one of its two registers is not there."""

    site_id: int
    name: str
    name_en: str
    energy_10wh: int | None


def masters_of(region: str, day: date) -> list[Master]:
    """Return the sites with a master meter: two statements."""
    rows = MasterReading.objects.filter(region=region, day__in=[day - timedelta(days=1), day])
    read: dict[tuple[int, date], int] = {(one.meter_id, one.day): one.e_10wh for one in rows}
    found = []
    for meter in Meter.objects.filter(region=region, site__isnull=False, removed_at=None).select_related("site"):
        site = meter.site
        assert site is not None
        first, last = read.get((meter.pk, day - timedelta(days=1))), read.get((meter.pk, day))
        energy = None if first is None or last is None else Span(first, last).energy_10wh * meter.ct_ratio
        found.append(Master(site.pk, site.name, site.name_en, energy))
    return found


def stood_at(region: str, day: date) -> tuple[Mapping[int, int], frozenset[int]]:
    """Return where each unit stood on a day, and the sites at which one came or went: what those lost cannot be told."""
    since, before = edges(day)
    where: dict[int, set[int]] = {}
    stays = Stay.objects.filter(region=region, since__lt=before).filter(Q(before=None) | Q(before__gt=since))
    for unit, site in stays.values_list("unit_id", "site_id"):
        where.setdefault(unit, set()).add(site)
    homes = dict(Unit.objects.filter(region=region).values_list("pk", "site_id"))
    moved = frozenset(site for sites in where.values() if len(sites) > 1 for site in sites)
    return {unit: next(iter(where.get(unit, {home}))) for unit, home in homes.items()}, moved


# --- what lies about ---


def too_old(region: str, at: datetime) -> list[Session]:
    """Return the sessions that have been open for too long, the oldest first."""
    soonest = min(OLDEST.values())
    rows = Session.objects.filter(region=region, state__in=[str(state) for state in OLDEST], since__lt=at - soonest)
    return [
        one
        for one in rows.select_related("site", "socket").order_by("since")
        if is_too_old(State(one.state), at - one.since)
    ]


def last_master(region: str) -> date | None:
    """Return the last day whose master registers came in."""
    found: date | None = MasterReading.objects.filter(region=region).aggregate(day=Max(F("day")))["day"]
    return found
