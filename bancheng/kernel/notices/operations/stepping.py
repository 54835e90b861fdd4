"""Climbing the ladder: without a receipt in time a message goes to the next channel, at the end to a person (N-6)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.notices import hooks, queries
from bancheng.kernel.notices.operations.accepting import DISPATCH
from bancheng.kernel.notices.rules import ladder
from bancheng.kernel.notices.rules.states import Stage, State

OVERDUE = f"""
SELECT id FROM notices_message WHERE stage IN ({Stage.WAITING}, {Stage.UNDERWAY}) AND step_at <= %s
ORDER BY step_at, id LIMIT %s FOR UPDATE SKIP LOCKED
"""
RUNGS = """
SELECT kind, position, array_agg(id ORDER BY id) FROM notices_message WHERE id = ANY(%s) AND stage IN (0, 10)
GROUP BY kind, position ORDER BY kind, position
"""
# what may still be on its way by the old channel is not sent again. One that is locked is being told of at this moment; waiting
# for it could be a deadlock (receipts lock the delivery first), and `sending` looks at the message's channel before it repeats
CALL_OFF = f"""
UPDATE notices_delivery SET state = {State.FAILED}, failed_at = %s, failed_reason = %s, next_try_at = NULL
WHERE id IN (
    SELECT d.id FROM notices_carried c JOIN notices_delivery d ON d.id = c.delivery_id
    WHERE c.message_id = ANY(%s) AND d.state = {State.SENDING} ORDER BY d.id FOR UPDATE OF d SKIP LOCKED
) AND state = {State.SENDING}
"""
UP = f"""
UPDATE notices_message SET stage = {Stage.WAITING}, position = %s, channel = %s, not_before = %s, step_at = %s
WHERE id = ANY(%s)
"""
END = f"""
UPDATE notices_message SET stage = {Stage.EXHAUSTED}, reason = %s, step_at = NULL WHERE id = ANY(%s)
RETURNING id, region, kind, key, subject
"""


def step(*, at: datetime, limit: int = 1000) -> int:
    """Move on what is overdue at `at`, at most `limit` messages; return how many moved."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(OVERDUE, (at, limit))
        ids = [row[0] for row in cursor.fetchall()]
        if ids:
            move_on(ids, at=at, reason="no_receipt")
    return len(ids)


def move_on(ids: Sequence[int], *, at: datetime, reason: str) -> None:
    """Send these messages to their next channel, or to the end; the caller holds their rows and a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(CALL_OFF, (at, "stepped_up", list(ids)))
        cursor.execute(RUNGS, (list(ids),))
        rungs = cursor.fetchall()
        settings = queries.settings_of_all([kind for kind, _, _ in rungs])
        for kind, position, members in rungs:
            rung = settings[kind].rung(position + 1)
            if rung is None:
                _end(members, at=at, reason=reason)
                continue
            due = ladder.awake(at, settings[kind].quiet)
            cursor.execute(UP, (position + 1, rung.channel, due, due + rung.wait, members))
            if due <= at:
                jobs.later(DISPATCH, key=DISPATCH)


def _end(ids: Sequence[int], *, at: datetime, reason: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(END, (reason, list(ids)))
        told = [hooks.Told(*row) for row in cursor.fetchall()]
    audit.record_many(
        audit.Event("notices.exhausted", "system", f"notices:message:{each.id}", at, each.region, {"reason": reason})
        for each in told
    )
    hooks.exhausted.fire(hooks.Exhausted(at=at, reason=reason, messages=told))
