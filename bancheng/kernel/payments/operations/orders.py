"""Orders: written down, shown to the channel by a job, paid once whoever says it, asked about before they are closed."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q

from bancheng.kernel.audit import public as audit
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.payments import channels, hooks, rules
from bancheng.kernel.payments.channels import Deaf, Told
from bancheng.kernel.payments.hooks import OrderView
from bancheng.kernel.payments.models import Order
from bancheng.kernel.payments.rules import Channel, OrderState, Trade
from bancheng.lib import rows
from bancheng.lib.identifiers import uuid7
from bancheng.lib.refusal import Garbled, Refused

AT_ONCE = 500
UNPAID = [OrderState.OPEN.value, OrderState.CLOSED.value]  # it may turn out to be paid, a closed one too
MOST_FEN = 10_000_000  # 100,000 yuan: above it nobody pays by scanning

WRITE = f"{rows.insert(Order, '%(orders)s::jsonb')} ON CONFLICT (region, key) DO NOTHING"
OPEN = "UPDATE payments_order SET state = 'open', sheet = %s::jsonb, payer_ip = NULL, openid = '' WHERE id = %s AND state = 'new'"
# an order is taken in once: where it goes follows from where it is, and who comes second finds that nothing follows
TAKE = f"""
UPDATE payments_order SET state = %(then)s::jsonb ->> state, payer_ip = NULL,
    paid_at = coalesce(%(paid_at)s::timestamptz, paid_at), channel_ref = coalesce(%(ref)s::text, channel_ref)
WHERE id = %(id)s AND channel = %(channel)s AND %(then)s::jsonb ? state AND amount_fen = coalesce(%(fen)s::int, amount_fen)
RETURNING {rows.columns(Order)}
"""


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
    payer_ip: str = "",
) -> OrderView:
    """Write an order, once for its key, and promise to show it to the channel. Raises Refused: payment_amount, payment_key_taken."""
    if type(amount_fen) is not int or not 0 < amount_fen <= MOST_FEN:
        raise Refused(
            "payment_amount",
            "金额应大于零且不超过十万元，没有生成支付单。",
            en="The amount must be above zero and at most 100,000 yuan; no payment was made.",
            status=422,
        )
    row = Order(
        id=uuid7(at),
        region=region,
        key=key,
        channel=Channel(channel).value,
        amount_fen=amount_fen,
        description=description[:100],
        about=about,
        openid=openid,
        return_url=return_url,
        payer_ip=payer_ip or None,
        pay_before=pay_before,
        created_at=at,
    )
    with transaction.atomic(savepoint=False):
        if not _written(row):
            row = _standing(row)
    if (row.channel, row.amount_fen) != (channel, amount_fen):
        raise Refused(
            "payment_key_taken",
            "同一编号的支付单内容不同，没有生成新的支付单。",
            en="A payment with this key stands and says something else; none was made.",
        )
    return view(row)


def _written(row: Order) -> bool:
    """Write an order, once for its key, and promise to show it to the channel."""
    with connection.cursor() as cursor:
        cursor.execute(WRITE, {"orders": rows.text(rows.document(row))})
        if not cursor.rowcount:
            return False
    audit.record(
        "payments.ordered",
        who="system",
        about=_about(row),
        at=row.created_at,
        region=row.region,
        detail={"fen": row.amount_fen},
    )
    jobs.later("payments.prepare", key=f"payments-prepare-{row.id}", order_id=str(row.id))
    return True


def _standing(row: Order) -> Order:
    return Order.objects.get(region=row.region, key=row.key)


def prepare(order_id: UUID, *, ahead: timedelta = timedelta(0)) -> None:
    """Show a new order to its channel and keep what opens the pay sheet, and no longer who asked; again for one that is shown does nothing.

    `ahead` is how far our clock is before the channel's: nothing, but where a demonstration has moved it.
    """
    row = _read(order_id)
    if row.state != OrderState.NEW.value:
        return
    sheet = channels.gateway(row.channel).prepare(
        channels.Order(
            row.number,
            row.amount_fen,
            row.description,
            row.pay_before - ahead,
            row.openid,
            row.return_url,
            row.payer_ip or "",
        )
    )
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [rows.text(dict(sheet)), order_id])


def _read(order_id: UUID) -> Order:
    with connection.cursor() as cursor:
        (found,) = rows.read(cursor, Order, "WHERE id = %s", [order_id])
    return found


def query(order_id: UUID, at: datetime) -> None:
    """Promise to ask the channel whether an order is paid; who asks again within five seconds, or knows already, promises nothing."""
    lately = Q(asked_at__gt=at - rules.ASK_GAP)
    unpaid = Order.objects.filter(pk=order_id, state__in=UNPAID).exclude(lately)
    with transaction.atomic():
        if unpaid.update(asked_at=at):
            jobs.later("payments.ask", key=f"payments-ask-{order_id}", order_id=str(order_id))


def close(order_id: UUID) -> None:
    """Promise to close an order at the channel, unless it turns out to be paid."""
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
    if ask(order_id, at=at) is Trade.UNKNOWN and at >= row.pay_before + rules.GRACE:
        # the channel never heard of it, and from now on takes no money for it; until then whoever has the sheet's address may pay
        take(Told(row.number, Trade.CLOSED), channel=row.channel, at=at)


def work(*, at: datetime) -> int:
    """Ask about every order that should have been told of by now, and end those whose time is over; return how many.

    A channel delivers its calls as well as it can; nothing here depends on them. Outside of any transaction; several may work at once.
    """
    over = Q(pay_before__lte=at)
    quiet = Q(state=OrderState.OPEN.value, pay_before__gt=at, created_at__lte=at - rules.PATIENCE)
    unpaid = Order.objects.filter(over | quiet, state__in=[OrderState.NEW.value, OrderState.OPEN.value])
    # whoever was asked about longest ago is first: three that cannot be answered do not keep the others waiting
    found = list(unpaid.order_by(F("asked_at").asc(nulls_first=True), "pay_before")[:AT_ONCE])
    deaf = Deaf()
    for row in found:
        if deaf.to(row.channel):
            continue
        Order.objects.filter(pk=row.pk).update(asked_at=at)
        with deaf.heard(row.channel):
            if row.pay_before <= at:
                end(row.pk, at=at)
            else:
                ask(row.pk, at=at)
    return len(found)


def take(told: Told, *, channel: str, at: datetime) -> None:
    """Take in what a channel says of an order, once. Raises Garbled when it is not what we asked for."""
    order_id = id_of(told.number)
    if order_id is None:
        raise _not_ours(told, channel)
    paid = told.state is Trade.PAID
    with jobs.act():
        held = tuple(hooks.moving.fire(hooks.Moving(order_id))) if paid else ()
        with connection.cursor() as cursor:
            given: dict[str, Any] = {
                "id": order_id,
                "channel": channel,
                "then": rows.text(
                    {str(b.value): then[told.state].value for b, then in rules.ORDER_NEXT.items() if told.state in then}
                ),
                "paid_at": told.at or at if paid else None,
                "ref": told.ref if paid else None,
                "fen": told.amount_fen if paid else None,
            }
            cursor.execute(TAKE, given)
            found = rows.found_in(cursor, Order)
        if not found:
            _check_stands(order_id, told, channel)
            return
        _note(found[0][0], told, held, at)


def _check_stands(order_id: UUID, told: Told, channel: str) -> None:
    """Raise Garbled unless it is an order of ours that has nothing to learn."""
    row = Order.objects.filter(pk=order_id, channel=channel).first()
    if row is None:
        raise _not_ours(told, channel)
    if told.state in rules.ORDER_NEXT[OrderState(row.state)]:
        raise Garbled(f"{channel}: {told.amount_fen} fen were paid where {row.amount_fen} were asked for")


def _not_ours(told: Told, channel: str) -> Garbled:
    return Garbled(f"{channel}: {told.number[:40]!r} is no order of ours")


def _note(row: Order, told: Told, held: tuple[object, ...], at: datetime) -> None:
    """Record where an order has gone, and tell who waits for its money."""
    action = ACTIONS.get(OrderState(row.state))
    if action is None:
        return
    audit.record(action, who=f"channel:{row.channel}", about=_about(row), at=at, region=row.region)
    if told.state is Trade.PAID:
        late = row.state == OrderState.LATE.value
        hooks.paid.fire(hooks.Paid(view(row), row.amount_fen, at, late, held))


ACTIONS: dict[OrderState, str] = {
    OrderState.PAID: "payments.paid",
    OrderState.LATE: "payments.paid_late",
    OrderState.CLOSED: "payments.closed",
}


def id_of(number: str) -> UUID | None:
    """Return the order that a channel's number is about, if it can be one of ours."""
    try:
        return UUID(hex=number)
    except ValueError:
        return None


def _about(row: Order) -> str:
    return f"payment:{row.id}"


def view(row: Order) -> OrderView:
    """Return an order as others see it."""
    return OrderView(row.id, row.region, row.key, row.channel, row.amount_fen, row.about, row.state)
