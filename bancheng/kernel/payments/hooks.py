"""What payments tells: money came in, a refund moved on, a bill was compared. Fired in the transaction that makes it true.

Whoever keeps rows of his own for an order locks them when it is `moving`, before payments locks its own; so theirs come first for everybody, and
nobody waits in a ring. What he answers there is handed to him again with what has become true.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
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
class Moving:
    """A channel speaks of an order, or a refund of it comes to an end: whoever has to do with it holds what is his."""

    order_id: UUID


@dataclass(frozen=True)
class Paid:
    """An order was paid, once; `late`: it had been closed, so the money is to go back whole."""

    order: OrderView
    amount_fen: int
    at: datetime
    late: bool = False
    held: tuple[Any, ...] = ()  # what the listeners of `moving` have answered


@dataclass(frozen=True)
class RefundMoved:
    """A refund is in another state."""

    refund: RefundView
    state: RefundState
    at: datetime
    held: tuple[Any, ...] = ()  # of a state that ends it, or calls a person: as above


@dataclass(frozen=True)
class BillCompared:
    """A channel's bill of a day was compared with what we have of that day, for the first time or again."""

    region: str
    channel: str
    day: date
    at: datetime


moving = Hook[Moving]("payments.moving")
paid = Hook[Paid]("payments.paid")
refund_moved = Hook[RefundMoved]("payments.refund_moved")
bill_compared = Hook[BillCompared]("payments.bill_compared")
