"""Refunds: their number is stored before the channel is asked, and asked about before it is asked again."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q

from bancheng.kernel.audit import public as audit
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.payments import channels, hooks, rules
from bancheng.kernel.payments.channels import Asked, Deaf, RefundTold
from bancheng.kernel.payments.hooks import RefundView
from bancheng.kernel.payments.models import Finding, Order, Refund
from bancheng.kernel.payments.rules import RefundState
from bancheng.lib.identifiers import uuid7
from bancheng.lib.refusal import Garbled, Refused, Unavailable

LEASE = timedelta(minutes=1)  # a refund that somebody is asking for is nobody else's this long
AT_ONCE = 50


def refund(*, region: str, key: str, order_id: UUID, amount_fen: int, reason: str, at: datetime) -> RefundView:
    """Plan a refund, once for its key, and promise to ask for it. Raises Refused: refund_too_much, refund_key_taken, refund_too_many."""
    if type(amount_fen) is not int or amount_fen <= 0:
        raise _too_much()
    try:
        with transaction.atomic():
            order = Order.objects.select_for_update().get(pk=order_id, region=region)
            standing = Refund.objects.filter(region=region, key=key).first()
            if standing is not None:
                return _same(standing, order_id, amount_fen)
            counter = order.refunds.count() + 1
            if counter > rules.MOST_REFUNDS:
                raise Refused(
                    "refund_too_many",
                    "这笔付款已退五十次，渠道不再受理，请由财务人工处理。",
                    en="This payment was refunded fifty times; the channel takes no more. Finance has to see to it.",
                )
            last = order.refunds.order_by("-counter").values_list("planned_at", flat=True).first()
            due = max(at, last + rules.GAP) if last else at
            Order.objects.filter(pk=order_id).update(refunded_fen=F("refunded_fen") + amount_fen)
            row = Refund.objects.create(
                id=uuid7(at),
                region=region,
                key=key,
                order=order,
                counter=counter,
                amount_fen=amount_fen,
                reason=reason[:80],
                planned_at=at,
                due_at=due,
            )
            audit.record(
                "payments.refund_planned",
                who="system",
                about=f"refund:{row.id}",
                at=at,
                region=region,
                detail={"fen": amount_fen},
            )
            jobs.later("payments.refund", key=f"payments-refund-{row.id}", refund_id=str(row.id))
    except IntegrityError as error:
        if "goes_back" not in str(error) and "goes back" not in str(error):
            raise
        raise _too_much() from error
    return view(row)


def work(*, at: datetime) -> int:
    """Carry on with refunds that are due, `AT_ONCE` at most; return how many. Outside of any transaction; several may work at once."""
    done, deaf = 0, Deaf()
    for row in _claim(at=at, most=AT_ONCE):
        if not deaf.to(row.order.channel):  # else its lease runs out, and it is due again
            with deaf.heard(row.order.channel):
                _carry_on(row, at)
            done += 1
    return done


def carry_on(refund_id: UUID, *, at: datetime) -> None:
    """Carry on with one refund if it is due and nobody else is at it."""
    for row in _claim(at=at, most=1, only=refund_id):
        with Deaf().heard(row.order.channel):
            _carry_on(row, at)


def settle_by_hand(*, refund_id: UUID, succeeded: bool, by: str, at: datetime, why: str) -> None:
    """Move a refund that the channel calls abnormal to what two persons found. Raises Refused: refund_not_abnormal."""
    with transaction.atomic():
        row = Refund.objects.select_for_update().select_related("order").get(pk=refund_id)
        if row.state != RefundState.ABNORMAL.value:
            raise not_abnormal()
        after = RefundState.SUCCESS if succeeded else RefundState.CLOSED
        _move(row, after, why, by, at)


def not_abnormal() -> Refused:
    """Return the refusal for a refund that goes on by itself."""
    return Refused(
        "refund_not_abnormal",
        "这笔退款不在异常状态，没有改动，请刷新。",
        en="This refund is not abnormal; nothing was changed. Reload.",
    )


def take(told: RefundTold, *, channel: str, at: datetime) -> None:
    """Take in what a channel says of a refund, once. Raises Garbled when it is not what we asked for."""
    if told.state is None:
        return
    order_hex, _, counter = told.number.rpartition("-")
    with transaction.atomic():
        try:
            found = Refund.objects.select_for_update(of=("self",)).select_related("order")
            row = found.get(order_id=UUID(hex=order_hex), counter=int(counter), order__channel=channel)
        except (ValueError, Refund.DoesNotExist):
            raise Garbled(f"{channel}: {told.number[:40]!r} is no refund of ours") from None
        if told.amount_fen != row.amount_fen:
            raise Garbled(f"{channel}: a refund of {told.amount_fen} fen where {row.amount_fen} were asked for")
        if row.state == RefundState.PLANNED.value:  # it heard of it from a process that died before it wrote that down
            row.state = RefundState.SUBMITTED.value
        _move(row, told.state, told.says, f"channel:{channel}", at)


def _claim(*, at: datetime, most: int, only: UUID | None = None) -> list[Refund]:
    """Return due refunds, each of them nobody else's for LEASE. A number waits while another of its order is not final."""
    under_way = Refund.objects.filter(order=OuterRef("order"), state__in=rules.UNDER_WAY)
    with transaction.atomic():
        due = Refund.objects.select_for_update(skip_locked=True, of=("self",)).filter(due_at__lte=at)
        due = due.exclude(Q(state=RefundState.PLANNED.value) & Exists(under_way))
        due = due.filter(pk=only) if only else due
        rows = list(due.select_related("order").order_by("due_at", "counter")[:most])
        Refund.objects.filter(pk__in=[row.pk for row in rows]).update(due_at=at + LEASE)
    return rows


def _carry_on(row: Refund, at: datetime) -> None:
    """Ask, or ask about it, as its state says; nobody knows what became of it when the channel does not say, and that is raised on."""
    try:
        gateway = channels.gateway(row.order.channel)
        told = RefundTold(row.number, None)
        if row.state != RefundState.PLANNED.value:
            told = gateway.query_refund(row.order.number, row.number)
        if told.state is None:
            if not _submitted(row, at):
                return
            told = gateway.refund(Asked(row.order.number, row.number, row.amount_fen, row.order.amount_fen, row.reason))
        take(told, channel=row.order.channel, at=at)
    except (Unavailable, Garbled) as no:
        _not_known(row, str(no), at)
        raise
    _again_later(row.pk, at)


def _submitted(row: Refund, at: datetime) -> bool:
    """Write down that it is asked for: the same number and amount, however often. False: it has become final, or another is under way.

    Whoever slept while somebody else carried on finds it so, and asks nothing.
    """
    asks = Refund.objects.filter(pk=row.pk, state__in=[RefundState.PLANNED, *rules.ASKED])
    try:
        with transaction.atomic():
            return bool(asks.update(state=RefundState.SUBMITTED.value, submitted_at=row.submitted_at or at))
    except IntegrityError as error:
        if "one_refund_of_an_order_under_way" not in str(error):
            raise
        Refund.objects.filter(pk=row.pk).update(due_at=at + rules.GAP)
        return False


def _not_known(row: Refund, says: str, at: datetime) -> None:
    with transaction.atomic():
        fresh = Refund.objects.select_for_update(of=("self",)).select_related("order").get(pk=row.pk)
        if RefundState(fresh.state) in (RefundState.SUBMITTED, RefundState.UNKNOWN):
            _move(fresh, RefundState.UNKNOWN, says, "system", at)
    _again_later(row.pk, at)


def _again_later(refund_id: UUID, at: datetime) -> None:
    """Set when a refund that is not final is looked at next; one that is a person's is not."""
    with transaction.atomic():
        row = Refund.objects.select_for_update().get(pk=refund_id)
        state = RefundState(row.state)
        if state in rules.FINAL or state is RefundState.ABNORMAL:
            return
        row.asked += 1
        row.due_at = at + rules.next_look(row.asked, state)
        row.save(update_fields=["asked", "due_at"])


def _move(row: Refund, after: RefundState, says: str, by: str, at: datetime) -> None:
    """Bring a locked refund to another state, if that may follow, and tell."""
    before = RefundState(row.state)
    if after is before or after not in rules.REFUND_NEXT[before]:
        return
    row.state, row.says, row.asked = after.value, says[:200], 0
    if after in rules.FINAL or after is RefundState.ABNORMAL:
        row.due_at = None
    if after is RefundState.SUCCESS:
        row.done_at = at
    row.save(update_fields=["state", "says", "asked", "due_at", "done_at"])
    if before is RefundState.ABNORMAL:  # what somebody found of it waits for nobody any more
        Finding.objects.filter(refund=row, decided_at=None).update(decided_by=by[:64], decided_at=at)
    if after is RefundState.CLOSED:
        Order.objects.filter(pk=row.order_id).update(refunded_fen=F("refunded_fen") - row.amount_fen)
    audit.record(
        "payments.refund_moved",
        who=by,
        about=f"refund:{row.id}",
        at=at,
        region=row.region,
        detail={"from": before.value, "to": after.value},
    )
    hooks.refund_moved.fire(hooks.RefundMoved(view(row), after, at))
    if after in rules.FINAL:
        _wake_next(row.order_id)


def _wake_next(order_id: UUID) -> None:
    """Promise the next number of an order, which waited for this one."""
    waits = Refund.objects.filter(order=order_id, state=RefundState.PLANNED.value).order_by("counter").first()
    if waits is not None:
        jobs.later("payments.refund", key=f"payments-refund-{waits.pk}", refund_id=str(waits.pk))


def _same(row: Refund, order_id: UUID, amount_fen: int) -> RefundView:
    if (row.order_id, row.amount_fen) != (order_id, amount_fen):
        raise Refused(
            "refund_key_taken",
            "同一编号的退款内容不同，没有登记新的退款。",
            en="A refund with this key stands and says something else; none was planned.",
        )
    return view(row)


def _too_much() -> Refused:
    return Refused(
        "refund_too_much",
        "退款金额应大于零，且合计不超过实收金额，没有登记退款。",
        en="A refund is above zero, and all together never more than what came in; none was planned.",
        status=422,
    )


def view(row: Refund) -> RefundView:
    """Return a refund as others see it; its order must be at hand."""
    return RefundView(
        row.id,
        row.region,
        row.key,
        row.order_id,
        row.number,
        row.order.channel,
        row.amount_fen,
        row.order.about,
        row.state,
        row.says,
        row.planned_at,
    )
