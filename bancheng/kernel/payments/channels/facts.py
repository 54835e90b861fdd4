"""What channels are asked and what they say, parsed once at the edge. Numbers are ours: out_trade_no, out_refund_no. Amounts are whole fen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from bancheng.kernel.payments.rules import Movement, RefundState, Trade


@dataclass(frozen=True)
class Order:
    """What a channel is asked to take; with `openid` the payer is inside the channel's own browser."""

    number: str
    amount_fen: int
    description: str
    pay_before: datetime
    openid: str = ""
    return_url: str = ""
    payer_ip: str = ""


@dataclass(frozen=True)
class Told:
    """What a channel says of an order; `amount_fen` only when it was paid."""

    number: str
    state: Trade
    amount_fen: int = 0
    ref: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class RefundTold:
    """What a channel says of a refund; `state` None: it has no such refund."""

    number: str
    state: RefundState | None
    amount_fen: int = 0
    says: str = ""


@dataclass(frozen=True)
class Asked:
    """A refund that a channel is asked for."""

    order: str
    number: str
    amount_fen: int
    total_fen: int
    reason: str


@dataclass(frozen=True)
class Called:
    """A verified call: its own number, and what it says of an order or of a refund."""

    notice: str
    told: Told | RefundTold


@dataclass(frozen=True)
class Bill:
    """One day of a channel's bill; not `there`: nothing moved, or it is not written yet, and the channel does not say which."""

    day: date
    movements: tuple[Movement, ...]
    there: bool = True


class Gateway(Protocol):
    """One channel. Raises Unavailable when nobody knows what it did, Garbled when what came cannot be trusted."""

    base_url: str

    def check(self) -> None:
        """Raise ValueError unless the settings' keys can be used."""

    def prepare(self, order: Order) -> Mapping[str, Any]:
        """Ask for the payment, the same number once; return what opens the pay sheet: url, code_url or jsapi."""

    def query(self, number: str) -> Told:
        """Return what the channel says of an order."""

    def close(self, number: str) -> None:
        """Let the channel take no money for an order from now on."""

    def refund(self, asked: Asked) -> RefundTold:
        """Ask for a refund, the same number once; the answer says accepted at most."""

    def query_refund(self, order: str, number: str) -> RefundTold:
        """Return what the channel says of a refund."""

    def called(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Called:
        """Return what a call says once its signature, time and addressee are right; raise Garbled otherwise."""

    def bill(self, day: date) -> Bill:
        """Return the bill of a past day."""
