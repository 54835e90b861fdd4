"""DL/T 645-2007: the worked frames of the reference, noise, and whatever else a line may bring."""

import contextlib
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bancheng.lib import dlt645
from bancheng.lib.dlt645 import Frame, Order, Relay
from bancheng.lib.refusal import Garbled

METER = "202411070046"
UNTIL = datetime(2026, 3, 17, 18, 30, 20)  # noqa: DTZ001 - a meter's clock knows no zone
SWITCH = {"until": UNTIL, "operator": 1, "password": "123456"}

WORKED = {
    "P1 read energy of meter 161": (
        dlt645.read("000000000161", "energy"),
        "68 61 01 00 00 00 00 68 11 04 33 33 34 33 14 16",
    ),
    "P2 answer 0.26 kWh": (
        Frame("000000000161", 0x91, dlt645.ITEMS["energy"].identifier + dlt645.ITEMS["energy"].pack(26)),
        "68 61 01 00 00 00 00 68 91 08 33 33 34 33 59 33 33 33 8A 16",
    ),
    "P3 answer 100.1 V": (
        Frame("000000000161", 0x91, dlt645.ITEMS["voltage"].identifier + dlt645.ITEMS["voltage"].pack(1001)),
        "68 61 01 00 00 00 00 68 91 06 33 34 34 35 34 43 10 16",
    ),
    "1 read energy": (dlt645.read(METER, "energy"), "68 46 00 07 11 24 20 68 11 04 33 33 34 33 54 16"),
    "2 answer 1234.56 kWh": (
        dlt645.read(METER, "energy").answered(dlt645.ITEMS["energy"].identifier + dlt645.ITEMS["energy"].pack(123456)),
        "68 46 00 07 11 24 20 68 91 08 33 33 34 33 89 67 45 33 40 16",
    ),
    "3 answer 223.1 V": (
        dlt645.read(METER, "voltage").answered(dlt645.ITEMS["voltage"].identifier + dlt645.ITEMS["voltage"].pack(2231)),
        "68 46 00 07 11 24 20 68 91 06 33 34 34 35 64 55 92 16",
    ),
    "4 answer 4.512 A": (
        dlt645.read(METER, "current").answered(dlt645.ITEMS["current"].identifier + dlt645.ITEMS["current"].pack(4512)),
        "68 46 00 07 11 24 20 68 91 07 33 34 35 35 45 78 33 CB 16",
    ),
    "5 answer 1.0062 kW": (
        dlt645.read(METER, "power").answered(dlt645.ITEMS["power"].identifier + dlt645.ITEMS["power"].pack(10062)),
        "68 46 00 07 11 24 20 68 91 07 33 33 36 35 95 33 34 D7 16",
    ),
    "6 read state word 3": (dlt645.read(METER, "state-relay"), "68 46 00 07 11 24 20 68 11 04 36 38 33 37 5F 16"),
    "7 trip until 2026-03-17 18:30:20": (
        dlt645.relay(METER, Relay(Order.TRIP, **SWITCH)),
        "68 46 00 07 11 24 20 68 1C 10 35 89 67 45 34 33 33 33 4D 33 53 63 4B 4A 36 59 2F 16",
    ),
    "8 direct close, same": (
        dlt645.relay(METER, Relay(Order.CLOSE, **SWITCH)),
        "68 46 00 07 11 24 20 68 1C 10 35 89 67 45 34 33 33 33 4F 33 53 63 4B 4A 36 59 31 16",
    ),
    "9 relay ok": (Frame(METER, 0x1C).answered(), "68 46 00 07 11 24 20 68 9C 00 0E 16"),
    "9 password refused": (
        Frame(METER, 0x1C).refused(dlt645.Trouble.PASSWORD),
        "68 46 00 07 11 24 20 68 DC 01 37 86 16",
    ),
    "10 broadcast time": (dlt645.set_time(UNTIL), "68 99 99 99 99 99 99 68 08 06 53 63 4B 4A 36 59 4E 16"),
    "11 ask address": (dlt645.who(), "68 AA AA AA AA AA AA 68 13 00 DF 16"),
    "11 answer address": (
        dlt645.who().answered(bytes.fromhex(METER)[::-1], address=METER),
        "68 46 00 07 11 24 20 68 93 06 79 33 3A 44 57 53 DF 16",
    ),
}
ALL = [(frame, bytes.fromhex(sent)) for frame, sent in WORKED.values()]


@pytest.mark.parametrize(("frame", "sent"), ALL, ids=list(WORKED))
def test_a_worked_frame_is_written_and_read_byte_for_byte(frame, sent):
    assert frame.encode() == sent
    assert dlt645.decode(sent) == frame
    assert frame.encode(wake=4) == b"\xfe" * 4 + sent


@pytest.mark.parametrize(
    ("item", "name", "shown"),
    [
        ("energy", "2 answer 1234.56 kWh", "1234.56"),
        ("energy", "P2 answer 0.26 kWh", "0.26"),
        ("voltage", "3 answer 223.1 V", "223.1"),
        ("voltage", "P3 answer 100.1 V", "100.1"),
        ("current", "4 answer 4.512 A", "4.512"),
        ("power", "5 answer 1.0062 kW", "1.0062"),
    ],
)
def test_a_value_reads_as_people_write_it(item, name, shown):
    answer = dlt645.decode(bytes.fromhex(WORKED[name][1]))
    assert dlt645.ITEMS[item].show(dlt645.data_of(answer, item)) == shown
    assert dlt645.named(answer.data) == item


def test_the_relay_layout_is_taken_apart_as_it_was_put_together():
    asked = dlt645.decode(bytes.fromhex(WORKED["7 trip until 2026-03-17 18:30:20"][1]))
    assert Relay.unpack(asked.data) == Relay(Order.TRIP, UNTIL, operator=1, password="123456", level=0x02)


def test_an_error_answer_says_what_is_wrong():
    no = dlt645.decode(bytes.fromhex(WORKED["9 password refused"][1]))
    assert (no.is_answer, no.is_error, no.trouble) == (True, True, dlt645.Trouble.PASSWORD)
    with pytest.raises(Garbled):
        dlt645.data_of(no, "energy")


def test_more_may_follow():
    part = dlt645.read(METER, "energy").answered(dlt645.ITEMS["energy"].identifier + b"\x01", more=True)
    assert part.control == 0xB1
    assert part.more_follows
    assert dlt645.read_more(METER, "energy", 1).control == 0x12
    rest = dlt645.read_more(METER, "energy", 1).answered(dlt645.ITEMS["energy"].identifier + b"\x02\x03\x04\x01")
    assert dlt645.data_of(rest, "energy") == b"\x02\x03\x04"


def test_a_register_wraps_where_the_meter_s_does():
    energy = dlt645.ITEMS["energy"]
    assert energy.unpack(energy.pack(99_999_999)) == 99_999_999
    assert energy.unpack(energy.pack(100_000_001)) == 1


@pytest.mark.parametrize("value", [0, 1, -1, 79_999, -79_999])
def test_the_top_bit_is_the_sign(value):
    current = dlt645.ITEMS["current"]
    assert current.unpack(current.pack(value)) == value


@pytest.mark.parametrize("item", list(dlt645.ITEMS))
def test_digits_that_are_none_are_garbled(item):
    known = dlt645.ITEMS[item]
    if known.kind is not dlt645.Kind.BITS:
        with pytest.raises(Garbled):
            known.show(b"\xfa" * known.length)
    with pytest.raises(Garbled):
        known.unpack(b"\x00" * (known.length + 1))


def test_a_date_and_a_time_are_shown():
    assert dlt645.ITEMS["date"].show(bytes.fromhex("02170326")) == "2026-03-17"
    assert dlt645.ITEMS["time"].show(bytes.fromhex("203018")) == "18:30:20"


@pytest.mark.parametrize(
    ("asked", "meant"),
    [(METER, True), ("AAAAAAAAAAAA", True), ("999999999999", True), ("AAAA11070046", True), ("202411070047", False)],
)
def test_a_meter_knows_when_it_is_meant(asked, meant):
    assert Frame(asked, 0x11).is_for(METER) is meant


def test_a_start_byte_in_address_and_data_does_not_mislead():
    frame = Frame("686868686868", 0x91, bytes([0x68 - 0x33] * 20))
    assert dlt645.decode(frame.encode()) == frame


def test_a_false_start_that_promises_much_does_not_swallow_what_stands_behind_it():
    frame, sent = ALL[4]
    promise = bytes.fromhex("68 01 02 03 04 05 06 68 91 C8")
    reader = dlt645.Reader()
    assert reader.feed(promise + sent) == []  # it may still become a frame of 212 bytes
    assert reader.give_up() == [frame]


def test_a_flipped_bit_anywhere_is_no_frame():
    """Also the last byte, the checksum and the length."""
    _, sent = ALL[4]
    for bit in range(len(sent) * 8):
        bad = bytearray(sent)
        bad[bit // 8] ^= 1 << bit % 8
        with contextlib.suppress(Garbled):
            pytest.fail(f"bit {bit}: {dlt645.decode(bytes(bad))}")


addresses = st.text("0123456789", min_size=12, max_size=12)
frames = st.builds(Frame, address=addresses, control=st.integers(0, 255), data=st.binary(max_size=200))
quiet = st.binary(max_size=30).map(lambda noise: noise.replace(b"\x68", b"\x00"))  # noise without a start byte


@given(frames, st.integers(0, 8))
def test_any_frame_makes_the_round_trip(frame, wake):
    assert dlt645.decode(frame.encode(wake)) == frame


@given(st.lists(st.tuples(quiet, frames), min_size=1, max_size=5), quiet, st.data())
def test_frames_are_found_before_between_and_after_noise_in_any_pieces(parts, last, data):
    line = b"".join(noise + frame.encode() for noise, frame in parts) + last
    reader, found = dlt645.Reader(), []
    while line:
        size = data.draw(st.integers(1, len(line)))
        found += reader.feed(line[:size])
        line = line[size:]
    assert found + reader.give_up() == [frame for _, frame in parts]


@given(st.binary(max_size=60), frames)
def test_behind_any_noise_at_all_the_frame_is_found_in_the_end(noise, frame):
    """Noise with start bytes in it may even be a frame of its own; the last one found is ours, unless noise took its first bytes."""
    reader = dlt645.Reader()
    found = reader.feed(noise + frame.encode() + b"\x00" * 212) + reader.give_up()
    assert frame in found or any(len(other.encode()) > 12 and other != frame for other in found)


@given(st.binary(max_size=600))
def test_no_bytes_raise_anything_but_garbled(line):
    reader = dlt645.Reader()
    for frame in reader.feed(line) + reader.give_up():
        for item in dlt645.ITEMS:
            with contextlib.suppress(Garbled):
                dlt645.ITEMS[item].show(dlt645.data_of(frame, item))
        with contextlib.suppress(Garbled):
            Relay.unpack(frame.data)
    with contextlib.suppress(Garbled):
        dlt645.decode(line)


@given(frames, st.data())
def test_a_cut_frame_is_none(frame, data):
    sent = frame.encode()
    cut = data.draw(st.integers(0, len(sent) - 1))
    reader = dlt645.Reader()
    assert reader.feed(sent[:cut]) == []


@given(st.binary(max_size=5_000))
def test_a_reader_holds_no_more_than_one_frame_s_worth(line):
    reader = dlt645.Reader()
    reader.feed(line)
    assert len(reader._held) < 212


@given(
    st.sampled_from(Order),
    st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)),  # noqa: DTZ001
    st.integers(0, 99_999_999),
    st.text("0123456789", min_size=6, max_size=6),
)
def test_a_relay_command_makes_the_round_trip(order, until, operator, password):
    command = Relay(order, until.replace(microsecond=0), operator, password)
    assert Relay.unpack(command.pack()) == command
