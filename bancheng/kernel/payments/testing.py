"""Other parts' tests let a channel say things; what follows is the real operations' doing."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from bancheng.kernel.payments import channels, hooks
from bancheng.kernel.payments.channels import RefundTold, Told
from bancheng.kernel.payments.models import Day, Difference, Order, Refund
from bancheng.kernel.payments.operations import bills, orders, refunds
from bancheng.kernel.payments.rules import OrderState, RefundState, Trade


def forget_channels() -> None:
    """Let the channels' clients be made anew, after the settings were changed and after they were put back."""
    channels.forget()


def opened(order_id: UUID, url: str) -> None:
    """Let the channel answer an order: its sheet is at `url`."""
    Order.objects.filter(pk=order_id).update(state=OrderState.OPEN.value, sheet={"url": url})


def opened_inside(order_id: UUID, jsapi: Mapping[str, str]) -> None:
    """Let WeChat answer an order of a payer it knows: its own sheet takes these."""
    Order.objects.filter(pk=order_id).update(state=OrderState.OPEN.value, sheet={"jsapi": dict(jsapi)})


def payer_of(order_id: UUID) -> str:
    """Return by which number the channel knows the payer of an order it was not shown yet."""
    return str(Order.objects.values_list("openid", flat=True).get(pk=order_id))


def paid(order_id: UUID, at: datetime) -> None:
    """Let the channel say that an order was paid."""
    row = Order.objects.get(pk=order_id)
    orders.take(Told(row.number, Trade.PAID, row.amount_fen, f"42{row.number}", at), channel=row.channel, at=at)


def refund_moves(refund_id: UUID, state: str, at: datetime) -> None:
    """Let the channel say where a refund stands."""
    row = Refund.objects.select_related("order").get(pk=refund_id)
    refunds.take(RefundTold(row.number, RefundState(state), row.amount_fen, state), channel=row.order.channel, at=at)


def compared(
    *,
    region: str,
    channel: str,
    day: date,
    at: datetime,
    differences: Sequence[tuple[str, str, int | None, int | None]] = (),
) -> None:
    """Let a channel's file of a day agree with ours, but for these: number, class, ours and theirs in fen."""
    ours = bills.ours_of(region, channel, day)
    agreed = sum(one.fen for one in ours)
    Day.objects.filter(region=region, channel=channel, day=day).delete()
    row = Day.objects.create(
        region=region,
        channel=channel,
        day=day,
        compared_at=at,
        equal=len(ours),
        ours_fen=agreed + sum(left or 0 for _, _, left, _ in differences),
        theirs_fen=agreed + sum(right or 0 for _, _, _, right in differences),
    )
    for number, match, left, right in differences:
        Difference.objects.create(region=region, day=row, number=number, match=match, ours_fen=left, theirs_fen=right)
    hooks.bill_compared.fire(hooks.BillCompared(region, channel, day, at))
