"""The eight protections of a socket's firmware: watch, warn, trip, say when it is over, close again after the grid's own faults.

Short circuit, residual current and arc are the switch's: it has acted in milliseconds and we tell of it. Whatever trips stays latched: the grid's
until the voltage has been good for a while, overload and heat until somebody scans anew, the rest until somebody was on the spot.
"""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bancheng.lib.socketwire import PROTECTIONS, EventKind, Flag

if TYPE_CHECKING:
    from bancheng.sim.meters.firmware import Socket

NOTHING = Flag(0)
ALL = sum(PROTECTIONS, NOTHING)
GRID, RESCAN = Flag.OV | Flag.UV, Flag.OC | Flag.OT
RECLOSES = 2
SHORT_TIMES = 6  # of the rated current, for as long as it takes the switch to open
RC_WARN_MS = 10_000
RISE_MS = 60_000
ARC_MS = ((32_000, 120), (16_000, 150), (10_000, 250), (5_000, 500), (2_500, 1_000))  # GB/T 31143: from so many mA on


@dataclass(frozen=True)
class Look:
    """One protection now: what is measured, whether it warns, how long it may last (None: it is within bounds), whether it is back."""

    flag: Flag
    value: int
    warns: bool
    may_last_ms: int | None
    back: bool
    warn_ms: int


def watch(socket: "Socket", passed_ms: int, now_ms: int) -> bool:
    """Look at all of them after `passed_ms`; return whether the relay moved."""
    if _is_calm(socket):
        for counts in (socket.out_ms, socket.warned_ms, socket.fine_ms):
            counts.clear()
        return False
    moved = False
    for look in looks(socket):
        moved |= _watch(socket, look, passed_ms, now_ms)
    if socket.latched & GRID:
        moved |= _maybe_reclose(socket, passed_ms, now_ms)
    return moved


def _is_calm(socket: "Socket") -> bool:
    """Return whether there is nothing to look at: hundreds of sockets are stepped five times a second."""
    world, limits = socket.world, socket.limits
    return not (
        socket.flags
        or socket.latched
        or world.short
        or world.arc
        or world.opened
        or world.leakage_ma
        or world.temperature_dc >= limits["ot_warn_dc"]
        or socket.rise_dc() > limits["ot_rise_dc"]
        or not limits["uv_warn_dv"] <= world.voltage_dv <= limits["ov_warn_dv"]
        or socket.current_ma * 100 > limits["oc_warn_pct"] * limits["rated_ma"]
    )


def looks(socket: "Socket") -> list[Look]:
    """Return what each of the eight sees. The switch's own come first: they are quicker."""
    world, limits = socket.world, socket.limits
    amps = socket.current_ma
    hold = limits["hold_s"] * 1000
    percent = amps * 100 // limits["rated_ma"]
    leaks = world.leakage_ma if socket.closed else 0
    arc = next((ms for least, ms in ARC_MS if world.arc and amps >= least), None)
    return [
        Look(Flag.SC, amps, False, 0 if world.short and percent >= limits["sc_pct"] else None, not world.short, hold),
        Look(
            Flag.RC,
            leaks,
            leaks > limits["rc_warn_ma"],
            0 if leaks >= limits["rc_trip_ma"] else None,
            world.leakage_ma <= limits["rc_warn_ma"],
            RC_WARN_MS,
        ),
        Look(Flag.AF, amps, False, arc, not world.arc, hold),
        Look(Flag.TP, 0, False, limits["tp_ms"] if world.opened else None, not world.opened, hold),
        _over_voltage(world.voltage_dv, limits, hold),
        Look(
            Flag.UV,
            world.voltage_dv,
            world.voltage_dv < limits["uv_warn_dv"],
            limits["uv_trip_ms"] if world.voltage_dv <= limits["uv_trip_dv"] else None,
            world.voltage_dv > limits["uv_back_dv"] and world.voltage_dv >= limits["uv_warn_dv"],
            hold,
        ),
        Look(
            Flag.OC,
            amps,
            percent > limits["oc_warn_pct"],
            _overload_ms(percent, limits),
            percent <= limits["oc_warn_pct"],
            hold,
        ),
        _heat(socket, amps, hold),
    ]


def _over_voltage(volts: int, limits: dict[str, int], hold: int) -> Look:
    may_last = None
    if volts >= limits["ov_fast_dv"]:
        may_last = limits["ov_fast_ms"]
    elif volts >= limits["ov_trip_dv"]:
        may_last = limits["ov_trip_ms"]
    warns = volts > limits["ov_warn_dv"]
    return Look(Flag.OV, volts, warns, may_last, volts < limits["ov_back_dv"] and not warns, hold)


def _heat(socket: "Socket", amps: int, hold: int) -> Look:
    """Heat warns after its while; growing hotter fast under load warns at once, for that was a minute already."""
    limits, warm = socket.limits, socket.world.temperature_dc
    rises = amps > 0 and socket.rise_dc() > limits["ot_rise_dc"]
    may_last = limits["ot_trip_s"] * 1000 if warm >= limits["ot_trip_dc"] else None
    warns = warm >= limits["ot_warn_dc"] or rises
    return Look(Flag.OT, warm, warns, may_last, warm < limits["ot_back_dc"] and not rises, 0 if rises else hold)


def _overload_ms(percent: int, limits: dict[str, int]) -> int | None:
    for n in (4, 3, 2, 1):
        if percent >= limits[f"oc_trip{n}_pct"]:
            return limits[f"oc_trip{n}_s"] * 1000
    return None


def _watch(socket: "Socket", look: Look, passed_ms: int, now_ms: int) -> bool:
    flag = look.flag
    for counts, true in (
        (socket.out_ms, look.may_last_ms is not None),
        (socket.warned_ms, look.warns),
        (socket.fine_ms, look.back),
    ):
        counts[flag] = counts.get(flag, 0) + passed_ms if true else 0
    acts = socket.closed or (flag is Flag.TP and not socket.latched & flag)  # an open door counts at an idle socket too
    if look.may_last_ms is not None and socket.out_ms[flag] >= look.may_last_ms and acts:
        return socket.trip(flag, look.value, now_ms)
    if not flag & socket.flags and look.warns and socket.warned_ms[flag] >= look.warn_ms:
        socket.flags |= flag
        socket.tell(now_ms, EventKind.WARNED, flag.name or "", look.value)
    elif flag & socket.flags and socket.fine_ms[flag] >= socket.limits["hold_s"] * 1000:
        _cleared(socket, look, now_ms)
    return False


def _cleared(socket: "Socket", look: Look, now_ms: int) -> None:
    socket.flags &= ~look.flag
    socket.tell(now_ms, EventKind.CLEARED, look.flag.name or "", look.value)


def _maybe_reclose(socket: "Socket", passed_ms: int, now_ms: int) -> bool:
    """After the grid's own fault close again, twice at most, within the lease, after a while of good voltage and a random wait."""
    volts, limits = socket.world.voltage_dv, socket.limits
    good = limits["uv_back_dv"] < volts < limits["ov_back_dv"]
    socket.back_ms = socket.back_ms + passed_ms if good else 0
    chance = int(hashlib.sha256(f"{socket.meter}{socket.seq}".encode()).hexdigest(), 16)
    if socket.back_ms < limits["hold_s"] * 1000 + 5_000 + chance % 55_000 or socket.latched & ~GRID:
        return False
    code = (socket.latched & GRID & -(socket.latched & GRID)).name or ""
    socket.latched &= ~GRID
    grant = socket.grant
    if not grant.session or grant.recloses >= RECLOSES or socket.clock_ms(now_ms) >= grant.lease_until_ms:
        return False
    grant.recloses += 1
    socket.closed = True
    socket.tell(now_ms, EventKind.RECLOSED, code, volts)
    return True


def let_go(socket: "Socket", now_ms: int, which: Flag = ALL) -> bool:
    """Let latched protections go whose cause is gone, and say so; return whether none holds any more."""
    for look in looks(socket):
        if look.flag & which & (socket.latched | socket.flags) and look.back and look.may_last_ms is None:
            socket.latched &= ~look.flag
            if look.flag & socket.flags:
                _cleared(socket, look, now_ms)
    return not socket.latched
