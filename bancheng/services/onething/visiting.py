"""The joint visit (R14.4): one appointment for the matters of a bundle whose visits are open, each inspector with his own result.

It is moved by booking it anew and called off without another day; applicant and inspectors hear of each turn.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.onething import queries, telling
from bancheng.services.onething.models import JointVisit

HALVES = {JointVisit.MORNING: Text("上午", "morning"), JointVisit.AFTERNOON: Text("下午", "afternoon")}
LONGEST_REASON = 300


@dataclass(frozen=True)
class Participant:
    """A matter whose inspector comes, and whether he has recorded his result."""

    matter: cases.Matter
    unit: catalogue.Unit | None
    done: bool


@dataclass(frozen=True)
class Visit:
    """An appointment as people see it."""

    day: date
    half: Text
    participants: tuple[Participant, ...]


def open_visits(view: cases.View) -> list[cases.Matter]:
    """Return the matters of a bundle whose visit is open."""
    return [one for one in view.matters or (view.case,) if _visits(one, one.steps.open)]


def _visits(one: cases.Matter, steps: Collection[str]) -> bool:
    return any(one.flow.by_code[code].kind is cases.Kind.VISIT for code in steps)


def of(view: cases.View) -> Visit | None:
    """Return the appointment that stands, None when there is none or everybody has been there."""
    row = JointVisit.objects.filter(root_id=view.case.id, ended_at=None).first()
    if row is None:
        return None
    found = [one for one in view.matters or (view.case,) if one.id in row.matters]
    units = catalogue.units_by_code([one.unit for one in found])
    coming = tuple(Participant(one, units.get(one.unit), not _visits(one, one.steps.open)) for one in found)
    return Visit(row.day, HALVES[row.half], coming) if any(not one.done for one in coming) else None


def days_of(case_ids: Collection[UUID]) -> dict[UUID, tuple[date, Text]]:
    """Return when the visit of each of these matters stands: one statement, none for none."""
    if not case_ids:
        return {}
    rows = JointVisit.objects.filter(ended_at=None, matters__overlap=list(case_ids)).order_by("day", "half")
    return {matter: (row.day, HALVES[row.half]) for row in reversed(rows) for matter in row.matters}


def book(
    *, case_id: UUID, day: date | None, half: str, with_: Collection[str], by: identity.Actor, at: datetime
) -> None:
    """Make (or move) the appointment of a bundle: for the officer's own matter and those of `with_` whose visits are open.

    The applicant hears the day once only, that all come together; their inspectors hear it too.
    Raises Refused: no_such_case, not_your_step, visit_when.
    """
    queries.step_to_do(by, case_id, cases.Kind.VISIT)
    today = day_of(at)
    if day is None or half not in HALVES or day <= today or not clocks.calendar().is_working(day):
        raise Refused(
            "visit_when",
            "请选明天以后的一个工作日，并选上午或下午，没有预约。",
            en="Choose a working day after today, and morning or afternoon. Nothing was booked.",
            status=422,
        )
    view = queries.on_desk(by, case_id).view
    coming = [one for one in open_visits(view) if one.id == case_id or str(one.id) in with_]
    with transaction.atomic():
        old = _end(view, at)
        row = JointVisit.objects.create(
            region=view.region,
            root_id=view.case.id,
            day=day,
            half=half,
            matters=[one.id for one in coming],
            booked_by=by.ref,
            booked_at=at,
        )
        detail = {"day": str(day), "half": half, "matters": len(coming), "moved": old is not None}
        _record("onething.visit_booked", view, by, at, detail)
        turn = telling.Visiting(str(row.pk), day, HALVES[half], len(coming))
        telling.tell_visit(view, "visit_moved" if old else "visit", turn, at=at)
        telling.tell_inspectors(view, coming, "visit_staff", turn, at=at)
        left = [one for one in open_visits(view) if old and one.id in old.matters and one not in coming]
        telling.tell_inspectors(view, left, "visit_off_staff", turn, at=at)


def cancel(*, case_id: UUID, reason: str, by: identity.Actor, at: datetime) -> None:
    """Call the appointment off without another day; the visits stay open. Raises Refused: no_such_case, not_your_step, no_visit,
    no_reason."""
    queries.step_to_do(by, case_id, cases.Kind.VISIT)
    if not reason:
        raise Refused(
            "no_reason",
            "请写明取消的原因，没有取消，申请人会看到。",
            en="Say why it is called off, the applicant reads it. Nothing was changed.",
            status=422,
        )
    view = queries.on_desk(by, case_id).view
    with transaction.atomic():
        old = _end(view, at, cancelled=reason[:LONGEST_REASON])
        if old is None:
            raise Refused(
                "no_visit",
                "目前没有约好的联合核查，未作任何改动，请刷新后再看。",
                en="No joint visit is booked now; nothing was changed. Reload and look again.",
            )
        _record("onething.visit_cancelled", view, by, at, {"day": str(old.day), "half": old.half})
        turn = telling.Visiting(f"{old.pk}-off", old.day, HALVES[old.half], len(old.matters))
        telling.tell_visit(view, "visit_off", turn, at=at)
        telling.tell_inspectors(
            view, [one for one in open_visits(view) if one.id in old.matters], "visit_off_staff", turn, at=at
        )


def _end(view: cases.View, at: datetime, *, cancelled: str = "") -> JointVisit | None:
    """End the appointment that stands and return it; the bundle's is locked, so that two officers do not both move it."""
    row = JointVisit.objects.select_for_update().filter(root_id=view.case.id, ended_at=None).first()
    if row is not None:
        row.ended_at, row.cancelled = at, cancelled
        row.save(update_fields=["ended_at", "cancelled"])
    return row


def _record(action: str, view: cases.View, by: identity.Actor, at: datetime, detail: dict[str, object]) -> None:
    audit.record(action, who=by.ref, about=f"case:{view.case.id}", at=at, region=view.region, detail=detail)
