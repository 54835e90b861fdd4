"""Orders, calls and refunds over both channels' own protocols, with everything that goes wrong with them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from bancheng.kernel.payments import channels, testing
from bancheng.kernel.payments import public as payments
from bancheng.kernel.payments.models import Callback, Order
from bancheng.kernel.payments.operations import orders
from bancheng.kernel.payments.rules import Trade
from bancheng.kernel.payments.tests.conftest import REGION, Sandbox, hear, looked_at, now, paid, sent_back, state
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Garbled, Refused, Unavailable

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("channel", ["wechat", "alipay"])]


def test_what_the_payer_pays_is_told_once(sandbox: Sandbox, opened: Order, channel: str, told: list[Any]) -> None:
    """X1: a doubled call is one payment."""
    sandbox.faults(repeat_calls=2)
    sandbox.pays(opened.number)
    for _ in range(3):
        hear(sandbox, channel)
    orders.ask(opened.pk, at=now())
    assert [(fact.order.id, fact.amount_fen, fact.late) for fact in told] == [(opened.pk, 500, False)]
    assert state(opened) == "paid"
    assert {(row.number, row.channel) for row in Callback.objects.all()} == {(opened.number, channel)}


def test_a_lost_call_is_made_up_for_by_a_question(
    sandbox: Sandbox, opened: Order, channel: str, told: list[Any]
) -> None:
    """X1: a callback that is lost."""
    sandbox.faults(lose_calls=True)
    sandbox.pays(opened.number)
    assert sandbox.quiet()
    orders.end(opened.pk, at=now())
    assert (state(opened), len(told)) == ("paid", 1)


def test_a_payment_before_the_answer_counts(sandbox: Sandbox, channel: str, told: list[Any]) -> None:
    """X1: the call comes before the order was answered."""
    sandbox.faults(pay_before_answer=True)
    made = payments.order(
        region=REGION,
        key=f"early-{channel}",
        channel=channel,
        amount_fen=500,
        description="电费",
        about="session:1",
        pay_before=now() + timedelta(minutes=3),
        at=now(),
    )
    order = Order.objects.get(pk=made.id)
    asked = channels.Order(order.number, 500, "电费", order.pay_before)
    sheet = channels.gateway(channel).prepare(asked)
    sandbox.opens(str(sheet["url"]))
    hear(sandbox, channel)
    orders.prepare(order.pk)
    assert (state(order), len(told)) == ("paid", 1)


def test_a_payment_after_closing_is_told_as_late(
    sandbox: Sandbox, opened: Order, channel: str, told: list[Any]
) -> None:
    """X1: paid after EXPIRED; the listener sends it back whole."""
    Order.objects.filter(pk=opened.pk).update(state="closed")
    paid(sandbox, channel, opened)
    assert [(fact.late, state(opened)) for fact in told] == [(True, "late")]
    assert sent_back(opened, 500).state in ("processing", "success")


def test_an_unpaid_order_is_closed_at_the_channel_too(
    sandbox: Sandbox, opened: Order, channel: str, told: list[Any]
) -> None:
    orders.end(opened.pk, at=now())
    assert (state(opened), told) == ("closed", [])
    assert [one["state"] for one in sandbox.books()["orders"] if one["number"] == opened.number] == ["CLOSED"]


@pytest.mark.parametrize("fault", ["wrong_signature", "old_call", "wrong_amount", "probe_call"])
def test_a_call_that_cannot_be_trusted_changes_nothing(
    sandbox: Sandbox, opened: Order, channel: str, told: list[Any], fault: str
) -> None:
    """Signature, time, amount, and WeChat's probes."""
    if (channel, fault) == ("alipay", "probe_call"):
        pytest.skip("Alipay sends no probes")
    sandbox.faults(**{fault: True})
    sandbox.pays(opened.number)
    _path, headers, body = sandbox.call()
    with pytest.raises(Garbled):
        payments.take_call(region=REGION, channel=channel, headers=headers, body=body, heard_at=now(), at=now())
    assert (state(opened), told, Callback.objects.count()) == ("open", [], 0)


def test_an_answer_that_the_platform_did_not_sign_is_not_believed(
    sandbox: Sandbox, opened: Order, channel: str
) -> None:
    sandbox.faults(wrong_answer_signature=True)
    with pytest.raises(Garbled, match="signature"):
        orders.ask(opened.pk, at=now())


def test_a_channel_that_is_down_leaves_everything_as_it_was(sandbox: Sandbox, opened: Order, channel: str) -> None:
    sandbox.faults(down=True)
    with pytest.raises(Unavailable):
        orders.end(opened.pk, at=now())
    assert state(opened) == "open"


def test_money_goes_back_once_and_is_told(sandbox: Sandbox, opened: Order, channel: str, told: list[Any]) -> None:
    paid(sandbox, channel, opened)
    row = sent_back(opened, 340)
    row = row if row.state == "success" else looked_at(row)
    assert (row.state, row.due_at) == ("success", None)
    assert [fact.state.value for fact in told[1:]][-1] == "success"
    again = payments.refund(region=REGION, key="back", order_id=opened.pk, amount_fen=340, reason="余额", at=now())
    assert again.id == row.pk
    assert [one["fen"] for one in sandbox.books()["refunds"] if one["order"] == opened.number] == [340]


def test_no_more_goes_back_than_came_in(sandbox: Sandbox, opened: Order, channel: str) -> None:
    """B1.8: a refund above what was paid, of nothing, of less than nothing."""
    with pytest.raises((Refused, IntegrityError)), transaction.atomic():
        payments.refund(region=REGION, key="early", order_id=opened.pk, amount_fen=1, reason="x", at=now())
    paid(sandbox, channel, opened)
    payments.refund(region=REGION, key="one", order_id=opened.pk, amount_fen=300, reason="x", at=now())
    for fen in (201, 0, -5):
        with pytest.raises(Refused) as no, transaction.atomic():
            payments.refund(region=REGION, key=f"two{fen}", order_id=opened.pk, amount_fen=fen, reason="x", at=now())
        assert no.value.code == "refund_too_much"


@pytest.mark.parametrize("fault", ["fail_after_acting", "wrong_answer_signature"])
def test_a_refund_of_which_nobody_knows_is_asked_about_before_it_is_asked_again(
    sandbox: Sandbox, opened: Order, channel: str, told: list[Any], fault: str
) -> None:
    """X15: UNKNOWN, then success: exactly one refund of the right amount."""
    paid(sandbox, channel, opened)
    sandbox.faults(**{fault: True})
    row = sent_back(opened, 340)
    assert row.state == "unknown"
    sandbox.faults(**{fault: False})
    row = looked_at(row)
    assert (row.state, len([one for one in sandbox.books()["refunds"] if one["order"] == opened.number])) == (
        "success",
        1,
    )


def test_a_refund_that_never_arrived_is_asked_again_under_its_number(
    sandbox: Sandbox, opened: Order, channel: str
) -> None:
    """X15: UNKNOWN and not found: the same number, the same amount."""
    paid(sandbox, channel, opened)
    sandbox.faults(down=True)
    row = sent_back(opened, 340)
    assert row.state == "unknown"
    sandbox.faults(down=False)
    row = looked_at(looked_at(row), timedelta(hours=2))
    assert row.state == "success"
    assert [one["number"] for one in sandbox.books()["refunds"] if one["order"] == opened.number] == [row.number]


def test_a_closed_refund_frees_its_amount_for_a_new_number(
    sandbox: Sandbox, opened: Order, channel: str, told: list[Any]
) -> None:
    """X15: CLOSED: only then a new number."""
    if channel == "alipay":
        pytest.skip("Alipay has no closed refunds")
    paid(sandbox, channel, opened)
    sandbox.faults(refunds_stay="CLOSED")
    row = sent_back(opened, 500)
    assert row.state == "closed"
    sandbox.faults(refunds_stay="")
    second = looked_at(sent_back(opened, 500, "anew"))
    assert (second.state, second.counter) == ("success", 2)
    assert Order.objects.get(pk=opened.pk).refunded_fen == 500


def test_an_abnormal_refund_waits_for_a_person(sandbox: Sandbox, opened: Order, channel: str, told: list[Any]) -> None:
    """B1.9 X15: the payer's card is dead."""
    if channel == "alipay":
        pytest.skip("Alipay has no abnormal refunds")
    paid(sandbox, channel, opened)
    sandbox.faults(refunds_stay="ABNORMAL")
    row = sent_back(opened, 500)
    assert (row.state, row.due_at) == ("abnormal", None)
    assert [one.id for one in payments.stuck(REGION, now())] == [row.pk]
    found = {"region": REGION, "refund_id": row.pk, "succeeded": True, "by": "staff:1", "at": now()}
    with pytest.raises(Refused, match="say_why"):
        payments.find(**found, why=" ")
    payments.find(**found, why="渠道后台已转账")
    with pytest.raises(Refused, match="finding_waits"), transaction.atomic():
        payments.find(**found, why="再提一次")
    waits = payments.findings(REGION)[row.pk]
    with pytest.raises(Refused, match="own_finding"):
        payments.decide(region=REGION, finding_id=waits.id, agree=True, by="staff:1", at=now())
    payments.decide(region=REGION, finding_id=waits.id, agree=False, by="staff:2", at=now())
    assert (told[-1].state.value, payments.findings(REGION)) == ("abnormal", {})
    payments.find(**found, why="渠道后台已转账，附截图")
    waits = payments.findings(REGION)[row.pk]
    payments.decide(region=REGION, finding_id=waits.id, agree=True, by="staff:2", at=now())
    with pytest.raises(Refused, match="finding_gone"):
        payments.decide(region=REGION, finding_id=waits.id, agree=True, by="staff:3", at=now())
    assert told[-1].state.value == "success"
    assert payments.stuck(REGION, now()) == []


def test_what_somebody_found_waits_for_nobody_once_the_channel_carried_it_out(
    sandbox: Sandbox, opened: Order, channel: str
) -> None:
    """B1.9: the channel was quicker than the second person."""
    if channel == "alipay":
        pytest.skip("Alipay has no abnormal refunds")
    paid(sandbox, channel, opened)
    sandbox.faults(refunds_stay="ABNORMAL")
    row = sent_back(opened, 500)
    payments.find(region=REGION, refund_id=row.pk, succeeded=False, why="渠道后台未转账", by="staff:1", at=now())
    waits = payments.findings(REGION)[row.pk]
    testing.refund_moves(row.pk, "success", now())
    assert payments.findings(REGION) == {}
    with pytest.raises(Refused, match="finding_gone"):
        payments.decide(region=REGION, finding_id=waits.id, agree=True, by="staff:2", at=now())


def test_a_refund_that_stays_is_found_stuck_after_an_hour(sandbox: Sandbox, opened: Order, channel: str) -> None:
    """R1.8: PROCESSING for ever."""
    paid(sandbox, channel, opened)
    sandbox.faults(refunds_stay="PROCESSING")
    row = looked_at(sent_back(opened, 500))
    assert row.state == {"wechat": "processing", "alipay": "unknown"}[channel]
    assert payments.stuck(REGION, now() + timedelta(minutes=50)) == []
    assert [one.id for one in payments.stuck(REGION, now() + timedelta(minutes=70))] == [row.pk]


def test_a_day_is_compared_number_by_number(sandbox: Sandbox, opened: Order, channel: str) -> None:
    """Section 9.1: equal, ours only, theirs only, amount differs."""
    paid(sandbox, channel, opened)
    looked_at(sent_back(opened, 340))
    day = day_of(now())
    sandbox.faults(bill_clock_days=2)
    found = payments.settle_day(region=REGION, channel=channel, day=day, by="system", at=now())
    ours = {row["number"] for row in found.differences.values("number") if row["number"].startswith(opened.number)}
    assert (found.equal, found.ours_fen, ours) == (2, 160, set())
    sandbox.faults(bill_extra_row=True, bill_other_amount=True)
    found = payments.settle_day(region=REGION, channel=channel, day=day, by="system", at=now())
    classes = {row.number: row.match for row in found.differences.all()}
    assert (classes["extra-row-0001"], found.equal) == ("theirs_only", 1 if opened.number in classes else 2)
    assert "amount_differs" in classes.values()
    (view,) = payments.days(REGION, first=day, last=day)
    assert view.equal == 1


def test_a_forged_number_is_nothing_of_ours(sandbox: Sandbox, channel: str) -> None:
    told = channels.Told(UUID(int=7).hex, Trade.PAID, 5, "x", datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(Garbled, match="no order of ours"):
        orders.take(told, channel=channel, at=now())
