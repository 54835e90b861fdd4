"""Matters whose applicant let the day to answer pass: nobody's task, until somebody takes them as waived."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from bancheng.kernel.cases.models import CorrectionItem
from bancheng.kernel.cases.rules.words import State
from bancheng.kernel.identity import public as identity
from bancheng.lib.text import Text


@dataclass(frozen=True)
class Unanswered:
    """A matter that waits for an answer which is late."""

    case: UUID
    number: str
    title: Text
    applicant_name: str
    unit: str
    due_on: date


def unanswered(
    actor: identity.Actor, *, role: str, service: str, today: date, first: int = 0, size: int = 100
) -> list[Unanswered]:
    """Return the matters of the actor's units (by `role`) whose answer is late, the latest first: one statement.

    Asks for one more than `size`, so that the caller knows whether there is another page.
    """
    units = actor.units(role) if actor.has(role, service=service) else ()
    if not units:
        return []
    rows = CorrectionItem.objects.filter(
        sent_at__isnull=False,
        answered_at=None,
        dropped_at=None,
        due_on__lt=today,
        case__service=service,
        case__state=State.CORRECTING.value,
    ).exclude(case__unit="")
    if "" not in units:
        rows = rows.filter(case__unit__in=units)
    columns = (
        "case_id",
        "case__number",
        "case__title",
        "case__title_en",
        "case__applicant_name",
        "case__unit",
        "due_on",
    )
    found = rows.order_by("due_on", "case_id").values_list(*columns).distinct()[first : first + size + 1]
    return [
        Unanswered(case, number, Text(title, title_en), name, unit, due_on)
        for case, number, title, title_en, name, unit, due_on in found
    ]
