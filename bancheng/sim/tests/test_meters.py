"""The simulated socket keeps its bounds by itself, counts exactly, and forgets nothing until somebody has it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bancheng.lib import dlt645
from bancheng.lib import socketwire as wire
from bancheng.lib.socketwire import EventKind, Flag, Op, Result
from bancheng.sim.meters.firmware import Socket
from bancheng.sim.meters.line import meter_answer

T0 = 1_773_709_200_000  # 2026-03-17 09:00 in Xuchang
HOUR = 3_600_000


class Bench:
    """A socket on a bench, with a clock turned by hand."""

    def __init__(self, load_w: int = 1000) -> None:
        self.socket = Socket("gw-0001", "1", "202411070046")
        self.socket.world.load_w = load_w
        self.now = T0
        self.said: list[Any] = []

    def command(self, op: Op, command: str = "c1", **more: Any) -> Result:
        given: dict[str, Any] = {
            "session": "s1",
            "quota_wh": 5000,
            "longest_s": 43_200,
            "lease_until_ms": T0 + 24 * HOUR,
        }
        asked = wire.Command("gw-0001", "1", command, op, more.pop("not_after_ms", self.now + 30_000), **(given | more))
        self.said += self.socket.obey(asked, self.now)
        answer = self.said[-1]
        assert isinstance(answer, wire.CommandAck)
        return answer.result

    def run(self, ms: int, step: int = 200) -> None:
        for _ in range(ms // step):
            self.now += step
            self.said += self.socket.step(step, self.now)

    def events(self) -> list[tuple[EventKind, str]]:
        return [(one.kind, one.code) for one in self.socket.said.values() if isinstance(one, wire.Event)]


def test_a_kilowatt_for_an_hour_is_a_kilowatt_hour() -> None:
    bench = Bench()
    before = bench.socket.register_10wh
    assert bench.command(Op.START) is Result.DONE
    bench.run(HOUR)
    assert bench.socket.register_10wh - before == 100
    assert bench.socket.used_wh == 1000


def test_the_quota_cuts_at_the_register_and_says_so() -> None:
    """X16: money runs out while nobody listens."""
    bench = Bench(load_w=3500)
    bench.command(Op.START, quota_wh=500)
    bench.run(HOUR)
    assert not bench.socket.closed
    assert bench.events() == [(EventKind.CLOSED, "start"), (EventKind.OPENED, "quota")]
    assert bench.socket.register_10wh - 0 <= 51


@pytest.mark.parametrize(
    ("more", "code"), [({"longest_s": 600}, "duration"), ({"lease_until_ms": T0 + 600_000}, "lease")]
)
def test_time_and_lease_end_by_themselves(more: dict[str, int], code: str) -> None:
    bench = Bench()
    bench.command(Op.START, **more)
    bench.run(599_000)
    assert bench.socket.closed
    bench.run(2_000)
    assert bench.events()[-1] == (EventKind.OPENED, code)


def test_a_late_command_is_refused_and_a_repeated_one_answered_as_before() -> None:
    """X3, X5."""
    bench = Bench()
    assert bench.command(Op.START, "late", not_after_ms=T0 - 1) is Result.LATE
    assert not bench.socket.closed
    assert bench.command(Op.START, "c1") is Result.DONE
    assert bench.command(Op.STOP, "c2") is Result.DONE
    assert bench.command(Op.START, "c1") is Result.DONE
    assert not bench.socket.closed
    assert bench.command(Op.START, "late") is Result.LATE


@pytest.mark.parametrize(
    ("flag", "world", "within_ms"),
    [
        (Flag.OV, {"voltage_dv": 2650}, 2_400),
        (Flag.OV, {"voltage_dv": 2810}, 400),
        (Flag.UV, {"voltage_dv": 1640}, 5_400),
        (Flag.OC, {"load_w": 7400}, 2_400),
        (Flag.OC, {"load_w": 5400}, 10_400),
        (Flag.OT, {"temperature_dc": 860}, 5_400),
    ],
)
def test_the_firmwares_protections_trip_in_their_time(flag: Flag, world: dict[str, int], within_ms: int) -> None:
    """F1.6, F1.19: section 5's thresholds."""
    bench = Bench()
    bench.command(Op.START, quota_wh=50_000)
    for name, value in world.items():
        setattr(bench.socket.world, name, value)
    bench.run(within_ms)
    assert not bench.socket.closed
    assert bench.events()[-1] == (EventKind.TRIPPED, flag.name)
    bench.command(Op.STOP, "c2")
    assert bench.command(Op.START, "c3") is Result.LATCHED


def test_only_the_grids_faults_close_again_and_twice_at_most() -> None:
    bench = Bench()
    bench.command(Op.START)
    for _ in range(3):
        bench.socket.world.voltage_dv = 2700
        bench.run(3_000)
        assert not bench.socket.closed
        bench.socket.world.voltage_dv = 2231
        bench.run(130_000)
    assert [kind for kind, _ in bench.events()].count(EventKind.RECLOSED) == 2
    assert not bench.socket.closed


def test_a_power_cut_keeps_the_register_and_what_was_said() -> None:
    """X8: another boot; the session goes on within its bounds."""
    bench = Bench()
    bench.command(Op.START)
    bench.run(60_000)
    register, said = bench.socket.register_10wh, len(bench.socket.said)
    bench.socket.reboot()
    assert (bench.socket.boot, bench.socket.seq, bench.socket.closed) == (2, 0, True)
    assert (bench.socket.register_10wh, len(bench.socket.said)) == (register, said)
    bench.run(20_000)
    assert next(key for key in bench.socket.said if key[0] == 2) == (2, 1)


def test_what_is_stored_is_erased_and_nothing_else() -> None:
    bench = Bench()
    bench.command(Op.START)
    bench.run(60_000)
    bench.socket.stored(1, 3)
    assert [seq for _, seq in bench.socket.said] == list(range(4, bench.socket.seq + 1))


@settings(deadline=None)
@given(some.lists(some.tuples(some.integers(0, 4000), some.integers(1, 400)), max_size=20))
def test_the_register_never_goes_back_and_counts_what_flowed(pieces: list[tuple[int, int]]) -> None:
    """The oracle adds up watts and seconds."""
    bench = Bench()
    bench.command(Op.START, quota_wh=10**6)
    flowed = 0
    for load, steps in pieces:
        bench.socket.world.load_w = load
        seen = bench.socket.register_10wh
        bench.run(steps * 100, step=100)
        flowed += load * steps * 100 if bench.socket.closed else 0
        assert bench.socket.register_10wh >= seen
        if not bench.socket.closed:
            return
    assert bench.socket.used_wh == flowed // 3_600_000


def test_everything_it_says_can_be_read_on_the_wire() -> None:
    bench = Bench()
    bench.command(Op.START)
    bench.run(120_000)
    for message in bench.said:
        parcel = wire.write(message)
        assert wire.read(parcel.topic, parcel.payload) == message


def test_its_meter_answers_in_645() -> None:
    bench = Bench()
    bench.command(Op.START)
    bench.run(HOUR)
    answers = {}
    for item in ("energy", "voltage", "power", "state-relay"):
        (frame,) = dlt645.Reader().feed(meter_answer(bench.socket, dlt645.read("202411070046", item)).encode())
        answers[item] = dlt645.value_of(frame, item)
    assert answers == {"energy": 100, "voltage": 2231, "power": 10_000, "state-relay": 0}
    no = meter_answer(bench.socket, dlt645.read("202411070046", "date"))
    assert no.trouble is dlt645.Trouble.NO_DATA


def test_what_happens_on_the_spot_is_said_with_the_next_step_and_once() -> None:
    """F1.8: a plug that is pulled between two steps waits for no other message to be late."""
    bench = Bench()
    bench.command(Op.START)
    bench.said.clear()
    bench.socket.unplug(bench.now)
    bench.run(400)
    assert [one.kind for one in bench.said if isinstance(one, wire.Event)] == [EventKind.UNPLUGGED]
