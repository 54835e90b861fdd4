"""Receipts: what gateways tell of deliveries, in batches, late, doubled, in any order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.notices import gateway, hooks
from bancheng.kernel.notices.rules import states
from bancheng.kernel.notices.rules.states import Known, Stage, State

STEP = "notices.step"

# rows are locked in the order of their ids, here and wherever many are changed: two batches never wait for each other
LOCK = """
SELECT d.id, d.region, d.client_id FROM notices_delivery d
JOIN unnest(%s::text[], %s::uuid[]) AS told (region, client_id) USING (region, client_id)
WHERE d.channel = %s ORDER BY d.id FOR UPDATE OF d
"""
# the same as states.merge, row by row; what adds nothing changes nothing
MERGE = f"""
UPDATE notices_delivery d SET
    state = greatest(d.state, told.state),
    delivered_at = least(d.delivered_at, told.delivered_at),
    read_at = least(d.read_at, told.read_at),
    failed_at = least(d.failed_at, told.failed_at),
    failed_reason = CASE
        WHEN told.failed_at IS NULL THEN d.failed_reason
        WHEN d.failed_at IS NULL THEN told.reason
        WHEN (told.failed_at, told.reason COLLATE "C") < (d.failed_at, d.failed_reason COLLATE "C") THEN told.reason
        ELSE d.failed_reason END,
    next_try_at = CASE WHEN told.state > {int(State.SENDING)} THEN NULL ELSE d.next_try_at END
FROM unnest(%s::bigint[], %s::smallint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::text[])
    AS told (id, state, delivered_at, read_at, failed_at, reason)
WHERE d.id = told.id AND (
    told.state > d.state OR least(d.delivered_at, told.delivered_at) IS DISTINCT FROM d.delivered_at
    OR least(d.read_at, told.read_at) IS DISTINCT FROM d.read_at
    OR least(d.failed_at, told.failed_at) IS DISTINCT FROM d.failed_at
    OR (told.failed_at = d.failed_at AND told.reason COLLATE "C" < d.failed_reason COLLATE "C")
)
RETURNING d.id, d.state
"""

LOCK_MESSAGES = """
SELECT m.id FROM notices_message m WHERE m.id IN (SELECT message_id FROM notices_carried WHERE delivery_id = ANY(%s))
ORDER BY m.id FOR UPDATE
"""
RAISE = f"""
UPDATE notices_message m SET
    stage = greatest(m.stage, told.stage),
    reached_at = least(m.reached_at, told.reached_at),
    read_at = least(m.read_at, told.read_at),
    step_at = NULL
FROM (
    SELECT c.message_id, max(CASE WHEN d.state >= {State.READ} THEN {Stage.READ} ELSE {Stage.REACHED} END) AS stage,
        min(least(d.delivered_at, d.read_at)) AS reached_at, min(d.read_at) AS read_at
    FROM notices_carried c JOIN notices_delivery d ON d.id = c.delivery_id
    WHERE d.id = ANY(%s) AND d.state >= {State.DELIVERED} GROUP BY c.message_id
) told
WHERE m.id = told.message_id AND (m.stage < told.stage OR m.reached_at IS NULL OR m.reached_at > told.reached_at)
RETURNING m.id, m.region, m.kind, m.key, m.subject, m.stage
"""
HURRY = f"""
UPDATE notices_message m SET step_at = %s
FROM notices_carried c JOIN notices_delivery d ON d.id = c.delivery_id
WHERE d.id = ANY(%s) AND d.state = {State.FAILED} AND m.id = c.message_id AND m.stage = {Stage.UNDERWAY}
    AND m.channel = d.channel
"""


def take_receipts(*, channel: str, payload: Any, at: datetime) -> int:
    """Take a batch of receipts as a gateway of `channel` posts it; return how many deliveries they brought further.

    Receipts for deliveries that are not ours are passed over. Raises Garbled when the batch cannot be read: nothing
    of it is taken then.
    """
    return note(channel=channel, receipts=gateway.read_receipts(payload), at=at)


def note(*, channel: str, receipts: Sequence[gateway.Receipt], at: datetime) -> int:
    """Merge `receipts` into what is known of their deliveries, and raise the messages they carry."""
    told: dict[tuple[str, str], Known] = {}
    for each in receipts:
        name = name_of(each.id)
        fact = states.known(state=states.REPORTED[each.state], at=each.at, reason=each.reason)
        told[name] = states.merge(told.get(name, Known()), fact)
    with transaction.atomic():
        changed = _merge(channel, told)
        arrived = [pk for pk, state in changed if state >= State.DELIVERED]
        failed = [pk for pk, state in changed if state == State.FAILED]
        with connection.cursor() as cursor:
            if changed:
                cursor.execute(LOCK_MESSAGES, ([pk for pk, _ in changed],))
            if arrived:
                cursor.execute(RAISE, (arrived,))
                _tell(channel, cursor.fetchall(), at)
            if failed:
                cursor.execute(HURRY, (at, failed))
                jobs.later(STEP, key=STEP)
    return len(changed)


def name_of(client_id: str) -> tuple[str, str]:
    """Return region and UUID of a delivery from the id the gateway knows; a foreign form names nothing of ours."""
    region, rest = client_id[:6], client_id[6:]
    fits = len(rest) == 32 and rest.isascii() and all(each in "0123456789abcdef" for each in rest)
    return (region, rest) if fits and "\0" not in region else ("", "0" * 32)


def _merge(channel: str, told: Mapping[tuple[str, str], Known]) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(LOCK, ([region for region, _ in told], [uuid for _, uuid in told], channel))
        found = [(pk, told[region, uuid.hex]) for pk, region, uuid in cursor.fetchall()]
        if not found:
            return []
        cursor.execute(
            MERGE,
            (
                [pk for pk, _ in found],
                [int(fact.state) for _, fact in found],
                [fact.delivered_at for _, fact in found],
                [fact.read_at for _, fact in found],
                [fact.failed_at for _, fact in found],
                [fact.reason for _, fact in found],
            ),
        )
        changed: list[tuple[int, int]] = cursor.fetchall()
    return changed


def _tell(channel: str, rows: Sequence[tuple[int, str, str, str, str, int]], at: datetime) -> None:
    for stage in (Stage.REACHED, Stage.READ):
        if messages := [hooks.Told(*row[:5]) for row in rows if row[5] == stage]:
            hooks.receipt.fire(hooks.Receipts(at=at, channel=channel, stage=stage, messages=messages))
