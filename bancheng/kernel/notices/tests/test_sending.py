"""What leaves, when, together with what, and what happens when the gateway does not answer."""

import contextlib
import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection

from bancheng.kernel.notices import gateway, hooks, testing
from bancheng.kernel.notices import public as notices
from bancheng.kernel.notices.models import Delivery, Line, Message
from bancheng.kernel.notices.operations import sending
from bancheng.kernel.notices.rules.ladder import SHANGHAI
from bancheng.kernel.notices.rules.states import Stage, State

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 1, 10, tzinfo=SHANGHAI)
KIND = "test.reminder"
LONG_AFTER = timedelta(minutes=5)  # every lease and pause has run out


@pytest.fixture
def outside():
    return testing.gateways()


def kind(**more):
    testing.published_kind(KIND, at=AT, **{"ladder": testing.SMS_ONLY, **more})


def accept(n=1, *, mobile=None, holder=b"", at=AT, **more):
    number = f"138{n:08d}" if mobile is None else mobile
    to = notices.Recipient.of(mobile=number, holder_hash=holder)
    values = {"due": "2026-11-30"}
    return notices.accept(kind=KIND, region="411002", key=f"k{n}", subject=f"s{n}", to=to, values=values, at=at, **more)


def send(outside, *, at=AT):
    return testing.send_all(at=at, to=outside)


def test_a_due_message_leaves_once_with_its_date_and_weekday(outside):
    """N-2"""
    kind()
    accept()
    assert send(outside) == 1
    assert send(outside) == 0
    (text,) = outside["sms"].shown
    assert "2026年11月30日（周一）" in text
    assert "退订http" in text
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.sent_at, delivery.ref[:4]) == (State.SENT, AT, "sms-")


def test_a_push_goes_to_a_token_that_is_not_the_number(outside):
    kind(ladder=testing.LADDER)
    accept(mobile="13812345678")
    send(outside)
    (card,) = outside["push"].taken.values()
    assert "13812345678" not in str(card)
    assert len(card.to) == 32
    assert card.content["page"].endswith("/mine/")


def test_what_is_not_due_stays(outside):
    kind()
    accept(not_before=AT + timedelta(hours=1))
    assert send(outside) == 0
    assert send(outside, at=AT + timedelta(hours=1)) == 1


def test_a_message_in_english_is_sent_in_english(outside):
    kind()
    to = notices.Recipient.of(mobile="13800000001", language="en")
    notices.accept(kind=KIND, region="411002", key="k", subject="s", to=to, values={"due": "2026-11-30"}, at=AT)
    send(outside)
    assert "Mon 30 Nov 2026" in outside["sms"].shown[0]


def test_a_subject_settled_an_hour_before_is_suppressed_in_the_second_before_sending(outside):
    """N-3 B10.8"""
    kind()
    accept(1)
    accept(2)
    asked = []
    hooks.still_wanted.connect(lambda check: asked.append(check) or {"s1"})
    hooks.still_wanted.connect(lambda check: None)
    send(outside)
    assert testing.stages(KIND) == [Stage.SUPPRESSED, Stage.UNDERWAY]
    assert len(outside["sms"].taken) == 1
    assert (asked[0].kind, set(asked[0].subjects), asked[0].at) == (KIND, {"s1", "s2"}, AT)


def test_a_stop_given_after_acceptance_still_counts(outside):
    """R-ID-7"""
    kind()
    accept(1)
    notices.opt_out(by="x", at=AT, mobile_hash=notices.Recipient.of(mobile="13800000001").mobile_hash, kind=KIND)
    assert send(outside) == 0
    assert testing.stages(KIND) == [Stage.SUPPRESSED]


def test_a_stopped_channel_is_passed_over_for_the_next(outside):
    kind(ladder=testing.LADDER)
    accept(1)
    notices.opt_out(by="x", at=AT, mobile_hash=notices.Recipient.of(mobile="13800000001").mobile_hash, channel="push")
    assert send(outside) == 1
    assert [len(outside[each].taken) for each in ("push", "sms")] == [0, 1]


def test_without_a_phone_an_account_is_tried_and_then_a_person_takes_over(outside):
    kind(ladder=testing.LADDER[::-1])
    ended = []
    hooks.exhausted.connect(ended.append)
    accept(1, mobile="", holder=b"h" * 32)
    accept(2, mobile="", holder=b"")
    send(outside)
    assert [item.to for item in outside["push"].taken.values()] == [(b"h" * 32).hex()]
    assert testing.stages(KIND) == [Stage.UNDERWAY, Stage.EXHAUSTED]
    assert [(fact.reason, [each.subject for each in fact.messages]) for fact in ended] == [("no_address", ["s2"])]


def test_a_phone_that_serves_many_gets_one_message(outside):
    """N-8 B10.4: forty licences of one agent are one text; a phone with few gets each."""
    kind(digest_from=5)
    for n in range(40):
        accept(n, mobile="13900000000")
    for n in range(100, 104):
        accept(n, mobile="13900000001")
    assert send(outside) == 5
    assert sum(text.startswith("【许昌】40项。") for text in outside["sms"].shown) == 1
    assert Delivery.objects.count() == 5
    assert set(testing.stages(KIND)) == {Stage.UNDERWAY}


def test_a_digest_takes_in_what_the_round_cut_off(outside, monkeypatch):
    """N-8"""
    monkeypatch.setattr(sending, "ROUND", 25)  # more than a probe
    kind(digest_from=3)
    for n in range(90):
        accept(n, mobile="13900000000")
    assert send(outside) == 1
    assert "90项" in outside["sms"].shown[0]


def test_a_backlog_that_reaches_the_night_wakes_nobody(outside):
    """B10.11 N-5"""
    kind(quiet=notices.Quiet())
    accept(at=AT.replace(hour=20, minute=59))
    assert send(outside, at=AT.replace(hour=21, minute=5)) == 0
    morning = Message.objects.get()
    assert morning.not_before == AT.replace(day=2, hour=8)
    assert send(outside, at=morning.not_before) == 1


def test_a_number_the_gateway_refuses_steps_on_at_once(outside):
    """N-6 B10.5"""
    kind(ladder=testing.LADDER[::-1])
    outside["sms"].reject.add("13800000001")
    accept(1)
    send(outside)
    assert len(outside["push"].taken) == 1
    assert Delivery.objects.get(channel="sms").failed_reason == "rejected_number"


def test_an_answer_lost_after_acceptance_is_found_again_and_nothing_leaves_twice(outside):
    kind()
    accept()
    outside["sms"].lose_answers = True
    send(outside)
    outside["sms"].lose_answers = False
    assert Delivery.objects.get().state == State.SENDING
    send(outside, at=AT + LONG_AFTER)
    assert Delivery.objects.get().state == State.SENT
    assert len(outside["sms"].taken) == 1


def test_a_worker_that_died_before_sending_is_followed_by_one_that_sends_under_the_same_ids(outside):
    kind()
    for n in range(30):
        accept(n)
    taken = sending.taking.take(channel="sms", at=AT, limit=100)  # and here it dies
    assert send(outside, at=AT + timedelta(seconds=30)) == 0  # the lease still runs
    assert send(outside, at=AT + LONG_AFTER) == 30
    assert set(outside["sms"].taken) == {parcel.outgoing.id for parcel in taken.parcels}


def test_what_was_settled_while_nobody_knew_is_called_off_and_not_sent_again(outside):
    """N-3"""
    kind()
    accept(1)
    outside["sms"].down = True
    send(outside)
    outside["sms"].down = False
    hooks.still_wanted.connect(lambda check: {"s1"})
    assert send(outside, at=AT + LONG_AFTER) == 0
    assert testing.stages(KIND) == [Stage.SUPPRESSED]
    assert Delivery.objects.get().failed_reason == "called_off"


def test_a_gateway_that_is_down_is_asked_less_and_less_and_then_caught_up(outside):
    kind()
    for n in range(300):
        accept(n)
    outside["sms"].down = True
    for minute in range(60):
        send(outside, at=AT + timedelta(minutes=minute))
    assert outside["sms"].calls < 60  # not a request for each message and minute
    assert Line.objects.get().failed_since == AT
    outside["sms"].down = False
    assert send(outside, at=AT + timedelta(minutes=63)) + send(outside, at=AT + timedelta(minutes=66)) == 300
    assert len(outside["sms"].taken) == 300
    assert Line.objects.get().failures == 0


def test_an_hour_without_push_the_ladder_uses_sms_and_push_is_not_sent_after_it(outside):
    """N-6: a gateway down for an hour."""
    kind(ladder=testing.LADDER)
    for n in range(50):
        accept(n)
    outside["push"].down = True
    for minute in range(0, 61, 5):
        now = AT + timedelta(minutes=minute)
        send(outside, at=now)
        testing.step_all(at=now)
    outside["push"].down = False
    send(outside, at=AT + timedelta(hours=2))
    assert len(outside["sms"].taken) == 50
    assert outside["push"].taken == {}


def test_a_parcel_of_an_earlier_channel_is_not_repeated_once_the_ladder_has_moved_on(outside):
    """N-6"""
    kind(ladder=testing.LADDER)
    accept()
    outside["push"].down = True
    send(outside)
    late = AT + timedelta(minutes=40)
    testing.step_all(at=late)
    # as if the step had met the delivery locked and passed it over
    Delivery.objects.update(state=State.SENDING, next_try_at=late)
    outside["push"].down = False
    Line.objects.update(failures=0, retry_at=None)
    taken = sending.taking.take(channel="sms", at=late, limit=10)
    assert len(taken.parcels) == 1
    send(outside, at=late)
    assert outside["push"].taken == {}


def test_no_transaction_is_open_while_a_gateway_is_spoken_to(outside, transactional_db):
    kind()
    accept()
    seen = []
    real = outside["sms"].send

    def watched(items, *, at):
        seen.append(threading.current_thread().name)
        with connection_of_another() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
            )
            seen.append(cursor.fetchone()[0])
            cursor.execute("SELECT count(*) FROM notices_delivery WHERE state = 10")
            seen.append(cursor.fetchone()[0])
        return real(items, at=at)

    outside["sms"].send = watched
    send(outside)
    assert seen[1:] == [0, 1]  # written down and committed before it leaves


@contextlib.contextmanager
def connection_of_another():
    """Give a cursor on a connection of the calling thread's own."""
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def test_a_broken_message_is_ended_and_holds_up_no_other(outside, caplog):
    kind()
    accept(1)
    accept(2)
    Message.objects.filter(key="k1").update(values={"due": "soon"})
    assert send(outside) == 1
    assert testing.stages(KIND) == [Stage.SUPPRESSED, Stage.UNDERWAY]
    assert "cannot be filled in" in caplog.text


def test_the_cost_of_a_round_does_not_grow_with_its_messages(outside, django_assert_max_num_queries):
    kind()
    for n in range(200):
        accept(n)
    with django_assert_max_num_queries(30):
        assert sending.dispatch(at=AT, gateways=outside).sent == 200


def test_what_was_sent_is_counted_by_the_message_a_person_gets(outside):
    """A10.5 N-8: a digest counts once, a second channel for the same message not at all, what no channel took neither."""
    kind(ladder=testing.LADDER, digest_from=5)
    for n in range(6):
        accept(n, mobile="13900000000")
    accept(6)
    outside["push"].reject = {gateway.push_token("13800000006")}  # refused there, taken by the next
    assert send(outside) == 2  # the digest, and the refused one by SMS
    accept(7)
    outside["push"].down = True
    send(outside)
    assert notices.sent_count(kinds=[KIND]) == 2
    later = AT + timedelta(minutes=31)
    testing.step_all(at=later)  # no receipt came: the ladder takes everything to SMS
    send(outside, at=later)
    assert len(outside["sms"].taken) == 3
    assert notices.sent_count(kinds=[KIND]) == 3
    assert notices.sent_count(kinds=["another"]) == 0
    day = AT.date()
    assert notices.sent_count(kinds=[KIND], first=day, last=day) == 3
    assert notices.sent_count(kinds=[KIND], first=day - timedelta(days=9), last=day - timedelta(days=1)) == 0
