"""The registry stays answerable (R13.7): it looks up, inspects by chance, follows what it finds, and what is late escalates."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents import public as documents
from bancheng.kernel.identity import public as identity
from bancheng.lib.days import day_of
from bancheng.lib.identifiers import uuid7
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages import announcing, digests, doors, refusals, telling, terms
from bancheng.services.mortgages.models import Bundle, Finding, Inspected, Inspection, LookUp
from bancheng.services.mortgages.operations import chain
from bancheng.services.mortgages.rules import custody as rules
from bancheng.services.mortgages.rules.custody import Act, Cause, Result, State

ACCEPTED = frozenset({documents.Kind.PDF, documents.Kind.OFD, *documents.PICTURES})


def _day(length: clocks.Length, at: datetime) -> date:
    return clocks.due(started_on=day_of(at), length=length, calendar=clocks.calendar()).on


# --- look-ups ---


def ask(*, bundle_id: UUID, purpose: str, by: identity.Actor, at: datetime) -> LookUp:
    """Ask the bank for a bundle, for a purpose (F13.8: enquiry on demand). Raises Refused: no_such_bundle, not_your_step, say_what."""
    with transaction.atomic():
        found = chain.locked(bundle_id, by)
        _check_registry(found, by)
        made = LookUp.objects.create(
            id=uuid7(at), region=found.region, bundle=found, purpose=refusals.words(purpose, most=300), asked_by=by.ref,
            asked_at=at, due_on=_day(terms.of_pack().look_up, at),
        )  # fmt: skip
        audit.record("mortgages.look_up_asked", who=by.ref, about=f"bundle:{found.pk}", at=at, region=found.region)
        announcing.archive_requested(made)
        telling.look_up(made, telling.NEW_LOOK_UP, to_bank=True, key="asked", at=at)
    return made


def answer(
    *,
    look_up_id: UUID,
    name: str,
    pieces: Iterable[bytes],
    size: int | None,
    words: str,
    by: identity.Actor,
    at: datetime,
) -> None:
    """Answer a look-up with a scan; its digests are worked out from what came in. Outside of a transaction, as documents.store asks.

    Raises Refused: no_such_look_up, not_your_step, answered_already, and what documents.store raises.
    """
    found = _look_up(look_up_id, by)
    through = digests.Digesting(pieces)
    stored = documents.store(
        region=found.region, pieces=through, name=name, about=f"look-up:{found.pk}", material="调阅扫描件",
        holder_hash=identity.staff_hash(by.account), by=by.ref, at=at, accepted=ACCEPTED, declared=size,
    )  # fmt: skip
    sha256, sm3 = through.finish()
    with transaction.atomic():
        done = LookUp.objects.filter(pk=found.pk, answered_at=None).update(
            answer=words.strip()[:300], answered_by=by.ref, answered_at=at, use=stored.use.id, sha256=sha256, sm3=sm3
        )
        if not done:
            raise _answered()
        audit.record("mortgages.look_up_answered", who=by.ref, about=f"bundle:{found.bundle_id}", at=at, region=found.region, detail={"sha256": sha256})  # fmt: skip
        settle(found.bundle, Cause.LATE_ANSWER, by=by, at=at)
        telling.look_up(found, telling.LOOK_UP_ANSWERED, to_bank=False, key="answered", at=at)


def _look_up(look_up_id: UUID, by: identity.Actor) -> LookUp:
    found = LookUp.objects.select_related("bundle").filter(doors.own(by, "bundle__"), pk=look_up_id).first()
    if found is None:
        raise refusals.absent("no_such_look_up", "这次调阅", "look-up")
    if not doors.is_bank(by, found.bundle.bank, doors.ARCHIVIST):
        raise refusals.not_yours("保管银行的档案人员", "the archivist of the bank that keeps it")
    if found.answered_at:
        raise _answered()
    return found


def _answered() -> Refused:
    return Refused(
        "answered_already",
        "这次调阅已经答复，没有重复提交。",
        en="This look-up is answered already; nothing was sent again.",
    )


def read(*, look_up_id: UUID, by: identity.Actor, at: datetime) -> documents.Content:
    """Return the scan that answered a look-up; the look is on record. Raises Refused: no_such_look_up, no_such_document."""
    found = LookUp.objects.filter(doors.own(by, "bundle__"), pk=look_up_id).exclude(use=None).first()
    if found is None:
        raise refusals.absent("no_such_look_up", "这次调阅", "look-up")
    assert found.use
    return documents.read(use_id=found.use, about=f"look-up:{found.pk}", by=by.ref, at=at)


# --- inspections ---


def draw(*, bank: str, month: date, by: identity.Actor, at: datetime) -> Inspection:
    """Draw a month's sample of what a bank has filed, by a seed nobody foresees and everybody can use again.

    Raises Refused: drawn_already, nothing_to_draw.
    """
    registry, set_ = doors.unit_of(by, *doors.REGISTRY), terms.of_pack()
    filed = Bundle.objects.filter(bank=bank, registry=registry, filed_at__lt=at).exclude(state=State.HANDED_OVER)
    codes = {str(one.pk): one for one in filed}
    if not codes:
        raise Refused(
            "nothing_to_draw",
            "这家银行还没有在管的档案，没有抽取。",
            en="The bank keeps no bundle yet; nothing was drawn.",
        )
    seed, size = (
        secrets.token_hex(32),
        rules.sample_size(len(codes), percent=set_.sample_percent, least=set_.sample_least),
    )
    try:
        with transaction.atomic():
            made = Inspection.objects.create(
                id=uuid7(at), region=next(iter(codes.values())).region, registry=registry, bank=bank,
                month=rules.month_of(month), seed=seed, population=len(codes), population_hash=rules.population_hash(list(codes)),
                before=at, drawn_by=by.ref, drawn_at=at,
            )  # fmt: skip
            drawn = rules.sample(list(codes), seed=seed, size=size)
            Inspected.objects.bulk_create(
                Inspected(region=made.region, inspection=made, bundle=codes[one]) for one in drawn
            )
            audit.record("mortgages.inspection_drawn", who=by.ref, about=f"inspection:{made.pk}", at=at, region=made.region, detail={"bank": bank, "of": len(codes), "drawn": len(drawn)})  # fmt: skip
    except IntegrityError as error:
        if "one_inspection_a_month_and_bank" not in str(error):
            raise
        raise Refused("drawn_already", "这家银行本月已抽取，没有重复抽取。", en="This month's sample of the bank is drawn already.") from error  # fmt: skip
    return made


def inspect(
    *,
    inspected_id: int,
    there: bool,
    pages: int,
    scans: Mapping[int, str],
    words: str,
    by: identity.Actor,
    at: datetime,
) -> Result:
    """Enter what was found of a drawn bundle; `scans`: SHA-256 of what was scanned anew, by the document's place in the list.

    What differs opens a finding. Raises Refused: no_such_sample, inspected_already, not_your_step.
    """
    with transaction.atomic():
        drawn = Inspected.objects.select_for_update().filter(doors.own(by, "inspection__"), pk=inspected_id).first()
        if drawn is None:
            raise refusals.absent("no_such_sample", "这卷抽检档案", "drawn bundle")
        found = chain.locked(drawn.bundle_id, by)
        _check_registry(found, by)
        if drawn.result:
            raise Refused(
                "inspected_already",
                "这卷已登记抽检结果，没有改动。",
                en="Its result is on record already; nothing was changed.",
            )
        listed = dict(found.listed.values_list("n", "sha256"))
        differ = sorted(n for n, sha256 in scans.items() if listed.get(n) != sha256)
        result = rules.found(there=there, pages=pages, listed=found.pages, scans_differ=bool(differ))
        drawn.result, drawn.pages, drawn.words, drawn.checked_by, drawn.checked_at = (
            result,
            pages,
            words.strip()[:300],
            by.ref,
            at,
        )
        drawn.save()
        chain.line(found, Act.INSPECTED, by=by.ref, at=at, result=str(result), pages=pages)
        if result is not Result.MATCH:
            what = f"{pages}/{found.pages}" if result is Result.PAGES else "、".join(map(str, differ))
            open_finding(found, Cause(result), f"{what} {drawn.words}".strip(), by=by.ref, at=at)
    return result


# --- findings ---


def open_finding(found: Bundle, cause: Cause, words: str, *, by: str, at: datetime) -> None:
    """Open a finding about a locked bundle, once while it is open, and tell the bank and the registry."""
    made, new = Finding.objects.get_or_create(
        region=found.region,
        bundle=found,
        cause=cause,
        closed_at=None,
        defaults={
            "id": uuid7(at), "words": words[:300], "opened_by": by, "opened_at": at, "due_on": _day(terms.of_pack().explain, at),
        },
    )  # fmt: skip
    if new:
        audit.record("mortgages.finding_opened", who=by, about=f"bundle:{found.pk}", at=at, region=found.region, detail={"cause": str(cause)})  # fmt: skip
        telling.finding(made, at=at)


def settle(found: Bundle, cause: Cause, *, by: identity.Actor, at: datetime) -> None:
    """Note by what act of the bank's own a lateness ended; the registry closes it still."""
    Finding.objects.filter(bundle=found, cause=cause, closed_at=None, answered_at=None).update(
        answer="已补办", answered_by=by.ref, answered_at=at
    )


def explain(*, finding_id: UUID, words: str, by: identity.Actor, at: datetime) -> None:
    """Explain a finding, for the bank. Raises Refused: no_such_finding, not_your_step, finding_closed, say_what."""
    with transaction.atomic():
        found = _finding(finding_id, by)
        if not doors.is_bank(by, found.bundle.bank, doors.ARCHIVIST):
            raise refusals.not_yours("保管银行的档案人员", "the archivist of the bank that keeps it")
        found.answer, found.answered_by, found.answered_at = refusals.words(words, most=500), by.ref, at
        found.save(update_fields=["answer", "answered_by", "answered_at"])
        audit.record(
            "mortgages.finding_explained", who=by.ref, about=f"bundle:{found.bundle_id}", at=at, region=found.region
        )


def close(*, finding_id: UUID, by: identity.Actor, at: datetime) -> None:
    """Close a finding the bank has explained, for the registry. Raises Refused: no_such_finding, not_your_step, finding_closed, not_explained."""
    with transaction.atomic():
        found = _finding(finding_id, by)
        _check_registry(found.bundle, by)
        if found.answered_at is None or found.answered_by == by.ref:
            raise Refused(
                "not_explained", "银行还没有说明，没有关闭。", en="The bank has not explained it yet; it stays open."
            )
        found.closed_by, found.closed_at = by.ref, at
        found.save(update_fields=["closed_by", "closed_at"])
        audit.record(
            "mortgages.finding_closed", who=by.ref, about=f"bundle:{found.bundle_id}", at=at, region=found.region
        )


def _finding(finding_id: UUID, by: identity.Actor) -> Finding:
    found = Finding.objects.select_for_update(of=("self",)).select_related("bundle").filter(doors.own(by, "bundle__"), pk=finding_id).first()  # fmt: skip
    if found is None:
        raise refusals.absent("no_such_finding", "这个问题", "finding")
    if found.closed_at:
        raise Refused(
            "finding_closed", "这个问题已经关闭，没有改动。", en="This finding is closed already; nothing was changed."
        )
    return found


def _check_registry(found: Bundle, by: identity.Actor) -> None:
    if not doors.is_registry(by, found.registry):
        raise refusals.not_yours("登记中心", "the registry")


# --- the night ---


def supervise(*, today: date, at: datetime) -> int:
    """Open a finding for what is late: bundles not filed, look-ups not answered, loans not returned. Run it as often as you like."""
    late = [(one, Cause.LATE_INDEX) for one in Bundle.objects.filter(state=State.OWED, due_on__lt=today)]
    late += [(one, Cause.OVERDUE_LOAN) for one in Bundle.objects.filter(state=State.LENT, lent_until__lt=today)]
    asked = LookUp.objects.select_related("bundle").filter(answered_at=None, due_on__lt=today)
    late += [(one.bundle, Cause.LATE_ANSWER) for one in asked]
    for found, cause in late:
        with transaction.atomic():
            open_finding(found, cause, "", by=identity.MACHINE.ref, at=at)
    LookUp.objects.filter(answered_at=None, due_on__lt=today, late_at=None).update(late_at=at)
    return len(late)
