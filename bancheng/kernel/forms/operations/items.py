"""Data-quality items: an applicant said that what we showed is wrong; the unit that answers for the datum decides (R2.3).

Agreeing changes the record where it is ours to change: a fact that the unit shares. What stands in a register of its own (people,
licences) is changed there, and the item waits until the unit says that it was.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import codec, models, store
from bancheng.kernel.forms.facts import (
    Draft,
    Element,
    Form,
    Held,
    How,
    Item,
    ItemState,
    OpenedItem,
)
from bancheng.kernel.forms.hooks import Decided, correction_decided
from bancheng.kernel.forms.operations import sharing
from bancheng.kernel.forms.rules import DECIDE_WITHIN, NEXT, kinds
from bancheng.kernel.forms.rules.asking import DERIVED
from bancheng.kernel.identity import public as identity
from bancheng.lib.identifiers import uuid7
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

FACT = "fact"  # the kind of a shared fact's ref
OFFICER = "section_officer"  # whoever decides has seen both values, and an administrator never does (P-10)
CHECKING = "核实申请人对数据的更正"


def open_items(
    draft: Draft,
    form: Form,
    handed: Mapping[str, Held],
    *,
    about: str,
    evidence: Mapping[str, str],
    by: str,
    at: datetime,
) -> tuple[UUID, ...]:
    """Open an item for each correction among what was handed in and return their ids: two statements, however many."""
    wrong = {
        code: one
        for code, one in handed.items()
        if one.how is How.CORRECTED and one.source is not None and one.ref != DERIVED
    }
    if not wrong:
        return ()
    owners, due = keepers(form, wrong), _due(at)
    made = [
        _item(draft, form.fields[code].element, held, owners[code], about, evidence.get(code, ""), by, at, due)
        for code, held in wrong.items()
    ]
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


def _item(
    draft: Draft,
    element: Element,
    held: Held,
    owner: str,
    about: str,
    evidence: str,
    by: str,
    at: datetime,
    due: date | None,
) -> models.DataQualityItem:
    """Return the item of one correction, its two values sealed, not saved."""
    assert held.source is not None, "only what somebody says is corrected"
    shown, corrected = kinds.said(element, held.shown), kinds.said(element, held.value)
    content = {
        "shown": [shown.zh, shown.en],
        "corrected": [corrected.zh, corrected.en],
        "value": codec.value_as_json(held.value),
        "evidence": evidence,
    }
    return models.DataQualityItem(
        id=uuid7(at),
        region=draft.region,
        owner=owner,
        element=element.code,
        title=element.name,
        title_en=element.name_en,
        source=held.source.zh,
        source_en=held.source.en,
        ref=held.ref,
        about=about,
        draft_id=draft.id,
        subject_hash=draft.subject.holder_hash,
        sealed=store.seal(content),
        state=ItemState.OPEN.value,
        opened_by=by,
        opened_at=at,
        due_on=due,
    )


def keepers(form: Form, held: Mapping[str, Held]) -> dict[str, str]:
    """Return, by element, the unit that looks into a correction: who shared the fact, else who answers for the element."""
    facts = {code: int(one.ref.partition(":")[2]) for code, one in held.items() if one.ref.startswith(f"{FACT}:")}
    units = dict(models.SharedFact.objects.filter(pk__in=facts.values()).values_list("pk", "unit")) if facts else {}
    return {code: units.get(facts.get(code, 0)) or form.fields[code].element.owner for code in held}


def _due(at: datetime) -> date:
    """Return the last day to decide what was opened now: 个人信息保护法 第四十六条, within what the city has set itself."""
    return clocks.due(started_on=localdate(at), length=DECIDE_WITHIN, calendar=clocks.calendar()).on


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
    """Agree that the datum is as the applicant says; a shared fact says so at once, and whoever else keeps the datum hears it by
    `correction_decided`.

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
        if to is ItemState.ACCEPTED and _changed_here(row, by=by.ref, at=at):
            row.changed_at, row.changed_by = at, by.ref
        row.save(update_fields=["state", "reason", "decided_by", "decided_at", "changed_at", "changed_by"])
        _record(action, row, by=by.ref, at=at)
        accepted = to is ItemState.ACCEPTED
        correction_decided.fire(Decided(row.id, row.region, row.owner, row.element, row.ref, accepted, at))


def _changed_here(row: models.DataQualityItem, *, by: str, at: datetime) -> bool:
    """Change the fact that the item is about, when it is one that its unit shares; return whether it was."""
    kind, _, key = row.ref.partition(":")
    if kind != FACT:
        return False
    content = store.unseal(row.sealed)
    return sharing.correct(int(key), codec.value_from_json(content["value"]), on=localdate(at), by=by, at=at)


def note_changed(*, item_id: UUID, by: identity.Actor, at: datetime) -> None:
    """Note that the register which keeps the datum says so too by now. Raises as `accept_correction`."""
    with transaction.atomic():
        row = _of_unit(item_id, by)
        if row.state != ItemState.ACCEPTED or row.changed_at is not None:
            raise Refused(
                "item_state",
                "这条更正不在等待改源头数据，未作改动，请刷新后再看。",
                en="This correction does not wait for its source to be changed; nothing was changed. Reload the page.",
            )
        row.changed_at, row.changed_by = at, by.ref
        row.save(update_fields=["changed_at", "changed_by"])
        _record("forms.item_changed", row, by=by.ref, at=at)


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
        due_on=row.due_on,
        changed_at=row.changed_at,
        opened_by=row.opened_by,
        holder_hash=bytes(row.subject_hash),
    )


def _record(action: str, row: models.DataQualityItem, *, by: str, at: datetime) -> None:
    detail = {"element": row.element, "application": row.about}
    audit.record(action, who=by, about=f"item:{row.id}", at=at, region=row.region, detail=detail)
