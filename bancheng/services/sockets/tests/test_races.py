"""Real commits on several connections: one socket, many hands."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from bancheng.lib.refusal import Refused
from bancheng.services.sockets.models import Command, Session
from bancheng.services.sockets.operations import following, sessions
from bancheng.services.sockets.operations.sessions import reserve
from bancheng.services.sockets.rules.sessions import State
from bancheng.services.sockets.tests import walking
from bancheng.services.sockets.tests.walking import NINE, Device, socket, started

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run all at the same moment, each on a connection of its own; return what each gave or raised."""
    answers: list[Any] = [None] * len(works)
    gate = threading.Barrier(len(works))

    def run(n: int) -> None:
        gate.wait()
        try:
            answers[n] = works[n]()
        except Refused as no:
            answers[n] = no
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[n]) for n in range(len(works))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return answers


def test_of_eight_who_scan_at_once_one_gets_the_socket() -> None:
    """X13, B1.2."""
    socket()
    answers = at_once(*[lambda: reserve(code="XC0001", prepay_fen=500, channel="wechat", at=NINE)] * 8)
    assert sum(isinstance(each, Refused) and each.code == "socket_busy" for each in answers) == 7
    assert Session.objects.count() == 1


def test_a_payment_told_by_callback_and_by_query_at_once_counts_once() -> None:
    """X1, X2."""
    socket()
    session = walking.reserve()
    prepay = session.prepays.get()
    at_once(*[lambda: walking.pay(prepay.order_id, NINE)] * 4)
    session.refresh_from_db()
    assert session.state == State.PAID
    assert Command.objects.count() == 1
    assert session.refunds.count() == 0


def test_stopped_from_four_sides_it_stops_once_and_the_log_is_followed_once() -> None:
    """X11: the first cause stands, the bill is one."""
    socket()
    device = Device()
    session = started(device)
    at_once(*[lambda: sessions.stop(session_id=session.pk, by="payer", at=NINE + timedelta(minutes=1))] * 4)
    assert Command.objects.filter(op="stop").count() == 1
    walking.storing.store(device.open(NINE + timedelta(minutes=1)), region=walking.REGION)
    at_once(*[lambda: following.follow(session.pk, at=NINE + timedelta(minutes=2))] * 4)
    session.refresh_from_db()
    assert session.state == State.REFUNDING
    assert session.refunds.count() == 1
    assert session.segments.count() == 1
