"""What tests of sessions share: a socket, a device that says what a device says, and the steps of a session."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bancheng.kernel.payments import testing as payments
from bancheng.lib.socketwire import Event, EventKind, Reading, State
from bancheng.services.sockets.models import Command, GatewayState, Session
from bancheng.services.sockets.models import Reading as Row
from bancheng.services.sockets.operations import progressing, scanning, sessions, storing
from bancheng.services.sockets.operations.storing import Heard
from bancheng.services.sockets.tests.towns import socket

__all__ = ["socket"]
REGION = "411000"
NINE = datetime(2026, 3, 17, 1, 0, tzinfo=UTC)  # nine o'clock in Xuchang
METER = "202411070046"


@dataclass
class Device:
    """A socket's side of the wire: it counts, numbers what it says, and keeps all of it."""

    gateway: str = "gw-0001"
    wire: str = "1"
    meter: str = METER
    boot: int = 1
    seq: int = 0
    began: datetime = NINE - timedelta(hours=1)
    e_10wh: int = 123_456
    session: str = ""
    closed: bool = False
    clock_off: timedelta = timedelta(0)
    said: list[Heard] = field(default_factory=list)

    def _stamp(self, at: datetime) -> dict[str, Any]:
        self.seq += 1
        return {
            "gateway": self.gateway,
            "socket": self.wire,
            "boot": self.boot,
            "seq": self.seq,
            "up_ms": (at - self.began) // timedelta(milliseconds=1),
            "ts_ms": int((at + self.clock_off).timestamp() * 1000),
            "meter": self.meter,
            "session": self.session,
            "energy_10wh": self.e_10wh,
        }

    def reading(self, at: datetime, *, current_ma: int = 4000, power_w: int = 880, more_10wh: int = 0) -> Heard:
        self.e_10wh = (self.e_10wh + more_10wh) % 100_000_000
        if not self.closed:
            current_ma = power_w = 0
        said = Reading(
            **self._stamp(at), voltage_dv=2231, current_ma=current_ma, power_w=power_w, temperature_dc=310, flags=0
        )
        return self._keep(said, at)

    def event(self, at: datetime, kind: EventKind, code: str = "", *, closed: bool | None = None) -> Heard:
        self.closed = self.closed if closed is None else closed
        said = Event(**self._stamp(at), kind=kind, code=code, closed=self.closed, value=0)
        return self._keep(said, at)

    def close(self, session: Session, at: datetime) -> Heard:
        self.session = session.pk.hex
        return self.event(at, EventKind.CLOSED, "start", closed=True)

    def open(self, at: datetime, code: str = "stop", kind: EventKind = EventKind.OPENED) -> list[Heard]:
        """Open the relay and look at the meter once more."""
        opened = self.event(at, kind, code, closed=False)
        self.session = ""
        return [opened, self.reading(at + timedelta(seconds=1))]

    def state(self, at: datetime) -> Heard:
        stamp = self._stamp(at)
        self.seq -= 1
        stamp["seq"] = self.seq
        return Heard(State(**stamp, closed=self.closed, flags=0, quota_left_wh=0, current_ma=0), at)

    def boots(self, at: datetime) -> None:
        self.boot, self.seq, self.began = self.boot + 1, 0, at

    def _keep(self, said: Any, at: datetime) -> Heard:
        heard = Heard(said, at)
        self.said.append(heard)
        return heard


def tell(*heard: Heard | Sequence[Heard], at: datetime | None = None, again: bool = False) -> None:
    """Let the platform hear it, and follow what it means."""
    flat = [one for each in heard for one in (each if isinstance(each, Sequence) else [each])]
    if at is not None:
        flat = [Heard(one.message, at) for one in flat]
    storing.store(flat, region=REGION)
    now = max(one.at for one in flat)
    progressing.follow_all([one.message.gateway for one in flat], at=now)


def reserve(code: str = "XC0001", fen: int = 500, at: datetime = NINE) -> Session:
    return sessions.reserve(code=code, prepay_fen=fen, channel="wechat", at=at).session


def paid(session: Session, at: datetime) -> Session:
    prepay = session.prepays.order_by("created_at")[0]
    pay(prepay.order_id, at)
    session.refresh_from_db()
    return session


def pay(order_id: Any, at: datetime) -> None:
    payments.paid(order_id, at)


def started(device: Device, at: datetime = NINE, fen: int = 500, code: str = "XC0001") -> Session:
    session = paid(reserve(code, fen=fen, at=at), at + timedelta(seconds=5))
    tell(device.close(session, at + timedelta(seconds=6)))
    session.refresh_from_db()
    return session


def scan(at: datetime) -> None:
    while scanning.scan(at=at):
        pass


def refund_moves(session: Session, state: str, at: datetime, number: int | None = None) -> Session:
    """Let the channel say of a session's refund (the last one) where it stands."""
    row = session.refunds.order_by("number").filter(**({"number": number} if number else {})).last()
    assert row is not None
    payments.refund_moves(row.refund_id, state, at)
    session.refresh_from_db()
    return session


def now_of(session: Session) -> Session:
    session.refresh_from_db()
    return session


def in_balance(session: Session) -> bool:
    """Return whether nothing is owed on the session's account."""
    from bancheng.kernel.ledger import public as ledger
    from bancheng.services.sockets.rules import money

    return int(ledger.balance(session.region, money.session(session.pk))) == 0


def stands(session: Session) -> list[object]:
    """Return what the platform knows of a session and its way to the device."""
    return [
        Session.objects.filter(pk=session.pk).values("state", "cause", "cause_code", "boot", "seq", "since"),
        Command.objects.filter(session=session).values("op", "state", "result", "sends", "made_at", "sent_at"),
        GatewayState.objects.values("gateway", "online", "heard_at"),
        Row.objects.values("gateway", "boot", "seq"),
    ]
