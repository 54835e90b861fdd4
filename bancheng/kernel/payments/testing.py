"""Other parts' tests let a channel say things; what follows is the real operations' doing."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from bancheng.kernel.payments.channels import RefundTold, Told
from bancheng.kernel.payments.models import Day, Difference, Order, Refund
from bancheng.kernel.payments.operations import bills, orders, refunds
from bancheng.kernel.payments.rules import Match, OrderState, RefundState, Trade


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


def compared(*, region: str, channel: str, day: date, at: datetime, strange: Sequence[tuple[str, int]] = ()) -> None:
    """Let a channel's file of a day agree with ours, but for `strange` numbers that only it has."""
    ours = bills.ours_of(region, channel, day)
    row = Day.objects.create(
        region=region,
        channel=channel,
        day=day,
        compared_at=at,
        equal=len(ours),
        ours_fen=sum(one.fen for one in ours),
        theirs_fen=sum(one.fen for one in ours) + sum(fen for _, fen in strange),
    )
    for number, fen in strange:
        Difference.objects.create(region=region, day=row, number=number, match=Match.THEIRS_ONLY.value, theirs_fen=fen)
