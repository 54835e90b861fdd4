"""What is known already is offered, not asked (R2.4). Two listeners of our own: the register of people and organisations,
and the library of licences. A service adds its own by `on={forms.prefill_asked: …}`.

Sources that these two know:
    person.name, person.citizen_id, person.mobile                the person who fills it in
    organisation.name, organisation.uscc                         the organisation it is about
    organisation.representative_name, …_citizen_id, …_mobile     its legal representative
    licence.<type>.number, …holder_name, …issued_on, …valid_to   the newest valid licence of that type
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from django.utils.timezone import localdate

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.forms.facts import Asked, Form, Offered, Subject, prefill_asked
from bancheng.kernel.forms.rules import kinds
from bancheng.kernel.identity import public as identity
from bancheng.kernel.licences import public as licences
from bancheng.lib.conditions import Value
from bancheng.lib.text import Text

REGISTER = Text("身份核验信息", "Verified identity")
ORGANISATIONS = Text("市场主体登记信息", "Register of organisations")


def prefill(form: Form, *, region: str, subject: Subject, at: datetime) -> dict[str, Offered]:
    """Return what we can offer for the fields of `form`, by element: the first of its sources that answers.

    A value that the field itself would not take is not offered.
    """
    wanted = frozenset(source for one in form.fields.values() for source in one.element.source)
    if not wanted:
        return {}
    known: dict[str, Offered] = {}
    for answer in prefill_asked.fire(Asked(region, subject, wanted, at)):
        for source, offered in (answer or {}).items():
            known.setdefault(source, offered)
    found = {}
    for code, one in form.fields.items():
        for source in one.element.source:
            offered = known.get(source)
            if (
                offered
                and offered.value is not None
                and not kinds.unfit(one.element, offered.value, today=localdate(at))
            ):
                found[code] = offered
                break
    return found


def by_identity(asked: Asked) -> Mapping[str, Offered]:
    """Return what the register says of the person who acts, the organisation and its legal representative."""
    found: dict[str, Offered] = {}
    if any(source.startswith("person.") for source in asked.sources) and asked.subject.acting:
        person = identity.Person.objects.filter(pk=_key(asked.subject.acting)).first()
        if person is not None:
            found |= _person(person, "person.")
    if asked.subject.ref.startswith("organisation:") and any(
        source.startswith("organisation.") for source in asked.sources
    ):
        found |= _organisation(asked)
    return {source: offered for source, offered in found.items() if source in asked.sources}


def _key(ref: str) -> str:
    return ref.partition(":")[2]


def _person(person: identity.Person, prefix: str) -> dict[str, Offered]:
    def offer(value: str) -> Offered:
        return Offered(value, REGISTER, f"person:{person.pk}", localdate(person.created_at))

    found = {
        f"{prefix}name": offer(person.name),
        f"{prefix}citizen_id": offer(identity.open_sealed(bytes(person.citizen_id_sealed), kind="citizen_id")),
    }
    if person.mobile_sealed is not None:
        found[f"{prefix}mobile"] = offer(identity.open_sealed(bytes(person.mobile_sealed), kind="mobile"))
    return found


def _organisation(asked: Asked) -> dict[str, Offered]:
    organisation = identity.Organisation.objects.filter(pk=_key(asked.subject.ref)).first()
    if organisation is None:
        return {}
    ref, since = f"organisation:{organisation.pk}", localdate(organisation.created_at)
    found = {
        "organisation.name": Offered(organisation.name, ORGANISATIONS, ref, since),
        "organisation.uscc": Offered(organisation.uscc, ORGANISATIONS, ref, since),
    }
    on = localdate(asked.at)
    agency = (
        identity.Agency.objects.filter(principal_organisation=organisation, legal_representative=True)
        .filter(ended_at=None, first__lte=on)
        .exclude(last__lt=on)
        .select_related("agent")
        .order_by("-first", "-pk")
        .first()
    )
    return found | (_person(agency.agent, "organisation.representative_") if agency else {})


def by_licences(asked: Asked) -> Mapping[str, Offered]:
    """Return what the subject's valid licences say; of several of one type the one issued last."""
    wanted = {source.split(".")[1] for source in asked.sources if source.startswith("licence.")}
    if not wanted:
        return {}
    held = licences.held_by([asked.subject.holder_hash], on=localdate(asked.at))
    valid = [one for one in held if one.licence_type in wanted and one.status is licences.Status.VALID]
    names = {one.code: one.title for one in catalogue.licence_types(asked.region)} if valid else {}
    found = {}
    for one in sorted(valid, key=lambda licence: licence.issued_on):
        name = names.get(one.licence_type, Text(one.licence_type, one.licence_type))
        source = Text(f"电子证照库·{name.zh}", f"E-licence library, {name.en}")
        for key, value in _FIELDS.items():
            found[f"licence.{one.licence_type}.{key}"] = Offered(
                value(one), source, f"licence:{one.id}", localdate(one.updated_at)
            )
    return {source: offered for source, offered in found.items() if source in asked.sources}


def _valid_to(licence: licences.View) -> date | None:
    return licence.valid_to


_FIELDS: dict[str, Callable[[licences.View], Value]] = {
    "number": lambda licence: licence.number,
    "holder_name": lambda licence: licence.holder_name,
    "issued_on": lambda licence: licence.issued_on,
    "valid_to": _valid_to,
}
