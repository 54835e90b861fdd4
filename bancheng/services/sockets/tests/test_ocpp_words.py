"""What OCPP says, in our words: frames, samples, times, registers; nothing here touches a database."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from bancheng.lib.refusal import Garbled
from bancheng.services.sockets.ocpp import facts, frames
from bancheng.services.sockets.ocpp.charger import z
from bancheng.services.sockets.ocpp.facts import Sample
from bancheng.services.sockets.ocpp.log import Log
from bancheng.services.sockets.rules import charging, offers
from bancheng.services.sockets.rules.charging import Charging
from bancheng.services.sockets.rules.places import Protocol
from bancheng.services.sockets.rules.sessions import Cause, State

AT = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
MS = int(AT.timestamp() * 1000)
ONE, TWO = UUID("01930000-0000-7000-8000-0000000000aa"), UUID("01930000-0000-7000-9000-0000000000bb")


def log(**over: object) -> Log:
    return Log(**{"gateway": "cp", "socket": "1", "meter": "1" * 12, "boot": 5, "connected_ms": MS, **over})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "raw",
    ["", "{}", "[]", "[2]", '[2,"a","X",[]]', '[2,1,"X",{}]', '[9,"a","X",{}]', "[" * 5000, b"[2]", '[2,"","X",{}]'],
)
def test_what_is_no_frame_is_garbled(raw: str | bytes) -> None:
    with pytest.raises(Garbled):
        frames.read(raw)


def test_frames_come_back_as_they_were_said() -> None:
    assert frames.read(frames.call("1", "Heartbeat", {})) == frames.Call("1", "Heartbeat", {})
    assert frames.read(frames.result("1", {"a": "度"})) == frames.Result("1", {"a": "度"})
    assert frames.read(frames.error("1", "InternalError")) == frames.Error("1", "InternalError")


def test_times_are_written_with_z() -> None:
    """A public peer takes no +00:00."""
    assert z(AT) == "2026-11-28T03:00:00.000Z"


def test_a_sample_is_read_in_base_units_over_all_phases() -> None:
    values = [
        {"value": "12.345", "unit": "kWh"},
        {"value": "16.1", "measurand": "Current.Import", "phase": "L1", "unit": "A"},
        {"value": "15.9", "measurand": "Current.Import", "phase": "L2", "unit": "A"},
        {"value": "0.3", "measurand": "Current.Import", "phase": "N", "unit": "A"},
        {"value": "221", "measurand": "Voltage", "phase": "L1-N"},
        {"value": "223", "measurand": "Voltage", "phase": "L2-N"},
        {"value": "384", "measurand": "Voltage", "phase": "L1-L2"},
        {"value": "7.04", "measurand": "Power.Active.Import", "unit": "kW"},
        {"value": "31.2", "measurand": "Temperature", "unit": "Celcius"},
        {"value": "much", "measurand": "SoC"},
        {"value": "xx", "measurand": "Frequency"},
        "no value at all",
    ]
    said = {"connectorId": 1, "meterValue": [{"timestamp": "2026-11-28T03:00:00Z", "sampledValue": values}]}
    assert facts.measured(said).samples == (Sample(AT, 12_345, 2220, 32_000, 7040, 312),)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-5", "", "1e40", None, [], "12,5"])
def test_an_energy_that_is_none_is_left_out(value: object) -> None:
    said = {"connectorId": 1, "meterValue": [{"timestamp": z(AT), "sampledValue": [{"value": value}]}]}
    assert facts.measured(said).samples[0].wh is None


@pytest.mark.parametrize(
    "broken",
    [
        {"meterStart": "12"},
        {"meterStart": -1},
        {"meterStart": True},
        {"timestamp": "yesterday"},
        {"timestamp": 5},
        {"connectorId": "1"},
        {"idTag": "x" * 21},
        {"idTag": None},
    ],
)
def test_a_start_that_is_not_right_is_garbled(broken: dict[str, object]) -> None:
    good = {"connectorId": 1, "idTag": "ab", "meterStart": 5, "timestamp": z(AT)}
    assert facts.started(good).meter_wh == 5
    with pytest.raises(Garbled):
        facts.started({**good, **broken})


def test_a_session_is_named_to_a_charge_point_the_same_by_everybody() -> None:
    assert charging.tag(ONE) == "700080000000000000aa"
    assert len(charging.tag(ONE)) == 20
    assert charging.number(ONE) == 0xAA
    assert charging.number(UUID(int=0)) == 1
    assert charging.number(UUID(int=2**128 - 1)) == 2**31 - 1


def test_whose_transaction_is_meant() -> None:
    """Field lesson: -1 and unknown numbers are matched by connector, tag and time."""
    found = [Charging(ONE, "1", State.ACTIVE, AT), Charging(TWO, "2", State.SUSPENDED, AT)]
    of = charging.speaking_of
    assert of(found, transaction=charging.number(TWO)) is found[1]
    assert of(found, transaction=-1, id_tag=charging.tag(ONE).upper()) is found[0]
    assert of(found, transaction=-1) is None  # two run, and nothing says which
    assert of(found, transaction=-1, wire="1", at=AT) is found[0]
    assert of(found, transaction=0, wire="1", at=AT - timedelta(hours=1)) is None  # before it began
    assert of([Charging(ONE, "1", State.PAID)], transaction=charging.number(ONE)) is None


def test_a_start_is_for_the_session_of_that_connector_and_tag() -> None:
    found = [Charging(ONE, "1", State.STARTING)]
    assert charging.starting(found, "1", charging.tag(ONE)) is found[0]
    assert charging.starting(found, "2", charging.tag(ONE)) is None
    assert charging.starting(found, "1", charging.tag(TWO)) is None
    assert charging.starting([Charging(ONE, "1", State.PAYING)], "1", charging.tag(ONE)) is None


@pytest.mark.parametrize(
    ("value", "last", "relative", "means"),
    [
        (5_300, 5_000, False, (5_300, False)),  # the register itself
        (0, 5_000, False, (5_000, True)),  # counted from the start
        (300, 5_200, False, (5_300, True)),
        (5_600, 10_550, True, (10_600, True)),  # beyond the register at the start, and it goes on
        (5_600, 10_550, False, (10_600, True)),  # also when nobody remembers
    ],
)
def test_samples_may_count_from_the_start(value: int, last: int, relative: bool, means: tuple[int, bool]) -> None:
    assert charging.register_wh(value, first_wh=5_000, last_wh=last, relative=relative) == means


def test_the_platform_ends_what_the_device_cannot_bound() -> None:
    def cause(used_wh: int, minutes: int = 5) -> Cause | None:
        return charging.must_end(
            used_wh=used_wh,
            quota_wh=1000,
            most_w=7040,
            started_at=AT,
            longest_s=3600,
            at=AT + timedelta(minutes=minutes),
        )

    assert cause(900) is None
    assert cause(960) is Cause.QUOTA  # 40 Wh flow in the 20 seconds until a stop is obeyed
    assert cause(0, 60) is Cause.MAX_TIME


def test_less_may_be_prepaid_where_only_the_platform_can_end_it() -> None:
    assert offers.most_fen(Protocol.MQTT) == 5000
    assert offers.most_fen(Protocol.OCPP16) == 2000
    assert max(offers.AMOUNTS_FEN) <= offers.most_fen(Protocol.OCPP16)


def test_the_log_is_numbered_without_a_gap_and_its_uptime_is_the_charge_points_clock() -> None:
    kept = log()
    first = kept.reading(Sample(AT - timedelta(hours=1), 5_000), of=None, now_ms=MS + 1000)
    second = kept.reading(Sample(AT - timedelta(minutes=30), 6_000), of=None, now_ms=MS + 1000)
    assert first
    assert second
    assert (first.seq, second.seq) == (1, 2)
    assert second.up_ms - first.up_ms == 30 * 60_000
    assert (second.energy_10wh, second.ts_ms) == (600, MS - 30 * 60_000)
    assert second.power_w == 2000  # nobody said: by what was counted


def test_a_clock_that_cannot_be_right_is_not_the_uptime() -> None:
    """F10: 1970, tomorrow, an hour back in the middle of a connection."""
    for wrong in (datetime(1970, 1, 1, tzinfo=UTC), AT + timedelta(days=1)):
        kept = log()
        said = kept.reading(Sample(wrong, 5_000), of=None, now_ms=MS + 1000)
        assert said
        assert said.up_ms == 3 * 86_400_000 + 1000
    kept = log()
    later = MS + 600_000
    before = kept.reading(Sample(AT + timedelta(minutes=10), 5_000), of=None, now_ms=later)
    after = kept.reading(Sample(AT - timedelta(minutes=50), 5_020), of=None, now_ms=later + 10_000)
    assert before
    assert after
    assert after.up_ms - before.up_ms == 10_000


def test_a_sample_without_a_register_is_no_reading() -> None:
    kept = log()
    assert kept.reading(Sample(AT, None, power_w=7000), of=None, now_ms=MS) is None
    assert kept.seq == 0
