"""Written powers: linked, ended, and what was done under them."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity.models import Agency, Organisation, Person
from bancheng.lib.refusal import Refused


def link_agent(
    *,
    principal: Person | Organisation,
    agent: Person,
    document: str,
    first: date,
    last: date | None = None,
    services: Sequence[str] = (),
    matters: Sequence[str] = (),
    legal_representative: bool = False,
    by: str,
    at: datetime,
) -> Agency:
    """Return the open agency under `document`, linking it when it is new (P-5). Raises Refused."""
    _check_agency(principal, agent, document, first, last)
    of_person = principal if isinstance(principal, Person) else None
    of_organisation = principal if isinstance(principal, Organisation) else None
    with transaction.atomic():
        agency, made = Agency.objects.get_or_create(
            region=principal.region,
            principal_person=of_person,
            principal_organisation=of_organisation,
            agent=agent,
            document=document,
            ended_at=None,
            defaults={
                "first": first,
                "last": last,
                "services": list(services),
                "matters": list(matters),
                "legal_representative": legal_representative,
                "linked_by": by,
                "linked_at": at,
            },
        )
        if made:
            _about_agency("identity.agent_linked", agency, who=by, at=at)
    return agency


def _check_agency(
    principal: Person | Organisation, agent: Person, document: str, first: date, last: date | None
) -> None:
    if principal == agent:
        raise Refused(
            "own_agent", "本人不能委托自己，请填写受托人。", en="Nobody is his own agent: name another person."
        )
    if not document:
        raise Refused(
            "agency_unwritten", "委托须有书面文件，请填写委托书编号。", en="An agency must be written: give its number."
        )
    if last is not None and last < first:
        raise Refused(
            "agency_backwards",
            "委托的截止日期早于起始日期，请核对。",
            en="The agency ends before it begins: check both days.",
        )


def end_agency(*, agency_id: int, by: str, at: datetime) -> None:
    """End an agency now; ending it twice changes nothing. The agent's past acts stay as they are."""
    with transaction.atomic():
        agency = Agency.objects.select_for_update().get(pk=agency_id)
        if agency.ended_at is None:
            agency.ended_at, agency.ended_by = at, by
            agency.save(update_fields=["ended_at", "ended_by"])
            _about_agency("identity.agency_ended", agency, who=by, at=at)


def note_agent_act(*, agency_id: int, action: str, about: str, by: str, at: datetime) -> None:
    """Record an act under an agency where its principal sees it: P-5, in the transaction of the act itself."""
    agency = Agency.objects.get(pk=agency_id)
    _about_agency(action, agency, who=by, at=at, thing=about)


def _about_agency(action: str, agency: Agency, *, who: str, at: datetime, thing: str = "") -> None:
    organisation = agency.principal_organisation_id
    principal = f"organisation:{organisation}" if organisation else f"person:{agency.principal_person_id}"
    detail = {"agency": agency.pk, "agent": f"person:{agency.agent_id}"} | ({"thing": thing} if thing else {})
    audit.record(action, who=who, about=principal, at=at, region=agency.region, detail=detail)
