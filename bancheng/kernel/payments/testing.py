"""Other parts' tests let a channel say things; what follows is the real operations' doing."""

from datetime import datetime
from uuid import UUID

from bancheng.kernel.payments import channels
from bancheng.kernel.payments.channels import RefundTold, Told
from bancheng.kernel.payments.models import Order, Refund
from bancheng.kernel.payments.operations import orders, refunds
from bancheng.kernel.payments.rules import OrderState, RefundState, Trade


def forget_channels() -> None:
    """Let the channels' clients be made anew, after the settings were changed and after they were put back."""
    channels.forget()


def opened(order_id: UUID, url: str) -> None:
    """Let the channel answer an order: its sheet is at `url`."""
    Order.objects.filter(pk=order_id).update(state=OrderState.OPEN.value, sheet={"url": url})


def paid(order_id: UUID, at: datetime) -> None:
    """Let the channel say that an order was paid."""
    row = Order.objects.get(pk=order_id)
    orders.take(Told(row.number, Trade.PAID, row.amount_fen, f"42{row.number}", at), channel=row.channel, at=at)


def refund_moves(refund_id: UUID, state: str, at: datetime) -> None:
    """Let the channel say where a refund stands."""
    row = Refund.objects.select_related("order").get(pk=refund_id)
    refunds.take(RefundTold(row.number, RefundState(state), row.amount_fen, state), channel=row.order.channel, at=at)
