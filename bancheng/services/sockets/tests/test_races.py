"""Real commits on several connections: one socket, many hands."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.payments import public as payments
from bancheng.services.sockets.models import Command, Session
from bancheng.services.sockets.operations import following, locking, refunding, scanning, sessions, writing
from bancheng.services.sockets.operations.sessions import reserve
from bancheng.services.sockets.rules.sessions import State
from bancheng.services.sockets.tests import walking
from bancheng.services.sockets.tests.walking import NINE, Device, in_balance, now_of, scan, socket, started, tell

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def test_of_eight_who_scan_at_once_one_gets_the_socket() -> None:
    """X13, B1.2."""
    socket()
    answers = jobs.contend(*[lambda: reserve(code="XC0001", prepay_fen=500, channel="wechat", at=NINE)] * 8)
    assert answers.count("socket_busy") == 7
    assert Session.objects.count() == 1


def test_a_payment_told_by_callback_and_by_query_at_once_counts_once() -> None:
    """X1, X2."""
    socket()
    session = walking.reserve()
    prepay = session.prepays.get()
    jobs.together(*[lambda: walking.pay(prepay.order_id, NINE)] * 4)
    session.refresh_from_db()
    assert session.state == State.PAID
    assert Command.objects.count() == 1
    assert session.refunds.count() == 0


def test_stopped_from_four_sides_it_stops_once_and_the_log_is_followed_once() -> None:
    """X11: the first cause stands, the bill is one."""
    socket()
    device = Device()
    session = started(device)
    jobs.contend(*[lambda: sessions.stop(session_id=session.pk, by="payer", at=NINE + timedelta(minutes=1))] * 4)
    assert Command.objects.filter(op="stop").count() == 1
    walking.storing.store(device.open(NINE + timedelta(minutes=1)), region=walking.REGION)
    jobs.together(*[lambda: following.follow(session.pk, at=NINE + timedelta(minutes=2))] * 4)
    session.refresh_from_db()
    assert session.state == State.REFUNDING
    assert session.refunds.count() == 1
    assert session.segments.count() == 1


WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def test_a_refund_that_comes_back_and_a_bill_that_is_made_do_not_wait_in_a_ring() -> None:
    """X15: the session comes first for both, the order after it: who has the order has the session, or waits with nothing in hand."""
    socket()
    device = Device()
    session = started(device)
    tell(device.reading(NINE + timedelta(minutes=1), more_10wh=1))
    sessions.stop(session_id=session.pk, by="payer", at=NINE + timedelta(minutes=2))
    scan(NINE + timedelta(minutes=3))
    scan(NINE + timedelta(minutes=20))
    assert now_of(session).state == State.PROVISIONAL  # and what is sure is on its way back
    comes_back = threading.Thread(target=lambda: _close_refund(session))
    with transaction.atomic():
        held = locking.locked(session.pk)
        comes_back.start()
        _wait_for_a_waiter()
        refunding.refund(held, 1, kind=refunding.REST, at=NINE + timedelta(minutes=21))  # needs the order
        writing.keep(held)
    comes_back.join()
    assert session.refunds.get(number=1).state == "closed"
    assert session.refunds.count() == 3
    assert now_of(session).refunded_fen == sum(one.amount_fen for one in session.refunds.exclude(state="closed"))
    assert not in_balance(session)  # what it used is still to be charged


def _close_refund(session: Session) -> None:
    try:
        walking.refund_moves(session, "closed", NINE + timedelta(minutes=21), number=1)
    finally:
        connection.close()


def _wait_for_a_waiter() -> None:
    until = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(WAITS)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    raise AssertionError("nobody waits")


def test_two_refunds_of_one_order_planned_at_once_have_numbers_of_their_own() -> None:
    """What another wrote while we waited for the order is seen: the second try finds it."""
    socket()
    session = started(Device())
    order_id = session.prepays.get().order_id

    def plan(key: str) -> Any:
        return payments.refund(region=walking.REGION, key=key, order_id=order_id, amount_fen=50, reason="余额", at=NINE)

    made = jobs.together(*[lambda n=n: plan(f"r{n}") for n in range(4)], lambda: plan("r0"))
    assert sorted(one.number[-2:] for one in made[:4]) == ["-1", "-2", "-3", "-4"]
    assert made[4].number == made[0].number


def test_who_looks_at_many_neither_waits_for_nor_moves_the_one_somebody_is_at() -> None:
    for n in (1, 2):
        socket(f"XC{n:04d}", str(n))
    taken, free = (started(Device(wire=str(n)), code=f"XC{n:04d}") for n in (1, 2))
    at = NINE + timedelta(minutes=1)
    Session.objects.update(due_at=at)
    began = time.monotonic()
    with transaction.atomic():
        locking.locked(taken.pk)
        jobs.together(lambda: scanning.scan(at=at))
        assert time.monotonic() - began < 5
        assert now_of(free).due_at == at + timedelta(seconds=30)
    assert now_of(taken).due_at == at
