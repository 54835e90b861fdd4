"""What payments tells: money came in, a refund moved on, a bill was compared. Fired in the transaction that makes it true."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from bancheng.kernel.payments.rules import RefundState
from bancheng.lib.hooks import Hook


@dataclass(frozen=True)
class OrderView:
    """An order as others see it."""

    id: UUID
    region: str
    key: str
    channel: str
    amount_fen: int
    about: str
    state: str


@dataclass(frozen=True)
class RefundView:
    """A refund as others see it; `number` is the channel's."""

    id: UUID
    region: str
    key: str
    order_id: UUID
    number: str
    channel: str
    amount_fen: int
    about: str
    state: str
    says: str
    planned_at: datetime


@dataclass(frozen=True)
class Paid:
    """An order was paid, once; `late`: it had been closed, so the money is to go back whole."""

    order: OrderView
    amount_fen: int
    at: datetime
    late: bool = False


@dataclass(frozen=True)
class RefundMoved:
    """A refund is in another state."""

    refund: RefundView
    state: RefundState
    at: datetime


@dataclass(frozen=True)
class BillCompared:
    """A channel's bill of a day was compared with what we have of that day, for the first time or again."""

    region: str
    channel: str
    day: date
    at: datetime


paid = Hook[Paid]("payments.paid")
refund_moved = Hook[RefundMoved]("payments.refund_moved")
bill_compared = Hook[BillCompared]("payments.bill_compared")
