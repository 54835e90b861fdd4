"""Up to five hundred requests in one: taken in at once, worked off one by one, each with an answer of its own.

A service registers what works an item. An item and its answer are one transaction, so a worker that dies leaves each item either done or
not begun; the next one goes on. What was asked may name people: it is sealed, and forgotten once it is done.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from bancheng.kernel.exchange import queries
from bancheng.kernel.exchange.facts import Caller
from bancheng.kernel.exchange.models import Batch, BatchItem, Partner
from bancheng.kernel.exchange.rules.words import MOST_ITEMS
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.lib import identifiers
from bancheng.lib.refusal import Refused

ITEM_KIND = "batch_item"
WORK = "exchange.work_batch"
AT_ONCE = 50  # items of one job: then the others have their turn


@dataclass(frozen=True)
class ItemAnswer:
    """What became of an item: a status as HTTP has it, and what is told of it (codes and numbers, no person)."""

    status: int
    said: Mapping[str, Any]


Work = Callable[[Caller, Mapping[str, Any], str, datetime], ItemAnswer]
_workers: dict[str, Work] = {}


def batch_worker(name: str, work: Work) -> None:
    """Register what works an item: called with the caller, the item, a key of its own, and the time; may raise Refused."""
    _workers[name] = work


def take_batch(caller: Caller, *, worker: str, items: Sequence[Mapping[str, Any]], at: datetime) -> UUID:
    """Take a batch in and promise to work it off; return its id. Raises Refused("batch_size")."""
    if not 0 < len(items) <= MOST_ITEMS:
        raise Refused(
            "batch_size",
            f"一批应为1至{MOST_ITEMS}件，没有收下。",
            en=f"A batch has 1 to {MOST_ITEMS} items; nothing was taken in.",
            status=422,
        )
    with transaction.atomic():
        batch = Batch.objects.create(
            id=identifiers.uuid7(at),
            region=caller.region,
            partner_id=caller.partner_id,
            worker=worker,
            count=len(items),
            made_at=at,
        )
        BatchItem.objects.bulk_create(
            BatchItem(region=caller.region, batch=batch, number=n, asked_sealed=_sealed(item))
            for n, item in enumerate(items)
        )
        jobs.later(WORK, key=f"{WORK}-{batch.pk}", batch_id=str(batch.pk))
    return batch.pk


def _sealed(item: Mapping[str, Any]) -> bytes:
    return identity.seal(json.dumps(item, ensure_ascii=False), kind=ITEM_KIND)


def work_batch(batch_id: UUID, *, at: datetime) -> int:
    """Work off the next items of a batch; return how many. What is left is promised again."""
    batch = Batch.objects.select_related("partner").get(pk=batch_id)
    caller = caller_of(batch.partner)
    done = 0
    while done < AT_ONCE and _work_one(batch, caller, at):
        done += 1
    if done == AT_ONCE:
        jobs.later(WORK, key=f"{WORK}-{batch.pk}", batch_id=str(batch.pk))
    elif not batch.items.filter(done_at=None).exists():
        Batch.objects.filter(pk=batch.pk, done_at=None).update(done_at=at)
    return done


def caller_of(partner: Partner) -> Caller:
    """Return the partner as it is now, for what is done in its name after it called."""
    return Caller(
        partner.pk,
        partner.user_id,
        partner.region,
        partner.code,
        partner.name,
        queries.scopes_of(partner.pk),
        unit=partner.unit,
        agreed_until=partner.agreed_until,
    )


def _work_one(batch: Batch, caller: Caller, at: datetime) -> bool:
    with transaction.atomic():
        rows = BatchItem.objects.select_for_update(skip_locked=True)
        item = rows.filter(batch=batch, done_at=None).order_by("number").first()
        if item is None:
            return False
        asked = json.loads(identity.open_sealed(bytes(item.asked_sealed), kind=ITEM_KIND))
        answer = _answer(batch, caller, asked, f"{batch.pk}/{item.number}", at)
        item.status, item.said, item.done_at, item.asked_sealed = answer.status, dict(answer.said), at, b""
        item.save(update_fields=["status", "said", "done_at", "asked_sealed"])
    return True


def _answer(batch: Batch, caller: Caller, asked: Mapping[str, Any], key: str, at: datetime) -> ItemAnswer:
    try:
        with transaction.atomic():
            return _workers[batch.worker](caller, asked, key, at)
    except Refused as no:
        fields = getattr(no, "fields", None)
        more = {**getattr(no, "more", {}), **({"fields": fields} if fields else {})}
        return ItemAnswer(no.status, {"code": no.code, "says": no.says, "en": no.en, "law": no.law, **more})


@dataclass(frozen=True)
class ItemView:
    """An item as its sender sees it."""

    number: int
    status: int | None
    said: Mapping[str, Any] | None


@dataclass(frozen=True)
class BatchView:
    """A batch with its items."""

    id: UUID
    count: int
    done: int
    made_at: datetime
    done_at: datetime | None
    items: Sequence[ItemView]


def batch(caller: Caller, batch_id: UUID) -> BatchView:
    """Return a batch of the caller's own. Raises Refused("no_such_batch")."""
    found = Batch.objects.filter(pk=batch_id, partner_id=caller.partner_id).first()
    if found is None:
        raise Refused("no_such_batch", "没有这一批。", en="There is no such batch.", status=404)
    items = [ItemView(row.number, row.status, row.said) for row in found.items.order_by("number")]
    done = sum(item.status is not None for item in items)
    return BatchView(found.pk, found.count, done, found.made_at, found.done_at, items)
