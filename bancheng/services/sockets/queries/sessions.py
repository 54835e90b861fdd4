"""Sessions as pages show them, found by the payer's secret and by nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bancheng.lib.text import Text
from bancheng.services.sockets.models import Prepay, Refund, Segment, Session, SocketState
from bancheng.services.sockets.operations.locking import no_such_session
from bancheng.services.sockets.operations.sessions import secret_hash
from bancheng.services.sockets.rules import quota, sessions, words
from bancheng.services.sockets.rules.sessions import Cause, State

LONGEST_SECRET = 64
FRESH_SECONDS = 30  # older numbers are shown with their age, never as if they were now

# what a page shows: before the payment, while it runs, when it is over
PAY, WAIT, LIVE, ENDING, BILL, NOTHING = "pay", "wait", "live", "ending", "bill", "nothing"
PHASES: dict[State, str] = {
    State.CREATED: PAY,
    State.PAYING: PAY,
    State.PAID: WAIT,
    State.STARTING: WAIT,
    State.START_FAILED: BILL,
    State.ACTIVE: LIVE,
    State.SUSPENDED: LIVE,
    State.STOPPING: ENDING,
    State.UNCONFIRMED: ENDING,
    State.PROVISIONAL: ENDING,
    State.METERED: ENDING,
    State.SETTLED: BILL,
    State.REFUNDING: BILL,
    State.ATTENTION: BILL,
    State.CLOSED: BILL,
    State.EXPIRED: NOTHING,
}


@dataclass(frozen=True)
class BillLine:
    """A line of a bill: period, price, energy, and its cost before rounding."""

    band: Text
    yuan_per_kwh: str
    kwh: str
    yuan: str


@dataclass(frozen=True)
class Span:
    """A stretch on one meter."""

    meter: str
    first_at: datetime
    from_kwh: str
    last_at: datetime
    to_kwh: str


@dataclass(frozen=True)
class Live:
    """What the meter said last."""

    volts: str
    amps: str
    watts: int | None
    kwh: str
    cost_fen: int
    left_fen: int
    left_share: int  # of a hundred
    heard_at: datetime | None
    fresh: bool


@dataclass(frozen=True)
class Use:
    """A session as its payer sees it."""

    session: Session
    state: State
    phase: str
    says: Text
    cause: Text | None
    advice: Text | None
    socket_code: str
    site: Text
    live: Live | None
    lines: Sequence[BillLine]
    segments: Sequence[Span]
    refunds: Sequence[tuple[Refund, Text]]
    prepay: Prepay | None
    over_at: datetime | None  # the payment's last second

    @property
    def refunded_fen(self) -> int:
        """Return what went back, or is on its way."""
        return self.session.refunded_fen


def is_over(session: Session) -> bool:
    """Return whether nothing of a session goes on any more but its refund."""
    return PHASES[State(session.state)] in (BILL, NOTHING)


def by_secret(secret: str, *, at: datetime) -> Use:
    """Return the session of a secret. Raises Refused("no_such_session")."""
    row = None
    if 0 < len(secret) <= LONGEST_SECRET:
        row = Session.objects.select_related("socket", "site").filter(token_hash=secret_hash(secret)).first()
    if row is None:
        raise no_such_session()
    return _use(row, at)


def by_secrets(secrets: Sequence[str]) -> list[tuple[str, Session, Text]]:
    """Return the sessions of a phone, newest first: one query, also of a phone that knows none."""
    by_hash = {secret_hash(secret): secret for secret in secrets}
    rows = (
        Session.objects.select_related("socket", "site").filter(token_hash__in=[b"", *by_hash]).order_by("-created_at")
    )
    return [(by_hash[bytes(row.token_hash)], row, sessions.STATES[State(row.state)]) for row in rows]


def _use(row: Session, at: datetime) -> Use:
    state = State(row.state)
    phase = PHASES[state]
    cause = Cause(row.cause) if row.cause else None
    over = phase == BILL
    prepays = list(row.prepays.order_by("created_at"))
    return Use(
        session=row,
        state=state,
        phase=phase,
        says=sessions.STATES[state],
        cause=sessions.CAUSES[cause] if cause else None,
        advice=words.advice(cause, row.cause_code) if cause else words.of_the_grid(row.tripped),
        socket_code=row.socket.code,
        site=Text(row.site.name, row.site.name_en or row.site.name),
        live=_live(row, at) if phase in (LIVE, ENDING) else None,
        lines=[_line(line) for line in row.bill] if over else [],
        segments=[_span(segment) for segment in row.segments.order_by("no")] if over else [],
        refunds=_refunds(row) if phase in (ENDING, BILL, NOTHING) else [],
        prepay=next((p for p in prepays if p.counts), prepays[0] if prepays else None),
        over_at=row.created_at + timedelta(seconds=sessions.RESERVE_SECONDS) if phase == PAY else None,
    )


def _line(line: dict[str, Any]) -> BillLine:
    nano = line["wh"] * line["price"]
    return BillLine(
        words.BANDS.get(line["band"], Text(line["band"], line["band"])),
        words.decimal(line["price"], 6, least=2),
        words.decimal(line["wh"], 3, least=2),
        words.decimal(nano, 9, least=2),
    )


def _span(segment: Segment) -> Span:
    """Return a segment with its registers in kWh, as the meter shows them."""
    return Span(
        segment.meter,
        segment.first_at,
        words.decimal(segment.from_10wh, 2, least=2),
        segment.last_at,
        words.decimal(segment.to_10wh, 2, least=2),
    )


def _refunds(row: Session) -> list[tuple[Refund, Text]]:
    found = row.refunds.select_related("prepay").order_by("number")
    return [(refund, words.REFUNDS.get(refund.state, words.REFUNDS["planned"])) for refund in found]


def _live(row: Session, at: datetime) -> Live:
    last = SocketState.objects.filter(region=row.region, gateway=row.gateway, wire=row.wire).order_by("-boot").first()
    cost = min(quota.cost_fen(row.spent_nano), row.paid_fen)
    left = row.paid_fen - cost
    age = (at - last.heard_at).total_seconds() if last else FRESH_SECONDS
    return Live(
        volts=words.decimal(last.u_dv, 1) if last and last.u_dv else "—",
        amps=words.decimal(abs(last.i_ma), 3, most=2) if last and last.i_ma is not None else "—",
        watts=last.p_w if last else None,
        kwh=words.decimal(row.used_wh, 3, least=2, most=2),
        cost_fen=cost,
        left_fen=left,
        left_share=left * 100 // row.paid_fen if row.paid_fen else 0,
        heard_at=last.heard_at if last else None,
        fresh=age < FRESH_SECONDS,
    )
