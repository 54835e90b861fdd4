"""Refunds: their number is stored before the channel is asked, and asked about before it is asked again."""

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from bancheng.kernel.audit import public as audit
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.payments import channels, hooks, rules
from bancheng.kernel.payments.channels import Asked, Deaf, RefundTold
from bancheng.kernel.payments.hooks import RefundView
from bancheng.kernel.payments.models import Finding, Order, Refund
from bancheng.kernel.payments.rules import RefundState
from bancheng.lib import rows
from bancheng.lib.identifiers import uuid7
from bancheng.lib.refusal import Garbled, Refused, Unavailable

LEASE = timedelta(minutes=1)  # a refund that somebody is asking for is nobody else's this long
AT_ONCE = 50

# The order is held and then looked at; a refund that another wrote in between takes its number or its key, and ours is not written: asked once
# more, the order is held already and everything is seen as it is.
PLAN = """
WITH held AS (
    SELECT id, channel, about, amount_fen, refunded_fen, paid_at FROM payments_order WHERE id = %(order)s AND region = %(region)s FOR UPDATE
), standing AS (
    SELECT id FROM payments_refund WHERE region = %(region)s AND key = %(key)s
), so_far AS (
    SELECT count(*)::int AS refunds, max(planned_at) AS last FROM payments_refund WHERE order_id = %(order)s
), made AS (
    INSERT INTO payments_refund (id, region, key, order_id, counter, amount_fen, reason, state, says, asked, due_at, planned_at)
    SELECT %(id)s, %(region)s, %(key)s, held.id, refunds + 1, %(fen)s::int, %(reason)s, 'planned', '', 0,
        greatest(%(at)s, last + %(gap)s), %(at)s
    FROM held, so_far
    WHERE paid_at IS NOT NULL AND refunded_fen + %(fen)s::int <= amount_fen AND refunds < %(most)s::int AND NOT EXISTS (SELECT FROM standing)
    ON CONFLICT DO NOTHING RETURNING counter
), moved AS (
    UPDATE payments_order SET refunded_fen = payments_order.refunded_fen + %(fen)s::int FROM made WHERE payments_order.id = %(order)s
)
SELECT channel, about, paid_at IS NOT NULL AND refunded_fen + %(fen)s::int <= amount_fen, refunds < %(most)s::int,
    (SELECT id FROM standing), (SELECT counter FROM made)
FROM held, so_far
"""
CLAIM = f"""
WITH due AS (
    SELECT id FROM payments_refund AS refund WHERE due_at <= %(at)s {{only}} AND NOT (
        state = 'planned' AND EXISTS (
            SELECT FROM payments_refund AS other
            WHERE other.order_id = refund.order_id AND other.state IN ({", ".join(f"'{one}'" for one in sorted(rules.UNDER_WAY))})
        )
    ) ORDER BY due_at, counter LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
UPDATE payments_refund AS refund SET due_at = %(until)s FROM due, payments_order AS "order"
WHERE refund.id = due.id AND "order".id = refund.order_id RETURNING {rows.columns(Refund, "refund")}, {rows.columns(Order, '"order"')}
"""
CLAIM_DUE, CLAIM_ONE = CLAIM.format(only=""), CLAIM.format(only="AND id = %(only)s")
ASK = """
UPDATE payments_refund SET state = 'submitted', submitted_at = coalesce(submitted_at, %s) WHERE id = %s AND state = ANY(%s)
"""
HELD = f"""
SELECT {rows.columns(Refund, "refund")}, {rows.columns(Order, '"order"')}, EXISTS (
    SELECT FROM payments_refund AS other WHERE other.order_id = refund.order_id AND other.state = 'planned' AND other.id <> refund.id
) FROM payments_refund AS refund JOIN payments_order AS "order" ON "order".id = refund.order_id WHERE {{which}} FOR UPDATE OF refund
"""
BY_NUMBER = HELD.format(which="refund.order_id = %s AND refund.counter = %s")
BY_ID = HELD.format(which="refund.id = %s")
MOVE = """
UPDATE payments_refund SET state = %(state)s, says = %(says)s, asked = %(asked)s, due_at = %(due_at)s, done_at = %(done_at)s WHERE id = %(id)s
"""


def refund(*, region: str, key: str, order_id: UUID, amount_fen: int, reason: str, at: datetime) -> RefundView:
    """Plan a refund, once for its key, and promise to ask for it. Raises Refused: refund_too_much, refund_key_taken, refund_too_many."""
    if type(amount_fen) is not int or amount_fen <= 0:
        raise _too_much()
    refund_id = uuid7(at)
    given = {
        "id": refund_id, "region": region, "key": key, "order": order_id, "fen": amount_fen, "reason": reason[:80], "at": at,
        "gap": rules.GAP, "most": rules.MOST_REFUNDS,
    }  # fmt: skip
    with transaction.atomic(savepoint=False):
        channel, about, enough, few, standing, counter = _planned(given)
        if counter is not None:
            audit.record(
                "payments.refund_planned",
                who="system",
                about=f"refund:{refund_id}",
                at=at,
                region=region,
                detail={"fen": amount_fen},
            )
            jobs.later("payments.refund", key=f"payments-refund-{refund_id}", refund_id=str(refund_id))
    if standing is not None:
        return _same(Refund.objects.select_related("order").get(pk=standing), order_id, amount_fen)
    if not few:
        raise Refused(
            "refund_too_many",
            "这笔付款已退五十次，渠道不再受理，请由财务人工处理。",
            en="This payment was refunded fifty times; the channel takes no more. Finance has to see to it.",
        )
    if not enough:
        raise _too_much()
    number = f"{order_id.hex}-{counter}"
    planned = RefundState.PLANNED.value
    return RefundView(refund_id, region, key, order_id, number, channel, amount_fen, about, planned, "", at)


def _planned(given: dict[str, Any]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        for _ in range(2):
            cursor.execute(PLAN, given)
            found = cursor.fetchone()
            if found is None:
                raise Order.DoesNotExist(f"there is no order {given['order']}")
            *_, enough, few, standing, counter = found
            if counter is not None or standing is not None or not (enough and few):
                return tuple(found)
    raise IntegrityError(f"refund {given['key']} was neither written nor found")


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


@dataclass(frozen=True)
class Held:
    """A refund that is locked, with its order, behind what others hold of it."""

    row: Refund
    by: tuple[Any, ...]
    others: bool  # another of its order is planned and waits


def hold(refund_id: UUID) -> Held:
    """Hold a refund in the caller's transaction, and before it whatever others keep for its order."""
    by = _moving(Refund.objects.values_list("order_id", flat=True).get(pk=refund_id))
    found = _locked(BY_ID, [refund_id], by)
    assert found
    return found


def settle_by_hand(*, refund_id: UUID, succeeded: bool, by: str, at: datetime, why: str) -> None:
    """Move a refund that the channel calls abnormal to what two persons found. Raises Refused: refund_not_abnormal."""
    with transaction.atomic():
        found = hold(refund_id)
        if found.row.state != RefundState.ABNORMAL.value:
            raise not_abnormal()
        after = RefundState.SUCCESS if succeeded else RefundState.CLOSED
        _move(found, after, why, by, at)


def not_abnormal() -> Refused:
    """Return the refusal for a refund that goes on by itself."""
    return Refused(
        "refund_not_abnormal",
        "这笔退款不在异常状态，没有改动，请刷新。",
        en="This refund is not abnormal; nothing was changed. Reload.",
    )


def take(told: RefundTold, *, channel: str, at: datetime) -> None:
    """Take in what a channel says of a refund, once. Raises Garbled when it is not what we asked for."""
    _take(told, channel=channel, at=at, looked=False)


def _take(told: RefundTold, *, channel: str, at: datetime, looked: bool) -> None:
    """Take it in; `looked`: it was asked about, so it is looked at again later when it is not final."""
    if told.state is None:  # it has no such refund: that is known only when it is asked about
        return
    order_hex, _, counter = told.number.rpartition("-")
    try:
        which = [UUID(hex=order_hex), int(counter)]
    except ValueError:
        raise _not_ours(told, channel) from None
    with jobs.act():
        by = _moving(which[0]) if told.state in rules.ENDS else ()
        found = _locked(BY_NUMBER, which, by)
        if found is None or found.row.order.channel != channel:
            raise _not_ours(told, channel)
        row = found.row
        if told.amount_fen != row.amount_fen:
            raise Garbled(f"{channel}: a refund of {told.amount_fen} fen where {row.amount_fen} were asked for")
        if row.state == RefundState.PLANNED.value:  # it heard of it from a process that died before it wrote that down
            row.state = RefundState.SUBMITTED.value
        _move(found, told.state, told.says, f"channel:{channel}", at, looked=looked)


def _moving(order_id: Any) -> tuple[Any, ...]:
    return tuple(hooks.moving.fire(hooks.Moving(order_id)))


def _locked(statement: str, which: list[Any], by: tuple[Any, ...]) -> Held | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, which)
        found = rows.found_in(cursor, Refund, Order)
    if not found:
        return None
    row, order, others = found[0]
    row.order = order
    return Held(row, by, others)


def _not_ours(told: RefundTold, channel: str) -> Garbled:
    return Garbled(f"{channel}: {told.number[:40]!r} is no refund of ours")


def _claim(*, at: datetime, most: int, only: UUID | None = None) -> list[Refund]:
    """Return due refunds, each of them nobody else's for LEASE. A number waits while another of its order is not final."""
    given: dict[str, Any] = {"at": at, "most": most, "until": at + LEASE}
    with connection.cursor() as cursor:
        cursor.execute(CLAIM_ONE if only else CLAIM_DUE, given | ({"only": only} if only else {}))
        found = rows.found_in(cursor, Refund, Order)
    for row, order in found:
        row.order = order
    return sorted((row for row, _ in found), key=lambda row: (row.planned_at, row.counter))


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
        _take(told, channel=row.order.channel, at=at, looked=True)
    except (Unavailable, Garbled) as no:
        _not_known(row, str(no), at)
        raise


def _submitted(row: Refund, at: datetime) -> bool:
    """Write down that it is asked for: the same number and amount, however often. False: it has become final, or another is under way.

    Whoever slept while somebody else carried on finds it so, and asks nothing.
    """
    states = [RefundState.PLANNED.value, *sorted(state.value for state in rules.ASKED)]
    try:
        # a statement by itself needs no transaction around it; within one it must not take that along
        with transaction.atomic() if connection.in_atomic_block else nullcontext(), connection.cursor() as cursor:
            cursor.execute(ASK, [row.submitted_at or at, row.pk, states])
            return bool(cursor.rowcount)
    except IntegrityError as error:
        if "one_refund_of_an_order_under_way" not in str(error):
            raise
        Refund.objects.filter(pk=row.pk).update(due_at=at + rules.GAP)
        return False


def _not_known(row: Refund, says: str, at: datetime) -> None:
    with jobs.act():
        found = _locked(BY_ID, [row.pk], ())
        assert found
        state = RefundState(found.row.state)
        after = RefundState.UNKNOWN if state in (RefundState.SUBMITTED, RefundState.UNKNOWN) else state
        _move(found, after, says, "system", at, looked=True)


def _move(found: Held, after: RefundState, says: str, by: str, at: datetime, *, looked: bool = False) -> None:
    """Bring a locked refund to another state, if that may follow, and tell; one that is not final is looked at again later."""
    row, before = found.row, RefundState(found.row.state)
    moves = after is not before and after in rules.REFUND_NEXT[before]
    now = after if moves else before
    ends = now in rules.ENDS
    if moves:
        row.state, row.says, row.asked = now.value, says[:200], 0
        row.done_at = at if now is RefundState.SUCCESS else row.done_at
    if looked and not ends:
        row.asked += 1
        row.due_at = at + rules.next_look(row.asked, now)
    if moves or (looked and not ends):
        row.due_at = None if ends else row.due_at
        _write(row)
    if moves:
        _tell(found, before, now, by, at)


def _write(row: Refund) -> None:
    given: dict[str, Any] = {
        "id": row.pk,
        "state": row.state,
        "says": row.says,
        "asked": row.asked,
        "due_at": row.due_at,
        "done_at": row.done_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(MOVE, given)


def _tell(found: Held, before: RefundState, after: RefundState, by: str, at: datetime) -> None:
    row = found.row
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
    hooks.refund_moved.fire(hooks.RefundMoved(view(row), after, at, found.by))
    if after in rules.FINAL and found.others:
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
