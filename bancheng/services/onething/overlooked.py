"""What a desk overlooked the first time (R-OT-1): it may be asked only by a supervisor's leave, and counts as a defect of the service."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.onething import operations, queries
from bancheng.services.onething.models import Overlooked

SUPERVISOR = "unit_admin"  # who answers for the unit


@dataclass(frozen=True)
class Request:
    """What waits for the supervisor: which case, what is to be asked, why it was not asked the first time."""

    id: int
    number: str
    title: Text
    says: tuple[str, ...]
    reason: str
    asked_by: str
    asked_at: datetime


def ask_leave(*, case_id: UUID, defects: Sequence[cases.Defect], reason: str, by: identity.Actor, at: datetime) -> None:
    """Put what was overlooked before the unit's supervisor. Raises Refused: no_such_case, not_your_step, no_defect, no_reason,
    asked_already, and not_in_guide."""
    desk, _ = queries.step_to_do(by, case_id, cases.Kind.REVIEW)
    operations.check_in_guide(desk, defects)
    if not defects or not reason:
        raise Refused(
            "no_reason",
            "请写明要补正什么、为什么首次没有提出，尚未提交。",
            en="Say what is to be corrected and why it was not asked the first time; nothing was submitted.",
            status=422,
        )
    said = [{"about": one.about, "says": one.says, "law": one.law} for one in defects]
    with transaction.atomic():
        _, new = Overlooked.objects.get_or_create(
            region=desk.view.region,
            case_id=case_id,
            decided_at=None,
            defaults={
                "unit": desk.matter.unit,
                "number": desk.matter.number,
                "title": desk.matter.title.zh,
                "title_en": desk.matter.title.en,
                "defects": said,
                "reason": reason,
                "asked_by": by.ref,
                "asked_at": at,
            },
        )
        if not new:
            raise Refused(
                "asked_already",
                "本件已有一份待主管确认的补正，请等确认后再提，没有提交。",
                en="Something waits for the supervisor's leave in this case already; nothing was submitted.",
            )
        audit.record("onething.leave_asked", who=by.ref, about=f"case:{case_id}", at=at, region=desk.view.region)


def waiting(actor: identity.Actor, *, size: int = 100) -> list[Request]:
    """Return what waits for the actor as supervisor of his units, the oldest first: one statement."""
    units = actor.units(SUPERVISOR) if actor.has(SUPERVISOR, service=queries.SERVICE) else ()
    if not units:
        return []
    rows = Overlooked.objects.filter(decided_at=None).order_by("asked_at", "pk")
    if "" not in units:
        rows = rows.filter(unit__in=units)
    return [
        Request(
            row.pk,
            row.number,
            Text(row.title, row.title_en),
            tuple(one["says"] for one in row.defects),
            row.reason,
            row.asked_by,
            row.asked_at,
        )
        for row in rows[:size]
    ]


def decide(*, request_id: int, allowed: bool, by: identity.Actor, at: datetime) -> None:
    """Allow what was overlooked to be asked, as a defect of the service, or not. Raises Refused: no_such_request, and what asking raises."""
    with transaction.atomic():
        row = Overlooked.objects.select_for_update().filter(pk=request_id, decided_at=None).first()
        if row is None or not by.has(SUPERVISOR, service=queries.SERVICE, unit=row.unit):
            raise Refused(
                "no_such_request",
                "没有这项待确认的补正，可能已经处理，请刷新后再看。",
                en="Nothing of the kind waits for you; it may have been decided. Reload.",
                status=404,
            )
        row.allowed, row.decided_by, row.decided_at = allowed, by.ref, at
        row.save(update_fields=["allowed", "decided_by", "decided_at"])
        if allowed:
            defects = [cases.Defect(one["about"], one["says"], law=one["law"]) for one in row.defects]
            cases.ask_correction(case_id=row.case_id, defects=defects, by=row.asked_by, overridden_by=by.ref, at=at)
        detail = {"allowed": allowed}
        audit.record(
            "onething.leave_decided", who=by.ref, about=f"case:{row.case_id}", at=at, region=row.region, detail=detail
        )
