"""Occasions, call-backs and appeals as pages show them. No answer here names the rater."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.notices import public as notices
from bancheng.kernel.ratings import content, facts, models
from bancheng.kernel.ratings.operations.call_backs import about, no_such_call_back
from bancheng.kernel.ratings.operations.rating import no_such_rating
from bancheng.kernel.ratings.operations.slips import hash_of
from bancheng.kernel.ratings.rules import TO_REVIEW, Act, Flaw, Grade, Mode, Route, Ruling, State
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

SHOWN = (
    "id", "region", "about", "root", "number", "service", "matter", "unit", "title", "title_en", "mode", "token",
    "opened_at", "closes_on", "grade", "rated_at", "changeable_until", "excluded",
)  # fmt: skip


# --- what may be rated ---


def occasion(occasion_id: UUID) -> facts.Occasion:
    """Return a service that may be rated; the caller asks whose it is. Raises Refused("no_such_rating")."""
    return _one(models.Occasion.objects.filter(pk=occasion_id))


def by_token(token: str) -> facts.Occasion:
    """Return the service of a link. Raises Refused("no_such_rating")."""
    return _one(models.Occasion.objects.filter(token=token))


def by_slip(code: str) -> facts.Occasion:
    """Return the service of a slip's code. Raises Refused("no_such_slip")."""
    wanted = hash_of(code)
    found = _many(models.Occasion.objects.filter(slip_hash=wanted)[:1]) if wanted else []
    if not found:
        raise Refused(
            "no_such_slip",
            "没有找到这个查询码，请照评价后给您的纸条核对（16位，字母不分大小写）；纸条丢了的，请拨打投诉电话12345。",
            en="There is no such code: compare it with the slip you got after rating (16 signs). If the slip is lost, call 12345.",
            status=422,
        )
    return found[0]


def is_of(occasion_id: UUID, rater_hash: bytes) -> bool:
    """Return whether a service was done for just this rater."""
    return models.Occasion.objects.filter(pk=occasion_id, rater_hash=rater_hash).exists()


Limits = Mapping[bytes, Collection[str]]  # a rater's hash -> the services in which he is acted for (none: all)


def of_rater(occasion_id: UUID, limits: Limits) -> facts.Occasion:
    """Return a service that was done for one of these raters. Raises Refused("no_such_rating")."""
    return _one(models.Occasion.objects.filter(_within(limits), pk=occasion_id))


def of_raters(limits: Limits, *, open_on: date | None = None, size: int = 100) -> list[facts.Occasion]:
    """Return what was done for these raters, newest first; `open_on`: only what they have not rated and still may that day."""
    rows = models.Occasion.objects.filter(_within(limits))
    if open_on is not None:
        rows = rows.filter(grade=None, closes_on__gte=open_on)
    return _many(rows.order_by("-opened_at")[:size])


def _within(limits: Limits) -> Q:
    whole = [rater for rater, services in limits.items() if rater and not services]
    wanted = Q(rater_hash__in=whole)
    for rater, services in limits.items():
        if rater and services:
            wanted |= Q(rater_hash=rater, service__in=list(services))
    return wanted


def settled(occasion_ids: Collection[UUID], *, today: date) -> set[UUID]:
    """Return which of these need no invitation any more: rated, or no longer open."""
    rows = models.Occasion.objects.filter(Q(grade__isnull=False) | Q(closes_on__lt=today), pk__in=occasion_ids)
    return set(rows.values_list("pk", flat=True))


def recipient(occasion_id: UUID) -> notices.Recipient:
    """Return the rater as messages reach him: his mailbox, and the phone that is known."""
    row = models.Occasion.objects.only("rater_hash", "contact_sealed").get(pk=occasion_id)
    sealed = bytes(row.contact_sealed)
    mobile = identity.open_sealed(sealed, kind=content.CONTACT).partition("\n")[2] if sealed else ""
    return notices.Recipient.of(mobile=mobile, holder_hash=bytes(row.rater_hash))


def of_abouts(abouts: Collection[str]) -> list[facts.Occasion]:
    """Return what may be rated of these things, in the order it came: one statement."""
    return _many(models.Occasion.objects.filter(about__in=abouts).order_by("opened_at", "pk"))


def _one(rows: QuerySet[models.Occasion]) -> facts.Occasion:
    found = _many(rows[:1])
    if not found:
        raise no_such_rating()
    return found[0]


def _many(rows: QuerySet[models.Occasion]) -> list[facts.Occasion]:
    return [
        facts.Occasion(
            id=row["id"],
            region=row["region"],
            about=row["about"],
            root=row["root"],
            number=row["number"],
            service=row["service"],
            matter=row["matter"],
            unit=row["unit"],
            title=Text(row["title"], row["title_en"]),
            mode=Mode(row["mode"]),
            token=row["token"],
            opened_at=row["opened_at"],
            closes_on=row["closes_on"],
            grade=Grade(row["grade"]) if row["grade"] else None,
            rated_at=row["rated_at"],
            changeable_until=row["changeable_until"],
            excluded=row["excluded"],
        )
        for row in rows.values(*SHOWN)
    ]


@dataclass(frozen=True)
class Rating:
    """What was said, and when."""

    seq: int
    grade: Grade
    tags: tuple[str, ...]
    words: str
    at: datetime
    by_agent: bool = False  # somebody said it for the one who was served; who, only he is told (`agent_of`)


def said(occasion_id: UUID) -> list[Rating]:
    """Return everything that was said of a service, oldest first; the last of it counts."""
    rows = models.Rating.objects.filter(occasion_id=occasion_id).order_by("seq")
    return [
        Rating(r.seq, Grade(r.grade), tuple(r.tags), content.words(r.words_sealed), r.at, bool(r.agent_sealed))
        for r in rows
    ]


def agent_of(occasion_id: UUID, seq: int) -> str:
    """Return who rated for the one who was served, for his eyes alone (P-5, R-RT-5); "" when he did it himself."""
    sealed = models.Rating.objects.filter(occasion_id=occasion_id, seq=seq).values_list("agent_sealed", flat=True)
    return content.agent(sealed[0]) if sealed else ""


# --- call-backs ---


@dataclass(frozen=True)
class Waiting:
    """A call-back in a list."""

    id: UUID
    title: Text
    unit: str
    grade: Grade
    state: State
    taken_by: str
    opened_at: datetime
    due_on: date | None
    late: bool


def call_backs(
    *, units: Collection[str] | None, but: str = "", over: bool = False, late: bool = False, ledger: bool = False
) -> QuerySet[models.CallBack]:
    """Return call-backs of `units` (None: of all), what runs out first on top; none of work that `but` did himself.

    `ledger`: only what is complex and has its day (建立台账、限期整改). For a Paginator; `waiting` makes lines of its rows.
    """
    rows = models.CallBack.objects.filter(closed_at__isnull=not over).select_related("occasion")
    if units is not None:
        rows = rows.filter(unit__in=units)
    if but:
        rows = rows.exclude(occasion__handlers__contains=[but])
    if late:
        rows = rows.filter(late_at__isnull=False)
    if ledger:
        rows = rows.filter(route=Route.COMPLEX)
    return rows.order_by("-closed_at", "-pk") if over else rows.order_by(F("due_on").asc(nulls_last=True), "pk")


def waiting(rows: Sequence[models.CallBack]) -> list[Waiting]:
    """Return the lines of a page of `call_backs`."""
    return [
        Waiting(
            row.pk,
            Text(row.occasion.title, row.occasion.title_en),
            row.unit,
            Grade(row.occasion.grade),  # type: ignore[arg-type]  # what is called back was rated
            State(row.state),
            row.taken_by,
            row.opened_at,
            row.due_on,
            row.late_at is not None,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Line:
    """One line of a log as people read it."""

    what: str
    by: str
    at: datetime
    law: str
    words: str
    evidence: str = ""


@dataclass(frozen=True)
class CallBack:
    """A call-back whole: what was rated and said, what was done, until when. Not who rated."""

    id: UUID
    occasion: facts.Occasion
    ratings: tuple[Rating, ...]
    state: State
    route: Route | None
    real_name: bool
    taken_by: str
    opened_at: datetime
    closed_at: datetime | None
    late: bool
    lines: tuple[Line, ...]
    clocks: tuple[clocks.Clock, ...]
    handlers: tuple[str, ...]


def call_back(call_back_id: UUID) -> CallBack:
    """Return a call-back whole; the caller asks whose it is. Raises Refused("no_such_call_back")."""
    row = models.CallBack.objects.filter(pk=call_back_id).select_related("occasion").first()
    if row is None:
        raise no_such_call_back()
    lines = models.CallBackLine.objects.filter(call_back=row).order_by("seq")
    return CallBack(
        row.pk,
        occasion(row.occasion_id),
        tuple(said(row.occasion_id)),
        State(row.state),
        Route(row.route) if row.route else None,
        row.real_name,
        row.taken_by,
        row.opened_at,
        row.closed_at,
        row.late_at is not None,
        tuple(Line(Act(one.act), one.by, one.at, one.law, content.words(one.words_sealed)) for one in lines),
        tuple(clocks.open_clocks(region=row.region, abouts=[about(row.pk)])),
        tuple(row.occasion.handlers),
    )


def answers(occasion_id: UUID) -> list[tuple[State, str, datetime | None]]:
    """Return each call-back of a service as its rater sees it: where it stands, what he was told and when."""
    rows = models.CallBack.objects.filter(occasion_id=occasion_id).order_by("pk")
    told = {
        line.call_back_id: line
        for line in models.CallBackLine.objects.filter(call_back__occasion_id=occasion_id, act=Act.FED_BACK)
    }
    return [
        (State(row.state), content.words(told[row.pk].words_sealed), told[row.pk].at)
        if row.pk in told
        else (State(row.state), "", None)
        for row in rows
    ]


def contact(call_back_id: UUID, *, by: identity.Actor, at: datetime) -> str:
    """Return name and mobile of a rater to whoever has his open call-back; each look is on record (P-3).

    Raises Refused: no_such_call_back, not_yours, no_contact, may_not_open.
    """
    row = models.CallBack.objects.filter(pk=call_back_id, closed_at=None).select_related("occasion").first()
    if row is None:
        raise no_such_call_back()
    if row.taken_by != by.ref:
        raise Refused(
            "not_yours",
            "只有领取了这件回访的人可以查看联系方式，请先领取。",
            en="Only whoever has taken this call-back may see the contact. Take it first.",
            status=403,
        )
    if not row.occasion.contact_sealed:
        raise Refused(
            "no_contact",
            "评价人没有留下联系方式，请核实情况后直接整改，答复记录在案。",
            en="The rater left no contact: check and put right what you can, and record the answer.",
        )
    return identity.reveal(
        bytes(row.occasion.contact_sealed),
        kind=content.CONTACT,
        by=by,
        about=f"rating:{row.occasion_id}",
        why="差评回访",
        at=at,
        region=row.region,
    )


# --- appeals ---


@dataclass(frozen=True)
class Appeal:
    """An appeal whole: what was rated and said, why it should be left out, what was decided. Not who rated."""

    id: UUID
    occasion: facts.Occasion
    ratings: tuple[Rating, ...]
    unit: str
    rated: tuple[str, ...]
    flaw: Flaw
    state: Ruling
    asked_by: str
    asked_at: datetime
    decided_by: str
    lines: tuple[Line, ...]

    def open_to(self, actor: identity.Actor) -> bool:
        """Return whether `actor` may review it now (R-RT-4, P-2)."""
        apart = actor.ref not in (*self.rated, self.asked_by, self.decided_by) and actor.unit != self.unit
        return self.state in TO_REVIEW and apart


@dataclass(frozen=True)
class AppealBrief:
    """An appeal in a list."""

    id: UUID
    title: Text
    unit: str
    flaw: Flaw
    state: Ruling
    asked_at: datetime


def appeals_to_review() -> QuerySet[models.Appeal]:
    """Return what waits for a review, the oldest first; `briefs` makes lines of its rows."""
    rows = models.Appeal.objects.filter(state__in=[state.value for state in TO_REVIEW]).select_related("occasion")
    return rows.order_by("asked_at", "pk")


def briefs(rows: Sequence[models.Appeal]) -> list[AppealBrief]:
    """Return the lines of a page of `appeals_to_review`."""
    return [
        AppealBrief(
            row.pk,
            Text(row.occasion.title, row.occasion.title_en),
            row.unit,
            Flaw(row.flaw),
            Ruling(row.state),
            row.asked_at,
        )
        for row in rows
    ]


def appeal(*, appeal_id: UUID | None = None, occasion_id: UUID | None = None) -> Appeal | None:
    """Return an appeal whole, by itself or by what was rated; None when there is none."""
    wanted = Q(pk=appeal_id) if appeal_id else Q(occasion_id=occasion_id)
    row = models.Appeal.objects.filter(wanted).first()
    if row is None:
        return None
    lines = models.AppealLine.objects.filter(appeal=row).order_by("seq")
    return Appeal(
        row.pk,
        occasion(row.occasion_id),
        tuple(said(row.occasion_id)),
        row.unit,
        tuple(row.rated),
        Flaw(row.flaw),
        Ruling(row.state),
        row.asked_by,
        row.asked_at,
        row.decided_by,
        tuple(
            Line(
                Ruling(one.state),
                one.by,
                one.at,
                "",
                content.words(one.words_sealed),
                content.words(one.evidence_sealed),
            )
            for one in lines
        ),
    )
