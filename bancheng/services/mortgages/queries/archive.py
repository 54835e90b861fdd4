"""Reads of the archive: bundles with lists and chains, look-ups, inspections, findings, and their figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Avg, Count, F, Q, QuerySet

from bancheng.kernel.identity import public as identity
from bancheng.lib.text import Text
from bancheng.services.mortgages import doors, refusals
from bancheng.services.mortgages.models import Bundle, Custody, Finding, Handover, Inspected, Inspection, Listed, LookUp
from bancheng.services.mortgages.queries.agreements import bank_names
from bancheng.services.mortgages.queries.serving import Event
from bancheng.services.mortgages.rules import custody as rules
from bancheng.services.mortgages.rules.channels import KINDS, Kind
from bancheng.services.mortgages.rules.custody import Act, Cause, Result, State
from bancheng.web.words import as_written

SHOWS: Mapping[str, tuple[Text, Q]] = {
    "": (Text("待归档", "To be filed"), Q(state=State.OWED)),
    "kept": (Text("在库", "On the shelf"), Q(state=State.KEPT)),
    "lent": (Text("借出", "Lent"), Q(state=State.LENT)),
    "asked": (Text("调阅", "Looked up"), Q(look_ups__isnull=False, look_ups__answered_at=None)),
    "wrong": (Text("有问题", "With findings"), Q(findings__isnull=False, findings__closed_at=None)),
    "gone": (Text("移交和遗失", "Handed over, lost"), Q(state__in=[State.HANDED_OVER, State.LOST])),
}


@dataclass(frozen=True)
class Line:
    """A bundle as a list shows it."""

    bundle: Bundle
    bank: Text
    kind: Text
    state: Text
    late: bool


def bundles(actor: identity.Actor, show: str, today: date) -> tuple[QuerySet[Bundle], "Lines"]:
    """Return the bundles of the actor's bank or registry as a query to be paged, and what makes lines of a page of it."""
    narrowed = SHOWS[show if show in SHOWS else ""][1]
    found = Bundle.objects.filter(doors.own(actor), narrowed).distinct().order_by("due_on", "recorded_at", "pk")
    return found, Lines(today)


@dataclass(frozen=True)
class Lines:
    """Makes lines of a page of bundles, the names of the banks asked once."""

    today: date

    def of(self, page: Sequence[Bundle]) -> list[Line]:
        names = bank_names(one.bank for one in page)
        return [_line(one, names[one.bank], self.today) for one in page]


def _line(one: Bundle, bank: Text, today: date) -> Line:
    state = State(one.state)
    late = (state is State.OWED and one.due_on < today) or bool(one.lent_until and one.lent_until < today)
    return Line(one, bank, KINDS[Kind(one.kind)], rules.STATES[state], late)


def bundle(actor: identity.Actor, bundle_id: UUID, today: date) -> Line:
    """Return one. Raises Refused("no_such_bundle"): a bank sees its own only."""
    found = Bundle.objects.filter(doors.own(actor), pk=bundle_id).first()
    if found is None:
        raise refusals.absent("no_such_bundle", "这卷档案", "bundle")
    return Lines(today).of([found])[0]


def listed(found: Bundle) -> list[Listed]:
    """Return the list of a bundle."""
    return list(found.listed.order_by("n"))


def timeline(found: Bundle) -> list[Event]:
    """Return its chain of custody, with who signed."""
    chain = list(found.chain.order_by("seq"))
    refs = {one.by for one in chain} | {one.other for one in chain if one.other}
    system = f"{bank_names([found.bank])[found.bank].zh}系统"
    names = {one: system for one in refs if one.startswith("machine:")} | identity.names_of(sorted(refs))
    return [
        Event(
            rules.ACTS[Act(one.act)], "done", one.at,
            as_written("、".join(names.get(who, "") for who in (one.by, one.other) if who)), _told(one),
        )
        for one in chain
    ]  # fmt: skip


def _told(one: Custody) -> str:
    words = {"box": "盒", "shelf": "架", "to": "借给", "until": "归还", "words": "", "pages": "页数"}
    parts = [f"{words[name]}{value}" for name, value in one.told.items() if name in words and value]
    return "；".join([*parts, f"#{one.hash[:12]}"])


def look_ups(found: Bundle) -> list[LookUp]:
    return list(found.look_ups.order_by("-asked_at"))


def findings(found: Bundle) -> list[tuple[Finding, Text]]:
    return [(one, rules.CAUSES[Cause(one.cause)]) for one in found.findings.order_by("-opened_at")]


def handover(found: Bundle) -> Handover | None:
    """Return the handing over of a bundle that waits to be signed."""
    return found.handovers.filter(signed_at=None).first()


def archivists(found: Bundle, but: int | None, at: datetime) -> list[tuple[int, str]]:
    """Return who else of the bank can keep a bundle."""
    accounts = [one for one in identity.officers(unit=found.bank, role=doors.ARCHIVIST, at=at) if one != but]
    names = identity.names_of([f"staff:{one}" for one in accounts])
    return [(one, names.get(f"staff:{one}", "")) for one in accounts]


@dataclass(frozen=True)
class InspectionLine:
    """A month's sample, and how far it is."""

    inspection: Inspection
    bank: Text
    drawn: int
    checked: int
    wrong: int


def inspections(actor: identity.Actor) -> list[InspectionLine]:
    """Return the inspections of the actor's bank or registry, newest first."""
    found = list(
        Inspection.objects.filter(doors.own(actor))
        .annotate(
            drawn_n=Count("drawn"),
            checked_n=Count("drawn", filter=~Q(drawn__result="")),
            wrong_n=Count("drawn", filter=~Q(drawn__result__in=["", Result.MATCH])),
        )
        .order_by("-month", "bank")
    )
    names = bank_names(one.bank for one in found)
    return [InspectionLine(one, names[one.bank], one.drawn_n, one.checked_n, one.wrong_n) for one in found]


@dataclass(frozen=True)
class Sampled:
    """One drawn bundle."""

    drawn: Inspected
    bundle: Bundle
    result: Text | None


def inspection(actor: identity.Actor, inspection_id: UUID) -> tuple[Inspection, Text, list[Sampled]]:
    """Return one with its sample. Raises Refused("no_such_inspection")."""
    found = Inspection.objects.filter(doors.own(actor), pk=inspection_id).first()
    if found is None:
        raise refusals.absent("no_such_inspection", "这次抽检", "inspection")
    drawn = found.drawn.select_related("bundle").order_by("bundle__number", "pk")
    lines = [Sampled(one, one.bundle, rules.RESULTS[Result(one.result)] if one.result else None) for one in drawn]
    return found, bank_names([found.bank])[found.bank], lines


def drawn_again(found: Inspection) -> bool:
    """Return whether seed and list of then give the very sample: recomputed, not remembered."""
    codes = [
        str(pk)
        for pk in Bundle.objects.filter(bank=found.bank, registry=found.registry, filed_at__lt=found.before)
        .exclude(pk__in=Custody.objects.filter(act=Act.HANDED_OVER, at__lt=found.before).values("bundle"))
        .values_list("pk", flat=True)
    ]
    held = {str(pk) for pk in found.drawn.values_list("bundle", flat=True)}
    same = rules.population_hash(codes) == found.population_hash
    return same and set(rules.sample(codes, seed=found.seed, size=len(held))) == held


@dataclass(frozen=True)
class Mismatch:
    """Where a bundle is not where its chain has led."""

    bundle: UUID
    seq: int
    says: Text


def verify(region: str | None = None) -> Iterator[Mismatch]:
    """Recompute every chain of custody; yield what differs, which is nothing."""
    found = Bundle.objects.prefetch_related("chain").order_by("pk")
    for one in found.filter(region=region) if region else found:
        yield from _verify(one)


def _verify(one: Bundle) -> Iterator[Mismatch]:
    previous, state = "", State.OWED
    chain = sorted(one.chain.all(), key=lambda each: each.seq)
    for n, each in enumerate(chain, 1):
        link = rules.link(previous, str(one.pk), n, each.act, each.at, each.by, each.other, each.told)
        if each.seq != n or each.previous != previous or each.hash != link:
            yield Mismatch(one.pk, each.seq, Text("保管链不连续", "The chain does not hold"))
        previous, state = each.hash, rules.NEXT[state].get(Act(each.act), state)
    if (one.head, one.lines, one.state) != (previous, len(chain), state):
        yield Mismatch(one.pk, one.lines, Text("档案状态与保管链不符", "The bundle is not where its chain has led"))


@dataclass(frozen=True)
class Figures:
    """What the board says of the archive."""

    bundles: int
    filed: int
    overdue: int
    look_ups: int
    in_time: int
    mean_hours: float | None
    inspected: int
    matching: int
    findings_open: int


def figures(banks: Sequence[str] | None, today: date) -> Figures:
    """Return the figures of some banks, or of all: three statements."""
    of_bank = Q() if banks is None else Q(bank__in=banks)
    of_bundle = Q() if banks is None else Q(bundle__bank__in=banks)
    kept = Bundle.objects.filter(of_bank).aggregate(
        n=Count("pk"), filed=Count("pk", filter=Q(filed_at__isnull=False)),
        overdue=Count("pk", filter=Q(state=State.OWED, due_on__lt=today)),
    )  # fmt: skip
    asked = LookUp.objects.filter(of_bundle).aggregate(
        n=Count("pk"), late=Count("pk", filter=Q(late_at__isnull=False)),
        took=Avg(F("answered_at") - F("asked_at"), filter=Q(answered_at__isnull=False)),
    )  # fmt: skip
    seen = (
        Inspected.objects.filter(of_bundle)
        .exclude(result="")
        .aggregate(n=Count("pk"), match=Count("pk", filter=Q(result=Result.MATCH)))
    )
    return Figures(
        kept["n"], kept["filed"], kept["overdue"], asked["n"], asked["n"] - asked["late"],
        round(asked["took"].total_seconds() / 3600, 1) if asked["took"] is not None else None, seen["n"], seen["match"],
        Finding.objects.filter(of_bundle, closed_at=None).count(),
    )  # fmt: skip
