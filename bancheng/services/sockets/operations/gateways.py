"""Gateways come and go: what their births, last wills and clocks mean, and what they said that was refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from bancheng.kernel.jobs import public as jobs
from bancheng.lib.socketwire import CommandAck, Op, Result, Status
from bancheng.services.sockets.models import GatewayState, Session
from bancheng.services.sockets.operations import commands, locking, trouble, writing
from bancheng.services.sockets.operations.happening import Told, happen
from bancheng.services.sockets.rules.sessions import Cause, Event, State

ALARM_AFTER = 20  # messages refused before somebody is called
BEFORE_IT_RUNS = (State.PAID, State.STARTING)
ALARM_SECONDS = 3600  # and not again for so long


def heard(status: Status, *, region: str, at: datetime) -> None:
    """Note that a gateway is there, or gone. A will of an older boot than the one that is there says nothing."""
    with jobs.act():
        row = GatewayState.objects.select_for_update().filter(region=region, gateway=status.gateway).first()
        if row is None:
            row = GatewayState(region=region, gateway=status.gateway, since=at)
        elif status.boot < row.boot or (not status.on and status.boot != row.boot):
            return
        if row.online != status.on or row.boot != status.boot:
            row.since = at
        row.online, row.boot, row.heard_at = status.on, status.boot, at
        row.firmware = status.firmware or row.firmware
        row.save()
        _tell_sessions(status, region, at)


def _tell_sessions(status: Status, region: str, at: datetime) -> None:
    before, event = (State.SUSPENDED, Event.BACK) if status.on else (State.ACTIVE, Event.LOST)
    found = Session.objects.filter(region=region, gateway=status.gateway, state=str(before))
    for pk in found.order_by("pk").values_list("pk", flat=True):
        session = locking.locked(pk)
        if State(session.state) is before:
            happen(session, event, Told(at, by=f"device:{status.gateway}"))
            writing.keep(session)


def clock_off(gateway: str, off_ms: int, *, region: str, at: datetime) -> None:
    """Note how far a gateway's clock is off."""
    GatewayState.objects.filter(region=region, gateway=gateway).update(clock_off_ms=off_ms, heard_at=at)


def answered(ack: CommandAck, *, at: datetime) -> None:
    """Take in a device's answer to a command. A start that is refused gives the money back at once; a meter that is not there calls somebody."""
    with transaction.atomic():  # an answer is taken in once, so what it calls for is written with it
        found = commands.answered(ack, at=at)
        if found is not None and found[0].op == Op.METER and ack.result is Result.NO_METER:
            trouble.other_meter(ack.gateway, ack.socket, region=found[0].region, address=found[0].body["meter"], at=at)
    if found is None or found[0].session_id is None:
        return
    row, seen = found
    assert row.session_id
    refused = row.op == Op.START and ack.result is not Result.DONE
    off = row.op == Op.STOP and not ack.closed  # seen open, whatever it says
    if not (refused or off) or seen not in BEFORE_IT_RUNS:  # it never comes back to these
        return
    with jobs.act():
        session = locking.locked(row.session_id)
        if State(session.state) not in BEFORE_IT_RUNS:
            return
        if off and session.commands.filter(op=str(Op.START), result="", sends__gt=0).exists():
            return  # the start may still be on its way: it is too late at its time
        commands.drop(session, Op.START)
        told = Told(at, by=f"device:{ack.gateway}", cause=Cause.NOT_STARTED, code=str(ack.result))
        session.cause_code = str(ack.result)[:24]
        happen(session, Event.NOT_STARTED, told)
        happen(session, Event.REFUND_PLANNED, told)
        writing.keep(session)


@dataclass(frozen=True)
class Refusals:
    """What a gateway said that was not taken, since the last count."""

    garbled: int = 0
    foreign: int = 0
    flooded: int = 0

    @property
    def all(self) -> int:
        """Return how many."""
        return self.garbled + self.foreign + self.flooded


def count_refused(by_gateway: Mapping[str, Refusals], *, region: str, at: datetime) -> None:
    """Count what was refused; when it is much, or comes under another's name, somebody is called, once an hour (B1.12)."""
    for gateway, refused in sorted(by_gateway.items()):
        with transaction.atomic():
            row, _ = GatewayState.objects.select_for_update().get_or_create(
                region=region, gateway=gateway, defaults={"since": at, "heard_at": at}
            )
            row.garbled += refused.garbled
            row.foreign += refused.foreign
            row.flooded += refused.flooded
            quiet = row.alarmed_at is not None and (at - row.alarmed_at).total_seconds() < ALARM_SECONDS
            if not quiet and (refused.foreign or row.garbled + row.flooded >= ALARM_AFTER):
                row.alarmed_at = at
                trouble.strange_gateway(gateway, region=region, at=at)
            row.save()
