"""Reads of the bank's desk: what the book says of a home, what was prepared, how far it is, and which mortgages the bank holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.lib.identifiers import mask_name
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.mortgages import doors, refusals
from bancheng.services.mortgages.models import Enclosed, Filing, Tracked
from bancheng.services.mortgages.queries.agreements import banks
from bancheng.services.mortgages.queries.serving import Event
from bancheng.services.mortgages.rules import filings as rules
from bancheng.services.mortgages.rules.channels import KINDS, Kind
from bancheng.services.mortgages.rules.filings import Stage
from bancheng.web.words import money

DESK = (doors.CLERK, doors.APPROVER)
SHOWS = {"": Text("待提交", "To be filed"), "filed": Text("已提交", "Filed"), "dropped": Text("作废", "Dropped")}
STAGE_OF = {"": Stage.DRAFT, "filed": Stage.FILED, "dropped": Stage.DROPPED}


@dataclass(frozen=True)
class Rests:
    """A right that rests on a home, in words."""

    kind: Text
    party: Text
    rank: int


@dataclass(frozen=True)
class QuoteLine:
    """A home as a quote shows it: names masked, areas in m²."""

    lot: str
    shown: str
    holders: str
    joint: bool
    floor: str
    land: str
    rests: list[Rests]
    blockers: list[tuple[Text, Text]]


@dataclass(frozen=True)
class Quote:
    """What the book says now; `version` tells later whether it still stands."""

    version: int
    lines: list[QuoteLine]

    @property
    def free(self) -> bool:
        """Return whether nothing stands in the way."""
        return not any(line.blockers for line in self.lines)


RIGHTS = {
    titles.RightKind.MORTGAGE: Text("抵押权", "mortgage"),
    titles.RightKind.PRE_MORTGAGE: Text("抵押权预告", "pre-mortgage"),
    titles.RightKind.SEIZURE: Text("查封", "seizure"),
    titles.RightKind.CLAIM: Text("买受人预告、备案", "buyer's claim"),
    titles.RightKind.OBJECTION: Text("异议", "objection"),
}


def lots_named(typed: str) -> tuple[str, ...]:
    """Return the lots that a unit code, a title's number or a mortgage's number names (F13.9: from the book, not typed again).

    Raises Refused("nothing_of_that_code").
    """
    bare = "".join(typed.split()).upper()
    if isinstance(titles.find(settings.REGION, bare), titles.LotView):
        return (bare,)
    held = registrations.certificate(typed)
    if held:
        return held.lots
    raise Refused(
        "nothing_of_that_code",
        "登记簿中没有这个不动产单元代码或证号，请核对28位代码。",
        en="The book has no such unit code or number; check its 28 characters.",
        status=422,
    )


def quote(lots: Sequence[str], kind: Kind = Kind.SET_UP) -> Quote:
    """Return what the book says of lots for a filing of `kind`; whoever asks has left his purpose (`note_quote`)."""
    act = titles.Act.PRE_MORTGAGE if kind is Kind.PRE else None
    found = titles.quote(settings.REGION, list(lots), act)
    return Quote(found.register_version, [_quoted(line) for line in found.lots])


def _quoted(line: titles.QuoteLine) -> QuoteLine:
    lot, members = line.lot, line.lot.holder.members if line.lot.holder else ()
    return QuoteLine(
        lot.code,
        titles.spaced(lot.code),
        "、".join(
            mask_name(one.party.name) if one.party.kind == titles.PartyKind.PERSON else one.party.name
            for one in members
        ),
        len(members) > 1,
        registrations.square(lot.floor_dm2),
        registrations.square(lot.dm2),
        [Rests(RIGHTS[one.kind], _party(one), one.rank) for one in line.rights],
        [(one.says, one.clears) for one in line.blockers],
    )


def _party(one: titles.CoverageView) -> Text:
    name = one.party.name if one.party and one.party.kind in (titles.PartyKind.BANK, titles.PartyKind.COURT) else ""
    return Text(name, name)


@dataclass(frozen=True)
class Line:
    """A filing of the bank as a list shows it."""

    filing: Filing
    kind: Text
    stage: Text
    state: Text | None
    tracked: Tracked | None
    wanted: bool  # corrections are asked for


def listed(actor: identity.Actor, show: str) -> QuerySet[Filing]:
    """Return the filings of the actor's bank, newest first."""
    held = doors.units(actor, *DESK)
    found = Filing.objects.filter(stage=STAGE_OF.get(show, Stage.DRAFT)).order_by("-prepared_at")
    return found if "" in held else found.filter(bank__in=held)


def lines(page: Sequence[Filing]) -> list[Line]:
    """Return a page of filings with how far the office is: one statement for all."""
    known = {
        one.application: one for one in Tracked.objects.filter(application__in=[each.application for each in page])
    }
    return [_line(one, known.get(one.application) if one.application else None) for one in page]


def _line(one: Filing, tracked: Tracked | None) -> Line:
    state = registrations.State(tracked.state) if tracked else None
    return Line(
        one,
        KINDS[Kind(one.kind)],
        rules.STAGES[Stage(one.stage)],
        registrations.STATES[state] if state else None,
        tracked,
        state is registrations.State.CORRECTION,
    )


def filing(actor: identity.Actor, filing_id: UUID) -> Filing:
    """Return a filing of the actor's bank. Raises Refused("no_such_filing")."""
    found = Filing.objects.select_related("outlet").filter(pk=filing_id).first()
    if found is None or not doors.is_bank(actor, found.bank, *DESK):
        raise refusals.absent("no_such_filing", "这件申报", "filing")
    return found


def enclosed(found: Filing) -> list[tuple[Enclosed, Text]]:
    """Return its papers, named."""
    return [(one, registrations.material(one.material)) for one in found.enclosed.order_by("at", "pk")]


def wanted(kind: str) -> list[tuple[str, Text]]:
    """Return the papers that a kind asks for."""
    return [(code, registrations.material(code)) for code in registrations.kind(kind).papers]


CLAIM = Text("主债权", "Principal")
PRINCIPAL = {Kind.FIX: Text("确定的债权额", "Amount fixed")}


def shown(found: Filing) -> list[tuple[Text, str]]:
    """Return what was prepared, in words."""
    said: Mapping[str, Any] = found.terms
    rows = [
        (Text("不动产单元", "Units"), "、".join(titles.spaced(lot) for lot in found.lots)),
        (Text("抵押权", "Mortgage"), found.right),
        (Text("借款合同编号", "Loan contract"), found.loan_no),
        (PRINCIPAL.get(Kind(found.kind), CLAIM), money(said["principal_fen"]) if said.get("principal_fen") else ""),
        (Text("债权确定日", "Fixed on"), str(said.get("fixed_on", ""))),
        (Text("债务履行期限", "Term"), f"{said.get('first', '')} – {said.get('last', '')}" if said.get("last") else ""),
        (Text("利率", "Rate"), str(said.get("rate", ""))),
        (Text("坐落", "Place"), str(said.get("location", ""))),
        (Text("担保范围", "What is secured"), str(said.get("scope", ""))),
        (Text("原因", "Why"), str(said.get("reason", ""))),
    ]
    return [(name, value) for name, value in rows if value]


def timeline(view: registrations.View) -> list[Event]:
    """Return what the office did, with its words; no officer is named to a bank."""
    return [Event(registrations.ACTS[one.act], "done", one.at, "", one.words.replace("\n", "；")) for one in view.lines]


@dataclass(frozen=True)
class Held:
    """A mortgage the bank holds; `proof` proves it now, None while it is being made."""

    right: titles.RightView
    lots: list[str]
    proof: registrations.CertificateView | None = None

    @property
    def pre(self) -> bool:
        """Return whether it is an advance notice still."""
        return self.right.kind == titles.RightKind.PRE_MORTGAGE

    @property
    def maximum(self) -> bool:
        """Return whether it is a maximum-amount mortgage."""
        return self.right.form == titles.Form.MAXIMUM


def held(actor: identity.Actor, find: str = "") -> list[Held]:
    """Return the mortgages of the actor's bank that stand in the book."""
    found = [one for unit in _units(actor) for one in titles.mortgages_of(settings.REGION, unit)]
    needle = "".join(find.split()).upper()
    return [
        Held(one, [titles.spaced(each.lot) for each in one.lots if each.open])
        for one in found
        if not needle or needle in one.number.upper() or any(needle in each.lot for each in one.lots)
    ]


def _units(actor: identity.Actor) -> list[str]:
    return [unit or actor.unit for unit in sorted(doors.units(actor, *DESK) or {actor.unit})]


def with_proofs(actor: identity.Actor, page: Sequence[Held]) -> list[Held]:
    """Return a page of mortgages with the proofs that stand: a statement for each bank of the actor's."""
    subjects = [f"right:{one.right.number}" for one in page]
    rows = [registrations.certificates_of_unit(unit).filter(end=None, subject__in=subjects) for unit in _units(actor)]
    proofs = {one.right: one for each in rows for one in registrations.views(each) if one.digest}
    return [replace(one, proof=proofs.get(one.right.number)) for one in page]


def held_proof(actor: identity.Actor, certificate_id: UUID) -> registrations.CertificateView:
    """Return a proof of a mortgage of the actor's bank. Raises Refused("no_such_certificate")."""
    found = registrations.by_id(certificate_id)
    if found is None or not found.unit or not doors.is_bank(actor, found.unit, *DESK):
        raise registrations.no_such_certificate()
    return found


def own_proofs(
    found: Filing, certificates: Sequence[registrations.CertificateView]
) -> list[registrations.CertificateView]:
    """Return the proofs that a filing led to and that are the bank's: of a claim it gave away the proof is the other's."""
    return [one for one in certificates if one.unit == found.bank]


def banks_but(bank: str) -> list[tuple[str, Text]]:
    """Return the other banks, to whom a claim can be transferred."""
    return [(code, name) for code, name in banks() if code != bank]
