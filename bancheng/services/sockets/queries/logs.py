"""The stored log of a socket as a session follows it: in the device's order, without a gap, each entry with the time it was taken at."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from bancheng.lib.days import day_of
from bancheng.services.sockets.models import Session
from bancheng.services.sockets.rules.following import Entry
from bancheng.services.sockets.rules.readings import Anchor, Point, Raw, taken_at

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FAR_PAST = date(1970, 1, 1)
NEXT = timedelta(days=2)  # a clock that is a day fast is still believed to be of its day
MOST = 5000  # entries followed in one transaction; a longer backlog goes on in the next

LOG = """
SELECT r.boot, r.seq, r.up_ms, r.ts_ms, r.received_at, r.meter, r.session, r.e_10wh, coalesce(r.i_ma, 0), coalesce(r.p_w, 0),
    r.kind, r.code, r.closed, s.began_at, s.live
FROM sockets_reading r
JOIN sockets_socketstate s ON (s.region, s.gateway, s.wire, s.boot) = (r.region, r.gateway, r.wire, r.boot)
WHERE r.region = %(region)s AND r.gateway = %(gateway)s AND r.wire = %(wire)s
    AND (r.day >= %(first)s OR r.day = '1970-01-01') AND (r.boot, r.seq) > (%(boot)s, %(seq)s) {more}
ORDER BY r.boot, r.seq LIMIT %(most)s
"""
WITHOUT_GAP = "AND r.seq <= s.stored"
UP_TO = "AND (r.boot, r.seq) <= (%(end_boot)s, %(end_seq)s)"
ITS_OWN = "AND r.session = %(session)s"


def after(session: Session) -> list[Entry]:
    """Return what stands in the log of the session's socket behind what was followed, up to the first gap."""
    return _read(session, session.boot, session.seq, WITHOUT_GAP)


MANY = """
SELECT n.id, r.boot, r.seq, r.up_ms, r.ts_ms, r.received_at, r.meter, r.session, r.e_10wh, coalesce(r.i_ma, 0), coalesce(r.p_w, 0),
    r.kind, r.code, r.closed, s.began_at, s.live
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[]) AS n (id, region, gateway, wire, boot, seq)
JOIN sockets_reading r ON (r.region, r.gateway, r.wire) = (n.region, n.gateway, n.wire) AND (r.boot, r.seq) > (n.boot, n.seq)
    AND (r.day BETWEEN %s AND %s OR r.day = '1970-01-01')
JOIN sockets_socketstate s ON (s.region, s.gateway, s.wire, s.boot) = (r.region, r.gateway, r.wire, r.boot) AND r.seq <= s.stored
ORDER BY n.id, r.boot, r.seq LIMIT %s
"""


def after_many(sessions: Sequence[Session], *, at: datetime) -> Mapping[UUID, list[Entry]]:
    """Return for each session what `after` would at an instant, in one statement; what does not fit is left for the next time.

    Nothing is kept under a day later than the next: the days to come, which stand ready, are not opened for each batch.
    """
    found: dict[UUID, list[Entry]] = {session.pk: [] for session in sessions}
    if not found:
        return found
    names = ("pk", "region", "gateway", "wire", "boot", "seq")
    first, last = day_of(min(session.created_at for session in sessions)) - timedelta(days=3), day_of(at + NEXT)
    with connection.cursor() as cursor:
        cursor.execute(MANY, [*([getattr(one, name) for one in sessions] for name in names), first, last, MOST])
        for pk, *row in cursor.fetchall():
            found[pk].append(_entry(tuple(row)))
    return found


def of_session(session: Session) -> list[Entry]:
    """Return the whole log of a session: from the register at close to where it ended; when that is not known, all that names it."""
    assert session.first_boot is not None
    assert session.first_seq is not None
    more = UP_TO if session.end_seq is not None else ITS_OWN
    return _read(session, session.first_boot, session.first_seq - 1, more, most=1_000_000)


def _read(session: Session, boot: int, seq: int, more: str, *, most: int = MOST) -> list[Entry]:
    params: dict[str, Any] = {
        "region": session.region,
        "gateway": session.gateway,
        "wire": session.wire,
        "first": day_of(session.created_at) - timedelta(days=3),
        "boot": boot,
        "seq": seq,
        "most": most,
        "end_boot": session.end_boot,
        "end_seq": session.end_seq,
        "session": session.pk.hex,
    }
    used = {name: value for name, value in params.items() if f"%({name})s" in LOG + more}
    with connection.cursor() as cursor:
        cursor.execute(LOG.format(more=more), used)
        return [_entry(row) for row in cursor.fetchall()]


def _entry(row: tuple[Any, ...]) -> Entry:
    boot, seq, up_ms, ts_ms, received_at, meter, session, e_10wh, i_ma, p_w, kind, code, closed, began_at, live = row
    raw = Raw(boot, seq, up_ms, EPOCH + timedelta(milliseconds=ts_ms), received_at)
    at, suspect = taken_at(raw, Anchor(began_at, live))
    return Entry(Point(boot, seq, up_ms, at, e_10wh, meter, i_ma, p_w, suspect), session, kind, code, closed)
