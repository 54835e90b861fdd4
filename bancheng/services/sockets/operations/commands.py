"""The outbox of the devices: what a socket is to do, written in the transaction that decides it, sent by the gateway process.

A gateway process hears of new commands at once (NOTIFY, when the transaction has committed) and looks every second for those to say again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from bancheng.lib import identifiers, rows
from bancheng.lib.socketwire import Command as Said
from bancheng.lib.socketwire import CommandAck, Op
from bancheng.services.sockets.models import Command, Session, Socket
from bancheng.services.sockets.operations.writing import CHANNEL
from bancheng.services.sockets.queries import tariffs
from bancheng.services.sockets.rules import commands, sessions
from bancheng.services.sockets.rules.commands import CommandState

STOP_SECONDS = 600  # a stop is good for as long as anybody tries
LIMIT_SECONDS = 24 * 3600  # and thresholds for a day
METER_SECONDS = 24 * 3600  # as does which meter was fitted
MOST_EDGES = 32

# What is due is said, once more or for the first time, and noted as said, by one statement; what is too late to say is given up. Each waits longer
# for its answer, and is said a last time at the very end of its time, so that the look after that finds it over.
SAY = f"""
WITH due AS (
    SELECT id, send_at, not_after <= %(at)s AS late FROM sockets_command
    WHERE send_at <= %(at)s AND gateway = ANY(%(gateways)s) ORDER BY send_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE sockets_command AS command SET
    sends = sends + CASE WHEN due.late THEN 0 ELSE 1 END,
    sent_at = CASE WHEN due.late THEN sent_at ELSE coalesce(sent_at, %(at)s) END,
    state = CASE WHEN NOT due.late THEN CASE state WHEN 'new' THEN 'sent' ELSE state END WHEN sends > 0 THEN 'unknown' ELSE 'expired' END,
    send_at = CASE WHEN NOT due.late THEN
        least(%(at)s + (%(waits)s::int[])[least(sends + 1, cardinality(%(waits)s::int[]))] * interval '1 second', not_after) END
FROM due WHERE command.id = due.id RETURNING {rows.columns(Command, "command")}, due.send_at, due.late
"""
# the first answer counts; the relay may have proved the command before it came, and then it stays done
ANSWER = f"""
UPDATE sockets_command AS command
SET state = CASE WHEN state = ANY(%(befores)s) THEN %(after)s ELSE state END, result = %(result)s, acked_at = %(at)s, send_at = NULL
WHERE id = %(id)s AND gateway = %(gateway)s AND wire = %(wire)s AND acked_at IS NULL
RETURNING {rows.columns(Command, "command")}, (SELECT session.state FROM sockets_session AS session WHERE session.id = command.session_id)
"""


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
    """Have a command for a session's socket written with the session; it is sent once the transaction has committed."""
    made = _made(session.region, session.gateway, session.wire, op, at=at, seconds=seconds, body=body or {})
    made.session_id = session.pk
    session.made.commands.append(made)


def limit(socket: Socket, values: dict[str, int], *, at: datetime) -> None:
    """Promise to set thresholds of a socket."""
    body = {"limits": values}
    _made(socket.region, socket.unit.gateway, socket.wire, Op.LIMIT, at=at, seconds=LIMIT_SECONDS, body=body).save(
        force_insert=True
    )
    wake(socket.unit.gateway)


def meter(socket: Socket, address: str, *, at: datetime) -> None:
    """Promise to tell a socket's device which meter it has now; whether it finds that one is its answer."""
    gateway, body = socket.unit.gateway, {"meter": address}
    _made(socket.region, gateway, socket.wire, Op.METER, at=at, seconds=METER_SECONDS, body=body).save(
        force_insert=True
    )
    wake(gateway)


def _made(region: str, gateway: str, wire: str, op: Op, *, at: datetime, seconds: int, body: dict[str, Any]) -> Command:
    return Command(
        id=identifiers.uuid7(at),
        region=region,
        gateway=gateway,
        wire=wire,
        op=str(op),
        body=body,
        not_after=at + timedelta(seconds=seconds),
        state=str(CommandState.NEW),
        made_at=at,
        send_at=at,
    )


def wake(gateway: str) -> None:
    """Let the gateway processes know, once the caller's transaction has committed, that there is something to say."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", (CHANNEL, gateway))


def to_send(gateways: Sequence[str], *, at: datetime, limit: int = 200) -> list[tuple[UUID, Said]]:
    """Return what is to be said now to `gateways`, and note that it is: said again until it is answered or too late."""
    with connection.cursor() as cursor:
        cursor.execute(
            SAY, {"at": at, "gateways": list(gateways), "limit": limit, "waits": list(commands.RESEND_SECONDS)}
        )
        found = rows.found_in(cursor, Command)
    due = sorted(((send_at, row) for row, send_at, late in found if not late), key=lambda one: one[0])
    return [(row.pk, _said(row)) for _, row in due]


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


def answered(ack: CommandAck, *, at: datetime) -> tuple[Command, str | None] | None:
    """Note what a device answered; return the command when it is the first answer, with the state its session was seen in.

    A repeat, or an id nobody knows, changes nothing.
    """
    try:
        pk = UUID(ack.command)
    except ValueError:
        return None
    after = commands.after_answer(ack.result)
    given: dict[str, Any] = {
        "id": pk,
        "gateway": ack.gateway,
        "wire": ack.socket,
        "befores": [str(before) for before, then in commands.NEXT.items() if after in then],
        "after": str(after),
        "result": str(ack.result),
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(ANSWER, given)
        found = rows.found_in(cursor, Command)
    return (found[0][0], found[0][1]) if found else None


def prove(session: Session, op: Op) -> None:
    """Have the commands of a session marked that the relay has proved."""
    session.made.proved.add(str(op))


def unsay(session: Session, op: Op) -> None:
    """Do not write a command of a session that was promised and is no longer needed."""
    session.made.commands = [one for one in session.made.commands if one.op != str(op)]


def drop(session: Session, op: Op) -> None:
    """Say a command of a session no more: what it asked for is not wanted any longer."""
    Command.objects.filter(session=session, op=str(op), send_at__isnull=False).update(send_at=None)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
