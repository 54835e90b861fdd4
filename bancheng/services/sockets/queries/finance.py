"""What finance and auditors see: reconciled days, what is stuck, what waits for a second person, and the money of one session. No payer is named anywhere:
nobody has to say who he is to use a socket.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, QuerySet
from django.http import Http404

from bancheng.kernel.identity import public as identity
from bancheng.kernel.ledger import public as ledger
from bancheng.kernel.payments import public as payments
from bancheng.lib.text import Text
from bancheng.services.sockets.models import Finding, HandRefund, Prepay, Reconciliation, Refund, Session
from bancheng.services.sockets.queries import reconciling
from bancheng.services.sockets.rules import finance as words
from bancheng.services.sockets.rules import handwork
from bancheng.services.sockets.rules import reconciling as rules
from bancheng.services.sockets.rules.handwork import HandState
from bancheng.services.sockets.rules.reconciling import Loss, Part
from bancheng.services.sockets.rules.sessions import STATES, State

FINANCE = "power_finance"  # the role


# --- the days ---


def days(region: str) -> QuerySet[Reconciliation]:
    """Return the days that were reconciled with how much did not fit, the newest first."""
    return Reconciliation.objects.filter(region=region).annotate(odd=Count("findings")).order_by("-day")


@dataclass(frozen=True)
class Day:
    """A reconciled day, in figures and words."""

    row: Reconciliation
    channels: Sequence[tuple[Text, int, int, int, int]]  # channel, ours, theirs (fen), equal, differences
    sockets_kwh: str
    sessions_kwh: str
    idle_kwh: str
    master_kwh: str
    mastered_kwh: str
    loss: str
    counts: dict[str, int]
    parts: Sequence[tuple[Text, Sequence[Finding]]]


def day(region: str, when: date) -> Day:
    """Return a reconciled day. Raises Http404."""
    row = Reconciliation.objects.filter(region=region, day=when).first()
    if row is None:
        raise Http404
    found = list(row.findings.select_related("site", "socket").order_by("part", "pk"))
    by_part = {part: [one for one in found if one.part == part] for part in Part}
    loss = Loss(row.master_10wh, row.mastered_10wh, 0)
    return Day(
        row=row,
        channels=[
            (words.channel(one["channel"]), one["ours_fen"], one["theirs_fen"], one["equal"], one["differences"])
            for one in row.channels
        ],
        sockets_kwh=rules.kwh(row.sockets_10wh),
        sessions_kwh=rules.kwh(row.sessions_10wh),
        idle_kwh=rules.kwh(row.sockets_10wh - row.sessions_10wh),
        master_kwh=rules.kwh(row.master_10wh),
        mastered_kwh=rules.kwh(row.mastered_10wh),
        loss=rules.percent(loss.share),
        counts={str(part): len(ones) for part, ones in by_part.items()},
        parts=[(rules.PARTS[part], ones) for part, ones in by_part.items() if ones],
    )


def findings(region: str, when: date) -> Iterator[list[object]]:
    """Yield what did not fit on a day, the header first."""
    yield ["对账项", "对象", "情况", "站点", "插座", "用电单"]
    rows = Finding.objects.filter(region=region, reconciliation__day=when).select_related("site", "socket")
    for one in rows.order_by("part", "pk"):
        yield [
            rules.PARTS[Part(one.part)].zh,
            one.about,
            one.says,
            one.site.name if one.site else "",
            one.socket.code if one.socket else "",
            one.session_id.hex if one.session_id else "",
        ]


# --- the channels' bills ---


@dataclass(frozen=True)
class Bill:
    """A channel's bill of a day beside what we have of that day."""

    day: payments.DayView
    channel: Text
    says: Text
    differences: Sequence[tuple[str, Text, int | None, int | None]]  # number, class, ours, theirs


def bills(region: str, *, first: date, last: date) -> list[Bill]:
    """Return the bills of days from `first` to `last`, the newest first: two statements."""
    return [
        Bill(
            one,
            words.channel(one.channel),
            words.differences(len(one.differences)),
            [
                (number, words.MATCHES[payments.Match(match)], ours, theirs)
                for number, match, ours, theirs in one.differences
            ],
        )
        for one in payments.days(region, first=first, last=last)
    ]


# --- what people have to see to ---


@dataclass(frozen=True)
class Stuck:
    """A refund that is not carried out, its session, and what somebody found of it that waits for another."""

    refund: payments.RefundView
    says: Text
    channel: Text
    session_id: UUID
    finding: payments.FindingView | None
    found_by: str

    @property
    def abnormal(self) -> bool:
        """Return whether people have to say what became of it."""
        return self.refund.state == payments.RefundState.ABNORMAL


def stuck(region: str, now: datetime) -> list[Stuck]:
    """Return the refunds of sessions that people have to look at, the oldest first: five statements."""
    found = payments.stuck(region, now)
    of = sessions_of([one.id for one in found])
    findings = payments.findings(region)
    names = identity.names_of(sorted({one.found_by for one in findings.values()}))
    return [
        Stuck(
            one,
            words.REFUNDS[payments.RefundState(one.state)],
            words.channel(one.channel),
            of[one.id],
            finding := findings.get(one.id),
            names.get(finding.found_by, "") if finding else "",
        )
        for one in found
        if one.id in of
    ]


def sessions_of(refunds: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return the sessions that refunds of payments belong to, by refund: of their rest, or of a charge given back."""
    rest = Refund.objects.filter(refund_id__in=refunds).values_list("refund_id", "session_id")
    back = HandRefund.objects.filter(refund_id__in=refunds).values_list("refund_id", "session_id")
    return {refund: session for refund, session in [*rest, *back] if refund}


@dataclass(frozen=True)
class Hand:
    """A charge that goes back, in words."""

    row: HandRefund
    state: Text
    by: str
    decided: str


def by_hand(region: str, *, open_only: bool) -> QuerySet[HandRefund]:
    """Return the charges that go back: those that wait for a second person, the oldest first, or all others, the newest first."""
    rows = HandRefund.objects.filter(region=region).select_related("session__site")
    if open_only:
        return rows.filter(state=HandState.PROPOSED).order_by("proposed_at")
    return rows.exclude(state=HandState.PROPOSED).order_by("-decided_at")


def hands(rows: Sequence[HandRefund]) -> list[Hand]:
    """Return charges that go back in words, with the names of who decided."""
    refs = {ref for one in rows for ref in (one.proposed_by, one.decided_by) if ref}
    names = identity.names_of(sorted(refs))
    return [
        Hand(
            one,
            handwork.STATES[HandState(one.state)],
            names.get(one.proposed_by, one.proposed_by),
            names.get(one.decided_by, one.decided_by),
        )
        for one in rows
    ]


def waits_for(region: str, me: str, now: datetime) -> tuple[int, int]:
    """Return how much somebody of finance can decide on, and of how many refunds nobody has said yet what became of them."""
    found = stuck(region, now)
    others = sum(1 for one in found if one.finding and one.finding.found_by != me)
    hands_of_others = by_hand(region, open_only=True).exclude(proposed_by=me).count()
    return others + hands_of_others, sum(1 for one in found if one.abnormal and not one.finding)


@dataclass(frozen=True)
class Open:
    """A session that has been open for too long."""

    session: Session
    state: Text


def lying(region: str, at: datetime) -> list[Open]:
    """Return the sessions that have been open for too long."""
    return [Open(one, STATES[State(one.state)]) for one in reconciling.too_old(region, at)]


# --- one session ---


@dataclass(frozen=True)
class Entry:
    """An entry of the ledger about a session: when, what, and its lines."""

    at: datetime
    kind: Text
    lines: Sequence[tuple[Text, int]]


@dataclass(frozen=True)
class Account:
    """The money of one session."""

    session: Session
    state: Text
    kwh: str
    prepays: Sequence[tuple[Prepay, Text]]
    refunds: Sequence[tuple[Refund, Text, str]]  # where it stands, and the last word about it
    hands: Sequence[Hand]
    entries: Sequence[Entry]
    owed_fen: int
    left_fen: int  # of the charge: what can be given back


def find(region: str, typed: str) -> UUID | None:
    """Return the session with this number, or paid by the order with this number; None when there is none."""
    try:
        number = UUID(typed.strip().replace("-", "")[:32])  # behind it a refund's number has its counter
    except ValueError:
        return None
    if Session.objects.filter(region=region, pk=number).exists():
        return number
    return Prepay.objects.filter(region=region, order_id=number).values_list("session_id", flat=True).first()


def account(region: str, session_id: UUID) -> Account:
    """Return the money of a session. Raises Http404."""
    one = Session.objects.select_related("site", "socket").filter(region=region, pk=session_id).first()
    if one is None:
        raise Http404
    rows, prepays = list(one.by_hand.order_by("pk")), list(one.prepays.order_by("pk"))
    said = {each.id: each.says for prepay in prepays for each in payments.refunds_of(prepay.order_id)}
    given = sum(row.amount_fen for row in rows if row.state in handwork.COUNTS)
    return Account(
        session=one,
        state=STATES[State(one.state)],
        kwh=rules.kwh(one.used_wh // 10),
        prepays=[(each, words.channel(each.channel)) for each in prepays],
        refunds=[
            (each, words.REFUNDS[payments.RefundState(each.state)], said.get(each.refund_id, ""))
            for each in one.refunds.order_by("number")
        ],
        hands=hands(rows),
        entries=[
            Entry(
                entry.at, words.ENTRIES.get(entry.kind, Text(entry.kind, entry.kind)), [_line(line) for line in lines]
            )
            for entry, lines in ledger.entries_about(region, f"session:{one.pk}")
        ],
        owed_fen=-ledger.balance(region, f"sockets/session/{one.pk}"),
        left_fen=(one.cost_fen or 0) - given,
    )


def _line(line: ledger.Line) -> tuple[Text, int]:
    return words.ACCOUNTS.get(line.account.split("/")[1], Text(line.account, line.account)), line.amount
