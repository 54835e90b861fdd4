"""What is asked of notices: kinds and templates, the inbox, the history of a subject, figures."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache, reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from bancheng.kernel.notices import addresses
from bancheng.kernel.notices.models import PLATFORM, Kind, Message, OptOut, Template
from bancheng.kernel.notices.rules import texts
from bancheng.kernel.notices.rules.ladder import Quiet, Rung, Settings
from bancheng.kernel.notices.rules.states import Stage, State
from bancheng.lib.days import start_of
from bancheng.lib.text import Text


class UnknownKind(LookupError):
    """No kind of message has this code: a service must define it first."""


def settings_of(kind: str) -> Settings:
    """Return how messages of `kind` travel. Raises UnknownKind."""
    found = settings_of_all([kind])
    if kind not in found:
        raise UnknownKind(kind)
    return found[kind]


# by hand: it stands before every message taken in, where the ORM's building of it took half of the time
SETTINGS = """
SELECT code, ladder::text, quiet_first, quiet_before, digest_from, may_stop FROM notices_kind
WHERE region = '000000' AND (%s::text[] IS NULL OR code = ANY(%s))
"""


def settings_of_all(kinds: Sequence[str] | None = None) -> dict[str, Settings]:
    """Return the settings of `kinds`, or of all, by code."""
    wanted = None if kinds is None else list(kinds)
    with connection.cursor() as cursor:
        cursor.execute(SETTINGS, (wanted, wanted))
        return {row[0]: _settings(*row) for row in cursor.fetchall()}


def _settings(
    code: str, rungs: str, first: time | None, before: time | None, digest_from: int, may_stop: bool
) -> Settings:
    ladder = tuple(Rung(each["channel"], timedelta(minutes=each["wait_minutes"])) for each in json.loads(rungs))
    quiet = Quiet(first, before) if first and before else None
    return Settings(code=code, ladder=ladder, quiet=quiet, digest_from=digest_from, may_stop=may_stop)


def kind_names() -> dict[str, Text]:
    """Return the name of every kind by code."""
    return {row.code: Text(row.name, row.name_en) for row in Kind.objects.filter(region=PLATFORM).order_by("code")}


@lru_cache(maxsize=2048)
def published(template_id: int) -> texts.Draft:
    """Return the texts of a published template; cached, because a published version is never changed."""
    return draft_of(Template.objects.get(pk=template_id))


def digest_of(kind: str) -> texts.Draft | None:
    """Return the digest texts of `kind`, or None when it has none."""
    found = Template.objects.filter(region=PLATFORM, kind=kind, variant=texts.DIGEST, state=Template.PUBLISHED).first()
    return published(found.pk) if found else None


def published_draft(*, kind: str, variant: str = "") -> texts.Draft | None:
    """Return the texts that are published for a kind and variant, or None."""
    row = Template.objects.filter(region=PLATFORM, kind=kind, variant=variant, state=Template.PUBLISHED).first()
    return published(row.pk) if row else None


def draft_of(row: Template) -> texts.Draft:
    """Return a template row as the rules know it."""
    variables = {
        name: texts.Variable(texts.Type(each["type"]), each["longest"]) for name, each in row.variables.items()
    }
    rows = [(Text(zh, en), text) for zh, en, text in row.rows]
    return texts.Draft(row.texts, variables, rows, page=row.page, variant=row.variant, dated=row.dated)


@dataclass(frozen=True)
class Version:
    """One version of a template, as those who keep the texts see it."""

    id: int
    kind: str
    variant: str
    number: int
    state: str  # Template.DRAFT, PUBLISHED or RETIRED
    made_by: str
    made_at: datetime
    published_by: str
    published_at: datetime | None


def versions(*, kind: str = "", variant: str | None = None) -> list[Version]:
    """Return the versions of every template, or of one kind and variant: by kind and variant, newest first."""
    rows = Template.objects.filter(region=PLATFORM).defer("texts", "variables", "rows")
    if kind:
        rows = rows.filter(kind=kind)
    if variant is not None:
        rows = rows.filter(variant=variant)
    return [_version(row) for row in rows.order_by("kind", "variant", "-version")]


def version(template_id: int) -> tuple[Version, texts.Draft] | None:
    """Return one version with its texts, or None."""
    row = Template.objects.filter(region=PLATFORM, pk=template_id).first()
    return (_version(row), draft_of(row)) if row else None


def variables_of(kind: str) -> dict[str, texts.Variable]:
    """Return every variable that templates of `kind` have declared: what its messages can be filled with."""
    rows = Template.objects.filter(region=PLATFORM, kind=kind).order_by("version").values_list("variables", flat=True)
    return {
        name: texts.Variable(texts.Type(each["type"]), each["longest"])
        for variables in rows
        for name, each in variables.items()
    }


def _version(row: Template) -> Version:
    return Version(
        row.pk,
        row.kind,
        row.variant,
        row.version,
        row.state,
        row.made_by,
        row.made_at,
        row.published_by,
        row.published_at,
    )


# -- what a person sees


@dataclass(frozen=True)
class Item:
    """One message in a person's inbox."""

    id: int
    region: str
    subject: str
    kind: str
    kind_name: Text
    title: str
    body: str
    page: str
    rows: dict[str, str]
    at: datetime
    seen: bool
    stage: Stage
    reason: str


# whose messages: their hashes; as a mapping, each with the services whose messages alone are meant (none: every service's)
Holders = Sequence[bytes] | Mapping[bytes, Collection[str]]


def messages_of(holders: Holders) -> QuerySet[Message]:
    """Return the messages of these holders. A kind belongs to the service its code begins with: `expiry.window`."""
    by_services: dict[tuple[str, ...], list[bytes]] = {}
    for holder in holders:
        services = holders[holder] if isinstance(holders, Mapping) else ()
        by_services.setdefault(tuple(sorted(services)), []).append(holder)
    theirs = Q(pk__in=[])
    for services, some in by_services.items():
        kinds = [Q(kind__startswith=f"{service}.") for service in services]
        theirs |= Q(holder_hash__in=some) & reduce(or_, kinds, Q(pk__in=[]) if kinds else Q())
    return Message.objects.filter(theirs)


def inbox(
    holders: Holders, *, language: str = "zh", first: int = 0, count: int = 50, unseen: bool = False
) -> list[Item]:
    """Return the messages of these holders, newest first, as their templates of then say them in `language`."""
    if not holders:
        return []
    rows = messages_of(holders).order_by("-id")
    if unseen:
        rows = rows.filter(seen_at=None)
    names = kind_names()
    return [_item(row, names, language) for row in rows[first : first + count]]


def unseen_count(holders: Holders) -> int:
    """Return how many messages of these holders were not opened in the inbox yet."""
    return messages_of(holders).filter(seen_at=None).count() if holders else 0


def inbox_item(message_id: int, holders: Holders, *, language: str = "zh") -> Item | None:
    """Return one message of these holders, or None when it is not theirs."""
    row = messages_of(holders).filter(pk=message_id).first() if holders else None
    return _item(row, kind_names(), language) if row else None


def _item(row: Message, names: dict[str, Text], language: str) -> Item:
    spoken = "en" if language.startswith("en") else "zh"
    draft = published(row.template_id)
    said = texts.render_all(draft, row.values, built_in=addresses.built_in(row.pk), language=spoken)
    return Item(
        id=row.pk,
        region=row.region,
        subject=row.subject,
        kind=row.kind,
        kind_name=names.get(row.kind, Text(row.kind, row.kind)),
        title=said.inbox_title,
        body=said.inbox_body,
        page=said.page,
        rows=dict(said.rows),
        at=row.accepted_at,
        seen=row.seen_at is not None,
        stage=Stage(row.stage),
        reason=row.reason,
    )


@dataclass(frozen=True)
class Attempt:
    """One delivery of one message, for the history of a subject."""

    message_id: int
    kind: str
    accepted_at: datetime
    stage: Stage
    reason: str
    channel: str  # empty: nothing has been sent
    state: State | None
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    failed_reason: str
    digest: int  # how many messages the delivery carried


HISTORY = """
SELECT m.id, m.kind, m.accepted_at, m.stage, m.reason, coalesce(d.channel, ''), d.state, d.sent_at, d.delivered_at,
    d.read_at, coalesce(d.failed_reason, ''),
    (SELECT count(*) FROM notices_carried other WHERE other.delivery_id = d.id)
FROM notices_message m
LEFT JOIN notices_carried c ON c.message_id = m.id LEFT JOIN notices_delivery d ON d.id = c.delivery_id
WHERE m.region = %s AND m.subject = ANY(%s) ORDER BY m.id, d.id
"""


def history(*, region: str, subjects: Sequence[str]) -> list[Attempt]:
    """Return everything sent about `subjects`, oldest first: the reminder history under a licence."""
    with connection.cursor() as cursor:
        cursor.execute(HISTORY, (region, list(subjects)))
        rows = cursor.fetchall()
    return [
        Attempt(
            row[0], row[1], row[2], Stage(row[3]), row[4], row[5], None if row[6] is None else State(row[6]), *row[7:]
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Stop:
    """One thing a reader does not want: a kind (empty: any) on a channel (empty: any)."""

    kind: str
    channel: str


def stops(*, holder_hashes: Sequence[bytes] = (), mobile_hash: bytes = b"") -> set[Stop]:
    """Return what these holders, or this phone, have stopped."""
    rows = OptOut.objects.filter(region=PLATFORM)
    mine = rows.filter(mobile_hash=mobile_hash) if mobile_hash else rows.filter(holder_hash__in=list(holder_hashes))
    return {Stop(row.kind, row.channel) for row in mine}


# -- figures


@dataclass(frozen=True)
class ChannelStats:
    """Deliveries of one channel; each later column is part of the one before."""

    channel: str
    sent: int
    delivered: int
    read: int
    failed: int


@dataclass(frozen=True)
class Stats:
    """Messages of one kind accepted in a span of days, and how far they came."""

    accepted: int
    waiting: int
    underway: int
    suppressed: int
    exhausted: int
    reached: int
    read: int
    channels: tuple[ChannelStats, ...]


STAGES = """
SELECT count(*), count(*) FILTER (WHERE stage = 0), count(*) FILTER (WHERE stage = 10),
    count(*) FILTER (WHERE stage = 30), count(*) FILTER (WHERE stage = 20), count(*) FILTER (WHERE stage >= 40),
    count(*) FILTER (WHERE stage >= 50)
FROM notices_message WHERE (%(kind)s = '' OR kind = %(kind)s) AND accepted_at >= %(since)s AND accepted_at < %(before)s
    AND (%(region)s = '' OR region = %(region)s)
"""
BY_CHANNEL = """
SELECT d.channel, count(*) FILTER (WHERE d.sent_at IS NOT NULL OR d.state = 20 OR d.state >= 40),
    count(*) FILTER (WHERE d.state >= 40), count(*) FILTER (WHERE d.state >= 50), count(*) FILTER (WHERE d.state = 30)
FROM notices_delivery d
WHERE d.id IN (
    SELECT c.delivery_id FROM notices_message m JOIN notices_carried c ON c.message_id = m.id
    WHERE (%(kind)s = '' OR m.kind = %(kind)s) AND m.accepted_at >= %(since)s AND m.accepted_at < %(before)s
        AND (%(region)s = '' OR m.region = %(region)s)
)
GROUP BY d.channel ORDER BY d.channel
"""


def stats(*, first: date, last: date, kind: str = "", region: str = "") -> Stats:
    """Return the figures of messages accepted from `first` to `last` (both included); empty `kind`, `region`: all.

    Stages count messages, channels count deliveries: a digest of forty is one delivery.
    """
    params: dict[str, Any] = {
        "kind": kind,
        "region": region,
        "since": start_of(first),
        "before": start_of(last + timedelta(days=1)),
    }
    with connection.cursor() as cursor:
        cursor.execute(STAGES, params)
        stages = cursor.fetchone()
        cursor.execute(BY_CHANNEL, params)
        channels = tuple(ChannelStats(*row) for row in cursor.fetchall())
    return Stats(*stages, channels)  # type: ignore[call-arg]  # seven counts, as STAGES selects them


SENT_COUNT = """
SELECT count(DISTINCT first) FROM (
    SELECT min(d.id) AS first, min(coalesce(d.sent_at, d.made_at)) AS sent_at FROM notices_message m
    JOIN notices_carried c ON c.message_id = m.id JOIN notices_delivery d ON d.id = c.delivery_id
    WHERE m.kind = ANY(%s) AND (d.sent_at IS NOT NULL OR d.state = 20 OR d.state >= 40) GROUP BY m.id
) taken WHERE %s::date IS NULL OR (sent_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN %s AND %s
"""


def sent_count(*, kinds: Sequence[str], first: date | None = None, last: date | None = None) -> int:
    """Return how many messages of `kinds` a channel took: a digest counts once, a second channel for them does not.

    With `first` and `last` only those whose first channel took them from the one day to the other.
    """
    with connection.cursor() as cursor:
        cursor.execute(SENT_COUNT, (list(kinds), first, first, last))
        return int(cursor.fetchone()[0])
