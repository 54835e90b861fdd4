"""Sending: what was chosen is handed to the gateways with no transaction open, then what they said is written down.

A worker may die anywhere. Before the sending the deliveries stand as SENDING with a lease; when it has run out, any
worker asks the gateway what it knows of them, and sends the rest again with the same ids (decision 0008).
"""

import logging
import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from bancheng.kernel.notices.gateway import BATCH, Answer, Gateway
from bancheng.kernel.notices.models import PLATFORM, Line
from bancheng.kernel.notices.operations import receipts, taking
from bancheng.kernel.notices.operations.stepping import move_on
from bancheng.kernel.notices.operations.taking import Due, Parcel
from bancheng.kernel.notices.rules import ladder, texts
from bancheng.kernel.notices.rules.states import Stage, State
from bancheng.lib.refusal import Garbled, Unavailable

log = logging.getLogger("bancheng.notices")
ROUND = 3 * BATCH  # messages chosen at once: three requests under way
PROBE = 20  # messages sent first to a gateway that was down
ASKED = 100  # ids in one status request: they stand in its address

LOCK = """
SELECT d.id, d.region, d.client_id FROM notices_delivery d
JOIN unnest(%s::text[], %s::uuid[]) AS told (region, client_id) USING (region, client_id)
ORDER BY d.id FOR UPDATE OF d
"""
ANSWERED = f"""
UPDATE notices_delivery d SET state = greatest(d.state, told.state), ref = told.ref, next_try_at = NULL,
    sent_at = CASE WHEN told.state = {State.SENT} THEN %s ELSE d.sent_at END,
    failed_at = CASE WHEN told.state = {State.FAILED} THEN %s ELSE d.failed_at END,
    failed_reason = CASE WHEN told.state = {State.FAILED} THEN told.code ELSE d.failed_reason END
FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::text[]) AS told (id, state, ref, code) WHERE d.id = told.id
"""
LOCK_MESSAGES_OF = f"""
SELECT m.id FROM notices_message m WHERE m.stage = {Stage.UNDERWAY} AND m.channel = %s AND m.id IN (
    SELECT message_id FROM notices_carried WHERE delivery_id = ANY(%s)) ORDER BY m.id FOR UPDATE
"""
NOT_ANSWERED = f"""
UPDATE notices_delivery d SET next_try_at = %s, attempts = least(d.attempts + 1, 30000)
FROM unnest(%s::text[], %s::uuid[]) AS told (region, client_id)
WHERE (d.region, d.client_id) = (told.region, told.client_id) AND d.state = {State.SENDING}
"""
AGAIN = f"""
WITH left_over AS MATERIALIZED (
    SELECT id FROM notices_delivery WHERE state = {State.SENDING} AND channel = %s AND next_try_at <= %s
    ORDER BY next_try_at, id LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE notices_delivery d SET next_try_at = %s FROM left_over WHERE d.id = left_over.id
RETURNING d.id, d.region, d.client_id
"""
CARRIED = f"""
SELECT c.delivery_id, {taking.COLUMNS} FROM notices_carried c JOIN notices_message m ON m.id = c.message_id
WHERE c.delivery_id = ANY(%s) AND m.stage = {Stage.UNDERWAY} AND m.channel = %s ORDER BY m.id FOR UPDATE OF m
"""
CALLED_OFF = f"""
UPDATE notices_delivery SET state = {State.FAILED}, failed_at = %s, failed_reason = 'called_off', next_try_at = NULL
WHERE id = ANY(%s) AND state = {State.SENDING}
"""
UNCONFIRMED = f"""
SELECT d.region, d.client_id FROM notices_message m JOIN notices_carried c ON c.message_id = m.id
JOIN notices_delivery d ON d.id = c.delivery_id AND d.channel = m.channel
WHERE m.stage = {Stage.UNDERWAY} AND m.step_at <= %s AND d.state = {State.SENT} AND d.channel = %s
GROUP BY d.region, d.client_id LIMIT %s
"""


@dataclass
class Tally:
    """What one round did."""

    touched: int = 0  # messages looked at, suppressed ones included
    sent: int = 0  # deliveries a gateway took
    refused: int = 0
    unknown: int = 0  # deliveries whose gateway did not answer
    again: int = 0  # deliveries found unanswered from before

    @property
    def idle(self) -> bool:
        """Whether nothing was there to do."""
        return not (self.touched or self.again)


def dispatch(*, at: datetime, gateways: Mapping[str, Gateway]) -> Tally:
    """Do one round: send again what was left unanswered, then what is due, on every channel that is not left alone.

    Call it until the tally is idle. It holds no transaction while it speaks with a gateway.
    """
    tally = Tally()
    taking.hold_until_morning(at=at)
    rooms = {channel: room for channel in gateways if (room := _room(channel, at))}
    with ThreadPoolExecutor(max_workers=4, thread_name_prefix="gateway") as pool:
        for channel, room in rooms.items():
            gateway = gateways[channel]
            parcels = _again(gateway, at, min(room, ASKED), tally)
            if room > PROBE or not parcels:
                taken = taking.take(channel=channel, at=at, limit=room)
                tally.touched += taken.touched
                parcels = [*parcels, *taken.parcels]
            _hand_over(gateway, parcels, at, pool, tally)
    return tally


def _room(channel: str, at: datetime) -> int:
    """Return how many messages may leave by `channel` now: none while it is left alone, few after failures."""
    line = Line.objects.filter(region=PLATFORM, channel=channel).first()
    if line is None or not line.failures:
        return ROUND
    return PROBE if line.retry_at is None or line.retry_at <= at else 0


def _hand_over(
    gateway: Gateway, parcels: Sequence[Parcel], at: datetime, pool: ThreadPoolExecutor, tally: Tally
) -> None:
    """Send in batches at the same time; write each answer down as it comes."""
    batches = [parcels[first : first + BATCH] for first in range(0, len(parcels), BATCH)]
    answers = pool.map(lambda batch: _send(gateway, batch, at), batches)
    answered = False
    silent: list[Parcel] = []
    for batch, said in zip(batches, answers, strict=True):
        if isinstance(said, Unavailable):
            log.warning("%s", said)
            silent += batch
        else:
            answered = True
            _note_answers(gateway.channel, said, at, tally)
    if silent:
        tally.unknown += len(silent)
        _note_silence(gateway.channel, [parcel.outgoing.id for parcel in silent], at)
    elif answered:
        Line.objects.filter(region=PLATFORM, channel=gateway.channel, failures__gt=0).update(
            failures=0, retry_at=None, failed_since=None
        )


def _send(gateway: Gateway, batch: Sequence[Parcel], at: datetime) -> list[Answer] | Unavailable:
    try:
        return gateway.send([parcel.outgoing for parcel in batch], at=at)
    except (Unavailable, Garbled) as error:
        return error if isinstance(error, Unavailable) else Unavailable(str(error))


def _note_answers(channel: str, answers: Sequence[Answer], at: datetime, tally: Tally) -> None:
    by_name = {receipts.name_of(answer.id): answer for answer in answers}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK, ([region for region, _ in by_name], [uuid for _, uuid in by_name]))
        found = [(pk, by_name[region, uuid.hex]) for pk, region, uuid in cursor.fetchall()]
        states = [int(State.FAILED if answer.code else State.SENT) for _, answer in found]
        refs, codes = [answer.ref[:100] for _, answer in found], [answer.code[:60] for _, answer in found]
        cursor.execute(ANSWERED, (at, at, [pk for pk, _ in found], states, refs, codes))
        refused = [pk for pk, answer in found if answer.code]
        if refused:
            cursor.execute(LOCK_MESSAGES_OF, (channel, refused))
            move_on([row[0] for row in cursor.fetchall()], at=at, reason="refused")
    tally.sent += len(found) - len(refused)
    tally.refused += len(refused)


def _note_silence(channel: str, ids: Sequence[str], at: datetime) -> None:
    """Leave the gateway alone for a while that grows with every failure in a row, and the deliveries `ids` with it."""
    names = [receipts.name_of(each) for each in ids]
    with transaction.atomic(), connection.cursor() as cursor:
        line, _ = Line.objects.select_for_update().get_or_create(region=PLATFORM, channel=channel)
        retry_at = at + ladder.pause(line.failures, random.random())
        Line.objects.filter(pk=line.pk).update(
            failures=line.failures + 1, retry_at=retry_at, failed_since=line.failed_since or at
        )
        cursor.execute(NOT_ANSWERED, (retry_at, [region for region, _ in names], [uuid for _, uuid in names]))


# -- after a crash or a silence


def _again(gateway: Gateway, at: datetime, limit: int, tally: Tally) -> list[Parcel]:
    """Return what was left unanswered and the gateway does not know, ready to leave again under the same ids."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(AGAIN, (gateway.channel, at, limit, at + taking.LEASE))
        left = {region + uuid.hex: pk for pk, region, uuid in cursor.fetchall()}
    if not left:
        return []
    tally.again += len(left)
    try:
        known = gateway.status(list(left))
    except (Unavailable, Garbled) as error:
        log.warning("%s", error)
        _note_silence(gateway.channel, list(left), at)
        return []
    receipts.note(channel=gateway.channel, receipts=known, at=at)
    unknown = {pk: name for name, pk in left.items() if name not in {each.id for each in known}}
    return _pack_again(unknown, gateway.channel, at) if unknown else []


def _pack_again(names: Mapping[int, str], channel: str, at: datetime) -> list[Parcel]:
    """Ask once more whether the messages are wanted; call off deliveries that carry none any more."""
    parcels: list[Parcel] = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM notices_delivery WHERE id = ANY(%s) ORDER BY id FOR UPDATE", (list(names),))
        cursor.execute(CARRIED, (list(names), channel))
        rows = [(row[0], taking.due_of(row[1:])) for row in cursor.fetchall()]
        wanted = taking.drop_unwanted([due for _, due in rows], at)
        kept = {due.id for due in taking.drop_stopped(wanted, channel, at)}
        groups: dict[int, list[Due]] = {pk: [] for pk in names}
        for pk, due in rows:
            if due.id in kept:
                groups[pk].append(due)
        empty = [pk for pk, group in groups.items() if not group]
        for pk, group in groups.items():
            if not group:
                continue
            try:
                parcel = taking.pack(group, name=names[pk], channel=channel)
            except texts.Unfit as unfit:
                taking.unfit_for_sending(group, unfit, at)
                parcel = None
            if parcel is None:
                empty.append(pk)
            else:
                parcels.append(parcel)
        cursor.execute(CALLED_OFF, (at, empty))
    return parcels


def reconcile(*, at: datetime, gateways: Mapping[str, Gateway]) -> int:
    """Ask the gateways about overdue receipts before the ladder takes them for lost; return how many moved."""
    moved = 0
    for channel, gateway in gateways.items():
        with connection.cursor() as cursor:
            cursor.execute(UNCONFIRMED, (at, channel, ASKED * 10))
            ids = [region + uuid.hex for region, uuid in cursor.fetchall()]
        try:
            for first in range(0, len(ids), ASKED):
                known = gateway.status(ids[first : first + ASKED])
                moved += receipts.note(channel=channel, receipts=known, at=at)
        except (Unavailable, Garbled) as error:
            log.warning("%s", error)
    return moved
