"""Drafts: open, save, undo, hand in.

Every operation takes `hashes`, the holder hashes the caller may act for (`identity.person_hashes`): a draft of anybody else
is not there. A save is its own record (`DraftChange`: who, when, which fields), so it writes no audit line beside it; what
begins, ends or takes back is audited.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate, localtime

from bancheng.kernel.audit import public as audit
from bancheng.kernel.forms import store
from bancheng.kernel.forms.facts import Clash, Draft, Form, Held, How, Offered, Problem, Saved, Subject, Submitted
from bancheng.kernel.forms.models import Draft as Row
from bancheng.kernel.forms.models import DraftChange
from bancheng.kernel.forms.operations import items
from bancheng.kernel.forms.prefilling import prefill
from bancheng.kernel.forms.rules import KEPT_DAYS, asking
from bancheng.kernel.forms.store import State
from bancheng.kernel.identity import public as identity
from bancheng.lib.identifiers import uuid7
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

NOT_THERE = "没有找到这份草稿，可能已经提交、删除或过了保存期。"
NOT_THERE_EN = "There is no such draft: it may have been handed in, deleted, or kept its time."


class Conflict(Refused):
    """Somebody else changed the same fields meanwhile (B14.11); nothing was saved. `clashes` says which, by whom, when."""

    def __init__(self, form: Form, clashes: Sequence[Clash]) -> None:
        names = identity.names_of([clash.by for clash in clashes])
        told = [_told(form, clash, names.get(clash.by, "")) for clash in clashes]
        super().__init__(
            "draft_conflict",
            f"{'；'.join(one.zh for one in told)}。您这次的修改没有保存，请核对后再改。",
            en=f"{'; '.join(one.en for one in told)}. Your changes were not saved: please look and change again.",
        )
        self.clashes = tuple(clashes)


def _told(form: Form, clash: Clash, name: str) -> Text:
    title = form.fields[clash.element].element.title if clash.element in form.fields else Text("一项", "One field")
    when = f"{localtime(clash.at):%Y-%m-%d %H:%M}"
    return Text(
        f"“{title.zh}”已由{name or '他人'}于{when}改过",
        f"{title.en} was changed by {name or 'somebody else'} at {when}",
    )


class Unfinished(Refused):
    """What keeps a draft from being handed in; nothing was changed. `problems` stand each by a field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(
            "draft_unfinished",
            f"还有{len(problems)}处需要填写或改正，尚未提交，已填内容都保留着。",
            en=f"{len(problems)} things are missing or wrong; nothing was handed in, and what you filled in is kept.",
            status=422,
        )
        self.problems = tuple(problems)


def open_draft(*, form: Form, region: str, purpose: str, subject: Subject, by: str, at: datetime) -> Draft:
    """Return the open draft of that purpose and subject, opening it with what we know already when there is none.

    What we know is filled in with its source (R2.3, R2.4). The audit line says which fields, never what. A draft that is
    there keeps its own `matters`: see `change_matters`.
    """
    with transaction.atomic():
        found = Row.objects.filter(
            region=region, subject_hash=subject.holder_hash, purpose=purpose, submitted_at=None
        ).first()
        if found:
            return store.draft_of(found)
        offered = prefill(form, region=region, subject=subject, at=at, service=_service(purpose))
        row = Row(
            id=uuid7(at),
            region=region,
            purpose=purpose,
            matters=list(form.matters),
            subject_ref=subject.ref,
            subject_hash=subject.holder_hash,
            acting_ref=subject.acting,
            opened_by=by,
            opened_at=at,
            digest=form.digest,
            version=1,
            updated_at=at,
            kept_until=_kept_until(at),
        )
        state = State({code: _prefilled(one, version=1, by=by, at=at) for code, one in offered.items()})
        state.settle(form, localdate(at), version=1, by=by, at=at)
        store.keep(row, state, open_codes=form.open_codes)
        # two devices at once: the second finds the first one's row
        values = {field.attname: getattr(row, field.attname) for field in Row._meta.concrete_fields}
        keys = {key: values.pop(key) for key in ("region", "subject_hash", "purpose", "submitted_at")}
        row, made = Row.objects.get_or_create(**keys, defaults=values)
        if made:
            record("forms.draft_opened", row, by=by, at=at, prefilled=sorted(offered))
    return store.draft_of(row)


def change_matters(*, draft_id: UUID, form: Form, hashes: Sequence[bytes], by: str, at: datetime) -> Draft:
    """Let the draft be read by `form` from now on (a matter was added or left out), and fill in what is newly asked.

    What was answered for a matter that is left out stays in the draft and is not handed in. Not undone by `undo`.
    """
    with transaction.atomic():
        row = locked(draft_id, hashes)
        state = store.state_of(row)
        new, _ = _refilled(row, form, state, by=by, at=at)
        row.matters = list(form.matters)
        _keep(row, form, new, at=at)
        record("forms.draft_changed_matters", row, by=by, at=at, matters=list(form.matters))
    return store.draft_of(row, new)


def fill_in(*, draft_id: UUID, form: Form, hashes: Sequence[bytes], by: str, at: datetime) -> Draft:
    """Fill in what is known and still empty, for somebody who has just agreed to it (again)."""
    with transaction.atomic():
        row = locked(draft_id, hashes)
        new, filled = _refilled(row, form, store.state_of(row), by=by, at=at)
        if filled:
            _keep(row, form, new, at=at)
            record("forms.draft_filled_in", row, by=by, at=at, prefilled=filled)
    return store.draft_of(row, new)


def _refilled(row: Row, form: Form, state: State, *, by: str, at: datetime) -> tuple[State, list[str]]:
    """Return the draft with what we know in every field that nobody has answered, and which fields those are."""
    subject = Subject(row.subject_ref, bytes(row.subject_hash), row.acting_ref)
    offered = prefill(form, region=row.region, subject=subject, at=at, service=_service(row.purpose))
    new = state.copied()
    empty = sorted(code for code in offered if code not in state.typed and _is_empty(state.held.get(code)))
    for code in empty:
        new.held[code] = _prefilled(offered[code], version=row.version + 1, by=by, at=at)
    new.settle(form, localdate(at), version=row.version + 1, by=by, at=at)
    return new, empty


def _is_empty(held: Held | None) -> bool:
    """Return whether nobody has answered a field; one that an applicant emptied himself stays empty."""
    return held is None or (held.value is None and held.how is How.TYPED and held.source is None)


def _service(purpose: str) -> str:
    """Return the service that takes the application: a purpose begins with its code."""
    return purpose.partition(".")[0]


def save(
    *,
    draft_id: UUID,
    form: Form,
    raw: Mapping[str, Sequence[str]],
    seen: int,
    hashes: Sequence[bytes],
    by: str,
    at: datetime,
) -> Saved:
    """Read what was typed and keep what changed; `seen` is the version the person was looking at.

    Only fields in `raw` are touched. What cannot be read is kept as it was typed, and is no value. Fields that somebody else
    changed meanwhile are left to him unless this save changes them too: then it is refused whole.
    Raises Conflict, Refused("no_such_draft"), Refused("draft_version").
    """
    with transaction.atomic():
        row = locked(draft_id, hashes)
        state = store.state_of(row)
        reading = asking.read(form, raw, localdate(at))
        base = _as_seen(row, state, seen)
        wanted = base.copied()
        for code, value in reading.values.items():
            wanted.held[code] = asking.answered(base.held.get(code), value, version=row.version + 1, by=by, at=at)
            wanted.typed.pop(code, None)
        for code, typed in reading.typed.items():
            wanted.held[code] = asking.answered(base.held.get(code), None, version=row.version + 1, by=by, at=at)
            wanted.typed[code] = typed
        read = reading.values.keys() | reading.typed.keys()
        changed = sorted(code for code in read if not wanted.same(base, code) and not wanted.same(state, code))
        if clashes := [_clash(state.held[code], code) for code in changed if _moved(state, code, seen)]:
            raise Conflict(form, clashes)
        new = state.copied()
        for code in changed:
            new.held[code] = wanted.held[code]
            new.typed.pop(code, None)
            if code in wanted.typed:
                new.typed[code] = wanted.typed[code]
        if changed:
            follows = new.settle(form, localdate(at), version=row.version + 1, by=by, at=at)
            changed = sorted({*changed, *follows})
            _keep_change(row, form, state, new, changed, by=by, at=at)
    return Saved(store.draft_of(row, new), reading.errors)


def undo(*, draft_id: UUID, form: Form, hashes: Sequence[bytes], by: str, at: datetime) -> Draft:
    """Take back the last change that still stands, by a change of its own; again, and the one before it goes too.

    Raises Refused("nothing_to_undo").
    """
    with transaction.atomic():
        row = locked(draft_id, hashes)
        undone = row.changes.filter(undoes__isnull=False).values("undoes")
        last = row.changes.filter(undoes=None).exclude(version__in=undone).order_by("-version").first()
        if last is None:
            raise Refused("nothing_to_undo", "没有可以撤销的修改。", en="There is nothing to undo.")
        state = store.state_of(row)
        new = state.copied()
        new.put_back(last.elements, bytes(last.before_sealed))
        for code in last.elements:  # so that whoever is looking at an older version sees that it moved
            was = new.held.get(code)
            new.held[code] = (
                replace(was, version=row.version + 1, by=by, at=at)
                if was
                else Held(None, How.TYPED, row.version + 1, by, at)
            )
        _keep_change(row, form, state, new, last.elements, by=by, at=at, undoes=last.version)
        record("forms.draft_undone", row, by=by, at=at, elements=last.elements)
    return store.draft_of(row, new)


def submit(
    *,
    draft: Draft,
    form: Form,
    seen: int,
    about: str,
    by: str,
    at: datetime,
    evidence: Mapping[str, str] | None = None,
) -> Submitted:
    """Hand in a draft as it was read and seen, and return its values, frozen, with where they come from.

    `about` is the application they go into ("case:…"); each correction of what we had shown opens an item for the unit that
    answers for the datum, with the applicant's `evidence` (by element, a reference or a sentence): R2.3.
    Raises Unfinished with everything that is missing or wrong, Refused("draft_changed") when it is not any more as it was seen, and
    Refused("no_such_draft") when it is gone or was handed in.
    """
    today = localdate(at)
    if found := asking.unfinished(form, draft, today) if draft.version == seen else ():
        raise Unfinished(found)
    handed = asking.submitted(form, draft.held, today)
    share = asking.typed_share(form, draft.held, today)
    corrected = sorted(code for code, one in handed.items() if one.how is How.CORRECTED)
    opened: tuple[UUID, ...] = ()
    with transaction.atomic(savepoint=False):
        # whoever changes a draft gives it another version: what was read is what is handed in
        open_ = Row.objects.filter(pk=draft.id, submitted_at=None)
        if taken := open_.filter(version=seen).update(submitted_at=at, updated_at=at):
            opened = items.open_items(draft, form, handed, about=about, evidence=evidence or {}, by=by, at=at)
            record("forms.draft_submitted", draft, by=by, at=at, application=about, corrected=corrected)
    if not taken:
        raise _changed() if open_.exists() else _not_there()
    return Submitted(replace(draft, submitted_at=at, updated_at=at), handed, opened, share)


def _changed() -> Refused:
    return Refused(
        "draft_changed",
        "您核对之后内容又有改动，尚未提交，请再核对一次。",
        en="It was changed after you checked it and was not handed in: please check it again.",
    )


def _not_there() -> Refused:
    return Refused("no_such_draft", NOT_THERE, en=NOT_THERE_EN, status=404)


def locked(draft_id: UUID, hashes: Sequence[bytes]) -> Row:
    """Return an open draft of one of these holders, locked. Raises Refused("no_such_draft")."""
    row = Row.objects.select_for_update().filter(pk=draft_id, subject_hash__in=list(hashes), submitted_at=None).first()
    if row is None:
        raise _not_there()
    return row


def _as_seen(row: Row, state: State, seen: int) -> State:
    """Return what the draft said at version `seen`, worked back from the changes since: one more question, when it is stale."""
    if seen == row.version:
        return state
    if not 1 <= seen < row.version:
        raise Refused(
            "draft_version",
            "页面与草稿对不上，本次修改没有保存，请刷新页面。",
            en="The page and the draft do not fit; nothing was saved: please load the page again.",
        )
    was = state.copied()
    for change in row.changes.filter(version__gt=seen).order_by("-version"):
        was.put_back(change.elements, bytes(change.before_sealed))
    return was


def _moved(state: State, code: str, seen: int) -> bool:
    return code in state.held and state.held[code].version > seen


def _clash(held: Held, code: str) -> Clash:
    return Clash(code, held.by, held.at)


def _keep(row: Row, form: Form, new: State, *, at: datetime) -> None:
    row.version += 1
    row.digest = form.digest
    row.updated_at = at
    row.kept_until = max(row.kept_until, _kept_until(at))
    store.keep(row, new, open_codes=form.open_codes)
    row.save(update_fields=["version", "digest", "updated_at", "kept_until", "open_held", "sealed", "matters"])


def _keep_change(
    row: Row,
    form: Form,
    before: State,
    new: State,
    codes: Sequence[str],
    *,
    by: str,
    at: datetime,
    undoes: int | None = None,
) -> None:
    """Keep `new` and, beside it, what the changed fields said before: that can be undone."""
    _keep(row, form, new, at=at)
    DraftChange.objects.create(
        region=row.region,
        draft=row,
        version=row.version,
        elements=list(codes),
        before_sealed=before.part(codes),
        undoes=undoes,
        by=by,
        at=at,
    )


def _prefilled(offered: Offered, *, version: int, by: str, at: datetime) -> Held:
    return Held(offered.value, How.PREFILLED, version, by, at, offered.source, offered.ref, offered.as_of)


def _kept_until(at: datetime) -> date:
    return localdate(at) + timedelta(days=KEPT_DAYS)


def record(action: str, row: Row | Draft, *, by: str, at: datetime, **detail: object) -> None:
    """Leave the line of an act on a draft."""
    about = f"draft:{row.id}"
    audit.record(action, who=by, about=about, at=at, region=row.region, detail={"purpose": row.purpose, **detail})
