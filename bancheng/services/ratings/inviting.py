"""Who is asked to rate what: when a matter is decided and served, or not accepted, its applicant, once (R-RT-2: 一事一评).

What happened promises one job a bundle in its transaction; the job reads the log, so it may run as often as it likes.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from bancheng.kernel.cases import public as cases
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.ratings import public as ratings
from bancheng.services.ratings import telling, terms

ENDS = frozenset({cases.Act.SERVED, cases.Act.CLOSED, cases.Act.NOT_ACCEPTED})
STAFF = "staff:"


def note(told: Sequence[cases.Happened]) -> None:
    """Promise to look at the bundles of which a matter has come to its end."""
    if not terms.offered():
        return
    for root in sorted({fact.root for fact in told if fact.act in ENDS and fact.matter}):
        jobs.later("ratings.invite", key=f"ratings-invite-{root}", root=str(root))


def invite(*, root: UUID, at: datetime) -> int:
    """Let the ended matters of a bundle be rated; return how many are new."""
    view = cases.view(root)
    if view is None:
        return 0
    ended = [one for one in view.matters or (view.case,) if one.matter and one.unit and _ended(one)]
    if not ended:
        return 0
    contact = _contact(view)
    served = [_served(view, one, contact) for one in ended]
    with transaction.atomic():
        made = ratings.invite(served, region=view.region, terms=ratings.terms_of(view.service), at=at)
        telling.invite([one.pk for one in made], at=at)
    return len(made)


def _ended(one: cases.Matter) -> bool:
    """Return whether the applicant was given a result: withdrawn or terminated is none."""
    return any(line.act in ENDS and not line.undone for line in one.lines) and one.outcome not in (
        cases.Outcome.WITHDRAWN,
        cases.Outcome.TERMINATED,
        cases.Outcome.WAIVED,
    )


def _served(view: cases.View, one: cases.Matter, contact: str) -> ratings.Served:
    return ratings.Served(
        about=f"case:{one.id}",
        mode=ratings.Mode.ONLINE,
        service=view.service,
        matter=one.matter,
        unit=one.unit,
        title=one.title,
        number=one.number,
        root=view.case.id,
        rater_hash=view.applicant_hash,
        contact=contact,
        handlers=tuple({line.by for line in one.lines if line.by.startswith(STAFF)}),
    )


def _contact(view: cases.View) -> str:
    """Return name and mobile of the applicant: of the person who filed, or what was given at the counter."""
    kind, _, key = view.filed_by.partition(":")
    person = identity.Person.objects.filter(pk=key).first() if kind == "person" and _is_uuid(key) else None
    if person and person.mobile_sealed:
        mobile = identity.open_sealed(bytes(person.mobile_sealed), kind="mobile")
    else:
        content = cases.said(view.case.id, personal=True)
        mobile = str(content.personal.get("contact_mobile") or "") if content else ""
    return f"{view.applicant_name}\n{mobile}"


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
