"""One socket: relay, register, quota, duration, lease, protections, and the memory of what it said until somebody has it.

Nothing here reads a clock or a wire: `step` is told how long it lasted, `obey` what was commanded. Energy is counted in mWs (mW × ms ÷ 1000),
the register shows 10 Wh of it.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from bancheng.lib import socketwire as wire
from bancheng.lib.socketwire import Command, CommandAck, Cut, Event, EventKind, Flag, Op, Reading, Result, State
from bancheng.sim.meters import protecting
from bancheng.sim.meters.world import WARM_DC, Grant, World

MWS_IN_10WH = 36_000_000  # 10 Wh = 36 kWs = 36,000,000 mWs
ACTIVE_MS, IDLE_MS, STATE_MS = 10_000, 60_000, 60_000
REMEMBERED = 64
WELD_MS = 1_000  # current that flows for so long through an open relay
CLOCK_SET_MS = 1_704_067_200_000  # the clock says less than 2024: it was never set
SMALL_MS = 1_000  # a clock is not set anew for less
NOTHING = Flag(0)


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
    told: int = 0  # up to this number it was handed out to be said, since the boot
    answered: "OrderedDict[str, Result]" = field(default_factory=OrderedDict)
    out_ms: dict[Flag, int] = field(default_factory=dict)  # how long a value has been beyond a trip's threshold
    warned_ms: dict[Flag, int] = field(default_factory=dict)
    fine_ms: dict[Flag, int] = field(default_factory=dict)
    back_ms: int = 0
    welded_ms: int = 0
    tripped_in: str = ""  # the session
    warmth: tuple[int, int] = (0, WARM_DC)  # uptime and 0.1 °C of up to a minute ago
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
        if not (self.world.powered and (self.closed or self.world.welded)):
            return 0
        if self.world.short:
            return min(1_000_000, protecting.SHORT_TIMES * self.limits["rated_ma"])
        return self.world.load_w * 10_000 // max(1, self.world.voltage_dv)

    @property
    def used_wh(self) -> int:
        """What the session has used, to the watt-hour."""
        return (self.energy_mws - self.grant.start_mws) // (MWS_IN_10WH // 10)

    def rise_dc(self) -> int:
        """By how much it has become warmer in the last minute."""
        return self.world.temperature_dc - self.warmth[1]

    def clock_ms(self, now_ms: int) -> int:
        """What its own clock says."""
        return max(0, now_ms + self.clock_off_ms)

    def all_flags(self, now_ms: int) -> Flag:
        """Return everything it has to complain of."""
        found = self.flags | self.latched | self._weld()
        if self.world.meter_silent:
            found |= Flag.METER
        return found | Flag.CLOCK if self.clock_ms(now_ms) < CLOCK_SET_MS else found

    # --- time passes ---

    def step(self, passed_ms: int, now_ms: int) -> list[Any]:
        """Let time pass; return what is to be said now: new entries of flash, and a state when it is its turn."""
        if not self.world.powered:
            return []
        self.up_ms += passed_ms
        if self.current_ma and not self.world.frozen:
            self.energy_mws += self.world.load_w * passed_ms  # W × ms = mWs
        moved = self._bounds(now_ms) | protecting.watch(self, passed_ms, now_ms)
        self._look_at_relay(passed_ms, now_ms)
        if self.up_ms - self.warmth[0] >= protecting.RISE_MS:
            self.warmth = (self.up_ms, self.world.temperature_dc)
        self._read_when_due(now_ms)
        new = self._untold()
        if moved or self.up_ms - self.last_state_ms >= STATE_MS:
            new.append(self.state(now_ms))
        return new

    def _untold(self) -> list[Any]:
        """Return what stands in flash since the last time; what happened on the spot between two steps is among it."""
        first, self.told = self.told + 1, self.seq
        return [self.said[self.boot, n] for n in range(first, self.seq + 1) if (self.boot, n) in self.said]

    def _look_at_relay(self, passed_ms: int, now_ms: int) -> None:
        """Current through an open relay: it is welded, and that is said once."""
        was = self.welded_ms
        self.welded_ms = was + passed_ms if self._weld() else 0
        if was < WELD_MS <= self.welded_ms:
            self.tell(now_ms, EventKind.WELDED, "", self.current_ma)

    def _bounds(self, now_ms: int) -> bool:
        """Open the relay when quota, time or lease is at its end."""
        if not self.closed:
            return False
        grant = self.grant
        if self.used_wh >= grant.quota_wh:
            return self._open(now_ms, Cut.QUOTA)
        if self.up_ms - grant.began_ms >= grant.longest_ms:
            return self._open(now_ms, Cut.DURATION)
        if self.clock_ms(now_ms) >= grant.lease_until_ms:
            return self._open(now_ms, Cut.LEASE)
        if self.world.meter_silent:
            return self._open(now_ms, Cut.METER)
        return False

    def _read_when_due(self, now_ms: int) -> None:
        if self.world.meter_silent:
            return
        clock = self.clock_ms(now_ms)
        if self.closed and any(edge <= clock for edge in self.grant.edges_ms):
            self.grant.edges_ms = [edge for edge in self.grant.edges_ms if edge > clock]
            self._reading(now_ms, Flag.EDGE)
        elif self.up_ms - self.last_reading_ms >= (ACTIVE_MS if self.closed else IDLE_MS):
            self._reading(now_ms)

    def trip(self, flag: Flag, value: int, now_ms: int) -> bool:
        """Open at once because of a protection; the switch's own are told here after they have acted."""
        was, self.tripped_in = self.closed, self.grant.session
        self.latched |= flag
        self.flags |= flag
        self.closed, self.back_ms = False, 0
        self.tell(now_ms, EventKind.TRIPPED, flag.name or "", value)
        return was

    # --- what is done to it on the spot ---

    def plug(self, watts: int) -> None:
        """Put a plug in that takes so much."""
        self.world.load_w = watts

    def unplug(self, now_ms: int) -> None:
        """Pull the plug; a socket that is on tells it."""
        self.world.load_w = 0
        if self.closed and self.world.powered:
            self.tell(now_ms, EventKind.UNPLUGGED, "", 0)

    def reset(self, now_ms: int) -> bool:
        """Press the button behind the door, once what was wrong is put right; return whether nothing holds it any more."""
        return protecting.let_go(self, now_ms)

    def set_register(self, at_10wh: int) -> None:
        """Let the register stand elsewhere; what the session has used stays what it was."""
        used = self.energy_mws - self.grant.start_mws
        self.energy_mws = at_10wh * MWS_IN_10WH
        self.grant.start_mws = self.energy_mws - used

    def fit_meter(self, address: str, now_ms: int) -> None:
        """Fit another meter, whose register begins at 0; the old one's last register and the new one's first are told."""
        self.tell(now_ms, EventKind.METER_CHANGED, "off", 0)
        self.meter = address
        self.set_register(0)
        self.tell(now_ms, EventKind.METER_CHANGED, "on", 0)

    def silence_meter(self, silent: bool, now_ms: int) -> None:
        """Let the meter answer no more, or again; a relay that cannot be counted behind opens."""
        if silent == self.world.meter_silent:
            return
        self.world.meter_silent = silent
        self.tell(now_ms, EventKind.METER_SILENT if silent else EventKind.METER_BACK, "", 0)

    def cut_power(self, now_ms: int) -> None:
        """The mains are gone: a last word, and nothing more flows, counts or is said."""
        if self.world.powered:
            self.tell(now_ms, EventKind.POWER_LOST, "", 0)
            self.world.powered = False

    def restore_power(self, now_ms: int) -> None:
        """The mains are back: another boot; a session in its bounds goes on."""
        if not self.world.powered:
            self.world.powered = True
            self.reboot()
            self.tell(now_ms, EventKind.POWER_BACK, "", 0)

    def set_clock(self, by_ms: int, now_ms: int) -> None:
        """Set the clock by what the platform told."""
        if abs(by_ms) > SMALL_MS:
            self.clock_off_ms += by_ms
            self.tell(now_ms, EventKind.CLOCK_SET, "", by_ms)

    # --- commands ---

    def obey(self, said: Command, now_ms: int) -> list[Any]:
        """Carry out a command; return what is to be said, the answer last. One of the last 64 is answered as it was the first time."""
        result = self.answered.get(said.command)
        if result is None:
            result = self._carry_out(said, now_ms)
            self.answered[said.command] = result
            while len(self.answered) > REMEMBERED:
                self.answered.popitem(last=False)
        ack = CommandAck(
            self.gateway, self.wire, said.command, result, self.closed, self.register_10wh, self.boot, self.seq
        )
        return [*self._untold(), self.state(now_ms), ack]

    def _carry_out(self, said: Command, now_ms: int) -> Result:
        clock = self.clock_ms(now_ms)
        if clock < CLOCK_SET_MS:
            return Result.NO_CLOCK
        if clock > said.not_after_ms:
            return Result.LATE
        return {
            Op.START: self._start,
            Op.STOP: self._stop,
            Op.RAISE: self._raise,
            Op.REPORT: self._report,
            Op.CLEAR: self._clear,
            Op.LIMIT: self._limit,
            Op.METER: self._meter,
        }[said.op](said, now_ms)

    def _start(self, said: Command, now_ms: int) -> Result:
        if not self.world.powered:
            return Result.NO_POWER
        if said.session != self.tripped_in:
            protecting.let_go(self, now_ms, protecting.RESCAN)
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
        self.closed, self.tripped_in = True, ""
        self.tell(now_ms, EventKind.CLOSED, "start", 0)
        self._reading(now_ms)
        return Result.DONE

    def _stop(self, said: Command, now_ms: int) -> Result:
        if said.session and self.grant.session and said.session != self.grant.session:
            return Result.NOT_IT
        if self.closed or self.grant.session:  # one that waits for the voltage waits no more
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
        return Result.DONE if protecting.let_go(self, now_ms) else Result.LATCHED

    def _limit(self, said: Command, now_ms: int) -> Result:
        self.limits |= said.limits
        return Result.DONE

    def _meter(self, said: Command, now_ms: int) -> Result:
        return Result.DONE if said.meter == self.meter and not self.world.meter_silent else Result.NO_METER

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
            self.clock_ms(now_ms),
            self.meter,
            self.grant.session if self.closed else "",
            self.closed,
            int(self.all_flags(now_ms)),
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
        self.boot, self.seq, self.told, self.up_ms = self.boot + 1, 0, 0, 0
        self.grant.began_ms = 0
        self.last_reading_ms, self.last_state_ms = -IDLE_MS, -STATE_MS
        self.warmth = (0, self.world.temperature_dc)
        for counts in (self.out_ms, self.warned_ms, self.fine_ms):
            counts.clear()

    def _open(self, now_ms: int, cut: Cut) -> bool:
        self.closed = False
        self.tell(now_ms, EventKind.OPENED, cut.value, 0)
        self.grant = Grant()
        self._reading(now_ms)
        return True

    def _reading(self, now_ms: int, more: Flag = NOTHING) -> None:
        self.last_reading_ms = self.up_ms
        amps = self.current_ma
        stamp = self._stamp(now_ms)
        stamp["energy_10wh"] = (stamp["energy_10wh"] + self.world.misread_10wh) % wire.REGISTER
        self.world.misread_10wh = 0
        self._keep(
            Reading(
                **stamp,
                voltage_dv=self.world.voltage_dv,
                current_ma=amps,
                power_w=self.world.load_w if amps else 0,
                temperature_dc=self.world.temperature_dc,
                flags=int(self.all_flags(now_ms) | more),
            )
        )

    def tell(self, now_ms: int, kind: EventKind, code: str, value: int) -> None:
        """Put an event into flash."""
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
            "ts_ms": self.clock_ms(now_ms),
            "meter": self.meter,
            "session": self.grant.session,
            "energy_10wh": self.register_10wh,
        }

    def _keep(self, said: Reading | Event) -> None:
        self.said[(said.boot, said.seq)] = said
