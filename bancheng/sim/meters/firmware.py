"""One socket: relay, register, quota, duration, lease, protections, and the memory of what it said until somebody has it.

Nothing here reads a clock or a wire: `step` is told how long it lasted, `obey` what was commanded. Energy is counted in mWs (mW × ms ÷ 1000),
the register shows 10 Wh of it.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from bancheng.lib import socketwire as wire
from bancheng.lib.socketwire import Command, CommandAck, Cut, Event, EventKind, Flag, Op, Reading, Result, State

MWS_IN_10WH = 36_000_000  # 10 Wh = 36 kWs = 36,000,000 mWs
ACTIVE_MS, IDLE_MS, STATE_MS = 10_000, 60_000, 60_000
REMEMBERED = 64
RECLOSES = 2
WARM_DC = 310  # 31.0 °C
NOTHING = Flag(0)


@dataclass
class World:
    """What surrounds a socket; the fault panel and the tests turn it."""

    voltage_dv: int = 2231
    load_w: int = 0
    temperature_dc: int = WARM_DC
    powered: bool = True
    welded: bool = False
    frozen: bool = False  # the register stands still though current flows
    meter_silent: bool = False


@dataclass
class Grant:
    """What a session may use."""

    session: str = ""
    quota_wh: int = 0
    longest_ms: int = 0
    lease_until_ms: int = 0
    began_ms: int = 0  # uptime
    start_mws: int = 0
    recloses: int = 0
    edges_ms: list[int] = field(default_factory=list)


@dataclass
class Socket:
    """One relay with its metered circuit. `said` is flash: numbered messages nobody has confirmed yet."""

    gateway: str
    wire: str
    meter: str
    boot: int = 1
    seq: int = 0
    up_ms: int = 0
    energy_mws: int = 0
    closed: bool = False
    latched: Flag = NOTHING
    flags: Flag = NOTHING
    clock_off_ms: int = 0
    limits: dict[str, int] = field(default_factory=lambda: {name: limit.usual for name, limit in wire.LIMITS.items()})
    world: World = field(default_factory=World)
    grant: Grant = field(default_factory=Grant)
    said: "OrderedDict[tuple[int, int], Reading | Event]" = field(default_factory=OrderedDict)
    answered: "OrderedDict[str, Result]" = field(default_factory=OrderedDict)
    out_ms: dict[Flag, int] = field(default_factory=dict)  # how long a value has been beyond a trip's threshold
    warned_ms: dict[Flag, int] = field(default_factory=dict)
    back_ms: int = 0
    last_reading_ms: int = -IDLE_MS
    last_state_ms: int = -STATE_MS

    # --- what it measures ---

    @property
    def register_10wh(self) -> int:
        """The meter's register."""
        return (self.energy_mws // MWS_IN_10WH) % wire.REGISTER

    @property
    def current_ma(self) -> int:
        """What flows now."""
        flows = self.world.powered and (self.closed or self.world.welded)
        return self.world.load_w * 10_000 // max(1, self.world.voltage_dv) if flows else 0

    @property
    def used_wh(self) -> int:
        """What the session has used, to the watt-hour."""
        return (self.energy_mws - self.grant.start_mws) // (MWS_IN_10WH // 10)

    # --- time passes ---

    def step(self, passed_ms: int, now_ms: int) -> list[Any]:
        """Let time pass; return what is to be said now: new entries of flash, and a state when it is its turn."""
        self.up_ms += passed_ms
        before = len(self.said)
        moved = False
        if self.world.powered:
            if self.current_ma and not self.world.frozen:
                self.energy_mws += self.world.load_w * passed_ms  # W × ms = mWs
            moved = self._bounds(now_ms) | self._protect(passed_ms, now_ms)
            self._read_when_due(now_ms)
        new: list[Any] = list(self.said.values())[before:]
        if moved or self.up_ms - self.last_state_ms >= STATE_MS:
            new.append(self.state(now_ms))
        return new

    def _bounds(self, now_ms: int) -> bool:
        """Open the relay when quota, time or lease is at its end."""
        if not self.closed:
            return False
        grant = self.grant
        if self.used_wh >= grant.quota_wh:
            return self._open(now_ms, Cut.QUOTA)
        if self.up_ms - grant.began_ms >= grant.longest_ms:
            return self._open(now_ms, Cut.DURATION)
        if now_ms >= grant.lease_until_ms:
            return self._open(now_ms, Cut.LEASE)
        if self.world.meter_silent:
            return self._open(now_ms, Cut.METER)
        return False

    def _read_when_due(self, now_ms: int) -> None:
        if self.world.meter_silent:
            return
        edges = [edge for edge in self.grant.edges_ms if edge <= now_ms] if self.closed else []
        if edges:
            self.grant.edges_ms = [edge for edge in self.grant.edges_ms if edge > now_ms]
            self._reading(now_ms, Flag.EDGE)
        elif self.up_ms - self.last_reading_ms >= (ACTIVE_MS if self.closed else IDLE_MS):
            self._reading(now_ms)

    # --- protections (section 5 of the trade's own table; short circuit, residual current and arc are the switch's) ---

    def _protect(self, passed_ms: int, now_ms: int) -> bool:
        moved = False
        for flag, value, warns, trips in self._watched():
            moved |= self._watch(flag, value, warns, trips, passed_ms, now_ms)
        if self.latched & (Flag.OV | Flag.UV):
            moved |= self._maybe_reclose(passed_ms, now_ms)
        return moved

    def _watched(self) -> list[tuple[Flag, int, bool, int]]:
        """Return for each protection: its value, whether it warns, and how long it may last (ms; 0: it is within bounds)."""
        limits, volts, amps, warm = self.limits, self.world.voltage_dv, self.current_ma, self.world.temperature_dc
        percent = amps * 100 // max(1, limits["rated_ma"])
        over = (
            limits["ov_fast_ms"]
            if volts >= limits["ov_fast_dv"]
            else limits["ov_trip_ms"]
            if volts >= limits["ov_trip_dv"]
            else 0
        )
        under = limits["uv_trip_ms"] if volts <= limits["uv_trip_dv"] else 0
        load = 0
        for n in (4, 3, 2, 1):
            if percent >= limits[f"oc_trip{n}_pct"]:
                load = limits[f"oc_trip{n}_s"] * 1000
                break
        hot = limits["ot_trip_s"] * 1000 if warm >= limits["ot_trip_dc"] else 0
        return [
            (Flag.OV, volts, volts > limits["ov_warn_dv"], over),
            (Flag.UV, volts, volts < limits["uv_warn_dv"], under),
            (Flag.OC, amps, percent > limits["oc_warn_pct"], load),
            (Flag.OT, warm, warm >= limits["ot_warn_dc"], hot),
        ]

    def _watch(self, flag: Flag, value: int, warns: bool, may_last_ms: int, passed_ms: int, now_ms: int) -> bool:
        self.out_ms[flag] = self.out_ms.get(flag, 0) + passed_ms if may_last_ms else 0
        self.warned_ms[flag] = self.warned_ms.get(flag, 0) + passed_ms if warns else 0
        if may_last_ms and self.out_ms[flag] >= may_last_ms and self.closed:
            return self.trip(flag, value, now_ms)
        if not (flag & self.flags) and self.warned_ms[flag] >= self.limits["hold_s"] * 1000:
            self.flags |= flag
            self._event(now_ms, EventKind.WARNED, flag.name or "", value)
        elif flag & self.flags and not warns and not flag & self.latched:
            self.flags &= ~flag
            self._event(now_ms, EventKind.CLEARED, flag.name or "", value)
        return False

    def trip(self, flag: Flag, value: int, now_ms: int) -> bool:
        """Open at once because of a protection; the switch's own are told here after they have acted."""
        self.latched |= flag
        self.flags |= flag
        self.closed, self.back_ms = False, 0
        self._event(now_ms, EventKind.TRIPPED, flag.name or "", value)
        return True

    def _maybe_reclose(self, passed_ms: int, now_ms: int) -> bool:
        """After the grid's own fault close again, twice at most, within the lease, after a while of good voltage and a random wait."""
        volts, limits = self.world.voltage_dv, self.limits
        good = volts < limits["ov_back_dv"] and volts > limits["uv_back_dv"]
        self.back_ms = self.back_ms + passed_ms if good else 0
        wait = (
            limits["hold_s"] * 1000
            + 5_000
            + int(hashlib.sha256(f"{self.meter}{self.seq}".encode()).hexdigest(), 16) % 55_000
        )
        if self.back_ms < wait or self.latched & ~(Flag.OV | Flag.UV):
            return False
        self.latched &= ~(Flag.OV | Flag.UV)
        self.flags &= ~(Flag.OV | Flag.UV)
        if not self.grant.session or self.grant.recloses >= RECLOSES or now_ms >= self.grant.lease_until_ms:
            return False
        self.grant.recloses += 1
        self.closed = True
        self._event(now_ms, EventKind.RECLOSED, "OV", volts)
        return True

    # --- commands ---

    def obey(self, said: Command, now_ms: int) -> list[Any]:
        """Carry out a command; return what is to be said, the answer last. One of the last 64 is answered as it was the first time."""
        before = len(self.said)
        result = self.answered.get(said.command)
        if result is None:
            result = self._carry_out(said, now_ms)
            self.answered[said.command] = result
            while len(self.answered) > REMEMBERED:
                self.answered.popitem(last=False)
        ack = CommandAck(
            self.gateway, self.wire, said.command, result, self.closed, self.register_10wh, self.boot, self.seq
        )
        return [*list(self.said.values())[before:], self.state(now_ms), ack]

    def _carry_out(self, said: Command, now_ms: int) -> Result:
        if self.flags & Flag.CLOCK:
            return Result.NO_CLOCK
        if now_ms > said.not_after_ms:
            return Result.LATE
        return {
            Op.START: self._start,
            Op.STOP: self._stop,
            Op.RAISE: self._raise,
            Op.REPORT: self._report,
            Op.CLEAR: self._clear,
            Op.LIMIT: self._limit,
        }[said.op](said, now_ms)

    def _start(self, said: Command, now_ms: int) -> Result:
        if not self.world.powered:
            return Result.NO_POWER
        if self.latched:
            return Result.LATCHED
        if self.world.meter_silent:
            return Result.NO_METER
        if self.world.welded:
            return Result.WELDED
        if self.closed and self.grant.session != said.session:
            return Result.BUSY
        self.grant = Grant(
            said.session,
            said.quota_wh,
            said.longest_s * 1000,
            said.lease_until_ms,
            self.up_ms,
            self.energy_mws,
            0,
            list(said.edges_ms),
        )
        self.closed = True
        self._event(now_ms, EventKind.CLOSED, "start", 0)
        self._reading(now_ms)
        return Result.DONE

    def _stop(self, said: Command, now_ms: int) -> Result:
        if said.session and self.grant.session and said.session != self.grant.session:
            return Result.NOT_IT
        if self.closed:
            self._open(now_ms, Cut.STOP)
        return Result.WELDED if self.world.welded else Result.DONE

    def _raise(self, said: Command, now_ms: int) -> Result:
        if said.session != self.grant.session or not self.grant.session:
            return Result.NOT_IT
        if said.quota_wh and said.quota_wh < self.used_wh:
            return Result.LOWER
        self.grant.quota_wh = max(self.grant.quota_wh, said.quota_wh)
        self.grant.longest_ms = max(self.grant.longest_ms, said.longest_s * 1000)
        self.grant.lease_until_ms = max(self.grant.lease_until_ms, said.lease_until_ms)
        self.grant.edges_ms = sorted({*self.grant.edges_ms, *said.edges_ms})
        return Result.DONE

    def _report(self, said: Command, now_ms: int) -> Result:
        self._reading(now_ms)
        return Result.DONE

    def _clear(self, said: Command, now_ms: int) -> Result:
        self.latched, self.flags = NOTHING, self.flags & Flag.CLOCK
        return Result.DONE

    def _limit(self, said: Command, now_ms: int) -> Result:
        self.limits |= said.limits
        return Result.DONE

    # --- what it says ---

    def state(self, now_ms: int) -> State:
        """Return how the socket stands."""
        self.last_state_ms = self.up_ms
        left = max(0, self.grant.quota_wh - self.used_wh) if self.closed else 0
        return State(
            self.gateway,
            self.wire,
            self.boot,
            self.seq,
            self.up_ms,
            self._clock(now_ms),
            self.meter,
            self.grant.session if self.closed else "",
            self.closed,
            int(self.flags | self._weld()),
            left,
            self.register_10wh,
            self.current_ma,
        )

    def stored(self, boot: int, seq: int) -> bool:
        """Erase what the database has; return whether there was anything of that."""
        known = [key for key in self.said if key[0] == boot and key[1] <= seq]
        for key in known:
            del self.said[key]
        return bool(known)

    def reboot(self) -> None:
        """Come back after a power cut: the register is the meter's and stays, the session is flash's and goes on in its bounds."""
        self.grant.longest_ms = max(0, self.grant.longest_ms - (self.up_ms - self.grant.began_ms))
        self.boot, self.seq, self.up_ms = self.boot + 1, 0, 0
        self.grant.began_ms = 0
        self.last_reading_ms, self.last_state_ms = -IDLE_MS, -STATE_MS

    def _open(self, now_ms: int, cut: Cut) -> bool:
        self.closed = False
        self._event(now_ms, EventKind.OPENED, cut.value, 0)
        self.grant = Grant()
        self._reading(now_ms)
        return True

    def _reading(self, now_ms: int, more: Flag = NOTHING) -> None:
        self.last_reading_ms = self.up_ms
        amps = self.current_ma
        self._keep(
            Reading(
                **self._stamp(now_ms),
                voltage_dv=self.world.voltage_dv,
                current_ma=amps,
                power_w=self.world.load_w if amps else 0,
                temperature_dc=self.world.temperature_dc,
                flags=int(self.flags | self._weld() | more),
            )
        )

    def _event(self, now_ms: int, kind: EventKind, code: str, value: int) -> None:
        self._keep(Event(**self._stamp(now_ms), kind=kind, code=code, closed=self.closed, value=value))

    def _weld(self) -> Flag:
        return Flag.WELDED if self.world.welded and not self.closed and self.current_ma else NOTHING

    def _stamp(self, now_ms: int) -> dict[str, Any]:
        self.seq += 1
        return {
            "gateway": self.gateway,
            "socket": self.wire,
            "boot": self.boot,
            "seq": self.seq,
            "up_ms": self.up_ms,
            "ts_ms": self._clock(now_ms),
            "meter": self.meter,
            "session": self.grant.session,
            "energy_10wh": self.register_10wh,
        }

    def _clock(self, now_ms: int) -> int:
        return max(0, now_ms + self.clock_off_ms)

    def _keep(self, said: Reading | Event) -> None:
        self.said[(said.boot, said.seq)] = said
