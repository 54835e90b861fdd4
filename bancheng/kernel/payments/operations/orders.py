"""Orders: written down, shown to the channel by a job, paid once whoever says it, asked about before they are closed."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.payments import channels, hooks, rules
from bancheng.kernel.payments.channels import Told
from bancheng.kernel.payments.hooks import OrderView
from bancheng.kernel.payments.models import Order
from bancheng.kernel.payments.rules import Channel, OrderState, Trade
from bancheng.lib.identifiers import uuid7
from bancheng.lib.refusal import Garbled, Refused

MOST_FEN = 10_000_000  # 100,000 yuan: above it nobody pays by scanning


def order(
    *,
    region: str,
    key: str,
    channel: str,
    amount_fen: int,
    description: str,
    about: str,
    pay_before: datetime,
    at: datetime,
    openid: str = "",
    return_url: str = "",
) -> OrderView:
    """Write an order, once for its key, and promise to show it to the channel. Raises Refused: payment_amount, payment_key_taken."""
    if type(amount_fen) is not int or not 0 < amount_fen <= MOST_FEN:
        raise Refused(
            "payment_amount",
            "金额应大于零且不超过十万元，没有生成支付单。",
            en="The amount must be above zero and at most 100,000 yuan; no payment was made.",
            status=422,
        )
    values = {
        "channel": Channel(channel).value,
        "amount_fen": amount_fen,
        "description": description[:100],
        "about": about,
        "openid": openid,
        "return_url": return_url,
        "pay_before": pay_before,
        "created_at": at,
    }
    with transaction.atomic():
        row, made = Order.objects.get_or_create(region=region, key=key, defaults={"id": uuid7(at), **values})
        if made:
            audit.record(
                "payments.ordered", who="system", about=_about(row), at=at, region=region, detail={"fen": amount_fen}
            )
            jobs.later("payments.prepare", key=f"payments-prepare-{row.id}", order_id=str(row.id))
        elif (row.channel, row.amount_fen) != (values["channel"], amount_fen):
            raise Refused(
                "payment_key_taken",
                "同一编号的支付单内容不同，没有生成新的支付单。",
                en="A payment with this key stands and says something else; none was made.",
            )
    return view(row)


def prepare(order_id: UUID) -> None:
    """Show a new order to its channel and keep what opens the pay sheet; again for one that is shown does nothing."""
    row = Order.objects.get(pk=order_id)
    if row.state != OrderState.NEW.value:
        return
    asked = channels.Order(row.number, row.amount_fen, row.description, row.pay_before, row.openid, row.return_url)
    sheet = channels.gateway(row.channel).prepare(asked)
    Order.objects.filter(pk=order_id, state=OrderState.NEW.value).update(state=OrderState.OPEN.value, sheet=dict(sheet))


def query(order_id: UUID, at: datetime) -> None:
    """Promise to ask the channel whether an order is paid."""
    del at
    jobs.later("payments.ask", key=f"payments-ask-{order_id}", order_id=str(order_id))


def close(order_id: UUID, at: datetime) -> None:
    """Promise to close an order at the channel, unless it turns out to be paid."""
    del at
    jobs.later("payments.close", key=f"payments-close-{order_id}", order_id=str(order_id))


def ask(order_id: UUID, *, at: datetime) -> Trade:
    """Ask the channel about an order and take in what it says; return that. Outside of any transaction."""
    row = Order.objects.get(pk=order_id)
    told = channels.gateway(row.channel).query(row.number)
    if told.state is not Trade.UNKNOWN:
        take(told, channel=row.channel, at=at)
    return told.state


def end(order_id: UUID, *, at: datetime) -> None:
    """Ask first, then close: a payment that came in the last second counts."""
    row = Order.objects.get(pk=order_id)
    if OrderState(row.state) not in (OrderState.NEW, OrderState.OPEN) or ask(order_id, at=at) is Trade.PAID:
        return
    channels.gateway(row.channel).close(row.number)
    if ask(order_id, at=at) is Trade.UNKNOWN:  # the channel never heard of it: nothing to wait for
        take(Told(row.number, Trade.CLOSED), channel=row.channel, at=at)


def take(told: Told, *, channel: str, at: datetime) -> None:
    """Take in what a channel says of an order, once. Raises Garbled when it is not what we asked for."""
    with transaction.atomic():
        row = _locked(told.number, channel)
        after = rules.ORDER_NEXT[OrderState(row.state)].get(told.state)
        if after is None:
            return
        if told.state is Trade.PAID and told.amount_fen != row.amount_fen:
            raise Garbled(f"{channel}: {told.amount_fen} fen were paid where {row.amount_fen} were asked for")
        row.state = after.value
        TAKEN.get(after, _just_keep)(row, told, at)


def _paid(row: Order, told: Told, at: datetime) -> None:
    row.paid_at, row.channel_ref = told.at or at, told.ref
    row.save(update_fields=["state", "paid_at", "channel_ref"])
    late = row.state == OrderState.LATE.value
    action = "payments.paid_late" if late else "payments.paid"
    audit.record(action, who=f"channel:{row.channel}", about=_about(row), at=at, region=row.region)
    hooks.paid.fire(hooks.Paid(view(row), row.amount_fen, at, late))


def _closed(row: Order, _told: Told, at: datetime) -> None:
    row.save(update_fields=["state"])
    audit.record("payments.closed", who=f"channel:{row.channel}", about=_about(row), at=at, region=row.region)


def _just_keep(row: Order, _told: Told, _at: datetime) -> None:
    row.save(update_fields=["state"])


TAKEN: dict[OrderState, Callable[[Order, Told, datetime], None]] = {
    OrderState.PAID: _paid,
    OrderState.LATE: _paid,
    OrderState.CLOSED: _closed,
}


def _locked(number: str, channel: str) -> Order:
    try:
        return Order.objects.select_for_update().get(pk=UUID(hex=number), channel=channel)
    except (ValueError, Order.DoesNotExist):
        raise Garbled(f"{channel}: {number[:40]!r} is no order of ours") from None


def _about(row: Order) -> str:
    return f"payment:{row.id}"


def view(row: Order) -> OrderView:
    """Return an order as others see it."""
    return OrderView(row.id, row.region, row.key, row.channel, row.amount_fen, row.about, row.state)
