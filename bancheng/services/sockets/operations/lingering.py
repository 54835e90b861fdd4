"""Relays that say they are on for a use that is over, or that somebody has ended: told to open, again and again as long as they say so.

A stop is said for ten minutes. A device that was away for longer, or that obeyed a start whose money has gone back meanwhile, hears of it
here, with the first state it says when it is back.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from bancheng.kernel.audit import public as audit
from bancheng.lib.socketwire import Op
from bancheng.lib.socketwire import State as Says
from bancheng.services.sockets.operations import commands, locking, writing
from bancheng.services.sockets.operations.happening import SYSTEM, about
from bancheng.services.sockets.rules.sessions import MAY_BE_ON, State

# of the sessions that relays say they are on for: those that are to be off, whose stop nobody says any more; what was said before the cut is old
OVER = """
SELECT s.id FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::bigint[], %s::bigint[]) AS k (id, gateway, wire, boot, seq)
JOIN sockets_session s ON (s.id, s.gateway, s.wire) = (k.id, k.gateway, k.wire)
WHERE NOT s.state = ANY(%s) AND (s.cut_seq IS NULL OR (k.boot, k.seq) >= (s.cut_boot, s.cut_seq))
    AND NOT EXISTS (SELECT FROM sockets_command c WHERE c.session_id = s.id AND c.op = %s AND c.send_at IS NOT NULL)
"""


def end(said: Sequence[Says], *, at: datetime) -> int:
    """Promise a stop to each relay that is on for a use that is over; return how many. None on, none asked about."""
    on = [(pk, each) for each in said if each.closed and (pk := _id(each.session))]
    if not on:
        return 0
    columns = [[pk for pk, _ in on], *([getattr(one, name) for _, one in on] for name in NAMES)]
    with connection.cursor() as cursor:
        cursor.execute(OVER, [*columns, [str(state) for state in MAY_BE_ON], str(Op.STOP)])
        found = {row[0] for row in cursor.fetchall()}
    return sum(_tell(pk, at) for pk in sorted(found))


NAMES = ("gateway", "socket", "boot", "seq")


def _tell(session_id: UUID, at: datetime) -> bool:
    with transaction.atomic():
        session = locking.locked(session_id)
        if State(session.state) in MAY_BE_ON:
            return False
        commands.promise(session, Op.STOP, at=at, seconds=commands.STOP_SECONDS)
        writing.keep(session)
        audit.record("sockets.told_off_again", who=SYSTEM, about=about(session), at=at, region=session.region)
    return True


def _id(hexed: str) -> UUID | None:
    try:
        return UUID(hex=hexed)
    except ValueError:
        return None
