"""Choosing what leaves now: due, still wanted, not stopped, put together by phone, written down before it is sent.

One worker at a time chooses (an advisory lock for some tens of milliseconds), because a digest must see all messages
of a phone; sending, which takes far longer, is done by any number at once.
"""

import json
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.kernel.notices import addresses, hooks, queries
from bancheng.kernel.notices.gateway import Outgoing, push_token
from bancheng.kernel.notices.operations.stepping import move_on
from bancheng.kernel.notices.rules import ladder, texts
from bancheng.kernel.notices.rules.ladder import Settings
from bancheng.kernel.notices.rules.states import Stage, State

log = logging.getLogger("bancheng.notices")
CHOOSING = 0x6E6F7469  # "noti": the advisory lock of choosing
LEASE = timedelta(seconds=60)  # longer than a gateway may take to answer; after it another worker may send again
LARGEST_DIGEST = 5000

COLUMNS = """
    m.id, m.region, m.kind, m.subject, m.template_id, m.language, m.holder_hash, m.mobile_sealed, m.mobile_hash,
    m.values
"""
DUE = f"""
SELECT {COLUMNS} FROM notices_message m WHERE m.stage = {Stage.WAITING} AND m.channel = %s AND m.not_before <= %s
ORDER BY m.not_before, m.id LIMIT %s FOR UPDATE SKIP LOCKED
"""
OF_SAME_PHONES = f"""
SELECT {COLUMNS} FROM notices_message m WHERE m.stage = {Stage.WAITING} AND m.channel = %s AND m.not_before <= %s
    AND m.mobile_hash = ANY(%s) AND m.kind = ANY(%s) AND m.id <> ALL(%s)
ORDER BY m.id LIMIT {LARGEST_DIGEST} FOR UPDATE SKIP LOCKED
"""
STOPPED = """
SELECT DISTINCT m.id, o.channel FROM notices_message m JOIN notices_optout o
    ON o.mobile_hash <> '' AND o.mobile_hash = m.mobile_hash OR o.holder_hash <> '' AND o.holder_hash = m.holder_hash
WHERE m.id = ANY(%s) AND o.kind IN ('', m.kind) AND o.channel IN ('', %s)
"""
SUPPRESS = f"""
UPDATE notices_message SET stage = {Stage.SUPPRESSED}, reason = %s, step_at = NULL WHERE id = ANY(%s)
"""
ASLEEP = f"""
UPDATE notices_message SET not_before = %(morning)s, step_at = step_at + (%(morning)s - %(at)s)
WHERE id IN (
    SELECT id FROM notices_message WHERE stage = {Stage.WAITING} AND not_before <= %(at)s AND kind = %(kind)s
    ORDER BY id FOR UPDATE SKIP LOCKED
)
"""
ASLEEP_AGAIN = f"""
UPDATE notices_delivery SET next_try_at = %s WHERE id IN (
    SELECT id FROM notices_delivery WHERE state = {State.SENDING} AND next_try_at <= %s AND kind = %s
    ORDER BY id FOR UPDATE SKIP LOCKED
)
"""
WRITE = f"""
WITH made AS (
    INSERT INTO notices_delivery (region, client_id, kind, channel, state, attempts, next_try_at, ref, made_at,
        failed_reason)
    SELECT region, client_id, kind, %(channel)s, {State.SENDING}, 1, %(lease)s, '', %(at)s, ''
    FROM unnest(%(regions)s::text[], %(ids)s::uuid[], %(kinds)s::text[]) AS p (region, client_id, kind)
    RETURNING id, region, client_id
), carried AS (
    INSERT INTO notices_carried (region, delivery_id, message_id)
    SELECT made.region, made.id, p.message_id
    FROM unnest(%(carriers)s::uuid[], %(messages)s::bigint[]) AS p (client_id, message_id) JOIN made USING (client_id)
)
UPDATE notices_message SET stage = {Stage.UNDERWAY} WHERE id = ANY(%(messages)s)
"""


@dataclass(frozen=True)
class Due:
    """A message that may leave now."""

    id: int
    region: str
    kind: str
    subject: str
    template_id: int
    language: str
    holder_hash: bytes
    mobile_sealed: bytes
    mobile_hash: bytes
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Parcel:
    """One delivery, written down and ready to leave."""

    region: str
    kind: str
    outgoing: Outgoing
    messages: tuple[int, ...]


@dataclass(frozen=True)
class Taken:
    """What one round chose: parcels to send, and how many messages were touched in all."""

    parcels: Sequence[Parcel]
    touched: int


def take(*, channel: str, at: datetime, limit: int) -> Taken:
    """Choose at most `limit` due messages of `channel` (a digest may add some); write their deliveries down."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (CHOOSING,))
        cursor.execute(DUE, (channel, at, limit))
        due = [due_of(row) for row in cursor.fetchall()]
        if not due:
            return Taken([], 0)
        settings = queries.settings_of_all(list({each.kind for each in due}))
        due += _rest_of_digests(due, settings, channel, at)
        wanted = drop_stopped(drop_unwanted(due, at), channel, at)
        parcels = _pack(_groups(wanted, settings), channel, at)
        if parcels:
            _write(parcels, channel, at)
    return Taken(parcels, len(due))


def hold_until_morning(*, at: datetime) -> None:
    """Put off what is due but falls into the quiet hours of its kind: a backlog wakes nobody (B10.11)."""
    for kind, settings in queries.settings_of_all().items():
        morning = ladder.awake(at, settings.quiet)
        if morning > at:
            with connection.cursor() as cursor:
                cursor.execute(ASLEEP, {"morning": morning, "at": at, "kind": kind})
                cursor.execute(ASLEEP_AGAIN, (morning, at, kind))


def due_of(row: Sequence[Any]) -> Due:
    """Return a row of COLUMNS."""
    values = json.loads(row[9]) if isinstance(row[9], str) else row[9]  # Django leaves jsonb to its own fields
    holder_hash, mobile_sealed, mobile_hash = (bytes(each or b"") for each in row[6:9])
    return Due(*row[:6], holder_hash, mobile_sealed, mobile_hash, values)  # type: ignore[call-arg]  # six columns


def _rest_of_digests(due: list[Due], settings: Mapping[str, Settings], channel: str, at: datetime) -> list[Due]:
    """Return the due messages of the same phones that the limit cut off, for kinds that are put together."""
    kinds = [code for code, each in settings.items() if each.digest_from]
    phones = list({each.mobile_hash for each in due if each.kind in kinds and each.mobile_hash})
    if not phones:
        return []
    with connection.cursor() as cursor:
        cursor.execute(OF_SAME_PHONES, (channel, at, phones, kinds, [each.id for each in due]))
        return [due_of(row) for row in cursor.fetchall()]


def drop_unwanted(due: Sequence[Due], at: datetime) -> list[Due]:
    """Return what services still want; the rest is suppressed (N-3, B10.8)."""
    unwanted: set[tuple[str, str]] = set()
    by_kind: dict[str, list[str]] = {}
    for each in due:
        by_kind.setdefault(each.kind, []).append(each.subject)
    for kind, subjects in by_kind.items():
        for answer in hooks.still_wanted.fire(hooks.Check(kind=kind, subjects=tuple(subjects), at=at)):
            unwanted |= {(kind, subject) for subject in answer or ()}
    gone = [each.id for each in due if (each.kind, each.subject) in unwanted]
    suppress(gone, "not_wanted")
    return [each for each in due if (each.kind, each.subject) not in unwanted]


def drop_stopped(due: Sequence[Due], channel: str, at: datetime) -> list[Due]:
    """Return what its reader did not stop since it was accepted; a stopped channel steps on, a stopped kind ends."""
    with connection.cursor() as cursor:
        cursor.execute(STOPPED, ([each.id for each in due], channel))
        found = cursor.fetchall()
    if not found:
        return list(due)
    may_stop = {code for code, each in queries.settings_of_all().items() if each.may_stop}
    kinds = {each.id: each.kind for each in due}
    whole = {pk for pk, stopped in found if not stopped and kinds[pk] in may_stop}
    here = {pk for pk, stopped in found if stopped} - whole
    suppress(sorted(whole), "stopped")
    if here:
        move_on(sorted(here), at=at, reason="channel_stopped")
    return [each for each in due if each.id not in whole | here]


def suppress(ids: Sequence[int], reason: str) -> None:
    """End these messages without sending."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(SUPPRESS, (reason, list(ids)))


def _groups(due: Sequence[Due], settings: Mapping[str, Settings]) -> list[list[Due]]:
    """Return what travels together: the messages of one kind to a phone with many of them, everything else alone."""
    by_kind: dict[tuple[str, str], list[Due]] = {}
    for each in due:
        by_kind.setdefault((each.region, each.kind), []).append(each)
    groups: list[list[Due]] = []
    for (_, kind), members in by_kind.items():
        phones = ladder.digests([each.mobile_hash for each in members], at_least=settings[kind].digest_from)
        if not phones or queries.digest_of(kind) is None:
            groups += [[each] for each in members]
            continue
        together: dict[bytes, list[Due]] = {phone: [] for phone in phones}
        for each in members:
            if each.mobile_hash in together:
                together[each.mobile_hash].append(each)
            else:
                groups.append([each])
        groups += together.values()
    return groups


def _pack(groups: Iterable[Sequence[Due]], channel: str, at: datetime) -> list[Parcel]:
    """Return the groups as parcels; what has no address steps on, what cannot be filled in ends, logged."""
    parcels: list[Parcel] = []
    nowhere: list[int] = []
    chance = os.urandom(10 * 1024)
    for number, group in enumerate(groups):
        start = 10 * (number % 1024)
        if start == 0 and number:
            chance = os.urandom(10 * 1024)
        name = group[0].region + ladder.uuid7(at, chance[start : start + 10]).hex
        try:
            parcel = pack(group, name=name, channel=channel)
        except texts.Unfit as unfit:
            unfit_for_sending(group, unfit, at)
            continue
        if parcel is None:
            nowhere += [each.id for each in group]
        else:
            parcels.append(parcel)
    if nowhere:
        move_on(sorted(nowhere), at=at, reason="no_address")
    return parcels


def pack(group: Sequence[Due], *, name: str, channel: str) -> Parcel | None:
    """Return one parcel for `group` under the id `name`, or None when it has no address on `channel`. Raises Unfit."""
    head = group[0]
    to = _address(head, channel)
    if not to:
        return None
    draft = queries.published(head.template_id)
    if len(group) > 1:
        draft = queries.digest_of(head.kind) or draft
    built_in = addresses.built_in(head.id, count=len(group))
    said = texts.render_all(draft, head.values, built_in=built_in, language=head.language)
    if channel == "sms":
        content: dict[str, Any] = {"text": said.sms}
    else:
        content = {"template": head.kind, "title": said.push_title, "body": said.push_body, "page": said.page}
        content["data"] = dict(said.rows)
    return Parcel(head.region, head.kind, Outgoing(name, to, content), tuple(each.id for each in group))


def unfit_for_sending(group: Sequence[Due], unfit: texts.Unfit, at: datetime) -> None:
    """End messages that cannot be filled in: sending them half would be worse, trying again no better."""
    log.error("a message of kind %s cannot be filled in: %s", group[0].kind, unfit)
    suppress([each.id for each in group], "unfit")
    audit.record_many(
        audit.Event("notices.unfit", "system", f"notices:message:{each.id}", at, each.region, {"kind": each.kind})
        for each in group
    )


def _address(due: Due, channel: str) -> str:
    if due.mobile_sealed:
        mobile = identity.open_sealed(due.mobile_sealed, kind="mobile")
        return mobile if channel == "sms" else push_token(mobile)
    return due.holder_hash.hex() if channel == "push" else ""


def _write(parcels: Sequence[Parcel], channel: str, at: datetime) -> None:
    carried = [(parcel.outgoing.id[6:], pk) for parcel in parcels for pk in parcel.messages]
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE,
            {
                "channel": channel,
                "lease": at + LEASE,
                "at": at,
                "regions": [parcel.region for parcel in parcels],
                "ids": [parcel.outgoing.id[6:] for parcel in parcels],
                "kinds": [parcel.kind for parcel in parcels],
                "carriers": [uuid for uuid, _ in carried],
                "messages": [pk for _, pk in carried],
            },
        )
