"""Anything in any order, over the real protocols: calls lost, doubled, early, late and forged, answers lost after acting, refunds that stay.

However it goes, what the payer paid is told once, and all of it comes back to him exactly once. Whoever listens sends everything back,
as a service does whose socket did not start.
"""

from contextlib import suppress
from datetime import timedelta
from itertools import count
from queue import Empty
from typing import Any

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from bancheng.kernel.payments import hooks
from bancheng.kernel.payments import public as payments
from bancheng.kernel.payments.models import Order, Refund
from bancheng.kernel.payments.operations import orders, refunds
from bancheng.kernel.payments.tests.conftest import REGION, Sandbox, now
from bancheng.lib.refusal import Garbled, Unavailable

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]
NUMBER = count()
FAULTS: list[dict[str, Any]] = [
    {"lose_calls": True},
    {"repeat_calls": 2},
    {"pay_before_answer": True},
    {"wrong_signature": True},
    {"old_call": True},
    {"wrong_amount": True},
    {"fail_after_acting": True},
    {"wrong_answer_signature": True},
    {"down": True},
    {"refunds_stay": "PROCESSING"},
    {"refunds_stay": "ABNORMAL"},
    {"refunds_stay": "CLOSED"},
]
STEPS = ["show", "open", "pay", "hear", "ask", "end", "orders work", "refunds work", "a year of refunds", "mended"]


class Walk:
    """One order on its way, its payer, its channel and its people."""

    def __init__(self, sandbox: Sandbox, channel: str) -> None:
        self.sandbox, self.channel, self.hours = sandbox, channel, count(1)
        self.clear()
        made = payments.order(
            region=REGION,
            key=f"walk-{next(NUMBER)}",
            channel=channel,
            amount_fen=731,
            description="电费",
            about="walk:1",
            pay_before=now() + timedelta(hours=1),
            at=now(),
        )
        self.order = Order.objects.get(pk=made.id)
        self.heard: list[Any] = []
        self.parts = (300, 431)

    # --- whoever listens: it sends all of it back, in two parts, and what the channel closed once more ---

    def paid(self, fact: payments.Paid) -> None:
        self.heard.append(fact)
        for part in self.parts if not fact.late else (fact.amount_fen,):
            self.plan(part)

    def moved(self, fact: payments.RefundMoved) -> None:
        if fact.state is payments.RefundState.CLOSED:
            self.plan(fact.refund.amount_fen)

    def plan(self, fen: int) -> None:
        key = f"walk-{self.order.pk}-{self.order.refunds.count()}"
        payments.refund(region=REGION, key=key, order_id=self.order.pk, amount_fen=fen, reason="余额", at=now())

    # --- steps ---

    def step(self, name: str) -> None:
        with suppress(Garbled, Unavailable):  # as its job or its caller would be told; it is done again
            self.STEPS[name](self)

    def clear(self) -> None:
        blank = {name: type(value)() for name, value in self.sandbox.books()["faults"].items()}
        self.sandbox.faults(**blank | {"pace": 100_000})

    def theirs(self) -> dict[str, Any] | None:
        return next((one for one in self.sandbox.books()["orders"] if one["number"] == self.order.number), None)

    def show(self) -> None:
        orders.prepare(self.order.pk)

    def open(self) -> None:
        sheet = payments.sheet(self.order.pk)
        if sheet.url:
            self.sandbox.opens(sheet.url)

    def pay(self) -> None:
        theirs = self.theirs()
        if theirs:
            self.sandbox.pays(self.order.number)

    def hear(self) -> None:
        try:
            _path, headers, body = self.sandbox.call(0.05)
        except Empty:
            return
        payments.take_call(region=REGION, channel=self.channel, headers=headers, body=body, heard_at=now(), at=now())

    def ask(self) -> None:
        orders.ask(self.order.pk, at=now())

    def end(self) -> None:
        orders.end(self.order.pk, at=now())

    def work_orders(self) -> None:
        orders.work(at=now() + timedelta(seconds=30))

    def work_refunds(self) -> None:
        refunds.work(at=now() + timedelta(hours=next(self.hours)))

    def work_long(self) -> None:
        for _ in range(5):
            self.work_refunds()

    def see_to_those_that_stay(self) -> None:
        """What the channel's people and ours do: the channel finishes what it kept, ours look it up there."""
        for one in self.sandbox.refunds_of(self.order.number):
            if one["state"] in ("PROCESSING", "ABNORMAL"):
                self.sandbox.finishes(one["number"], "SUCCESS")
        done = {one["number"] for one in self.sandbox.refunds_of(self.order.number) if one["state"] == "SUCCESS"}
        for row in Refund.objects.filter(order=self.order, state="abnormal").select_related("order"):
            refunds.settle_by_hand(
                refund_id=row.pk, succeeded=row.number in done, by="staff:1", at=now(), why="渠道后台核对"
            )

    STEPS = {
        "show": show,
        "open": open,
        "pay": pay,
        "hear": hear,
        "ask": ask,
        "end": end,
        "orders work": work_orders,
        "refunds work": work_refunds,
        "a year of refunds": work_long,
        "mended": clear,
    }

    def settle(self) -> None:
        """Let the faults end, and time go on."""
        self.clear()
        orders.work(at=now() + timedelta(hours=2))
        for _ in range(8):
            self.work_refunds()
            self.see_to_those_that_stay()

    def check(self) -> None:
        """What must be true at the end, in their books and in ours."""
        self.order.refresh_from_db()
        theirs = self.theirs()
        paid = theirs is not None and theirs["state"] == "SUCCESS"
        back = [one for one in self.sandbox.refunds_of(self.order.number) if one["state"] != "CLOSED"]
        ours = Refund.objects.filter(order=self.order)
        assert len(self.heard) == paid, "told once, or never"
        assert (self.order.state in ("paid", "late")) is paid
        assert self.order.state in ("paid", "late", "closed")
        assert sum(one["fen"] for one in back) == (731 if paid else 0), "all of it went back, once"
        assert {one["state"] for one in back} <= {"SUCCESS"}
        assert set(ours.values_list("state", flat=True)) <= {"success", "closed"}
        summed = ours.filter(state="success").aggregate(fen=Sum("amount_fen"))["fen"] or 0
        assert summed == self.order.refunded_fen == (731 if paid else 0)
        assert {row.number: row.amount_fen for row in ours.filter(state="success").select_related("order")} == {
            one["number"]: one["fen"] for one in back
        }


@pytest.fixture
def hooked(monkeypatch: pytest.MonkeyPatch) -> list[Walk]:
    """The walk that listens: the last in the list."""
    walks: list[Walk] = []
    monkeypatch.setattr(hooks.paid, "_listeners", [lambda fact: walks[-1].paid(fact)])
    monkeypatch.setattr(hooks.refund_moved, "_listeners", [lambda fact: walks[-1].moved(fact)])
    return walks


@pytest.mark.parametrize("channel", ["wechat", "alipay"])
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    steps=some.lists(some.one_of(some.sampled_from(STEPS), some.sampled_from(FAULTS)), min_size=6, max_size=25),
    first=some.sampled_from([(), ("show", "open"), ("show", "open", "pay")]),  # most walks by chance never get as far
)
def test_whatever_happens_it_ends_in_one_payment_and_exactly_one_right_refund(
    sandbox: Sandbox, hooked: list[Walk], channel: str, steps: list[Any], first: tuple[str, ...]
) -> None:
    """X1 X15: any order of lost, doubled, late and forged calls, of answers lost after acting, of unknown, abnormal and closed refunds."""
    while not sandbox.quiet(0.01):
        pass
    walk = Walk(sandbox, channel)
    hooked.append(walk)
    for step in (*first, *steps):
        if isinstance(step, dict):
            sandbox.faults(**step)
        else:
            walk.step(step)
    walk.settle()
    walk.check()
