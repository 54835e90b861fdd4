"""What is known already is offered, not asked (R2.4). Three listeners of our own: the register of people and organisations,
the library of licences, and what units share. A service adds its own by `on={forms.prefill_asked: …}`.

What is personal is offered to whom it is about, and to who acts for him within the service; nobody else is told, however he came to
open a form. Who took his consent back is offered nothing (B2.9).

Sources that these three know:
    person.name, person.citizen_id, person.mobile                the person who fills it in
    organisation.name, organisation.uscc                         the organisation it is about
    organisation.representative_name, …_citizen_id, …_mobile     its legal representative
    licence.<type>.number, …holder_name, …issued_on, …valid_to   the newest valid licence of that type
    shared.<unit>.<what>                                         as the unit tells it (`operations.sharing`)
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from django.utils.timezone import localdate

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.forms.facts import Element, Form, Offered, Subject
from bancheng.kernel.forms.hooks import Asked, prefill_asked
from bancheng.kernel.forms.models import SharedFact
from bancheng.kernel.forms.operations import sharing
from bancheng.kernel.forms.operations.items import FACT
from bancheng.kernel.forms.rules import kinds
from bancheng.kernel.identity import public as identity
from bancheng.kernel.licences import public as licences
from bancheng.lib.conditions import Value
from bancheng.lib.text import Text

REGISTER = Text("身份核验信息", "Verified identity")
ORGANISATIONS = Text("市场主体登记信息", "Register of organisations")


def prefill(form: Form, *, region: str, subject: Subject, at: datetime, service: str = "") -> dict[str, Offered]:
    """Return what we can offer for the fields of `form`, by element: the first of its sources that answers.

    A value that the field itself would not take is not offered, nor what whoever fills in the form may not know.
    """
    sources = {code: one.element.source for code, one in form.fields.items() if one.element.source}
    if not sources or _unwanted(subject):
        return {}
    if any(_is_personal(form.fields[code].element, each) for code, asked in sources.items() for each in asked) and not (
        may_know(subject, service=service, at=at)
    ):
        sources = {
            code: tuple(each for each in asked if not _is_personal(form.fields[code].element, each))
            for code, asked in sources.items()
        }
    wanted = frozenset(source for asked in sources.values() for source in asked)
    known: dict[str, Offered] = {}
    for answer in prefill_asked.fire(Asked(region, subject, wanted, at, service)):
        for source, offered in (answer or {}).items():
            known.setdefault(source, offered)
    found = {}
    for code, asked in sources.items():
        one = form.fields[code]
        for source in asked:
            offered = known.get(source)
            if (
                offered
                and offered.value is not None
                and not kinds.unfit(one.element, offered.value, today=localdate(at))
            ):
                found[code] = offered
                break
    return found


def _is_personal(element: Element, source: str) -> bool:
    """Return whether a source tells of somebody what not everybody may know; his own name and number are his to see."""
    return element.sealed and not source.startswith("person.")


def _unwanted(subject: Subject) -> bool:
    """Return whether who fills in the form has taken back his consent to it (个人信息保护法 第十五条)."""
    person = subject.acting or subject.ref
    return person.startswith("person:") and identity.has_withdrawn(_key(person), "prefill")


def may_know(subject: Subject, *, service: str, at: datetime) -> bool:
    """Return whether who fills in the form may be told what is personal of whom it is about.

    个人信息保护法 第十三条, P-5: he himself, or who represents him, by office or within a written power for the service.
    """
    if subject.ref in (subject.acting, "") or (not subject.acting and subject.ref.startswith("person:")):
        return True
    return bool(subject.acting) and identity.acts_for(subject.acting, subject.ref, service=service, at=at)


def by_shared(asked: Asked) -> Mapping[str, Offered]:
    """Return what units share of the subject: two statements, three where there is anything."""
    wanted = [source for source in asked.sources if source.startswith("shared.")]
    if not wanted:
        return {}
    rows = list(
        SharedFact.objects.filter(region=asked.region, holder_hash=asked.subject.holder_hash, source__in=wanted)
    )
    units = catalogue.units_by_code({row.unit for row in rows}) if rows else {}
    names = {code: Text(f"{unit.name}共享", f"Shared by {unit.name_en}") for code, unit in units.items()}
    unknown = Text("部门共享", "Shared by a department")
    return {
        row.source: Offered(sharing.value_of(row), names.get(row.unit, unknown), f"{FACT}:{row.pk}", row.as_of)
        for row in rows
    }


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
