"""The log of one connector in one connection: what a charge point says, as the readings and events every other device says.

OCPP has no sequence, no uptime and no boot: they are made here. Every connection is a boot; its uptime counts from three days before it, so
that what was kept while there was no connection lies in it as well. The charge point's clock, which our answers set, tells when something
was; where it cannot be right the time of arrival does.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bancheng.lib.socketwire import REGISTER, Event, EventKind, Flag, Reading, State
from bancheng.services.sockets.ocpp.facts import Sample
from bancheng.services.sockets.rules.charging import Charging, register_wh

KEPT = timedelta(days=3)  # so old may be what is told
FLUSH_MS = 60_000  # so long after connecting a charge point tells what it kept; after that whatever it says is of now
SLACK_MS = 5_000
WH = 10  # of a step of the register
MS_PER_HOUR = 3_600_000
USUAL_DV = 2_200


@dataclass
class Log:
    """Where the log of a connector stands. A copy is written on; it takes the original's place once the database has what it said."""

    gateway: str
    socket: str
    meter: str
    boot: int
    connected_ms: int
    seq: int = 0
    up_ms: int = 0
    wh: int = 0  # the last register
    at_ms: int = 0  # and when
    relative: str = ""  # the session whose samples count from its start
    fault: str = ""  # the protection that was told last and stands
    session: str = ""
    closed: bool = False

    def state(self, now_ms: int) -> State:
        """Return how the connector stands."""
        up_ms = max(self.up_ms, now_ms - self._origin_ms)
        flags = Flag[self.fault] if self.fault else 0
        return State(
            self.gateway, self.socket, self.boot, self.seq, up_ms, now_ms, self.meter, self.session, self.closed,
            int(flags), 0, self._e_10wh(), 0,
        )  # fmt: skip

    def event(
        self, kind: EventKind, code: str, *, wh: int | None, at: datetime | None, now_ms: int, kept: bool = False
    ) -> Event:
        """Return an event at a register, the last known where none is said."""
        self.wh = self.wh if wh is None else wh
        return Event(**self._stamp(at, now_ms, kept), kind=kind, code=code, closed=self.closed, value=0)

    def reading(self, said: Sample, *, of: Charging | None, now_ms: int, kept: bool = False) -> Reading | None:
        """Return a sample as a reading; None for one without a register: power is not billed, and nothing is made up."""
        if said.wh is None:
            return None
        wh = said.wh
        if of is not None and of.first_10wh is not None:
            last = max(self.wh, (of.last_10wh or 0) * WH)
            wh, relative = register_wh(
                wh, first_wh=of.first_10wh * WH, last_wh=last, relative=self.relative == of.id.hex
            )
            self.relative = of.id.hex if relative else self.relative
        before_wh, before_ms = self.wh, self.at_ms
        self.wh = wh
        stamp = self._stamp(said.at, now_ms, kept)
        self.at_ms = stamp["up_ms"]
        power = _power(said, wh - before_wh, self.at_ms - before_ms if before_ms else 0)
        return Reading(
            **stamp,
            voltage_dv=said.voltage_dv or 0,
            current_ma=_current(said, power),
            power_w=power,
            temperature_dc=said.temperature_dc or 0,
            flags=int(Flag[self.fault]) if self.fault else 0,
        )

    def still(self, at: datetime | None, now_ms: int, *, kept: bool = False) -> Reading:
        """Return a look at the meter behind an end: a charge point that ends a transaction has opened its contactor."""
        return Reading(
            **self._stamp(at, now_ms, kept), voltage_dv=0, current_ma=0, power_w=0, temperature_dc=0, flags=0
        )

    @property
    def _origin_ms(self) -> int:
        return self.connected_ms - KEPT // timedelta(milliseconds=1)

    def _e_10wh(self) -> int:
        return self.wh // WH % REGISTER

    def _stamp(self, at: datetime | None, now_ms: int, kept: bool) -> dict[str, Any]:
        self.seq += 1
        self.up_ms, ts_ms = self._moment(at, now_ms, kept)
        return {
            "gateway": self.gateway,
            "socket": self.socket,
            "boot": self.boot,
            "seq": self.seq,
            "up_ms": self.up_ms,
            "ts_ms": ts_ms,
            "meter": self.meter,
            "session": self.session,
            "energy_10wh": self._e_10wh(),
        }

    def _moment(self, at: datetime | None, now_ms: int, kept: bool) -> tuple[int, int]:
        """Return uptime and clock of what was said to be at `at`: believed where it can be, else it is now."""
        ts_ms = now_ms if at is None else int(at.timestamp() * 1000)
        lately = abs(now_ms - ts_ms) <= SLACK_MS
        late = self._origin_ms <= ts_ms <= now_ms and (kept or now_ms - self.connected_ms <= FLUSH_MS)
        if (lately or late) and ts_ms - self._origin_ms >= self.up_ms:
            return ts_ms - self._origin_ms, ts_ms
        return max(self.up_ms, now_ms - self._origin_ms), max(0, ts_ms)


def _power(said: Sample, more_wh: int, passed_ms: int) -> int:
    """Return the power: as it is said, else by voltage and current, else by what the register counted meanwhile."""
    if said.power_w is not None:
        return said.power_w
    if said.current_ma is not None:
        return (said.voltage_dv or USUAL_DV) * said.current_ma // 10_000
    return more_wh * MS_PER_HOUR // passed_ms if passed_ms > 0 and more_wh > 0 else 0


def _current(said: Sample, power_w: int) -> int:
    if said.current_ma is not None:
        return said.current_ma
    return max(-1_000_000, min(1_000_000, power_w * 10_000 // (said.voltage_dv or USUAL_DV)))
