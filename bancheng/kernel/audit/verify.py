"""Recompute everything, and name what does not fit.

What it finds: any sealed event changed, removed, inserted or set in another's place; any batch changed, removed or set
in another's place; an event that was slipped in beside the recorder; an event removed before it was sealed.

What it cannot find alone: a machine's master who rewrites an event and then every leaf, root and chain hash after it,
or who cuts off the newest batches with all their events. Against that stands the anchor: a chain hash that was
published earlier. Nor what happened to an event before its first seal, a minute after it was recorded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection

from bancheng.kernel.audit import rules
from bancheng.kernel.audit.operations import ROWS, microseconds
from bancheng.kernel.audit.queries import Anchor, anchor
from bancheng.lib.text import Text

SHOWN = 1000  # faults that are listed one by one; beyond that they are counted


class Kind(StrEnum):
    """What is wrong."""

    CHANGED = "changed"  # an event is not what was sealed
    REMOVED = "removed"  # an event that was sealed, or waited, is gone
    INSERTED = "inserted"  # an event that was never recorded, or a second one under a sealed id
    REORDERED = "reordered"  # an event stands in the place of another of its batch
    BATCH_CHANGED = "batch_changed"  # a batch's list, root or chain hash does not follow from its parts
    BATCH_REMOVED = "batch_removed"  # a number is missing from the chain
    CHAIN_BROKEN = "chain_broken"  # a batch does not name the one before it
    ANCHOR_LOST = "anchor_lost"  # the published seal is not in the chain


@dataclass(frozen=True)
class Fault:
    """One thing that does not fit: in which batch, which event, in words."""

    kind: Kind
    says: Text
    batch: int | None = None
    event: int | None = None


@dataclass(frozen=True)
class Report:
    """What verification found; `ok` when nothing is wrong."""

    ok: bool
    batches: int
    events: int
    waiting: int
    faults: tuple[Fault, ...]
    more: int  # faults beyond the listed ones
    head: Anchor | None

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "ok": self.ok,
            "batches": self.batches,
            "events": self.events,
            "waiting": self.waiting,
            "head": str(self.head) if self.head else None,
            "faults": [
                {
                    "kind": fault.kind.value,
                    "batch": fault.batch,
                    "event": fault.event,
                    "zh": fault.says.zh,
                    "en": fault.says.en,
                }
                for fault in self.faults
            ],
            "more": self.more,
        }


@dataclass(frozen=True)
class _Batch:
    seq: int
    count: int
    root: bytes
    previous: bytes
    chain: bytes
    sealed_at_us: int
    ids: list[int]
    leaves: list[bytes]


class _Faults:
    def __init__(self) -> None:
        self.listed: list[Fault] = []
        self.more = 0

    def add(self, kind: Kind, zh: str, en: str, *, batch: int | None = None, event: int | None = None) -> None:
        if len(self.listed) == SHOWN:
            self.more += 1
            return
        values = {"batch": batch, "event": event}
        self.listed.append(
            Fault(kind=kind, says=Text(zh.format(**values), en.format(**values)), batch=batch, event=event)
        )


def verify(*, published: str = "", progress: Callable[[int, int], None] | None = None) -> Report:
    """Recompute every leaf, root and link and compare; one batch of 10,000 events in memory at a time.

    `published` is an anchor noted earlier, "seq:hex". `progress` hears (batches done, batches in all).
    """
    faults = _Faults()
    head = anchor()
    total = head.seq if head else 0
    links: dict[int, bytes] = {}
    wanted = _parse(published)
    previous, events, found = rules.GENESIS, 0, 0
    for seq in range(1, total + 1):
        batch = _batch(seq)
        if batch is None:
            faults.add(Kind.BATCH_REMOVED, "第{batch}批封存记录缺失。", "Seal {batch} is missing.", batch=seq)
            previous = b""
            continue
        found += 1
        events += batch.count
        _check_links(batch, previous, faults)
        _check_events(batch, faults)
        previous = batch.chain
        if wanted and seq == wanted[0]:
            links[seq] = batch.chain
        if progress:
            progress(seq, total)
    if wanted and links.get(wanted[0]) != wanted[1]:
        faults.add(
            Kind.ANCHOR_LOST,
            "已公布的第{batch}批封存值不在链上：该批及其之前的记录曾被整体改写或截去。",
            "The published value of seal {batch} is not in the chain: records up to it were rewritten or cut off.",
            batch=wanted[0],
        )
    waiting = _check_strays(faults)
    return Report(
        ok=not faults.listed,
        batches=found,
        events=events,
        waiting=waiting,
        faults=tuple(faults.listed),
        more=faults.more,
        head=head,
    )


def _parse(published: str) -> tuple[int, bytes] | None:
    if not published:
        return None
    seq, _, chain = published.partition(":")
    return int(seq), bytes.fromhex(chain)


def _batch(seq: int) -> _Batch | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, count, root, previous, chain, sealed_at, ids, leaves FROM audit_batch WHERE seq = %s", (seq,)
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return _Batch(
        seq=row[0],
        count=row[1],
        root=bytes(row[2]),
        previous=bytes(row[3]),
        chain=bytes(row[4]),
        sealed_at_us=microseconds(row[5]),
        ids=row[6],
        leaves=rules.split(bytes(row[7])),
    )


def _check_links(batch: _Batch, previous: bytes, faults: _Faults) -> None:
    if previous and batch.previous != previous:  # empty: the batch before is missing and already reported
        faults.add(
            Kind.CHAIN_BROKEN,
            "第{batch}批与上一批的链接断开。",
            "Seal {batch} does not follow from the one before it.",
            batch=batch.seq,
        )
    whole = (
        batch.ids == sorted(set(batch.ids))
        and len(batch.ids) == len(batch.leaves) == batch.count > 0
        and rules.root(batch.leaves) == batch.root
    )
    chain = rules.chain(
        previous=batch.previous,
        seq=batch.seq,
        count=batch.count,
        root=batch.root,
        sealed_at_us=batch.sealed_at_us,
    )
    if not whole or chain != batch.chain:
        faults.add(
            Kind.BATCH_CHANGED,
            "第{batch}批的封存记录被改动：事件清单、根值或链值不相符。",
            "Seal {batch} was changed: its list, root or chain value do not fit together.",
            batch=batch.seq,
        )


def _check_events(batch: _Batch, faults: _Faults) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ROWS, (batch.ids,))
        rows: dict[int, list[rules.Row]] = {}
        for values in cursor.fetchall():
            rows.setdefault(values[0], []).append(rules.Row(*values))
    sealed = dict(zip(batch.ids, batch.leaves, strict=False))
    changed: dict[int, rules.Row] = {}
    for event, leaf in sealed.items():
        here = rows.get(event, [])
        if not here:
            faults.add(
                Kind.REMOVED,
                "第{batch}批的事件 {event} 已被删除。",
                "Event {event} of seal {batch} was removed.",
                batch=batch.seq,
                event=event,
            )
        elif all(rules.leaf(row) != leaf for row in here):
            changed[event] = here[0]
        if len(here) > 1:
            faults.add(
                Kind.INSERTED,
                "事件编号 {event} 之下插入了另一条记录（第{batch}批）。",
                "A second record was inserted under event {event} (seal {batch}).",
                batch=batch.seq,
                event=event,
            )
    for event, row in changed.items():
        if _stands_elsewhere(row, event, changed, sealed):
            faults.add(
                Kind.REORDERED,
                "第{batch}批的事件 {event} 被换了位置。",
                "Event {event} of seal {batch} stands in another's place.",
                batch=batch.seq,
                event=event,
            )
        else:
            faults.add(
                Kind.CHANGED,
                "第{batch}批的事件 {event} 被改动。",
                "Event {event} of seal {batch} was changed.",
                batch=batch.seq,
                event=event,
            )


def _stands_elsewhere(
    row: rules.Row, event: int, changed: dict[int, rules.Row], sealed: dict[int, bytes], most: int = 100
) -> bool:
    """Return whether `row`, under the id of another changed event of its batch, is just what was sealed there."""
    if len(changed) > most:  # a whole batch rewritten is no swap, and every pair would be tried
        return False
    return any(rules.leaf(row._replace(id=other)) == sealed[other] for other in changed if other != event)


STRAYS = """
SELECT id FROM audit_event
EXCEPT ALL (SELECT unnest(ids) FROM audit_batch UNION ALL SELECT event_id FROM audit_waiting)
ORDER BY id LIMIT 10000
"""
# under a sealed id a second record is already named with its batch
SEALED = "SELECT event FROM unnest(%s::bigint[]) AS event WHERE EXISTS (SELECT FROM audit_batch WHERE event = ANY(ids))"
GONE = "SELECT event_id FROM audit_waiting EXCEPT SELECT id FROM audit_event ORDER BY event_id LIMIT 10000"


def _check_strays(faults: _Faults) -> int:
    with connection.cursor() as cursor:
        cursor.execute(STRAYS)
        strays = [event for (event,) in cursor.fetchall()]
        cursor.execute(SEALED, (strays,))
        sealed = {event for (event,) in cursor.fetchall()}
        for event in strays:
            if event not in sealed:
                faults.add(
                    Kind.INSERTED,
                    "事件 {event} 既未封存也不在待封存之列：不是经由记录写入的，或其封存被截去。",
                    "Event {event} is neither sealed nor waiting: it was slipped in, or its seal was cut off.",
                    event=event,
                )
        cursor.execute(GONE)
        for (event,) in cursor.fetchall():
            faults.add(
                Kind.REMOVED,
                "待封存的事件 {event} 已被删除。",
                "Event {event} was removed before it was sealed.",
                event=event,
            )
        cursor.execute("SELECT count(*) FROM audit_waiting")
        return int(cursor.fetchone()[0])
