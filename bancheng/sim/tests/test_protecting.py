"""The eight protections of the simulated firmware raise, clear and let go as the trade's table says; what is done to a socket on the spot."""

from typing import Any

import pytest

from bancheng.lib.socketwire import PROTECTIONS, Event, EventKind, Flag, Op, Reading, Result, State
from bancheng.sim.meters import faults
from bancheng.sim.tests.test_meters import HOUR, T0, Bench

RAISED = (EventKind.TRIPPED,)
NOT_BY_ITSELF = ("SC", "RC", "AF", "TP")


def on(load_w: int = 1000, **more: Any) -> Bench:
    bench = Bench(load_w)
    assert bench.command(Op.START, quota_wh=50_000, **more) is Result.DONE
    return bench


def cause(bench: Bench, deed: str, value: str = "") -> None:
    faults.AT_SOCKET[deed].do(bench.socket, value)


@pytest.mark.parametrize("flag", PROTECTIONS, ids=lambda flag: flag.name)
def test_each_of_the_eight_trips_latches_and_is_over_once_it_is_put_right(flag: Flag) -> None:
    """F1.6, F1.19, B1.11: raised as an event with the register of the moment, shown in state, cleared as an event."""
    bench = on()
    cause(bench, f"trip_{flag.name}")
    bench.run(6_000)
    assert not bench.socket.closed
    assert (EventKind.TRIPPED, flag.name) in bench.events()
    assert bench.command(Op.START, "c2") is Result.LATCHED
    bench.run(61_000)
    states = [one for one in bench.said if isinstance(one, State)]
    assert states[-1].flags & flag
    assert not states[-1].closed
    cause(bench, "put_right")
    assert bench.events()[-1] == (EventKind.CLEARED, flag.name) or (EventKind.CLEARED, flag.name) in bench.events()
    assert not bench.socket.all_flags(bench.now)
    assert [kind for kind, code in bench.events() if code == flag.name].count(EventKind.TRIPPED) == 1


@pytest.mark.parametrize(
    ("flag", "world"),
    [
        (Flag.OV, {"voltage_dv": 2400}),
        (Flag.UV, {"voltage_dv": 1900}),
        (Flag.OC, {"load_w": 3700}),
        (Flag.RC, {"leakage_ma": 20}),
        (Flag.OT, {"temperature_dc": 720}),
    ],
    ids=lambda each: each.name if isinstance(each, Flag) else "",
)
def test_a_warning_is_raised_after_its_while_and_cleared_when_the_value_is_back(
    flag: Flag, world: dict[str, int]
) -> None:
    """F1.19."""
    bench = on()
    before = {name: getattr(bench.socket.world, name) for name in world}
    for name, value in world.items():
        setattr(bench.socket.world, name, value)
    bench.socket.warmth = (0, bench.socket.world.temperature_dc)  # it grew warm slowly
    bench.run(9_000)
    assert (EventKind.WARNED, flag.name) not in bench.events()
    bench.run(52_000)
    assert bench.events()[-1] == (EventKind.WARNED, flag.name)
    for name, value in before.items():
        setattr(bench.socket.world, name, value)
    bench.run(61_000)
    assert bench.events()[-1] == (EventKind.CLEARED, flag.name)
    assert bench.socket.closed


def test_a_socket_that_warms_too_fast_under_load_warns() -> None:
    """F1.19: 5 K a minute."""
    bench = on()
    bench.run(61_000)
    for _ in range(120):
        bench.socket.world.temperature_dc += 2
        bench.run(1_000)
    assert (EventKind.WARNED, "OT") in bench.events()


def test_thresholds_are_what_the_platform_told() -> None:
    """F1.19: by the same command that two people approved."""
    bench = on()
    assert bench.command(Op.LIMIT, "c2", limits={"ov_trip_dv": 2420, "ov_trip_ms": 400}) is Result.DONE
    bench.socket.world.voltage_dv = 2430
    bench.run(1_000)
    assert bench.events()[-1] == (EventKind.TRIPPED, "OV")


@pytest.mark.parametrize("code", NOT_BY_ITSELF)
def test_what_wants_a_look_on_the_spot_is_not_let_go_by_a_new_scan(code: str) -> None:
    bench = on()
    cause(bench, f"trip_{code}")
    bench.run(3_000)
    world = bench.socket.world
    world.short, world.leakage_ma, world.arc, world.opened = False, 0, False, False
    bench.run(HOUR // 10)
    assert (EventKind.CLEARED, code) in bench.events()
    assert bench.command(Op.START, "c2", session="s2") is Result.LATCHED
    assert bench.command(Op.CLEAR, "c3") is Result.DONE
    assert bench.command(Op.START, "c4", session="s2") is Result.DONE


def test_an_overload_is_let_go_by_the_next_scan_and_not_by_the_same_session() -> None:
    bench = on(load_w=7400)
    bench.run(3_000)
    assert bench.command(Op.START, "c2") is Result.LATCHED
    assert bench.command(Op.START, "c3", session="s2") is Result.DONE


def test_one_that_waits_for_the_voltage_and_is_stopped_never_closes_again() -> None:
    """F1.19: no power without a session."""
    bench = on()
    bench.socket.world.voltage_dv = 2700
    bench.run(3_000)
    assert bench.command(Op.STOP, "c2") is Result.DONE
    assert bench.events()[-1] == (EventKind.OPENED, "stop")
    bench.socket.world.voltage_dv = 2231
    bench.run(300_000)
    assert not bench.socket.closed
    assert bench.command(Op.START, "c3", session="s2") is Result.DONE


def test_a_welded_relay_is_told_once_and_refuses_a_start() -> None:
    """X12."""
    bench = on()
    cause(bench, "weld")
    assert bench.command(Op.STOP, "c2") is Result.WELDED
    register = bench.socket.register_10wh
    bench.run(HOUR)
    assert [kind for kind, _ in bench.events()].count(EventKind.WELDED) == 1
    assert bench.socket.register_10wh > register
    assert bench.command(Op.START, "c3", session="s2") is Result.WELDED
    readings = [one for one in bench.socket.said.values() if isinstance(one, Reading)]
    assert readings[-1].flags & Flag.WELDED


def test_another_meter_begins_at_nothing_and_what_was_used_stays_used() -> None:
    """X9: swap; the quota goes on where it was."""
    bench = on(load_w=3000)
    bench.run(HOUR // 10)
    used = bench.socket.used_wh
    cause(bench, "swap", "202611079999")
    assert (bench.socket.register_10wh, bench.socket.meter, bench.socket.used_wh) == (0, "202611079999", used)
    assert bench.events()[-2:] == [(EventKind.METER_CHANGED, "off"), (EventKind.METER_CHANGED, "on")]
    last, first = [one for one in bench.socket.said.values() if isinstance(one, Event)][-2:]
    assert (last.meter == first.meter, last.energy_10wh > 0, first.energy_10wh) == (False, True, 0)
    assert bench.command(Op.METER, "m1", meter="202611079999") is Result.DONE
    assert bench.command(Op.METER, "m2", meter="202611078888") is Result.NO_METER
    cause(bench, "register", "999999.98")
    bench.run(HOUR // 10)
    assert bench.socket.register_10wh < 100
    assert 598 <= bench.socket.used_wh <= 602


def test_a_spike_is_one_wrong_look_at_the_register() -> None:
    """X9: the register itself goes on as it was."""
    bench = on()
    cause(bench, "misread", "1000")
    bench.run(25_000)
    seen = [one.energy_10wh for one in bench.socket.said.values() if isinstance(one, Reading)]
    assert [one > 90_000 for one in seen[1:]] == [True, False]
    assert not bench.socket.used_wh > 20


def test_a_clock_that_was_never_set_obeys_nothing_until_it_is_told_the_time() -> None:
    """X10: 1970; then set, and told."""
    bench = Bench()
    bench.socket.clock_off_ms = -T0
    assert bench.command(Op.START) is Result.NO_CLOCK
    assert bench.socket.all_flags(bench.now) & Flag.CLOCK
    bench.socket.set_clock(bench.now - bench.socket.clock_ms(bench.now), bench.now)
    assert bench.events() == [(EventKind.CLOCK_SET, "")]
    assert bench.command(Op.START, "c2") is Result.DONE


def test_a_pulled_plug_is_told_and_the_mains_come_back_with_another_boot() -> None:
    """X8."""
    bench = on()
    bench.socket.unplug(bench.now)
    assert bench.events()[-1] == (EventKind.UNPLUGGED, "")
    bench.socket.plug(1000)
    bench.socket.cut_power(bench.now)
    register = bench.socket.register_10wh
    bench.run(HOUR)
    assert bench.socket.register_10wh == register
    bench.socket.restore_power(bench.now)
    assert bench.socket.boot == 2
    assert [kind for kind, _ in bench.events()][-2:] == [EventKind.POWER_LOST, EventKind.POWER_BACK]


@pytest.mark.parametrize(
    ("deed", "value"),
    [("plug", "-1"), ("plug", "20001"), ("plug", ""), ("swap", "12"), ("register", "1.005"), ("misread", "1e9")],
)
def test_what_no_socket_has_is_refused(deed: str, value: str) -> None:
    bench = Bench()
    with pytest.raises(ValueError, match=r"."):
        cause(bench, deed, value)
