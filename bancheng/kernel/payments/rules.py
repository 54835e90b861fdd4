"""The states of an order and of a refund, as tables; when to look again; how a day's bill is compared. No clock, no outside."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Channel(StrEnum):
    """Who carries the money."""

    WECHAT = "wechat"
    ALIPAY = "alipay"


class OrderState(StrEnum):
    """Where an order is."""

    NEW = "new"  # written down, the channel has not answered
    OPEN = "open"  # the channel waits for the payer
    PAID = "paid"
    CLOSED = "closed"  # the channel will take no money for it
    LATE = "late"  # it did after all: the money goes back whole


class Trade(StrEnum):
    """What a channel says of an order."""

    WAITING = "waiting"
    PAID = "paid"
    CLOSED = "closed"
    UNKNOWN = "unknown"  # it has no such order


# what a channel says -> where the order goes; what is not here changes nothing
ORDER_NEXT: dict[OrderState, dict[Trade, OrderState]] = {
    OrderState.NEW: {
        Trade.PAID: OrderState.PAID,
        Trade.CLOSED: OrderState.CLOSED,
        Trade.WAITING: OrderState.OPEN,
    },
    OrderState.OPEN: {Trade.PAID: OrderState.PAID, Trade.CLOSED: OrderState.CLOSED},
    OrderState.CLOSED: {Trade.PAID: OrderState.LATE},
    OrderState.PAID: {},
    OrderState.LATE: {},
}


class RefundState(StrEnum):
    """Where a refund is."""

    PLANNED = "planned"  # written down with its number, the channel was not asked
    SUBMITTED = "submitted"  # it is being asked
    UNKNOWN = "unknown"  # it was asked and nobody knows what it did
    PROCESSING = "processing"
    SUCCESS = "success"
    ABNORMAL = "abnormal"  # the payer's card is dead: a person's work
    CLOSED = "closed"  # it will never be carried out; only now may a new number be taken


# refund state -> what the channel says may follow; asking it at all makes it submitted
REFUND_NEXT: dict[RefundState, frozenset[RefundState]] = {
    RefundState.PLANNED: frozenset({RefundState.SUBMITTED}),
    RefundState.SUBMITTED: frozenset(
        {
            RefundState.UNKNOWN,
            RefundState.PROCESSING,
            RefundState.SUCCESS,
            RefundState.ABNORMAL,
            RefundState.CLOSED,
        }
    ),
    RefundState.UNKNOWN: frozenset(
        {
            RefundState.SUBMITTED,
            RefundState.PROCESSING,
            RefundState.SUCCESS,
            RefundState.ABNORMAL,
            RefundState.CLOSED,
        }
    ),
    RefundState.PROCESSING: frozenset({RefundState.SUCCESS, RefundState.ABNORMAL, RefundState.CLOSED}),
    RefundState.ABNORMAL: frozenset({RefundState.SUCCESS, RefundState.CLOSED}),
    RefundState.SUCCESS: frozenset(),
    RefundState.CLOSED: frozenset(),
}
FINAL = frozenset({RefundState.SUCCESS, RefundState.CLOSED})
ASKED = frozenset({RefundState.SUBMITTED, RefundState.UNKNOWN, RefundState.PROCESSING})
ENDS = FINAL | {RefundState.ABNORMAL}  # from here the channel goes on no further by itself
UNDER_WAY = ASKED | {RefundState.ABNORMAL}  # of one order one at a time: a second number waits until the first is final
STUCK_AFTER = timedelta(hours=1)  # R1.8 and section 9: a refund that is not final by then is looked at
MOST_REFUNDS = 50  # of one order, as the channel allows
GAP = timedelta(minutes=1)  # the channel takes partial refunds of one order this far apart
GRACE = timedelta(minutes=1)  # an order the channel never heard of may be paid this long after its time, by its clock
PATIENCE = timedelta(seconds=20)  # a payment is told of by then, or it is asked about
ASK_GAP = timedelta(seconds=5)  # somebody who waits for a payment may have it asked about this often


def next_look(asked: int, state: RefundState) -> timedelta:
    """Return how long to wait before a refund that was looked at `asked` times in its state is looked at again.

    Unknown: 5 s, doubled up to five minutes. Processing: the channel's own advice, a minute, then slower up to half an hour.
    """
    if state is RefundState.PROCESSING:
        steps = (1, 1, 1, 1, 1, 5, 10, 20)
        return timedelta(minutes=steps[asked - 1] if asked <= len(steps) else 30)
    return min(timedelta(seconds=5 * 2 ** min(asked, 10)), timedelta(minutes=5))


class Match(StrEnum):
    """The four classes of a day's comparison."""

    EQUAL = "equal"
    OURS_ONLY = "ours_only"
    THEIRS_ONLY = "theirs_only"
    AMOUNT = "amount_differs"


@dataclass(frozen=True)
class Movement:
    """One payment (+) or refund (−) of a day, by its number; `number` is the refund's where it is one."""

    number: str
    fen: int


@dataclass(frozen=True)
class Compared:
    """One number of either side."""

    number: str
    match: Match
    ours_fen: int | None
    theirs_fen: int | None


def compare(ours: Iterable[Movement], theirs: Iterable[Movement]) -> list[Compared]:
    """Return each number of both sides once, in order; sums of one number are compared whole."""
    left, right = _sums(ours), _sums(theirs)
    return [
        Compared(number, _match(left.get(number), right.get(number)), left.get(number), right.get(number))
        for number in sorted(left.keys() | right.keys())
    ]


def _sums(movements: Iterable[Movement]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for one in movements:
        found[one.number] = found.get(one.number, 0) + one.fen
    return found


def _match(ours: int | None, theirs: int | None) -> Match:
    if theirs is None:
        return Match.OURS_ONLY
    if ours is None:
        return Match.THEIRS_ONLY
    return Match.EQUAL if ours == theirs else Match.AMOUNT
