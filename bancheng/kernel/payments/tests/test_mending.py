"""What holds when processes sleep, calls are lost and nobody comes back: one payment, one refund, in the tables too."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.db import IntegrityError, transaction

from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.payments import channels, rules
from bancheng.kernel.payments import public as payments
from bancheng.kernel.payments.models import Callback, Order, Refund
from bancheng.kernel.payments.operations import bills, calls, orders, refunds
from bancheng.kernel.payments.tests.conftest import REGION, Sandbox, hear, looked_at, now, paid, sent_back, state
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Garbled, Unavailable

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("channel", ["wechat", "alipay"])]


def planned(order: Order, fen: int, key: str) -> Refund:
    made = payments.refund(region=REGION, key=key, order_id=order.pk, amount_fen=fen, reason="余额", at=now())
    return Refund.objects.select_related("order").get(pk=made.id)


def test_a_payment_nobody_told_of_is_asked_about_within_the_minute(
    sandbox: Sandbox, opened: Order, channel: str, told: list[Any]
) -> None:
    """X1: a callback that is lost, before the order's time is over."""
    sandbox.faults(lose_calls=True)
    sandbox.pays(opened.number)
    assert orders.work(at=now()) == 0, "it is too early to ask"
    orders.work(at=now() + rules.PATIENCE)
    assert (state(opened), [fact.late for fact in told]) == ("paid", [False])


def test_an_order_nobody_ends_is_ended_when_its_time_is_over(
    sandbox: Sandbox, opened: Order, channel: str, told: list[Any]
) -> None:
    orders.work(at=opened.pay_before)
    assert (state(opened), told) == ("closed", [])
    assert orders.work(at=opened.pay_before + timedelta(days=1)) == 0


def test_an_order_the_channel_never_heard_of_is_kept_open_until_nobody_can_pay_it(
    sandbox: Sandbox, channel: str, told: list[Any]
) -> None:
    """Alipay hears of an order when its payer comes; until its time is over, he may."""
    made = payments.order(
        region=REGION,
        key=f"unseen-{channel}",
        channel=channel,
        amount_fen=500,
        description="电费",
        about="session:1",
        pay_before=now() + timedelta(minutes=3),
        at=now(),
    )
    row = Order.objects.get(pk=made.id)
    orders.end(row.pk, at=now())
    assert state(row) == "new"
    orders.end(row.pk, at=row.pay_before + rules.GRACE)
    assert state(row) == "closed"


def test_who_waits_may_ask_often_and_the_channel_is_asked_seldom(sandbox: Sandbox, opened: Order, channel: str) -> None:
    at = now()
    for seconds in (0, 1, 4, 5, 6):
        payments.query(opened.pk, at + timedelta(seconds=seconds))
        jobs.run_all(name="payments.ask")
    assert Order.objects.get(pk=opened.pk).asked_at == at + timedelta(seconds=5)
    paid(sandbox, channel, opened)
    payments.query(opened.pk, at + timedelta(hours=1))
    assert jobs.promised("payments.ask") == []


def test_a_channel_that_does_not_answer_keeps_nobody_else_waiting(
    sandbox: Sandbox, opened: Order, channel: str
) -> None:
    rows = [Order.objects.get(pk=opened.pk)]
    for n in range(6):
        made = payments.order(
            region=REGION,
            key=f"more-{channel}-{n}",
            channel=channel,
            amount_fen=500,
            description="电费",
            about="session:1",
            pay_before=now() + timedelta(minutes=3),
            at=now(),
        )
        rows.append(Order.objects.get(pk=made.id))
    sandbox.faults(down=True)
    at = opened.pay_before + timedelta(minutes=5)
    orders.work(at=at)
    assert Order.objects.filter(asked_at=at).count() == channels.ENOUGH
    orders.work(at=at + timedelta(minutes=1))
    asked = Order.objects.filter(asked_at__gte=at)
    assert asked.count() == 2 * channels.ENOUGH, "the next ones come first then"


def test_a_worker_that_slept_changes_nothing_any_more(
    sandbox: Sandbox, opened: Order, channel: str, told: list[Any]
) -> None:
    """X15: its lease is over, another has carried on; the same number is final once."""
    paid(sandbox, channel, opened)
    row = planned(opened, 340, "slept")
    row = looked_at(sent_back(opened, 340, "slept")) if channel == "wechat" else sent_back(opened, 340, "slept")
    assert row.state == "success"
    before = len(told)
    asleep = Refund.objects.select_related("order").get(pk=row.pk)
    asleep.state = "unknown"  # what it saw before it fell asleep
    refunds._carry_on(asleep, now() + timedelta(hours=3))
    assert refunds._submitted(asleep, now()) is False
    assert (Refund.objects.get(pk=row.pk).state, len(told)) == ("success", before)
    assert [one["fen"] for one in sandbox.refunds_of(opened.number)] == [340]


def test_a_second_number_waits_until_the_first_is_final(
    sandbox: Sandbox, opened: Order, channel: str, told: list[Any]
) -> None:
    """X15: never a second number while one is not final; then it goes at once."""
    paid(sandbox, channel, opened)
    sandbox.faults(refunds_stay="PROCESSING")
    first, second = planned(opened, 300, "first"), planned(opened, 200, "second")
    later = now() + timedelta(hours=1)
    for _ in range(3):
        refunds.work(at=later)
    assert Refund.objects.get(pk=second.pk).state == "planned"
    assert [one["number"] for one in sandbox.refunds_of(opened.number)] == [first.number]
    with pytest.raises(IntegrityError, match="one_refund_of_an_order_under_way"), transaction.atomic():
        Refund.objects.filter(pk=second.pk).update(state="submitted")
    sandbox.faults(refunds_stay="")
    sandbox.finishes(first.number, "SUCCESS")
    looked_at(first, timedelta(hours=2))
    assert {"refund_id": str(second.pk)} in [args for _name, args in jobs.promised("payments.refund")]
    for hours in (3, 4):
        looked_at(second, timedelta(hours=hours))
    assert sorted(one["fen"] for one in sandbox.refunds_of(opened.number)) == [200, 300]
    assert [row.state for row in payments.refunds_of(opened.pk)] == ["success", "success"]


def test_one_refund_that_cannot_be_read_stops_no_other(
    sandbox: Sandbox, opened: Order, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid(sandbox, channel, opened)
    sandbox.faults(wrong_answer_signature=True)
    row = planned(opened, 100, "unread")
    assert refunds.work(at=now() + timedelta(minutes=5)) == 1
    assert Refund.objects.get(pk=row.pk).state == "unknown"


def test_an_answer_of_somebody_in_between_is_no_answer(opened: Order, channel: str, sandbox: Sandbox) -> None:
    """A proxy's 404 does not say that there is no such order, nor its 403 that a refund was refused."""
    gateway = channels.gateway(channel)

    def answered(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404 if request.method == "GET" else 403, text="<html>nginx</html>")

    gateway.http = httpx.Client(transport=httpx.MockTransport(answered))  # type: ignore[attr-defined]
    with pytest.raises((Unavailable, Garbled)):
        gateway.query(opened.number)
    with pytest.raises((Unavailable, Garbled)):
        gateway.refund(channels.Asked(opened.number, "r-1", 1, 500, "余额"))
    with pytest.raises((Unavailable, Garbled)):
        gateway.query_refund(opened.number, "r-1")


def test_a_call_is_kept_as_it_came_and_never_changed(sandbox: Sandbox, opened: Order, channel: str) -> None:
    sandbox.pays(opened.number)
    _path, headers, body = sandbox.call()
    payments.take_call(region=REGION, channel=channel, headers=headers, body=body, heard_at=now(), at=now())
    row = Callback.objects.get()
    assert body not in bytes(row.raw_sealed)
    kept, raw = calls.open_raw(row)
    assert raw == body
    assert channels.gateway(channel).called(kept, raw, now()).told.number == opened.number
    for change in ({"number": "x"}, {"told": {}}, {"notice": "x"}):
        with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
            Callback.objects.update(**change)
    with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
        Callback.objects.all().delete()


def test_the_tables_keep_amounts_and_ends(sandbox: Sandbox, opened: Order, channel: str, told: list[Any]) -> None:
    """B1.8: an amount stays, paid stays paid, a refund that is done stays done, whatever a process believes."""
    paid(sandbox, channel, opened)
    row = looked_at(sent_back(opened, 500))
    assert row.state == "success"
    for change in ({"amount_fen": 1}, {"state": "open"}, {"region": "411001"}):
        with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
            Order.objects.filter(pk=opened.pk).update(**change)
    for change in ({"amount_fen": 1}, {"state": "submitted"}, {"counter": 9}):
        with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
            Refund.objects.filter(pk=row.pk).update(**change)


def test_money_that_only_the_bill_knows_of_is_asked_about(
    sandbox: Sandbox, opened: Order, channel: str, told: list[Any]
) -> None:
    """Section 9.1: theirs only, and ours after all: told as late, so that it goes back."""
    sandbox.faults(lose_calls=True, bill_clock_days=2)
    sandbox.pays(opened.number)
    Order.objects.filter(pk=opened.pk).update(state="closed")
    day = day_of(now())
    payments.settle_day(region=REGION, channel=channel, day=day, by="system", at=now())
    assert bills.ask_about_theirs(region=REGION, channel=channel, day=day, at=now()) == 1
    assert [(fact.late, fact.amount_fen) for fact in told] == [(True, 500)]


def test_a_day_is_compared_until_it_fits(sandbox: Sandbox, opened: Order, channel: str) -> None:
    """Section 9.1: a missed day is caught up, one that did not fit is looked at again, one that fits is left alone."""
    paid(sandbox, channel, opened)
    sent_back(opened, 100)  # moved too, and in the bill: an empty one would be taken for one that is not there yet
    day = day_of(now())
    to_compare = bills.to_compare(REGION, channel, day + timedelta(days=1))
    assert (len(to_compare), to_compare[-1]) == (bills.DAYS_BACK, day)
    sandbox.faults(bill_clock_days=2, bill_missing_row=True)
    found = payments.settle_day(region=REGION, channel=channel, day=day, by="system", at=now())
    assert [(one.number, one.match) for one in found.differences.filter(match="ours_only")] == [
        (opened.number, "ours_only")
    ]
    assert bills.to_compare(REGION, channel, day + timedelta(days=1))[-1] == day
    found.differences.all().delete()
    assert bills.to_compare(REGION, channel, day + timedelta(days=1))[-1] == day - timedelta(days=1)
    payments.compare_again(region=REGION, channel=channel, day=day)
    assert jobs.promised("payments.compare_day") == [
        ("payments.compare_day", {"region": REGION, "channel": channel, "day": day.isoformat()})
    ]


def test_no_bill_before_ten_on_the_next_day_is_taken_for_an_empty_one(
    sandbox: Sandbox, opened: Order, channel: str
) -> None:
    paid(sandbox, channel, opened)
    with pytest.raises(Unavailable):
        payments.settle_day(region=REGION, channel=channel, day=day_of(now()), by="system", at=now())


def test_statements_of_what_is_read_do_not_grow(
    sandbox: Sandbox, opened: Order, channel: str, django_assert_num_queries: Any
) -> None:
    paid(sandbox, channel, opened)
    for n in range(5):
        planned(opened, 10, f"count-{n}")
    with django_assert_num_queries(1):
        assert len(payments.refunds_of(opened.pk)) == 5
    with django_assert_num_queries(1):
        assert len(payments.stuck(REGION, now() + timedelta(hours=2))) == 5
    with django_assert_num_queries(1):
        payments.days(REGION, first=day_of(now()), last=day_of(now()))


def test_a_doubled_call_in_another_order_of_things(sandbox: Sandbox, opened: Order, channel: str) -> None:
    """X1: Alipay tells of the payment again after a refund in part; it is no second payment."""
    paid(sandbox, channel, opened)
    sent_back(opened, 100)
    hear(sandbox, channel)
    assert (state(opened), Callback.objects.count()) == ("paid", 2)
