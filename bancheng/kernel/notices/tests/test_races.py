"""Several workers, gateways and receipts at the same time, with real commits."""

import random
import threading
from datetime import datetime, timedelta

import pytest

from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.notices import public as notices
from bancheng.kernel.notices import testing
from bancheng.kernel.notices.gateway import Receipt
from bancheng.kernel.notices.models import Delivery
from bancheng.kernel.notices.operations import receipts, sending
from bancheng.kernel.notices.rules.ladder import SHANGHAI

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
AT = datetime(2026, 6, 1, 10, tzinfo=SHANGHAI)
KIND = "test.reminder"


def accept(n, mobile=None):
    to = notices.Recipient.of(mobile=mobile or f"138{n:08d}")
    values = {"due": "2026-11-30"}
    return notices.accept(kind=KIND, region="411002", key=f"k{n}", subject=f"s{n}", to=to, values=values, at=AT)


def test_workers_side_by_side_send_each_message_once_and_one_digest_for_a_phone():
    """N-4 N-8"""
    testing.published_kind(KIND, at=AT, ladder=testing.SMS_ONLY, digest_from=5)
    for n in range(240):
        accept(n, mobile="13900000000" if n % 6 == 0 else None)
    outside = testing.gateways()
    works = [lambda: testing.send_all(at=AT, to=outside)] * 4
    sending.ROUND, kept = 40, sending.ROUND
    try:
        jobs.together(*works)
    finally:
        sending.ROUND = kept
    assert len(outside["sms"].taken) == 201
    assert sum("40项" in text for text in outside["sms"].shown) == 1
    assert Delivery.objects.count() == 201


def test_the_same_key_accepted_at_once_is_one_message():
    """N-4"""
    testing.published_kind(KIND, at=AT, ladder=testing.SMS_ONLY)
    made = []
    jobs.together(*[lambda: made.append(accept(1))] * 6)
    assert sum(each is not None for each in made) == 1


def test_receipts_answers_and_steps_at_once_neither_wait_for_each_other_nor_lose_anything():
    testing.published_kind(KIND, at=AT, ladder=testing.LADDER)
    for n in range(120):
        accept(n)
    outside = testing.gateways()
    testing.send_all(at=AT, to=outside)
    names = list(outside["push"].taken)

    def bring():
        mine = names * 2
        random.Random(threading.get_ident()).shuffle(mine)
        for first in range(0, len(mine), 30):
            told = [Receipt(each, "delivered", AT) for each in mine[first : first + 30]]
            receipts.note(channel="push", receipts=told, at=AT)

    jobs.together(*[bring] * 3, *[lambda: testing.step_all(at=AT + timedelta(hours=1))] * 2)
    assert set(testing.stages(KIND)) == {notices.Stage.REACHED}
