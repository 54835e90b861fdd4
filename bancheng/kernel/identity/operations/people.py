"""Registering people."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity.models import Person
from bancheng.kernel.identity.sealing import sealer
from bancheng.lib.identifiers import Invalid, check_citizen_id, check_mobile, normalise_name, uuid7
from bancheng.lib.refusal import Refused


def refused(no: Invalid) -> Refused:
    """Return the refusal of an identifier that cannot be one."""
    return Refused(no.code, f"{no.says}。", en=f"{no.en}.", status=422)


def register_person(
    *, region: str, name: str, citizen_id: str, mobile: str = "", special: Sequence[str] = (), by: str, at: datetime
) -> Person:
    """Return the person with this citizen ID, registering him when he is new.

    Name, mobile and special groups given now replace the earlier ones. Run it as often as you like. Raises Refused.
    """
    try:
        citizen_id = check_citizen_id(citizen_id, today=localdate(at))
        mobile = check_mobile(mobile) if mobile else ""
    except Invalid as no:
        raise refused(no) from None
    found: dict[str, str | bytes] = {"name": normalise_name(name), **_contact(mobile), **_special(special)}
    ids = sealer("citizen_id")
    with transaction.atomic():
        person, made = Person.objects.select_for_update().get_or_create(
            region=region,
            citizen_id_hash=ids.hash(citizen_id),
            defaults={"id": uuid7(at), "citizen_id_sealed": ids.seal(citizen_id), "created_at": at, **found},
        )
        changed = [] if made else _changes(person, found)
        if changed:
            person.save(update_fields=changed)
        if made or changed:
            audit.record(
                "identity.person_registered" if made else "identity.person_changed",
                who=by,
                about=str(person),
                at=at,
                region=region,
                detail={"fields": sorted(changed)} if changed else {},
            )
    return person


def _contact(mobile: str) -> dict[str, bytes]:
    if not mobile:
        return {}
    mobiles = sealer("mobile")
    return {"mobile_sealed": mobiles.seal(mobile), "mobile_hash": mobiles.hash(mobile)}


def _special(groups: Sequence[str]) -> dict[str, bytes]:
    return {"special_sealed": sealer("special_group").seal(",".join(sorted(groups)))} if groups else {}


def _changes(person: Person, found: dict[str, str | bytes]) -> list[str]:
    """Put what is new on `person` and return the changed columns; a sealed value never looks the same twice."""
    changed = []
    for column, value in found.items():
        if column == "special_sealed":
            kept = person.special_sealed
            same = kept is not None and sealer("special_group").open(kept) == sealer("special_group").open(bytes(value))  # type: ignore[arg-type]
        elif column == "mobile_sealed":
            same = person.mobile_hash is not None and bytes(person.mobile_hash) == found["mobile_hash"]
        else:
            kept = getattr(person, column)
            same = (bytes(kept) if isinstance(kept, memoryview) else kept) == value
        if not same:
            setattr(person, column, value)
            changed.append(column)
    return changed
