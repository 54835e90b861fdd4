"""Reading the record: timelines, a search for auditors, and how far it is sealed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from bancheng.kernel.audit.models import AuditBatch, AuditEvent, AuditWaiting
from bancheng.kernel.audit.operations import Event

# the record as a relation, for figures that another part counts together with its own rows; its columns are promised, the table's name is not
EVENTS = "(select about, action, who, at, detail from audit_event)"


@dataclass(frozen=True)
class Anchor:
    """What to publish: nobody can rewrite the batches up to `seq` without changing `chain`."""

    seq: int
    chain: str  # 64 hex digits
    sealed_at: datetime

    def __str__(self) -> str:
        return f"{self.seq}:{self.chain}"


@dataclass(frozen=True)
class SealState:
    """How far the record is sealed."""

    head: Anchor | None
    sealed: int  # events in batches
    waiting: int  # events recorded since


def timeline(about: str, *, limit: int = 200) -> list[Event]:
    """Return the last `limit` events about one thing, oldest first."""
    newest = AuditEvent.objects.filter(about=about).order_by("-id")[:limit]
    return _events(newest)[::-1]


def about_any(abouts: Sequence[str], *, limit: int = 200) -> list[Event]:
    """Return the last `limit` events about any of these things, newest first."""
    return _events(AuditEvent.objects.filter(about__in=list(abouts)).order_by("-id")[:limit])


def search(
    *,
    about: str = "",
    action: str = "",
    who: str = "",
    since: datetime | None = None,
    before: datetime | None = None,
    below: int | None = None,
    limit: int = 50,
) -> list[Event]:
    """Return events, newest first. `action` may end in a dot for a whole part; `below` is the last id already seen."""
    found = AuditEvent.objects.order_by("-id")
    if about:
        found = found.filter(about=about)
    if who:
        found = found.filter(who=who)
    if action:
        found = found.filter(action__startswith=action) if action.endswith(".") else found.filter(action=action)
    if since:
        found = found.filter(at__gte=since)
    if before:
        found = found.filter(at__lt=before)
    if below is not None:
        found = found.filter(id__lt=below)
    return _events(found[:limit])


def seal_state() -> SealState:
    """Return the newest seal, how many events are sealed and how many wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(count), 0) FROM audit_batch")
        sealed = int(cursor.fetchone()[0])
    return SealState(head=anchor(), sealed=sealed, waiting=AuditWaiting.objects.count())


def is_anchor(text: str) -> bool:
    """Return whether `text` is written as an anchor is printed, "seq:64 hex digits"."""
    return bool(re.fullmatch(r"[1-9][0-9]{0,17}:[0-9a-f]{64}", text))


def anchor() -> Anchor | None:
    """Return the newest seal's chain hash, to be printed or published where the machine's masters cannot reach it."""
    batch = AuditBatch.objects.order_by("-seq").first()
    return Anchor(seq=batch.seq, chain=bytes(batch.chain).hex(), sealed_at=batch.sealed_at) if batch else None


def _events(rows: Iterable[AuditEvent]) -> list[Event]:
    return [
        Event(
            id=row.id,
            action=row.action,
            who=row.who,
            about=row.about,
            at=row.at,
            region=row.region,
            detail=row.detail,
        )
        for row in rows
    ]
