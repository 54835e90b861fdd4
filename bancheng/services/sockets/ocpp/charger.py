"""One charge point in one connection: what it says is put into the log of its connectors and followed, and what it is answered.

Everything here is called from a thread, one call at a time. An answer is returned after the commit; when the database is away nothing is
returned and nothing is remembered, so the same words may be said again.
"""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bancheng.lib import socketwire as wire
from bancheng.lib.socketwire import Command, CommandAck, Cut, EventKind, Op, Result, Status
from bancheng.services.sockets.gateway.hearing import Hearing, take_in
from bancheng.services.sockets.ocpp import facts, words
from bancheng.services.sockets.ocpp.facts import Sample, Stopped
from bancheng.services.sockets.ocpp.log import Log
from bancheng.services.sockets.operations import charging
from bancheng.services.sockets.queries import charging as queries
from bancheng.services.sockets.queries.registry import Registered
from bancheng.services.sockets.rules import charging as rules
from bancheng.services.sockets.rules.charging import Charging

HEARTBEAT_SECONDS = 60
TAKEN, NOT_TAKEN = {"status": "Accepted"}, {"status": "Invalid"}
Said = Mapping[str, Any]


def z(at: datetime) -> str:
    """Return a time as OCPP peers read it: some take no +00:00."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Charger:
    """A charge point while it is connected."""

    def __init__(self, registered: Registered, hearing: Hearing, *, at: datetime) -> None:
        self.name, self.region = registered.gateway, registered.region
        self.hearing = hearing
        self.boot = charging.connected(self.name, region=self.region, at=at)
        self.firmware = ""
        connected_ms = _ms(at)
        self.logs = {
            each: Log(self.name, each, registered.meters.get(each, "0" * 12), self.boot, connected_ms)
            for each in sorted(registered.wires)
        }
        self._standing(at)
        self._answers: dict[str, Callable[[Said, datetime], dict[str, Any]]] = {
            "BootNotification": self._booted,
            "Heartbeat": self._beat,
            "Authorize": self._authorize,
            "StatusNotification": self._stands,
            "StartTransaction": self._started,
            "MeterValues": self._measured,
            "StopTransaction": self._stopped,
            "DataTransfer": lambda said, at: {"status": "UnknownVendorId"},
            "DiagnosticsStatusNotification": lambda said, at: {},
            "FirmwareStatusNotification": lambda said, at: {},
            "SecurityEventNotification": lambda said, at: {},
            "LogStatusNotification": lambda said, at: {},
        }

    def knows(self, action: str) -> bool:
        """Return whether a call is one of ours."""
        return action in self._answers

    def answer(self, action: str, said: Said, *, at: datetime) -> dict[str, Any]:
        """Take a call in and return its answer. Raises Garbled, and whatever the database raises."""
        return self._answers[action](said, at)

    def gone(self, *, at: datetime) -> None:
        """Note that the connection is lost; one that has taken its place meanwhile is not touched."""
        self._take([Status(self.name, False, self.boot)], at)

    # -- what is said

    def _booted(self, said: Said, at: datetime) -> dict[str, Any]:
        self.firmware = facts.firmware(said)
        self._take([Status(self.name, True, self.boot, self.firmware)], at)
        return {"status": "Accepted", "currentTime": z(at), "interval": HEARTBEAT_SECONDS}

    def _beat(self, said: Said, at: datetime) -> dict[str, Any]:
        self._take([Status(self.name, True, self.boot, self.firmware)], at)
        return {"currentTime": z(at)}

    def _authorize(self, said: Said, at: datetime) -> dict[str, Any]:
        tag = facts.id_tag(said).lower()
        known = any(rules.tag(one.id) == tag for one in queries.on(self.name))
        return {"idTagInfo": TAKEN if known else NOT_TAKEN}

    def _stands(self, said: Said, at: datetime) -> dict[str, Any]:
        fact = facts.stands(said)
        log = self._draft(fact.connector)
        if log is None:
            return {}
        code = words.PROTECTIONS.get(fact.error, "")
        told = []
        if code and code != log.fault:
            log.fault = code
            told.append(self._event(log, EventKind.WARNED, code, at, when=fact.at))
        elif not code and log.fault and fact.error == "NoError":
            told.append(self._event(log, EventKind.CLEARED, log.fault, at, when=fact.at))
            log.fault = ""
        self._keep([log], [*told, log.state(_ms(at))], at)
        return {}

    def _started(self, said: Said, at: datetime) -> dict[str, Any]:
        fact = facts.started(said)
        log = self._draft(fact.connector)
        meant = rules.starting(queries.on(self.name), str(fact.connector), fact.id_tag) if log else None
        if log is None or meant is None:
            # power nobody paid for: refused, and a transaction that runs all the same is told to stop by this number
            self.hearing.refuse(self.name, "foreign")
            return {"transactionId": _unpaid(self.name, said), "idTagInfo": NOT_TAKEN}
        if not meant.runs:
            log.session, log.closed, log.relative = meant.id.hex, True, ""
            event = log.event(EventKind.CLOSED, "start", wh=fact.meter_wh, at=fact.at, now_ms=_ms(at))
            self._keep([log], [event, log.state(_ms(at))], at)
            runs = any(one.id == meant.id and one.runs for one in queries.on(self.name))
            if not runs:  # called off in the same moment
                return {"transactionId": rules.number(meant.id), "idTagInfo": NOT_TAKEN}
        return {"transactionId": rules.number(meant.id), "idTagInfo": TAKEN}

    def _measured(self, said: Said, at: datetime) -> dict[str, Any]:
        fact = facts.measured(said)
        log = self._draft(fact.connector)
        if log is None:
            return {}
        when = next((one.at for one in fact.samples if one.at), None)
        meant = rules.speaking_of(
            queries.on(self.name), transaction=fact.transaction, wire=str(fact.connector), at=when
        )
        log.session, log.closed = (meant.id.hex, True) if meant else ("", False)
        told = [log.reading(one, of=meant, now_ms=_ms(at)) for one in fact.samples]
        self._keep([log], [one for one in told if one], at)
        return {}

    def _stopped(self, said: Said, at: datetime) -> dict[str, Any]:
        fact = facts.stopped(said)
        meant = rules.speaking_of(queries.on(self.name), transaction=fact.transaction, id_tag=fact.id_tag, at=fact.at)
        log = self._draft(int(meant.wire)) if meant else None
        if meant is None or log is None:
            if not queries.is_over(self.name, transaction=fact.transaction, id_tag=fact.id_tag, at=at):
                self.hearing.refuse(self.name, "foreign")
            return {}
        self._keep([log], self._end(log, meant, fact, at), at)
        return {}

    def _end(self, log: Log, meant: Charging, fact: Stopped, at: datetime) -> list[Any]:
        """Return the end of a session: the samples not told yet, why the contactor opened, and the register standing still behind it."""
        now_ms = _ms(at)
        log.session, log.closed = meant.id.hex, True
        told: list[Any] = [
            log.reading(one, of=meant, now_ms=now_ms, kept=True) for one in _untold(fact.samples, meant, fact.at)
        ]
        first_wh = (meant.first_10wh or 0) * 10
        last_wh = max(log.wh, (meant.last_10wh or 0) * 10)
        wh, _ = rules.register_wh(fact.meter_wh, first_wh=first_wh, last_wh=last_wh, relative=False)
        if fact.reason == "EVDisconnected":
            told.append(log.event(EventKind.UNPLUGGED, "", wh=wh, at=fact.at, now_ms=now_ms, kept=True))
        log.closed = False
        kind, code = (
            (EventKind.TRIPPED, log.fault) if log.fault else (EventKind.OPENED, words.CUTS.get(fact.reason, Cut.STOP))
        )
        told.append(log.event(kind, code, wh=wh, at=fact.at, now_ms=now_ms, kept=True))
        log.session, log.relative = "", ""
        told += [log.still(fact.at, now_ms, kept=True), log.still(fact.at, now_ms, kept=True)]
        return [one for one in told if one] + [log.state(now_ms)]

    # -- what is to be done

    def request(self, said: Command) -> tuple[str, dict[str, Any]] | CommandAck:
        """Return the call that carries a command out, or its answer where there is nothing to call."""
        if said.op is Op.METER:  # a charge point does not name its meter: what it says goes by the one the registry has
            self.logs[said.socket] = replace(self.logs[said.socket], meter=said.meter)
        if said.op in words.BY_THE_PLATFORM:
            return self.ack(said, words.BY_THE_PLATFORM[said.op])
        connector = int(said.socket)
        if said.op is Op.REPORT:
            return "TriggerMessage", {"requestedMessage": "MeterValues", "connectorId": connector}
        meant = next((one for one in queries.on(self.name) if one.id.hex == said.session), None)
        if said.op is Op.START and meant is not None and not meant.runs:
            return "RemoteStartTransaction", {"connectorId": connector, "idTag": rules.tag(meant.id)}
        if said.op is Op.STOP and meant is not None and meant.runs:
            return "RemoteStopTransaction", {"transactionId": rules.number(meant.id)}
        # what never began is off, what has ended too; what runs need not be started again
        return self.ack(said, Result.DONE, closed=said.op is Op.START)

    def answered(self, said: Command, status: str) -> CommandAck | None:
        """Return what a charge point's answer to a command means; None: nothing yet, it is asked again."""
        if said.op is Op.START and status != "Accepted":
            fault = self.logs[said.socket].fault
            return self.ack(said, Result.LATCHED if fault else Result.BUSY)
        if said.op is Op.STOP and status != "Accepted":
            return None
        return self.ack(said, Result.DONE, closed=True)

    def ack(self, said: Command, result: Result, *, closed: bool = True) -> CommandAck:
        """Return the answer to a command, as any device gives it."""
        log = self.logs[said.socket]
        return CommandAck(
            self.name, said.socket, said.command, result, closed, log.wh // 10 % wire.REGISTER, self.boot, log.seq
        )

    def take_ack(self, said: CommandAck, *, at: datetime) -> None:
        """Let the platform know."""
        self._take([said], at)

    # -- the log

    def _draft(self, connector: int) -> Log | None:
        """Return a copy of a connector's log to write on; None for one that is not registered (0 is the charge point itself)."""
        log = self.logs.get(str(connector))
        if log is None:
            if connector:
                self.hearing.refuse(self.name, "foreign")
            return None
        return replace(log)

    def _keep(self, logs: Sequence[Log], said: Sequence[Any], at: datetime) -> None:
        """Store and follow; only then is it part of the log."""
        self._take(said, at)
        for log in logs:
            self.logs[log.socket] = log
        charging.bound([self.name], at=at)

    def _take(self, said: Sequence[Any], at: datetime) -> None:
        take_in(said, self.region, at)

    def _event(self, log: Log, kind: EventKind, code: str, at: datetime, *, when: datetime | None) -> wire.Event:
        return log.event(kind, code, wh=None, at=when, now_ms=_ms(at))

    def _standing(self, at: datetime) -> None:
        """Begin the logs of this connection where the sessions stand: what is told later is put into the time since then."""
        for one in queries.on(self.name):
            log = self.logs.get(one.wire)
            if log is not None and one.runs:
                log.session, log.closed, log.wh = one.id.hex, True, (one.last_10wh or 0) * 10
        self._take([log.state(_ms(at)) for log in self.logs.values()], at)


def _untold(samples: Sequence[Sample], meant: Charging, end: datetime) -> list[Sample]:
    """Return the samples of a finished transaction behind what was heard while it ran."""
    since = meant.last_at or meant.started_at
    return [one for one in samples if one.at is not None and one.at <= end and (since is None or one.at > since)]


def _unpaid(name: str, said: Said) -> int:
    """Return the number of a transaction nobody paid for, the same when it is told again."""
    told = f"{name} {said.get('connectorId')} {said.get('timestamp')}"
    return zlib.crc32(told.encode()) & 0x7FFF_FFFF or 1


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
