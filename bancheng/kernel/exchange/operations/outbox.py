"""Events in one order that never changes behind a reader (decision 0018).

A transaction writes its events with its own number (`xid`); others with lower numbers may commit later. So an event has no
position when it is written. `settle` gives positions, one settler at a time, to what no running transaction can still precede:
`xid` below the oldest that runs (`pg_snapshot_xmin`). A reader asks for positions above his last: whoever commits later
stands later. A row whose xid lies in the future was restored from another server, where that transaction ended long ago.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from bancheng.kernel.exchange.facts import Said
from bancheng.kernel.exchange.models import Event, Subscription
from bancheng.kernel.jobs import public as jobs

DISPATCH = "exchange.dispatch"
SETTLER = 0x65786368616E6765  # "exchange": the one who gives positions
MOST = 10_000

WRITE = """
INSERT INTO exchange_event (region, service, kind, unit, owner, about, data, at, xid)
SELECT region, service, kind, unit, owner, about, data::jsonb, at, pg_current_xact_id()::text::bigint
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
    WITH ORDINALITY AS said (region, service, kind, unit, owner, about, data, at, n) ORDER BY n
"""
# what this very transaction wrote may be placed too: the lock is held until it commits, so nobody sees a later position before
SETTLE = """
UPDATE exchange_event SET position = placed.position FROM (
    SELECT id, nextval('exchange_position') AS position FROM (
        SELECT id FROM exchange_event
        WHERE position IS NULL AND (
            xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
            OR xid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
            OR xid = pg_current_xact_id_if_assigned()::text::bigint
        )
        ORDER BY xid, id LIMIT %s
    ) AS due
) AS placed
WHERE exchange_event.id = placed.id
"""


def publish(events: Sequence[Said]) -> None:
    """Write events in the caller's transaction: they are there exactly when it commits. One statement, two where webhooks listen."""
    if not events:
        return
    columns = (
        [event.region for event in events],
        [event.service for event in events],
        [event.kind for event in events],
        [event.unit for event in events],
        [event.owner for event in events],
        [event.about for event in events],
        [json.dumps(dict(event.data), ensure_ascii=False) for event in events],
        [event.at for event in events],
    )
    with connection.cursor() as cursor:
        cursor.execute(WRITE + " RETURNING EXISTS (SELECT FROM exchange_subscription WHERE ended_at IS NULL)", columns)
        if cursor.fetchone()[0]:
            jobs.later(DISPATCH, key=DISPATCH)


def settle() -> int:
    """Give positions to what can have them, unless somebody else is at it; return how many got one."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", (SETTLER,))
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(SETTLE, (MOST,))  # a statement of its own: it must see what the settler before wrote
        return int(cursor.rowcount)


def forget_events(*, before: datetime) -> int:
    """Forget events from before an instant that every webhook is past; return how many."""
    slowest = Subscription.objects.filter(ended_at=None).order_by("position").values_list("position", flat=True).first()
    old = Event.objects.filter(at__lt=before, position__isnull=False)
    if slowest is not None:
        old = old.filter(position__lte=slowest)
    return old.delete()[0]
