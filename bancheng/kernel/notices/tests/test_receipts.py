"""Receipts in any order, the ladder without them, the history, the figures."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest

from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.notices import hooks, testing
from bancheng.kernel.notices import public as notices
from bancheng.kernel.notices.models import Delivery, Message
from bancheng.kernel.notices.operations import sending
from bancheng.kernel.notices.rules import states
from bancheng.kernel.notices.rules.ladder import SHANGHAI
from bancheng.kernel.notices.rules.states import Stage, State
from bancheng.lib.refusal import Garbled

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 1, 10, tzinfo=SHANGHAI)
KIND = "test.reminder"
SOON = AT + timedelta(minutes=1)


@pytest.fixture
def outside():
    return testing.gateways()


def sent(outside, count=1, *, ladder=testing.LADDER, mobile=None, **more):
    testing.published_kind(KIND, at=AT, ladder=ladder, **more)
    for n in range(count):
        to = notices.Recipient.of(mobile=mobile or f"138{n:08d}", holder_hash=b"h" * 32)
        values = {"due": "2026-11-30"}
        notices.accept(kind=KIND, region="411002", key=f"k{n}", subject=f"s{n}", to=to, values=values, at=AT)
    testing.send_all(at=AT, to=outside)
    return list(outside["push" if ladder is testing.LADDER else "sms"].taken)


def tell(name, *facts, channel="push"):
    told = [{"id": name, "ref": "r", "state": state, "at": at, "reason": reason} for state, at, reason in facts]
    return notices.take_receipts(channel=channel, payload={"receipts": told}, at=SOON)


FACTS = [
    ("delivered", 1_780_280_000_000, ""),
    ("read", 1_780_280_060_000, ""),
    ("failed", 1_780_279_990_000, "absent"),
    ("delivered", 1_780_279_999_000, ""),
]


@pytest.mark.parametrize("order", list(permutations(range(4)))[::5])
def test_the_database_merges_receipts_as_the_rule_does_in_any_order_and_twice(outside, order):
    (name,) = sent(outside)
    for n in order:
        tell(name, FACTS[n])
        tell(name, FACTS[n])
    expect = states.fold(
        states.known(state=states.REPORTED[state], at=datetime.fromtimestamp(at / 1000, UTC), reason=reason)
        for state, at, reason in FACTS
    )
    row = Delivery.objects.get()
    found = states.Known(State(row.state), row.delivered_at, row.read_at, row.failed_at, row.failed_reason)
    assert found == expect
    message = Message.objects.get()
    assert (message.stage, message.read_at) == (Stage.READ, row.read_at)
    assert message.reached_at == row.delivered_at


def test_a_repeated_receipt_changes_nothing_and_tells_nobody(outside):
    (name,) = sent(outside)
    facts = []
    hooks.receipt.connect(facts.append)
    assert tell(name, FACTS[0]) == 1
    assert tell(name, FACTS[0]) == 0
    assert [(fact.stage, fact.channel, fact.messages[0].subject) for fact in facts] == [(Stage.REACHED, "push", "s0")]


def test_a_receipt_that_overtakes_the_answer_is_kept(outside, monkeypatch):
    testing.published_kind(KIND, at=AT, ladder=testing.SMS_ONLY)
    to = notices.Recipient.of(mobile="13800000001")
    notices.accept(kind=KIND, region="411002", key="k", subject="s", to=to, values={"due": "2026-11-30"}, at=AT)
    note = sending._note_answers

    def overtaken(channel, answers, at, tally):
        tell(answers[0].id, FACTS[0], channel=channel)  # while the worker still waits for the answer
        note(channel, answers, at, tally)

    monkeypatch.setattr(sending, "_note_answers", overtaken)
    testing.send_all(at=AT, to=outside)
    assert Delivery.objects.get().state == State.DELIVERED
    assert Delivery.objects.get().sent_at == AT
    assert testing.stages(KIND) == [Stage.REACHED]


@pytest.mark.parametrize(
    "payload",
    [
        None,
        {},
        {"receipts": [{}]},
        {"receipts": [{"id": 5, "state": "read", "at": 1}]},
        {"receipts": [{"id": "x", "state": "lost", "at": 1}]},
        {"receipts": [{"id": "x", "state": "read", "at": "now"}]},
        {"receipts": [{"id": "x", "state": "read", "at": 1e300}]},
    ],
)
def test_a_batch_that_cannot_be_read_is_garbled(payload):
    with pytest.raises(Garbled):
        notices.take_receipts(channel="sms", payload=payload, at=AT)


@pytest.mark.parametrize(
    "name", ["", "411002", "x" * 38, "411002" + "g" * 32, "４１１００２" + "0" * 32, "41100\x00" + "0" * 32]
)
def test_receipts_of_strangers_are_passed_over(name):
    assert tell(name, FACTS[0]) == 0


def test_a_receipt_of_one_channel_says_nothing_about_another(outside):
    (name,) = sent(outside)
    assert tell(name, FACTS[0], channel="sms") == 0


def test_a_receipt_for_a_digest_raises_every_message_in_it(outside):
    """N-8"""
    (name,) = sent(outside, 7, ladder=testing.SMS_ONLY, digest_from=3, mobile="13900000000")
    tell(name, FACTS[0], channel="sms")
    assert set(testing.stages(KIND)) == {Stage.REACHED}
    assert {each.digest for each in notices.history(region="411002", subjects=["s0", "s6"])} == {7}


def test_without_a_receipt_in_time_the_next_channel_is_tried_and_then_a_person(outside):
    """N-6 B10.5"""
    sent(outside, 3)
    ended = []
    hooks.exhausted.connect(ended.append)
    assert testing.step_all(at=AT + timedelta(minutes=29)) == 0
    later = AT + timedelta(minutes=30)
    assert testing.step_all(at=later) == 3
    assert testing.send_all(at=later, to=outside) == 3
    assert testing.step_all(at=later + timedelta(hours=24)) == 3
    assert testing.stages(KIND) == [Stage.EXHAUSTED] * 3
    assert [(fact.reason, len(fact.messages)) for fact in ended] == [("no_receipt", 3)]
    assert testing.step_all(at=later + timedelta(days=9)) == 0


def test_a_failure_steps_on_without_waiting(outside):
    """B10.5"""
    (name,) = sent(outside)
    tell(name, ("failed", 1_780_280_000_000, "absent"))
    assert jobs.promised("notices.step") != []
    assert testing.step_all(at=SOON) == 1
    assert testing.send_all(at=SOON, to=outside) == 1
    assert len(outside["sms"].taken) == 1


def test_a_late_receipt_calls_off_the_next_channel(outside):
    (name,) = sent(outside)
    testing.step_all(at=AT + timedelta(minutes=30))
    tell(name, FACTS[0])
    assert testing.send_all(at=AT + timedelta(minutes=31), to=outside) == 0
    assert testing.stages(KIND) == [Stage.REACHED]


def test_a_receipt_after_the_end_is_believed(outside):
    (name,) = sent(outside, ladder=testing.SMS_ONLY)
    testing.step_all(at=AT + timedelta(days=2))
    assert testing.stages(KIND) == [Stage.EXHAUSTED]
    tell(name, FACTS[0], channel="sms")
    assert testing.stages(KIND) == [Stage.REACHED]


def test_a_lost_receipt_is_asked_for_before_the_ladder_steps(outside):
    names = sent(outside, 2)
    outside["push"].states[names[0]] = "delivered"
    late = AT + timedelta(minutes=30)
    assert sending.reconcile(at=late, gateways=outside) == 1
    assert testing.step_all(at=late) == 1
    assert sorted(testing.stages(KIND)) == [Stage.WAITING, Stage.REACHED]


def test_stepping_up_at_night_waits_for_the_morning(outside):
    """N-5"""
    sent(outside, quiet=notices.Quiet())
    testing.step_all(at=AT.replace(hour=22))
    assert Message.objects.get().not_before == AT.replace(day=2, hour=8)


def test_the_history_tells_every_attempt_of_a_subject(outside):
    sent(outside, 2)
    testing.step_all(at=AT + timedelta(minutes=30))
    testing.send_all(at=AT + timedelta(minutes=30), to=outside)
    told = notices.history(region="411002", subjects=["s1"])
    assert [(each.channel, each.state) for each in told] == [("push", State.SENT), ("sms", State.SENT)]
    assert notices.history(region="411003", subjects=["s1"]) == []


def test_figures_count_messages_by_stage_and_deliveries_by_channel(outside):
    names = sent(outside, 4)
    tell(names[0], FACTS[0])
    tell(names[1], FACTS[1])
    tell(names[2], FACTS[2])
    figures = notices.stats(kind=KIND, first=date(2026, 6, 1), last=date(2026, 6, 1))
    assert (figures.accepted, figures.reached, figures.read, figures.underway) == (4, 2, 1, 2)
    assert figures.channels == (notices.ChannelStats("push", sent=4, delivered=2, read=1, failed=1),)
    assert notices.stats(first=date(2026, 6, 2), last=date(2026, 6, 3)).accepted == 0
    assert notices.stats(first=date(2026, 6, 1), last=date(2026, 6, 1), region="411003").accepted == 0


def test_the_inbox_shows_a_person_his_own_messages_in_his_language(outside):
    sent(outside, 3)
    mine = notices.inbox([b"h" * 32], language="en")
    assert len(mine) == 3
    assert mine[0].title == "Reminder: Mon 30 Nov 2026"
    assert notices.inbox([b"x" * 32]) == notices.inbox([]) == []
    assert notices.inbox_item(mine[0].id, [b"x" * 32]) is None
    assert notices.unseen_count([b"h" * 32]) == 3
    notices.mark_seen(message_id=mine[0].id, holders=[b"x" * 32], at=SOON)
    assert notices.unseen_count([b"h" * 32]) == 3
    notices.mark_seen(message_id=mine[0].id, holders=[b"h" * 32], at=SOON)
    assert notices.unseen_count([b"h" * 32]) == 2


def test_no_personal_number_reaches_the_jobs_or_the_log(outside, caplog):
    """P-9"""
    caplog.set_level("DEBUG")
    sent(outside, mobile="13812345678")
    assert "13812345678" not in caplog.text + json.dumps(jobs.promised())
