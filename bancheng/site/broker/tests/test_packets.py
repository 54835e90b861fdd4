"""The doorkeeper's MQTT: what he writes he reads, what is malformed is Garbled, and what a gateway may do is a short list."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bancheng.lib.refusal import Garbled
from bancheng.site.broker import packets, rules
from bancheng.site.broker.packets import Connect, Kind
from bancheng.site.broker.rules import Why

words = some.text(min_size=1, max_size=40).filter(lambda text: text.isprintable())


@given(
    words,
    words,
    words,
    some.integers(0, 65535),
    some.booleans(),
    some.one_of(some.just(""), words),
    some.binary(max_size=99),
)
def test_a_connect_makes_the_round_trip(client, user, password, keepalive, clean, will, payload):
    made = Connect(
        4, client, user, password, keepalive, clean, will, payload if will else b"", 1 if will else 0, bool(will)
    )
    sent = made.encode()
    head, whole = packets.size(sent, 0)
    assert whole == len(sent)
    assert packets.connect(sent[head:]) == made


@given(some.integers(0, 20_000))
def test_a_length_is_read_as_it_was_written(length):
    sent = packets.packet(Kind.PUBLISH, 0, bytes(length))
    assert packets.size(sent, 0) == (len(sent) - length, len(sent))


def test_an_unfinished_length_waits_and_an_endless_one_is_malformed():
    assert packets.size(b"\x30", 0) is None
    assert packets.size(b"\x30\xff\xff", 0) is None
    with pytest.raises(Garbled):
        packets.size(b"\x30\xff\xff\xff\xff\x01", 0)


@given(some.integers(0, 255), some.binary(max_size=60))
def test_no_body_raises_anything_but_garbled(first, body):
    for reading in (packets.connect, packets.filters, lambda body: packets.publish(first, body)):
        with contextlib.suppress(Garbled):
            reading(body)


def test_a_message_s_head_is_read_without_its_content():
    sent = packets.said("pw/1/g/1/event", b"{}", 7)
    head, _ = packets.size(sent, 0)
    assert packets.publish(sent[0], sent[head:]) == packets.Publish(b"pw/1/g/1/event", 1, False, 7, 2)


@pytest.mark.parametrize(
    ("topic", "retain", "size", "why"),
    [
        ("pw/1/gw-1/status", True, 40, None),
        ("pw/1/gw-1/1/state", True, 200, None),
        ("pw/1/gw-1/1/reading", False, 200, None),
        ("pw/1/gw-1/1/event", False, 200, None),
        ("pw/1/gw-1/1/cmdack", False, 200, None),
        ("pw/1/gw-1/time", False, 40, None),
        ("pw/1/gw-2/1/reading", False, 200, Why.FOREIGN),
        ("pw/1/gw-1/1/cmd", False, 200, Why.FOREIGN),
        ("pw/1/gw-1/1/cmd", True, 200, Why.FOREIGN),
        ("pw/1/gw-1/ack", False, 40, Why.FOREIGN),
        ("pw/1/gw-1/refused", False, 40, Why.FOREIGN),
        ("pw/1/gw-1", False, 1, Why.FOREIGN),
        ("pw/2/gw-1/1/reading", False, 1, Why.FOREIGN),
        ("$SYS/x", False, 1, Why.FOREIGN),
        ("", False, 1, Why.FOREIGN),
        ("pw/1/gw-1/1/reading", True, 200, Why.RETAINED),
        ("pw/1/gw-1/1/event", True, 200, Why.RETAINED),
        ("pw/1/gw-1/1/reading", False, 4097, Why.LARGE),
    ],
)
def test_a_gateway_says_what_is_its_own_and_no_more(topic, retain, size, why):
    assert rules.may_say("gw-1", topic, retain=retain, size=size) is why


@pytest.mark.parametrize(
    ("wanted", "may"),
    [
        ("pw/1/gw-1/+/cmd", True),
        ("pw/1/gw-1/3/cmd", True),
        ("pw/1/gw-1/ack", True),
        ("pw/1/gw-1/time", True),
        ("pw/1/gw-2/+/cmd", False),
        ("pw/1/+/+/cmd", False),
        ("pw/1/gw-1/#", False),
        ("#", False),
        ("pw/1/gw-1/+/reading", False),
        ("pw/1/gw-1/#/cmd", False),
        ("$share/a/pw/1/gw-1/+/cmd", False),
        ("$SYS/#", False),
        ("", False),
    ],
)
def test_a_gateway_hears_what_is_meant_for_it_and_no_more(wanted, may):
    assert rules.may_hear("gw-1", wanted) is may


def test_a_burst_passes_and_what_is_beyond_it_waits():
    bucket = rules.Bucket(at=0.0)
    assert bucket.take(2_000, 0.0) == 0
    assert bucket.take(100, 0.0) == pytest.approx(1.0)
    assert bucket.take(0, 1.0) == 0
    assert bucket.take(100, 2.0) == 0
