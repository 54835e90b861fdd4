"""The outbox of the devices: what a socket is to do, written in the transaction that decides it, sent by the gateway process.

A gateway process hears of new commands at once (NOTIFY, when the transaction has committed) and looks every second for those to say again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from bancheng.lib import identifiers
from bancheng.lib.socketwire import Command as Said
from bancheng.lib.socketwire import CommandAck, Op
from bancheng.services.sockets.models import Command, Session, Socket
from bancheng.services.sockets.queries import tariffs
from bancheng.services.sockets.rules import commands, sessions
from bancheng.services.sockets.rules.commands import CommandState

CHANNEL = "sockets_commands"
STOP_SECONDS = 600  # a stop is good for as long as anybody tries
LIMIT_SECONDS = 24 * 3600  # and thresholds for a day
METER_SECONDS = 24 * 3600  # as does which meter was fitted
MOST_EDGES = 32


def start(session: Session, *, at: datetime) -> None:
    """Promise the start of a paid session, with all its bounds: what the device may give, how long, and until when it may do so alone."""
    session.lease_until = at + timedelta(seconds=session.longest_s + sessions.LEASE_SPARE_SECONDS)
    body = {
        "quota_wh": session.quota_wh,
        "longest_s": session.longest_s,
        "lease_until_ms": _ms(session.lease_until),
        "edges_ms": [_ms(edge) for edge in tariffs.edges(session.plan_id, at, session.lease_until)][:MOST_EDGES],
    }
    promise(session, Op.START, at=at, seconds=sessions.NOT_AFTER_SECONDS, body=body)


def promise(session: Session, op: Op, *, at: datetime, seconds: int, body: dict[str, Any] | None = None) -> None:
    """Write a command for a session's socket; it is sent once the transaction has committed."""
    _write(session.region, session.gateway, session.wire, op, at=at, seconds=seconds, body=body or {}, session=session)


def limit(socket: Socket, values: dict[str, int], *, at: datetime) -> None:
    """Promise to set thresholds of a socket."""
    body = {"limits": values}
    _write(socket.region, socket.unit.gateway, socket.wire, Op.LIMIT, at=at, seconds=LIMIT_SECONDS, body=body)


def meter(socket: Socket, address: str, *, at: datetime) -> None:
    """Promise to tell a socket's device which meter it has now; whether it finds that one is its answer."""
    gateway, wire = socket.unit.gateway, socket.wire
    _write(socket.region, gateway, wire, Op.METER, at=at, seconds=METER_SECONDS, body={"meter": address})


def _write(
    region: str,
    gateway: str,
    wire: str,
    op: Op,
    *,
    at: datetime,
    seconds: int,
    body: dict[str, Any],
    session: Session | None = None,
) -> None:
    Command.objects.create(
        id=identifiers.uuid7(at),
        region=region,
        session=session,
        gateway=gateway,
        wire=wire,
        op=str(op),
        body=body,
        not_after=at + timedelta(seconds=seconds),
        state=str(CommandState.NEW),
        made_at=at,
        send_at=at,
    )
    wake(gateway)


def wake(gateway: str) -> None:
    """Let the gateway processes know, once the caller's transaction has committed, that there is something to say."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", (CHANNEL, gateway))


def to_send(gateways: Sequence[str], *, at: datetime, limit: int = 200) -> list[tuple[UUID, Said]]:
    """Return what is to be said now to `gateways`, and note that it is: said again until it is answered or too late."""
    with transaction.atomic():
        rows = list(
            Command.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(send_at__lte=at, gateway__in=gateways)
            .order_by("send_at")[:limit]
        )
        said = []
        for row in rows:
            if row.not_after <= at:
                _give_up(row)
                continue
            row.sends += 1
            row.sent_at = row.sent_at or at
            row.state = str(CommandState.SENT) if row.state == CommandState.NEW else row.state
            # said once more at the very end of its time, so that the last look finds it over
            row.send_at = commands.again_at(at, sends=row.sends, not_after=row.not_after) or row.not_after
            said.append((row.pk, _said(row)))
        Command.objects.bulk_update(rows, ["sends", "sent_at", "state", "send_at"])
    return said


def _give_up(row: Command) -> None:
    row.state = str(CommandState.UNKNOWN if row.sends else CommandState.EXPIRED)
    row.send_at = None


def _said(row: Command) -> Said:
    body = row.body
    return Said(
        gateway=row.gateway,
        socket=row.wire,
        command=str(row.pk),
        op=Op(row.op),
        not_after_ms=_ms(row.not_after),
        session=row.session_id.hex if row.session_id else "",
        quota_wh=body.get("quota_wh", 0),
        longest_s=body.get("longest_s", 0),
        lease_until_ms=body.get("lease_until_ms", 0),
        edges_ms=tuple(body.get("edges_ms", ())),
        limits=body.get("limits", {}),
        meter=body.get("meter", ""),
    )


def answered(ack: CommandAck, *, at: datetime) -> Command | None:
    """Note what a device answered; return the command when it is the first answer. A repeat, or an id nobody knows, changes nothing."""
    try:
        pk = UUID(ack.command)
    except ValueError:
        return None
    with transaction.atomic():
        row = Command.objects.select_for_update().filter(pk=pk, gateway=ack.gateway, wire=ack.socket).first()
        if row is None or row.acked_at is not None:
            return None
        after = commands.after_answer(ack.result)
        if after in commands.NEXT[CommandState(row.state)]:  # the relay may have proved it before the answer came
            row.state = str(after)
        row.result, row.acked_at, row.send_at = str(ack.result), at, None
        row.save(update_fields=["state", "result", "acked_at", "send_at"])
    return row


def prove(session: Session, op: Op) -> None:
    """Mark the commands of a session that the relay has proved."""
    Command.objects.filter(
        session=session,
        op=str(op),
        state__in=[str(CommandState.SENT), str(CommandState.ACKED), str(CommandState.UNKNOWN)],
    ).update(state=str(CommandState.DONE), send_at=None)


def drop(session: Session, op: Op) -> None:
    """Say a command of a session no more: what it asked for is not wanted any longer."""
    Command.objects.filter(session=session, op=str(op), send_at__isnull=False).update(send_at=None)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
