"""Drafts end: deleted by whom they belong to, with their organisation, or because nobody touched them; and B2.9, what we had
filled in goes when the applicant does not want it any more."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.forms import store
from bancheng.kernel.forms.facts import Held, How
from bancheng.kernel.forms.hooks import Forgotten, drafts_forgotten
from bancheng.kernel.forms.models import Draft as Row
from bancheng.kernel.forms.models import DraftChange
from bancheng.kernel.forms.operations.drafts import locked, record
from bancheng.kernel.forms.rules.asking import DERIVED
from bancheng.kernel.identity import public as identity

PREFILL = "prefill"  # the purpose that is consented to


def delete(*, draft_id: UUID, hashes: Sequence[bytes], by: str, at: datetime) -> None:
    """Delete a draft and everything it held; who kept something with it hears of it."""
    with transaction.atomic():
        row = locked(draft_id, hashes)
        record("forms.draft_deleted", row, by=by, at=at)
        _forget([row.id], by=by, at=at)


def delete_of(fact: identity.Cancelled) -> None:
    """Delete what was begun for an organisation that is no more (R14.7)."""
    open_ = Row.objects.filter(subject_hash=fact.holder_hash, submitted_at=None)
    for pk in open_.order_by("pk").values_list("pk", flat=True):
        delete(draft_id=pk, hashes=[fact.holder_hash], by=fact.by, at=fact.at)


def forget_drafts(*, today: date, at: datetime, by: str = "clock", batch: int = 1000) -> int:
    """Forget every draft, handed in or not, whose last day is before `today`; return how many. Each batch by itself."""
    done = 0
    while True:
        with transaction.atomic():
            due = Row.objects.select_for_update(skip_locked=True).filter(kept_until__lt=today)
            found = list(due.order_by("kept_until", "id").values_list("id", "region")[:batch])
            if not found:
                return done
            _forget([pk for pk, _ in found], by=by, at=at)
            for region in sorted({region for _, region in found}):
                count = sum(one == region for _, one in found)
                detail = {"count": count}
                audit.record(
                    "forms.drafts_forgotten", who=by, about="forms:drafts", at=at, region=region, detail=detail
                )
        done += len(found)


def _forget(ids: Sequence[UUID], *, by: str, at: datetime) -> None:
    """Delete drafts and then what they said before: the database lets no change go while its draft is there."""
    Row.objects.filter(pk__in=ids)._raw_delete(using="default")
    DraftChange.objects.filter(draft_id__in=ids)._raw_delete(using="default")
    drafts_forgotten.fire(Forgotten(tuple(ids), by, at))


# --- consent ---


def erase_prefilled(fact: identity.Withdrawn) -> None:
    """Erase what we had filled in for somebody who does not consent to it any more, and is not handed in yet (B2.9).

    From his open drafts and from what they said before; what he typed stays, as typed. 个人信息保护法 第十五条, 第四十七条.
    """
    if fact.purpose != PREFILL:
        return
    for field in ("acting_ref", "subject_ref"):
        mine = Row.objects.select_for_update().filter(submitted_at=None, **{field: fact.person}).order_by("pk")
        for row in mine:
            _erase(row, by=fact.by, at=fact.at)


def _erase(row: Row, *, by: str, at: datetime) -> None:
    state = store.state_of(row)
    told = sorted(code for code, one in state.held.items() if _is_ours(one.source is not None, one.ref))
    if not told:
        return
    row.version += 1
    for code in told:
        was = state.held[code]
        value = was.value if was.how is How.CORRECTED else None
        state.held[code] = Held(value, How.TYPED, row.version, was.by if value is not None else by, at)
    store.keep(row, state, open_codes=set(row.open_held))
    row.updated_at = at
    row.save(update_fields=["version", "updated_at", "open_held", "sealed"])
    for change in row.changes.order_by("version"):
        before = store.unseal(change.before_sealed)
        held = {code: _without(one) for code, one in before["held"].items()}
        if held != before["held"]:
            change.before_sealed = store.seal(before | {"held": held})
            change.save(update_fields=["before_sealed"])
    record("forms.prefill_erased", row, by=by, at=at, elements=told)


def _is_ours(has_source: bool, ref: str) -> bool:
    """Return whether a value came from what we hold; what follows from the application itself did not."""
    return has_source and ref != DERIVED


def _without(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what a field said before, without what we had told it."""
    if row is None or not _is_ours(row["source"] is not None, row["ref"]):
        return dict(row) if row else None
    if row["how"] != How.CORRECTED:
        return None
    return {**row, "how": How.TYPED.value, "source": None, "ref": "", "as_of": None, "shown": None}
