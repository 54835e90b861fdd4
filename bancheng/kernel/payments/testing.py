"""Other parts' tests let a channel say things; what follows is the real operations' doing."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from bancheng.kernel.payments import channels
from bancheng.kernel.payments.channels import RefundTold, Told
from bancheng.kernel.payments.models import Day, Difference, Order, Refund
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


def compared(
    region: str,
    channel: str,
    day: date,
    at: datetime,
    counts: Mapping[str, int],
    differences: Sequence[tuple[str, str, int | None, int | None]],
) -> None:
    """Let a day have been compared, with this many equal and these differences."""
    row = Day.objects.create(
        region=region, channel=channel, day=day, compared_at=at, equal=counts["equal"], ours_fen=0, theirs_fen=0
    )
    for number, match, ours, theirs in differences:
        Difference.objects.create(region=region, day=row, number=number, match=match, ours_fen=ours, theirs_fen=theirs)
