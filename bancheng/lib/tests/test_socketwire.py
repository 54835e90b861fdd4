"""The MQTT wire of shared power: what is said comes back the same, and nothing else comes through."""

import contextlib
import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bancheng.lib import socketwire as wire
from bancheng.lib.refusal import Garbled
from bancheng.lib.socketwire import Cut, EventKind, Op, Result

READING = wire.Reading(
    gateway="4110020001",
    socket="3",
    boot=7,
    seq=412,
    up_ms=86_400_000,
    ts_ms=1_773_743_420_000,
    meter="202411070046",
    session="0198c7a2-0000-7000-8000-000000000001",
    energy_10wh=123_456,
    voltage_dv=2_231,
    current_ma=4_512,
    power_w=1_006,
    temperature_dc=318,
    flags=0,
)
TOPIC = "pw/1/4110020001/3/reading"


def said(**change):
    return json.dumps(json.loads(wire.write(READING).payload) | change).encode()


names = st.text("0123456789abcXYZ_-", min_size=1, max_size=32)
ids = st.text("0123456789abcdef-", min_size=1, max_size=36)
sessions = st.one_of(st.just(""), ids)
counts = st.integers(1, 2**32 - 1)
uptimes = st.integers(0, 2**53 - 1)
times = st.integers(0, 253_402_300_799_999)
registers = st.integers(0, wire.REGISTER - 1)
meters = st.text("0123456789", min_size=12, max_size=12)
signed = st.integers(-1_000_000, 1_000_000)
flags = st.integers(0, 4095)
limits = st.sampled_from(sorted(wire.LIMITS)).flatmap(
    lambda name: st.builds(lambda value: {name: value}, st.integers(wire.LIMITS[name].least, wire.LIMITS[name].most))
)
stamp = {"boot": counts, "seq": counts, "up_ms": uptimes, "ts_ms": times}
of_socket = {"gateway": names, "socket": names}
messages = st.one_of(
    st.builds(wire.Status, gateway=names, on=st.booleans(), boot=counts, firmware=st.sampled_from(["", "1.4.2"])),
    st.builds(
        wire.Reading,
        **of_socket,
        **stamp,
        meter=meters,
        session=sessions,
        energy_10wh=registers,
        voltage_dv=st.integers(0, 100_000),
        current_ma=signed,
        power_w=signed,
        temperature_dc=st.integers(-1_000, 5_000),
        flags=flags,
    ),
    st.builds(
        wire.Event,
        **of_socket,
        **stamp,
        kind=st.sampled_from(EventKind),
        code=st.sampled_from(["", "OV", *Cut]).map(str),
        meter=meters,
        session=sessions,
        closed=st.booleans(),
        energy_10wh=registers,
        value=st.integers(-(10**9), 10**9),
    ),
    st.builds(
        wire.State,
        **of_socket,
        **stamp | {"seq": st.integers(0, 2**32 - 1)},
        meter=meters,
        session=sessions,
        closed=st.booleans(),
        flags=flags,
        quota_left_wh=st.integers(0, 1_000_000),
        energy_10wh=registers,
        current_ma=signed,
    ),
    st.builds(
        wire.Command,
        **of_socket,
        command=ids,
        op=st.sampled_from(Op),
        not_after_ms=times,
        session=sessions,
        quota_wh=st.integers(0, 1_000_000),
        longest_s=st.integers(0, 7 * 86_400),
        lease_until_ms=times,
        edges_ms=st.lists(times, max_size=32).map(tuple),
        limits=st.one_of(st.just({}), limits),
        meter=st.one_of(st.just(""), meters),
    ),
    st.builds(
        wire.CommandAck,
        **of_socket,
        command=ids,
        result=st.sampled_from(Result),
        closed=st.booleans(),
        energy_10wh=registers,
        boot=counts,
        seq=st.integers(0, 2**32 - 1),
    ),
    st.builds(
        wire.Stored, gateway=names, boot=counts, seqs=st.dictionaries(names, st.integers(0, 2**32 - 1), max_size=8)
    ),
    st.builds(
        wire.Refusals,
        gateway=names,
        counts=st.dictionaries(st.sampled_from(["foreign", "large"]), st.integers(0, 2**32 - 1)),
    ),
    st.builds(wire.TimeAsked, gateway=names, boot=counts, up_ms=uptimes, ts_ms=times),
    st.builds(wire.TimeTold, gateway=names, boot=counts, up_ms=uptimes, ts_ms=times, now_ms=times),
)


@given(messages)
def test_what_is_written_is_read_as_it_was_said(message):
    parcel = wire.write(message)
    assert wire.read(parcel.topic, parcel.payload) == message
    assert parcel.retain is (message.KIND in wire.RETAINED)
    assert len(parcel.payload) < wire.LARGEST_PAYLOAD


def test_a_reading_stands_on_the_wire_in_the_words_of_the_reference():
    parcel = wire.write(READING)
    assert parcel.topic == TOPIC
    assert parcel.payload == (
        b'{"boot":7,"seq":412,"up_ms":86400000,"ts":1773743420000,"meter":"202411070046",'
        b'"session":"0198c7a2-0000-7000-8000-000000000001","e_10wh":123456,"u_dv":2231,"i_ma":4512,"p_w":1006,"t_dc":318,"f":0}'
    )


def test_a_birth_and_a_will_stand_as_in_the_reference():
    assert json.loads(wire.write(wire.Status("G", on=True, boot=3, firmware="1.4.2")).payload) == {
        "on": 1,
        "boot": 3,
        "fw": "1.4.2",
    }
    assert wire.write(wire.Status("G", on=False, boot=3)) == ("pw/1/G/status", b'{"on":0,"boot":3}', True)


def test_a_command_is_never_retained():
    command = wire.Command("G", "1", "c-1", Op.START, 1_000)
    assert wire.write(command).retain is False
    assert "cmd" not in wire.RETAINED


def test_a_question_about_the_time_is_told_from_its_answer():
    asked = wire.read("pw/1/G/time", b'{"boot":1,"up_ms":5,"ts":0}')
    told = wire.read("pw/1/G/time", b'{"boot":1,"up_ms":5,"ts":0,"now":1773743420000}')
    assert asked == wire.TimeAsked("G", 1, 5, 0)
    assert told == wire.TimeTold("G", 1, 5, 0, 1_773_743_420_000)


def test_words_of_newer_firmware_are_passed_over():
    assert wire.read(TOPIC, said(rssi_dbm=-71)) == READING


def test_a_register_of_all_bounds_passes_and_the_next_does_not():
    assert wire.read(TOPIC, said(e_10wh=99_999_999)) == replace(READING, energy_10wh=99_999_999)
    with pytest.raises(Garbled):
        wire.read(TOPIC, said(e_10wh=100_000_000))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"12",
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b'{"boot":1',
        b"{}",
        b"[" * 4_000,
        b'{"a":' * 600,
        b"9" * 4_000,
        b'{"boot":7,"boot":8}',
        b"<xml/>",
        b"{}" * 3_000,
        b"x" * 1_000_000,
    ],
    ids=lambda payload: f"{payload[:12]!r}x{len(payload)}",
)
def test_what_is_no_message_is_garbled(payload):
    with pytest.raises(Garbled):
        wire.read(TOPIC, payload)


@pytest.mark.parametrize("word", ["boot", "seq", "up_ms", "ts", "meter", "e_10wh", "u_dv", "i_ma", "p_w", "t_dc", "f"])
@pytest.mark.parametrize(
    "value",
    [None, True, False, "1", 1.0, 1.5, -(10**18), 10**18, 10**300, [], {}, [1], "0" * 3_000, ""],
    ids=lambda value: repr(value)[:14],
)
def test_each_number_of_a_reading_must_be_one_and_within_bounds(word, value):
    with pytest.raises(Garbled):
        wire.read(TOPIC, said(**{word: value}))


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e2", "1.0", "0x10", "01", "+1"])
def test_numbers_that_are_not_whole_are_garbled(text):
    payload = said(u_dv=7_777_777).replace(b"7777777", text.encode())
    with pytest.raises(Garbled):
        wire.read(TOPIC, payload)


@pytest.mark.parametrize("session", ["a b", "ä", "x" * 37, 5, True, "a\n", "a'; --"])
def test_a_session_is_a_plain_word(session):
    with pytest.raises(Garbled):
        wire.read(TOPIC, said(session=session))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "pw",
        "pw/1",
        "pw/1/G",
        "pw/2/G/1/reading",
        "pw/1/G/reading",
        "pw/1/G/1/status",
        "pw/1/G/1/ack",
        "pw/1/G/1/unknown",
        "pw/1//1/reading",
        "pw/1/G//reading",
        "pw/1/+/1/reading",
        "pw/1/#",
        "pw/1/G/1/reading/more",
        "/pw/1/G/1/reading",
        "pw/1/G\n/1/reading",
        "pw/1/Ｇ/1/reading",
        "pw/1/" + "x" * 33 + "/1/reading",
        "$SYS/broker",
    ],
)
def test_a_topic_that_is_not_ours_is_garbled(name):
    with pytest.raises(Garbled):
        wire.read(name, wire.write(READING).payload)


@pytest.mark.parametrize(
    "change",
    [
        {"op": "explode"},
        {"op": None},
        {"limits": {"ov_trip_dv": 9_999}},
        {"limits": {"unknown": 1}},
        {"limits": []},
        {"edges": [1, True]},
        {"edges": [0] * 33},
        {"edges": "1"},
        {"quota_wh": -1},
        {"quota_wh": 1_000_001},
        {"max_s": 7 * 86_400 + 1},
        {"not_after": None},
        {"cmd_id": ""},
    ],
    ids=repr,
)
def test_a_command_out_of_bounds_is_garbled(change):
    good = {"cmd_id": "c-1", "op": "start", "not_after": 1_000}
    assert wire.read("pw/1/G/1/cmd", json.dumps(good).encode()) == wire.Command("G", "1", "c-1", Op.START, 1_000)
    with pytest.raises(Garbled):
        wire.read("pw/1/G/1/cmd", json.dumps(good | change).encode())


@given(
    st.sampled_from([TOPIC, "pw/1/G/1/event", "pw/1/G/1/cmd", "pw/1/G/ack", "pw/1/G/time", "pw/1/G/status"]),
    st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
            max_leaves=10,
        ).map(lambda value: json.dumps(value).encode()),
    ),
)
def test_whatever_comes_is_a_message_or_garbled(name, payload):
    try:
        message = wire.read(name, payload)
    except Garbled:
        return
    assert wire.read(*wire.write(message)[:2]) == message


@given(st.text(max_size=60), st.binary(max_size=60))
def test_whatever_the_topic_nothing_else_is_raised(name, payload):
    with pytest.raises(Garbled):
        wire.read(name, payload)


@given(messages, st.data())
def test_one_bit_of_damage_is_a_message_or_garbled(message, data):
    parcel = wire.write(message)
    at = data.draw(st.integers(0, len(parcel.payload) - 1))
    bad = bytearray(parcel.payload)
    bad[at] ^= 1 << data.draw(st.integers(0, 7))
    with contextlib.suppress(Garbled):
        wire.read(parcel.topic, bytes(bad))


def test_the_usual_limits_are_those_of_the_reference_and_within_their_own_bounds():
    assert all(limit.least <= limit.usual <= limit.most for limit in wire.LIMITS.values())
    usual = {name: limit.usual for name, limit in wire.LIMITS.items()}
    assert (usual["ov_warn_dv"], usual["ov_trip_dv"], usual["ov_fast_dv"], usual["ov_back_dv"]) == (
        2354,
        2640,
        2800,
        2420,
    )
    assert (usual["uv_warn_dv"], usual["uv_trip_dv"], usual["uv_back_dv"]) == (1980, 1650, 1870)
    assert [(usual[f"oc_trip{n}_pct"], usual[f"oc_trip{n}_s"]) for n in (1, 2, 3, 4)] == [
        (113, 900),
        (125, 60),
        (150, 10),
        (200, 2),
    ]
    assert (usual["ot_warn_dc"], usual["ot_trip_dc"], usual["ot_back_dc"]) == (700, 850, 600)


def test_there_are_eight_protections_and_three_are_the_switch_s_own():
    """A1.10: eight; the platform claims none that only hardware can do."""
    assert [str(each.name) for each in wire.PROTECTIONS] == ["OV", "UV", "OC", "SC", "RC", "OT", "AF", "TP"]
    assert wire.HARDWARE == wire.Flag.SC | wire.Flag.RC | wire.Flag.AF


def test_every_message_names_where_it_is_said():
    kinds = {made.KIND for made in wire.Message.__args__}
    assert kinds == {*wire.UP, *wire.DOWN, *wire.BROKER}
    for made in wire.Message.__args__:
        own = [each.name for each in fields(made)][:2]
        assert (own == ["gateway", "socket"]) is (made.KIND in wire.OF_SOCKET)


def test_readings_may_be_shared_out_and_the_rest_is_not():
    assert wire.every("reading", "acq") == "$share/acq/pw/1/+/+/reading"
    assert wire.every("event") == "pw/1/+/+/event"
    assert wire.every("status") == "pw/1/+/status"
