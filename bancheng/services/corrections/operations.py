"""Every change of the service: an officer's decision on a correction, and who is told of it."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.notices import public as notices
from bancheng.services.corrections import queries
from bancheng.services.corrections.queries import SERVICE

SOON = clocks.Length(2, clocks.Unit.WD)  # before the last day to decide, officers hear of what waits


def accept(*, item_id: UUID, by: identity.Actor, at: datetime) -> None:
    """Agree with a correction. What stands in an application of before needs no change elsewhere and is over.

    Raises Refused: no_such_item, item_of_another_unit, item_state.
    """
    with transaction.atomic():
        forms.accept_correction(item_id=item_id, by=by, at=at)
        found = forms.item(item_id)
        if found.to_change and found.ref.startswith("case:"):
            forms.note_changed(item_id=item_id, by=by, at=at)


def decline(*, item_id: UUID, reason: str, by: identity.Actor, at: datetime) -> None:
    """Say why a datum stays as it is. Raises as `accept`, and Refused("reason_missing")."""
    forms.decline_correction(item_id=item_id, by=by, at=at, reason=reason)


def note_changed(*, item_id: UUID, by: identity.Actor, at: datetime) -> None:
    """Note that the source was corrected. Raises Refused: no_such_item, item_of_another_unit, item_state."""
    forms.note_changed(item_id=item_id, by=by, at=at)


def promise_to_tell(fact: forms.Decided) -> None:
    """Promise to tell who corrected a datum what became of it, in the transaction that decided it."""
    jobs.later("corrections.tell_applicant", key=f"corrections-{fact.id}", item_id=str(fact.id))


def tell_applicant(*, item_id: UUID, at: datetime) -> None:
    """Tell who corrected a datum what became of it (个人信息保护法 第五十条). Told twice, it is one message."""
    found = forms.item(item_id)
    unit = catalogue.units_by_code([found.owner]).get(found.owner)
    kind = "accepted" if found.state is forms.ItemState.ACCEPTED else "declined"
    notices.accept(
        kind=f"{SERVICE}.{kind}",
        region=found.region,
        key=f"{SERVICE}-{kind}-{item_id}",
        subject=f"item:{item_id}",
        to=_recipient(found),
        values={
            "title": found.title.zh,
            "title_en": found.title.en,
            "unit": unit.name if unit else "",
            "unit_en": unit.name_en if unit else "",
            "link": f"{settings.SITE_URL}/corrections/mine/",
        },
        at=at,
    )


def _recipient(found: forms.Item) -> notices.Recipient:
    """Return the applicant's mailbox, and the phone of who filled in the form; a clerk's phone is not the applicant's."""
    kind, _, key = found.opened_by.partition(":")
    person = identity.Person.objects.filter(pk=key).first() if kind == "person" else None
    if person and person.mobile_sealed and person.mobile_hash:
        return notices.Recipient(found.holder_hash, bytes(person.mobile_sealed), bytes(person.mobile_hash))
    return notices.Recipient.of(mobile="", holder_hash=found.holder_hash)


def tell_staff(*, today: date, at: datetime) -> int:
    """Tell the officers of each unit what is due soon, and its administrators what is overdue; return how many were told.

    One message an account and day, on working days. Run it as often as you like.
    """
    calendar = clocks.calendar()
    if not calendar.is_working(today):
        return 0
    city = catalogue.city()
    last = clocks.due(started_on=today, length=SOON, calendar=calendar).on
    soon = [one for one in forms.items(region=city.region) if one.due_on and one.due_on <= last]
    told = 0
    for unit in sorted({one.owner for one in soon}):
        of_unit = [one for one in soon if one.owner == unit]
        late = [one for one in of_unit if queries.is_late(one, today)]
        told += _tell("section_officer", unit, of_unit, city.region, today, at)
        told += _tell("unit_admin", unit, late, city.region, today, at) if late else 0
    return told


def _tell(role: str, unit: str, found: Iterable[forms.Item], region: str, today: date, at: datetime) -> int:
    found = list(found)
    accounts = identity.officers(unit=unit, role=role, at=at)
    for account in accounts:
        notices.accept(
            kind=f"{SERVICE}.waiting",
            region=region,
            key=f"{SERVICE}-waiting-{today}-{account}",
            subject=f"corrections:{unit}",
            to=notices.to_staff(account),
            values={
                "items": len(found),
                "day": str(min(one.due_on for one in found if one.due_on)),
                "link": f"{settings.SITE_URL}/corrections/",
            },
            at=at,
        )
    return len(accounts)
