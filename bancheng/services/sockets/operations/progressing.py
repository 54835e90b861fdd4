"""The plain progress of many sessions at once: readings that add energy and nothing else, in three statements a batch.

Everything that is more than that (a relay that moves, a reading that cannot be, somebody idle, a quota near its end) is left to `following`, one
session a transaction. Both go by the same rule, and what this one has followed the other does not follow again: sessions are read without a lock,
and one that has moved on meanwhile is not written.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from bancheng.lib import rows, unnest
from bancheng.services.sockets.models import Session
from bancheng.services.sockets.operations.following import FOLLOWED, follow, standing
from bancheng.services.sockets.queries import logs, tariffs
from bancheng.services.sockets.rules import bills, following
from bancheng.services.sockets.rules.following import Entry, Sign
from bancheng.services.sockets.rules.readings import Verdict
from bancheng.services.sockets.rules.sessions import FINAL, State

PLAIN = {
    "id": "uuid",
    "boot": "bigint",
    "seq": "bigint",
    "good_boot": "bigint",
    "up_ms": "bigint",
    "e_10wh": "int",
    "last_at": "timestamptz",
    "used_wh": "int",
    "spent_nano": "bigint",
    "idle_since": "timestamptz",
    "bill": "jsonb",
    "clock_suspect": "bool",
}
FROM = {"from_boot": "bigint", "from_seq": "bigint"}  # where it stood when it was read
GIVEN = {**PLAIN, **FROM}
WRITE = f"""
WITH given AS (SELECT * FROM {unnest.given(GIVEN)}), free AS (
    SELECT session.id FROM sockets_session AS session JOIN given USING (id)
    WHERE (session.boot, session.seq) = (from_boot, from_seq) AND state = 'active' AND cut_10wh IS NULL AND tripped = ''
    ORDER BY session.id FOR UPDATE OF session SKIP LOCKED
)
UPDATE sockets_session AS session SET {", ".join(f"{name} = given.{name}" for name in PLAIN if name != "id")}
FROM given JOIN free USING (id) WHERE session.id = given.id RETURNING session.id
"""
# open sessions of sockets whose log has gone on; the index of open ones is found by its own words
BEHIND = f"""
SELECT {rows.columns(Session, "s")} FROM sockets_session s
WHERE s.state NOT IN ({", ".join(f"'{state}'" for state in sorted(FINAL))}) AND s.state = ANY(%(states)s) AND s.gateway = ANY(%(gateways)s)
    AND EXISTS (
        SELECT FROM sockets_socketstate k
        WHERE (k.region, k.gateway, k.wire) = (s.region, s.gateway, s.wire) AND (k.boot, k.stored) > (s.boot, s.seq) AND k.stored > 0
    )
ORDER BY s.id
"""
NEAR = 0.8  # of its quota used: a raise may be due


def follow_all(gateways: Sequence[str], *, at: datetime) -> None:
    """Follow every session on `gateways` whose log has gone on: those that only use power together, the others one by one."""
    for pk, entries in progress(gateways, at=at).items():
        follow(pk, at=at, entries=entries)


def progress(gateways: Sequence[str], *, at: datetime) -> Mapping[UUID, Sequence[Entry]]:
    """Follow the sessions on `gateways` that only use power; return those that are left to `follow`, with their log."""
    found = behind(gateways)
    entries = logs.after_many(found, at=at)
    stood = {row.pk: (row.boot, row.seq) for row in found}
    plain = [row for row in found if _may_be_plain(row) and _plain(row, entries[row.pk])]
    for row in plain:
        row.from_boot, row.from_seq = stood[row.pk]  # type: ignore[attr-defined]  # for the statement
    done = _write(plain) if plain else set()
    return {row.pk: entries[row.pk] for row in found if row.pk not in done and entries[row.pk]}


def _write(plain: Sequence[Session]) -> set[UUID]:
    """Write what was followed; return which sessions nobody else is at, or has been since they were read."""
    with connection.cursor() as cursor:
        cursor.execute(WRITE, unnest.arrays(plain, GIVEN))
        return {pk for (pk,) in cursor.fetchall()}


def behind(gateways: Sequence[str]) -> list[Session]:
    """Return the open sessions on `gateways` whose log was stored and not followed yet."""
    with connection.cursor() as cursor:
        cursor.execute(BEHIND, {"states": [str(state) for state in FOLLOWED], "gateways": list(gateways)})
        return [row for (row,) in rows.found_in(cursor, Session)]


def _may_be_plain(row: Session) -> bool:
    return State(row.state) is State.ACTIVE and row.cut_10wh is None and not row.tripped


def _plain(row: Session, entries: Sequence[Entry]) -> bool:
    """Follow `entries` on the row in hand; return whether they were plain throughout."""
    stands = standing(row)
    prices = tariffs.prices(row.plan_id)
    so_far = bills.Bill.of_rows(row.bill)
    for entry in entries:
        step = following.follow(stands, entry, most_w=row.most_w)
        if step.sign is not Sign.USED or step.verdict is not Verdict.GOOD or not entry.is_reading:
            return False
        if row.idle_w and following.is_idle(entry.point.p_w, idle_w=row.idle_w):
            return False
        assert stands.last is not None
        so_far = bills.added(so_far, stands.last, entry.point, prices)
        row.clock_suspect |= entry.point.clock_suspect
        stands = step.standing
    last = stands.last
    if not entries or last is None or so_far.wh >= NEAR * row.quota_wh:
        return False
    row.boot, row.seq = entries[-1].point.place
    row.good_boot, row.up_ms, row.e_10wh, row.last_at = last.boot, last.up_ms, last.e_10wh, last.at
    row.used_wh, row.spent_nano, row.idle_since = so_far.wh, so_far.nano, None
    row.bill = so_far.rows
    return True
