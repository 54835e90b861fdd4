"""A bank's own numbers: none missing, none twice, whatever is killed; the pull twin of what is brought (land register §13.4)."""

import random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import gateway, testing
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.exchange.models import Delivery, Numbered, Stream, Subscription
from bancheng.kernel.exchange.operations import streams, webhooks
from bancheng.kernel.exchange.rules.words import LADDER, TRIES, WHOLE, wait_after
from bancheng.lib import httpsig, sigalgs, signing
from bancheng.lib.refusal import Refused, Unavailable

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """As by a signal: nothing catches it."""


def said(n: int, owner: str, **over: Any) -> exchange.Said:
    whole = {"service": "mortgages", "kind": "lot.changed", "about": f"lot:{n}", "region": "411000", "at": clocks.now()}
    return exchange.Said(**{**whole, "owner": owner, "data": {"n": n}, **over})


def read(caller: exchange.Caller, after: int = 0, limit: int = 1000) -> list[tuple[int, int]]:
    exchange.settle()
    found = exchange.numbered_feed(caller, service="mortgages", after=after, limit=limit)
    return [(one.seq, one.data["n"]) for one in found]


def test_a_bank_s_numbers_have_no_gap_though_others_events_lie_between() -> None:
    one, two = (testing.caller(testing.bank(unit=unit)[0]) for unit in ("boc", "icbc"))
    for n in range(1, 8):
        exchange.publish([said(n, (one if n % 3 else two).ref)])
    assert read(one) == [(1, 1), (2, 2), (3, 4), (4, 5), (5, 7)]
    assert read(two) == [(1, 3), (2, 6)]
    assert read(one, after=3) == [(4, 5), (5, 7)]
    exchange.publish([said(8, one.ref), said(9, "machine:0")])
    assert read(one, after=5) == [(6, 8)]


@given(steps=some.lists(some.sampled_from(["say", "say other", "abort", "settle", "read", "die"]), max_size=30))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_event_is_lost_or_numbered_twice_whatever_dies_in_between(steps: list[str], monkeypatch: Any) -> None:
    """Property: what is read is exactly what was committed, numbered from 1 without a gap."""
    with transaction.atomic():
        caller = testing.caller(testing.partner(("events", "mortgages", "")))
        told: list[int] = []
        for serial, step in enumerate(steps, 1):
            if step in ("say", "say other"):
                exchange.publish([said(serial, caller.ref if step == "say" else "machine:0")])
                told += [serial] if step == "say" else []
            elif step == "abort":
                with pytest.raises(Killed):
                    _say_and_die(said(serial, caller.ref))
            elif step == "die":
                exchange.settle()
                monkeypatch.setattr(Stream, "save", _dies)
                with pytest.raises(Killed):
                    _number_or_die(caller)
                monkeypatch.undo()
            else:
                exchange.settle() if step == "settle" else read(caller)
        found = read(caller)
        assert [n for _, n in found] == told
        assert [seq for seq, _ in found] == list(range(1, len(told) + 1))
        transaction.set_rollback(True)


def _say_and_die(event: exchange.Said) -> None:
    with transaction.atomic():
        exchange.publish([event])
        raise Killed


def _dies(*_: Any, **__: Any) -> None:
    raise Killed


def _number_or_die(caller: exchange.Caller) -> None:
    streams.number(caller.partner_id, service="mortgages")
    raise Killed  # there was nothing to number


def test_what_is_acknowledged_goes_forward_only_and_never_beyond_what_was_numbered() -> None:
    caller = testing.caller(testing.bank()[0])
    exchange.publish([said(n, caller.ref) for n in range(3)])
    read(caller)
    ack = lambda seq: exchange.acknowledge(caller, service="mortgages", seq=seq, at=clocks.now())  # noqa: E731
    assert ack(2).acked == 2
    assert ack(1).acked == 2
    with pytest.raises(Refused, match="no_such_seq"):
        ack(4)
    assert exchange.standing(caller.partner_id, service="mortgages").seq == 3


# --- brought


class Bank:
    """A bank's receiver: it believes the house's key only, and fails when told to."""

    def __init__(self) -> None:
        self.down, self.seen = 0, []
        self.keys = {key["kid"]: key["x"] for key in exchange.house_keys()["keys"]}

    def __call__(self, url: str, *, body: bytes, headers: Any) -> None:
        import base64
        import json

        if self.down:
            self.down -= 1
            raise Unavailable("answered 503")
        lower = {name.lower(): value for name, value in headers.items()}
        message = httpsig.Message.to("POST", url, body=body, headers=lower)
        given_ = httpsig.read(message)
        key = base64.urlsafe_b64decode(self.keys[given_.key_id] + "=")
        httpsig.check(given_, message, algorithm=sigalgs.ED25519, key=key, now=signing.seconds())
        said_ = json.loads(body)
        self.seen.append((said_["seq"], said_["data"]["n"], headers["Bancheng-Delivery"]))


@pytest.fixture
def hooked(monkeypatch: Any) -> tuple[exchange.Caller, Subscription, Bank]:
    monkeypatch.setattr(gateway, "check_url", lambda url: None)
    caller = testing.caller(testing.bank()[0])
    made = exchange.subscribe(
        caller, service="mortgages", url="https://bank.example/hook", at=clocks.real_now(), own_numbers=True
    )
    assert made.secret == ""
    return caller, Subscription.objects.get(pk=made.id), Bank()


def carry(line: Subscription, bank: Bank, at: Any = None) -> int:
    exchange.settle()
    return webhooks.deliver(line.pk, now=lambda: at or clocks.real_now(), post=bank)


def test_events_are_brought_with_their_numbers_under_the_house_s_key(hooked: Any) -> None:
    caller, line, bank = hooked
    exchange.publish([said(1, caller.ref), said(2, "machine:0"), said(3, caller.ref)])
    assert carry(line, bank) == 2
    assert [(seq, n) for seq, n, _ in bank.seen] == [(1, 1), (2, 3)] == read(caller)


def test_the_ladder_is_ten_seconds_to_three_days_then_a_person(hooked: Any) -> None:
    """10 s, 1 min, 5 min, 30 min, 2 h, then every six hours to 72 h; then the line waits for a person, and catches up."""
    assert [wait.total_seconds() for wait in LADDER] == [10, 60, 300, 1800, 7200]
    assert sum((wait_after(n) for n in range(1, TRIES)), start=WHOLE - WHOLE) >= WHOLE
    caller, line, bank = hooked
    exchange.publish([said(1, caller.ref), said(2, caller.ref)])
    bank.down, at = TRIES, clocks.real_now()
    for tries in range(1, TRIES + 1):
        assert carry(line, bank, at) == 0
        line.refresh_from_db()
        assert (line.halted_at is not None) == (tries == TRIES)
        at += wait_after(tries)
    assert read(caller) == [(1, 1), (2, 2)]  # meanwhile the pull twin has them
    exchange.retry(subscription_id=line.pk, by="staff:1", at=at)
    assert carry(line, bank, at) == 2


def test_a_delivery_that_is_killed_comes_again_under_its_id_and_nothing_is_skipped(hooked: Any) -> None:
    caller, line, bank = hooked
    exchange.publish([said(n, caller.ref) for n in range(1, 6)])

    def dies(url: str, *, body: bytes, headers: Any) -> None:
        bank(url, body=body, headers=headers)
        if random.Random(len(bank.seen)).random() < 0.7:
            raise Killed

    at = clocks.real_now()
    for _ in range(30):
        at += webhooks.LEASE
        try:
            exchange.settle()
            webhooks.deliver(line.pk, now=lambda: at, post=dies)  # noqa: B023
        except Killed:
            continue
        break
    assert list(dict.fromkeys(n for _, n, _ in bank.seen)) == [1, 2, 3, 4, 5]
    assert len({delivery for *_, delivery in bank.seen}) == 5 == Delivery.objects.filter(state="done").count()


def test_events_are_brought_once_more_under_their_old_ids(hooked: Any) -> None:
    caller, line, bank = hooked
    exchange.publish([said(n, caller.ref) for n in range(1, 4)])
    carry(line, bank)
    first = list(bank.seen)
    exchange.replay(
        subscription_id=line.pk, after=Numbered.objects.get(seq=1).event.position, by="staff:1", at=clocks.now()
    )
    assert carry(line, bank) == 2
    assert bank.seen[3:] == first[1:]
