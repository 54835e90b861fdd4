"""Applications as desks, banks and people read them. Whose they are is asked by whoever opens a door, or by the hashes given here."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Count, Prefetch, QuerySet

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import content, shipped
from bancheng.kernel.registrations.facts import (
    Brief,
    LineView,
    PaperConsent,
    PaperView,
    PartyView,
    View,
    paper_consents,
)
from bancheng.kernel.registrations.models import Application, Consent, Enquiry, Party, Subject
from bancheng.kernel.registrations.operations import judging, logging
from bancheng.kernel.registrations.queries import letters, papers
from bancheng.kernel.registrations.rules.kinds import CANCELLATION, Role
from bancheng.kernel.registrations.rules.words import OPEN, Act, State
from bancheng.lib.identifiers import mask_citizen_id

MOST = 500


def _rows() -> QuerySet[Application]:
    return Application.objects.prefetch_related(Prefetch("subjects", Subject.objects.order_by("lot")))


def _brief(row: Application) -> Brief:
    return Brief(
        id=row.pk,
        region=row.region,
        number=row.number,
        kind=shipped.kinds()[row.kind],
        state=State(row.state),
        stopped=row.stopped,
        channel=row.channel,
        unit=row.unit,
        registry=row.registry,
        lots=tuple(each.lot for each in row.subjects.all()),
        loan_no=row.loan_no,
        filed_at=row.filed_at,
        accepted_at=row.accepted_at,
        recorded_at=row.recorded_at,
        due_on=row.due_on,
        late_at=row.late_at,
        cursor=row.moved,
        right=row.right,
    )


def desk(
    *, registries: Collection[str] | None, states: Iterable[State], late: date | None = None
) -> QuerySet[Application]:
    """Return what waits at the desks of some registries (None: all): what runs out first on top, then in the order of acceptance.

    `late`: only what is due before that day. Show its rows by `briefs`.
    """
    found = _rows().filter(state__in=[each.value for each in states])
    if registries is not None:
        found = found.filter(registry__in=registries)
    if late is not None:
        found = found.filter(due_on__lt=late)
    return found.order_by("due_on", "accept_seq", "filed_at")


def briefs(rows: Iterable[Application]) -> list[Brief]:
    """Return applications as lists show them."""
    return [_brief(row) for row in rows]


def finished(*, registries: Collection[str] | None, states: Iterable[State]) -> QuerySet[Application]:
    """Return what is over, newest first."""
    found = _rows().filter(state__in=[each.value for each in states])
    return (found if registries is None else found.filter(registry__in=registries)).order_by("-moved")


def of_unit(unit: str, *, region: str, after: int = 0, limit: int = 100) -> list[Brief]:
    """Return a unit's applications that moved after a cursor, oldest move first; the last one's cursor asks for the next."""
    found = _rows().filter(region=region, unit=unit, moved__gt=after).order_by("moved")
    return briefs(found[: min(limit, MOST)])


def filed_for(unit: str) -> QuerySet[Application]:
    """Return all that was filed for a unit, what moved last on top. Show its rows by `briefs`."""
    return _rows().filter(unit=unit).order_by("-moved")


def of_person(hashes: Collection[bytes]) -> list[Brief]:
    """Return the applications in which these people or organisations are named, what moved last on top."""
    named = Party.objects.filter(id_hash__in=list(hashes)).values("application")
    return briefs(_rows().filter(pk__in=named).order_by("-moved")[:MOST])


def to_answer(hashes: Collection[bytes]) -> list[Brief]:
    """Return the open applications that wait for the consent of one of these."""
    waiting = Party.objects.filter(id_hash__in=list(hashes), asked=True).exclude(consents__says="given")
    found = _rows().filter(pk__in=waiting.values("application"), state=State.DRAFT.value)
    return briefs(found.order_by("-moved"))


def to_answer_of_units(units: Collection[str]) -> list[Brief]:
    """Return the open applications that wait for the yes or no of one of these banks."""
    waiting = Party.objects.filter(unit__in=list(units), kind="unit", asked=True).exclude(consents__says="given")
    found = _rows().filter(pk__in=waiting.values("application"), state=State.DRAFT.value)
    return briefs(found.order_by("-moved")[:MOST])


def asked_units(application_id: UUID) -> list[str]:
    """Return the banks that have to agree to an application, each once."""
    rows = Party.objects.filter(application=application_id, kind="unit", asked=True).order_by("seq")
    return list(dict.fromkeys(rows.values_list("unit", flat=True)))


def may_object(hashes: Collection[bytes]) -> list[Brief]:
    """Return the applications under way in which these are named: until they are recorded one may object."""
    named = Party.objects.filter(id_hash__in=list(hashes), asked=True).values("application")
    return briefs(_rows().filter(pk__in=named, state__in=[s.value for s in OPEN]).order_by("-moved"))


def cancellations_of(lots: Collection[str], *, region: str) -> dict[str, Brief]:
    """Return, by mortgage, the application under way that ends one of those on some lots."""
    about = Subject.objects.filter(region=region, lot__in=list(lots), open=True).values("application")
    found = _rows().filter(pk__in=about, kind=CANCELLATION, state__in=[each.value for each in OPEN])
    return {str(row.payload["right"]): _brief(row) for row in found}


def of_lots(lots: Collection[str], *, region: str) -> list[Brief]:
    """Return the applications about some lots, newest first."""
    found = Subject.objects.filter(region=region, lot__in=list(lots)).values("application")
    return briefs(_rows().filter(pk__in=found).order_by("-filed_at")[:MOST])


def lots_awaited(lots: Collection[str], *, region: str) -> dict[str, set[str]]:
    """Return, by the unit for which an open application was filed, which of some lots it is about. One statement."""
    rows = Subject.objects.filter(region=region, lot__in=list(lots), open=True).exclude(application__unit="")
    found: dict[str, set[str]] = {}
    for unit, lot in rows.values_list("application__unit", "lot"):
        found.setdefault(unit, set()).add(lot)
    return found


def by_number(number: str) -> UUID | None:
    """Return the application of a number; None when there is none."""
    return Application.objects.filter(number=number.strip()).values_list("pk", flat=True).first()


def by_key(key: str, *, region: str, scope: str) -> UUID | None:
    """Return the application filed under a key by a unit or an account; None when there is none."""
    return Application.objects.filter(region=region, scope=scope, key=key).values_list("pk", flat=True).first()


def brief(application_id: UUID) -> Brief:
    """Return one application as lists show it. Raises Refused("no_such_application")."""
    row = _rows().filter(pk=application_id).first()
    if row is None:
        raise logging.no_such_application()
    return _brief(row)


def view(application_id: UUID, *, masked: bool = True) -> View:
    """Return one application, whole; `masked` hides identifiers but for their ends. Raises Refused("no_such_application")."""
    row = _rows().filter(pk=application_id).first()
    if row is None:
        raise logging.no_such_application()
    lines = _lines(row)
    return View(
        brief=_brief(row),
        payload=row.payload,
        filed_by=row.filed_by,
        accepted_by=row.accepted_by,
        reviewed_by=row.reviewed_by,
        recorded_by=row.recorded_by,
        submitted_at=row.submitted_at,
        accept_seq=row.accept_seq,
        entries=tuple(row.entries),
        parties=_parties(row, masked),
        papers=_papers(row),
        lines=lines,
        clocks=tuple(clocks.clocks_of(region=row.region, about=logging.about(row.pk))),
        certificates=tuple(papers.of_applications([row.pk])),
        letters=letters.of_application(row.pk, lines),
    )


def letter_being_made(found: View) -> bool:
    """Return whether a letter of an application is promised and its file not made yet."""
    return letters.being_made(found.id, found.lines, found.letters)


def _parties(row: Application, masked: bool) -> tuple[PartyView, ...]:
    said: dict[int, Consent] = {}
    for consent in row.consents.order_by("at", "pk"):
        said[consent.party_id] = consent
    return tuple(_party(each, said.get(each.pk), masked) for each in row.parties.order_by("seq"))


def _party(each: Party, said: Consent | None, masked: bool) -> PartyView:
    plain = identity.open_sealed(bytes(each.id_sealed), kind=judging.ID_KINDS[each.kind]) if each.id_sealed else ""
    person = each.kind == "person"
    return PartyView(
        id=each.pk,
        role=Role(each.role),
        kind=each.kind,
        name=each.name,
        identifier=mask_citizen_id(plain) if masked and person and plain else plain,
        unit=each.unit,
        married=each.married,
        spouse_of=each.spouse_of,
        asked=each.asked,
        says=said.says if said else "",
        said_at=said.at if said else None,
        channel=said.channel if said else "",
    )


def _papers(row: Application) -> tuple[PaperView, ...]:
    return tuple(
        PaperView(each.material, each.name, each.digest, each.pages, each.use, each.at)
        for each in row.papers.order_by("seq")
    )


def paper_consents_of(numbers: Collection[str]) -> dict[str, tuple[PaperConsent, ...]]:
    """Return, by the number of an application, the consents on paper that it was recorded with; those that have none are left out."""
    rows = Application.objects.filter(number__in=list(numbers)).prefetch_related("papers")
    found = {row.number: paper_consents(row.payload, _papers(row)) for row in rows if row.payload.get("paper_consents")}
    return {number: consents for number, consents in found.items() if consents}


def _lines(row: Application) -> tuple[LineView, ...]:
    return tuple(
        LineView(
            each.seq,
            Act(each.act),
            State(each.state),
            each.by,
            each.at,
            each.channel,
            each.law,
            content.words(each.words_sealed),
            each.detail,
        )
        for each in row.lines.order_by("seq")
    )


def is_named(application_id: UUID, hashes: Collection[bytes]) -> bool:
    """Return whether one of these is named in an application."""
    return Party.objects.filter(application=application_id, id_hash__in=list(hashes)).exists()


def asked_hashes(application_id: UUID) -> list[bytes]:
    """Return the hashes of those who have to agree and of every owner named: who is told that something was filed on his home."""
    rows = Party.objects.filter(application=application_id).exclude(id_hash=b"").order_by("seq")
    return list(dict.fromkeys(bytes(each) for each in rows.values_list("id_hash", flat=True)))


def enquiries_of(lots: Sequence[str], *, region: str) -> list[Enquiry]:
    """Return who asked about these lots, newest first: for their holder."""
    return list(Enquiry.objects.filter(region=region, lot__in=list(lots)).order_by("-at")[:MOST])


def counts(*, registry: str, region: str) -> dict[State, int]:
    """Return how many applications of a registry stand where."""
    found = Application.objects.filter(region=region, registry=registry).values_list("state").annotate(n=Count("pk"))
    return {State(state): n for state, n in found}
