"""Registering organisations, who represents them, and closing them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import facts, rules
from bancheng.kernel.identity.models import Agency, Organisation, Person
from bancheng.kernel.identity.operations.agencies import end_agency, link_agent
from bancheng.kernel.identity.operations.people import refused
from bancheng.kernel.identity.sealing import sealer
from bancheng.lib.identifiers import Invalid, check_uscc, uuid7


def register_organisation(*, region: str, name: str, uscc: str, by: str, at: datetime) -> Organisation:
    """Return the organisation with this credit code, registering it when it is new. Raises Refused."""
    try:
        uscc = check_uscc(uscc)
    except Invalid as no:
        raise refused(no) from None
    with transaction.atomic():
        organisation, made = Organisation.objects.get_or_create(
            region=region,
            uscc=uscc,
            defaults={"id": uuid7(at), "name": name, "uscc_hash": sealer("uscc").hash(uscc), "created_at": at},
        )
        if made:
            audit.record("identity.organisation_registered", who=by, about=str(organisation), at=at, region=region)
    return organisation


def link_representative(
    *, person: Person, represents: Sequence[tuple[str, str]], by: str, at: datetime
) -> list[Organisation]:
    """Let `person` act for the organisations (name, credit code) the city vouches he is the legal representative of.

    He acts by office, within every service; what the city no longer says of him ends (登记条例 第八条).
    """
    with transaction.atomic():
        found = [
            register_organisation(region=person.region, name=name, uscc=uscc, by=by, at=at) for name, uscc in represents
        ]
        for one in found:
            link_agent(
                principal=one,
                agent=person,
                document=f"营业执照 {one.uscc}",
                first=localdate(at),
                legal_representative=True,
                by=by,
                at=at,
            )
        gone = Agency.objects.filter(agent=person, legal_representative=True, linked_by=by, ended_at=None)
        for pk in gone.exclude(principal_organisation__in=found).values_list("pk", flat=True):
            end_agency(agency_id=pk, by=by, at=at)
    return found


def close_organisation(
    *, region: str, holder_hash: bytes, document: str, cause: str = "", by: str, at: datetime
) -> bool:
    """Close an organisation whose registration was cancelled, and tell everybody who holds something of it (R14.7).

    Written powers end with their principal (民法典 第一百七十三条); who represents it by office may bring to an end what is left
    (`rules.LEFT_DAYS`). Return False, and do nothing, when it was closed before; one that was never registered here is told of
    all the same. The licence library, cases and services listen.
    """
    with transaction.atomic():
        found = Organisation.objects.select_for_update().filter(region=region, uscc_hash=holder_hash).first()
        if found is not None:
            if found.closed_at is not None:
                return False
            found.closed_at = at
            found.save(update_fields=["closed_at"])
            _end_agencies_of(found, by=by, at=at)
            audit.record(
                "identity.organisation_closed",
                who=by,
                about=str(found),
                at=at,
                region=region,
                detail={"document": document},
            )
        ref = str(found) if found is not None else ""
        facts.organisation_cancelled.fire(facts.Cancelled(region, holder_hash, ref, document, cause, by, at))
    return True


def _end_agencies_of(organisation: Organisation, *, by: str, at: datetime) -> None:
    last = localdate(at) + timedelta(days=rules.LEFT_DAYS)
    open_ = Agency.objects.filter(principal_organisation=organisation, ended_at=None)
    for pk in open_.filter(legal_representative=False).values_list("pk", flat=True):
        end_agency(agency_id=pk, by=by, at=at)
    open_.filter(Q(last=None) | Q(last__gt=last), legal_representative=True, first__lte=last).update(last=last)
