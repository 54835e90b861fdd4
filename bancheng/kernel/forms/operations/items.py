"""Data-quality items: an applicant said that what we showed is wrong; the unit that answers for the datum decides (R2.3)."""

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.forms import models, store
from bancheng.kernel.forms.facts import (
    Decided,
    Form,
    Held,
    How,
    Item,
    ItemState,
    OpenedItem,
    correction_decided,
)
from bancheng.kernel.forms.rules import NEXT, kinds
from bancheng.kernel.identity import public as identity
from bancheng.lib.identifiers import uuid7
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

OFFICER = "section_officer"  # whoever decides has seen both values, and an administrator never does (P-10)
CHECKING = "核实申请人对数据的更正"


def open_items(
    draft: models.Draft,
    form: Form,
    handed: Mapping[str, Held],
    *,
    about: str,
    evidence: Mapping[str, str],
    by: str,
    at: datetime,
) -> tuple[UUID, ...]:
    """Open an item for each correction among what was handed in and return their ids: two statements, however many."""
    made = []
    for code, held in handed.items():
        if held.how is not How.CORRECTED or held.source is None:
            continue
        element = form.fields[code].element
        shown, corrected = kinds.said(element, held.shown), kinds.said(element, held.value)
        content = {
            "shown": [shown.zh, shown.en],
            "corrected": [corrected.zh, corrected.en],
            "evidence": evidence.get(code, ""),
        }
        made.append(
            models.DataQualityItem(
                id=uuid7(at),
                region=draft.region,
                owner=element.owner,
                element=code,
                title=element.name,
                title_en=element.name_en,
                source=held.source.zh,
                source_en=held.source.en,
                ref=held.ref,
                about=about,
                draft_id=draft.id,
                subject_hash=bytes(draft.subject_hash),
                sealed=store.seal(content),
                state=ItemState.OPEN.value,
                opened_by=by,
                opened_at=at,
            )
        )
    if made:
        models.DataQualityItem.objects.bulk_create(made)
        audit.record_many(
            audit.Event(
                "forms.item_opened",
                who=by,
                about=f"item:{one.id}",
                at=at,
                region=one.region,
                detail={"element": one.element, "owner": one.owner, "application": about},
            )
            for one in made
        )
    return tuple(one.id for one in made)


def open_item(*, item_id: UUID, by: identity.Actor, at: datetime, why: str = CHECKING) -> OpenedItem:
    """Return an item with its values for an officer of the unit it waits for.

    Who looked and why is recorded, and the person concerned finds it (P-3); an administrator never sees the values (P-10).
    Raises Refused("no_such_item"), Refused("item_of_another_unit").
    """
    with transaction.atomic():
        row = _of_unit(item_id, by)
        text = identity.reveal(
            bytes(row.sealed), kind=store.KIND, by=by, about=f"item:{row.id}", why=why, at=at, region=row.region
        )
        content = json.loads(text)
    return OpenedItem(item_of(row), Text(*content["shown"]), Text(*content["corrected"]), content["evidence"])


def accept_correction(*, item_id: UUID, by: identity.Actor, at: datetime, reason: str = "") -> None:
    """Agree that the datum is as the applicant says; whoever keeps it hears it by `correction_decided`.

    Raises Refused("no_such_item"), Refused("item_of_another_unit"), Refused("item_state").
    """
    _decide(item_id, ItemState.ACCEPTED, "forms.item_accepted", reason=reason, by=by, at=at)


def decline_correction(*, item_id: UUID, by: identity.Actor, at: datetime, reason: str) -> None:
    """Say why the datum stays as it is. Raises as `accept_correction`, and Refused("reason_missing")."""
    if not reason.strip():
        raise Refused(
            "reason_missing",
            "不采纳更正须写明理由；未作改动。",
            en="A correction is declined with a reason; nothing was changed.",
            status=422,
        )
    _decide(item_id, ItemState.DECLINED, "forms.item_declined", reason=reason.strip(), by=by, at=at)


def _decide(item_id: UUID, to: ItemState, action: str, *, reason: str, by: identity.Actor, at: datetime) -> None:
    with transaction.atomic():
        row = _of_unit(item_id, by)
        if to not in NEXT[ItemState(row.state)]:
            raise Refused(
                "item_state",
                "这条更正已经处理过，未作改动。",
                en="This correction has been decided already; nothing was changed.",
            )
        row.state, row.reason, row.decided_by, row.decided_at = to.value, reason, by.ref, at
        row.save(update_fields=["state", "reason", "decided_by", "decided_at"])
        _record(action, row, by=by.ref, at=at)
        accepted = to is ItemState.ACCEPTED
        correction_decided.fire(Decided(row.id, row.region, row.owner, row.element, row.ref, accepted, at))


def _of_unit(item_id: UUID, actor: identity.Actor) -> models.DataQualityItem:
    """Return the row, locked, when `actor` is an officer of the unit it waits for."""
    row = models.DataQualityItem.objects.select_for_update().filter(pk=item_id).first()
    if row is None:
        raise Refused("no_such_item", "没有找到这条更正，请核对编号。", en="There is no such correction.", status=404)
    if not {row.owner, ""} & set(actor.units(OFFICER)):
        raise Refused(
            "item_of_another_unit",
            "这条更正由另一个单位负责，您不能处理。",
            en="This correction is for another unit to answer.",
            status=403,
        )
    return row


def item_of(row: models.DataQualityItem) -> Item:
    """Return the row as a fact, without its values."""
    return Item(
        id=row.id,
        region=row.region,
        owner=row.owner,
        element=row.element,
        title=Text(row.title, row.title_en),
        source=Text(row.source, row.source_en),
        ref=row.ref,
        about=row.about,
        state=ItemState(row.state),
        opened_at=row.opened_at,
        reason=row.reason,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def _record(action: str, row: models.DataQualityItem, *, by: str, at: datetime) -> None:
    detail = {"element": row.element, "application": row.about}
    audit.record(action, who=by, about=f"item:{row.id}", at=at, region=row.region, detail=detail)
