"""The joint visit (R14.4): one appointment for the matters of a bundle whose visits are open, each inspector with his own result."""

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


def book(
    *, case_id: UUID, day: date | None, half: str, with_: Collection[str], by: identity.Actor, at: datetime
) -> None:
    """Make (or move) the appointment of a bundle: for the officer's own matter and those of `with_` whose visits are open.

    The applicant hears the day, and once only that all come together. Raises Refused: no_such_case, not_your_step, visit_when.
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
    ids = [one.id for one in open_visits(view) if one.id == case_id or str(one.id) in with_]
    with transaction.atomic():
        JointVisit.objects.filter(root_id=view.case.id, ended_at=None).update(ended_at=at)
        row = JointVisit.objects.create(
            region=view.region, root_id=view.case.id, day=day, half=half, matters=ids, booked_by=by.ref, booked_at=at
        )
        audit.record(
            "onething.visit_booked",
            who=by.ref,
            about=f"case:{view.case.id}",
            at=at,
            region=view.region,
            detail={"day": str(day), "half": half, "matters": len(ids)},
        )
        telling.tell_visit(view, key=str(row.pk), day=day, half=HALVES[half], items=len(ids), at=at)
