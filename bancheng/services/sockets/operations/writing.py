"""What an operation has made of a session is written at its end, by one statement: its own columns that have changed, the payment that came in, what
its device is told, its refunds, its segments. Its entries follow: they lock what all sessions share, so they come last.
"""

from typing import Any

from django.db import connection

from bancheng.kernel.ledger import public as ledger
from bancheng.lib import rows
from bancheng.services.sockets.models import Command, Made, Prepay, Refund, Segment, Session
from bancheng.services.sockets.rules.offers import busy
from bancheng.services.sockets.rules.sessions import HOLDS_SOCKET

CHANNEL = "sockets_commands"
COLUMNS = rows.columns(Session, without=["id"])
NOW = rows.columns(Session, "now", without=["id"])
KEEP = f"""
WITH given AS (SELECT %(made)s::jsonb AS made), told AS (
    {rows.insert(Command, "(SELECT made -> 'commands' FROM given)")} RETURNING gateway
), proved AS (
    UPDATE sockets_command SET state = 'done', send_at = NULL FROM given
    WHERE session_id = %(id)s AND state IN ('sent', 'acked', 'unknown') AND made -> 'proved' ? op
), paid AS (
    UPDATE sockets_prepay AS kept SET paid_at = now.paid_at, counts = now.counts
    FROM given, jsonb_populate_recordset(NULL::sockets_prepay, made -> 'prepays') AS now WHERE kept.id = now.id
), planned AS (
    {rows.insert(Refund, "(SELECT made -> 'refunds' FROM given)", numbered=True)}
), moved AS (
    UPDATE sockets_refund AS kept SET state = now.state, done_at = now.done_at
    FROM given, jsonb_populate_recordset(NULL::sockets_refund, made -> 'moved') AS now WHERE kept.id = now.id
), counted AS (
    {rows.insert(Segment, "(SELECT made -> 'segments' FROM given)", numbered=True)}
), changed AS (
    UPDATE sockets_session AS kept SET ({COLUMNS}) = (SELECT {NOW} FROM jsonb_populate_record(kept, made -> 'session') AS now)
    FROM given WHERE kept.id = %(id)s AND made -> 'session' <> '{{}}'
)
SELECT pg_notify('{CHANNEL}', gateway) FROM (SELECT DISTINCT gateway FROM told) AS one
"""
# the index that lets one session have a socket says who is first; whoever is not writes nothing
HOLDS = ", ".join(f"'{state}'" for state in HOLDS_SOCKET)
BEGIN = f"""
WITH given AS (SELECT %(made)s::jsonb AS made), begun AS (
    {rows.insert(Session, "(SELECT made -> 'sessions' FROM given)")}
    ON CONFLICT (region, socket_id) WHERE state IN ({HOLDS}) DO NOTHING RETURNING id
), ordered AS (
    {rows.insert(Prepay, "(SELECT made -> 'prepays' FROM given, begun)", numbered=True)}
)
SELECT count(*) FROM begun
"""


def columns_of(session: Session) -> dict[str, Any]:
    """Return what stands in the columns of a session."""
    return rows.document(session)[0]


def begin(session: Session, prepay: Prepay) -> None:
    """Write a new session with its order. Raises Refused("socket_busy")."""
    made = {"sessions": rows.document(session), "prepays": rows.document(prepay)}
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, {"made": rows.text(made)})
        if cursor.fetchone() != (1,):
            raise busy()
    session.made = Made(before=columns_of(session))


def keep(session: Session) -> None:
    """Write what has become of a locked session and what was made with it."""
    made, now = session.made, columns_of(session)
    changed = {name: value for name, value in now.items() if value != made.before.get(name, made)}
    if changed or made:
        with connection.cursor() as cursor:
            cursor.execute(KEEP, {"id": session.pk, "made": rows.text(_written(made, changed))})
    session.made = Made(before=now)
    for entry in made.entries:
        ledger.post(**entry)


def _written(made: Made, changed: dict[str, Any]) -> dict[str, Any]:
    return {
        "session": changed,
        "commands": rows.document(*made.commands),
        "proved": sorted(made.proved),
        "prepays": rows.document(*made.prepays),
        "refunds": rows.document(*made.refunds),
        "moved": rows.document(*made.moved),
        "segments": rows.document(*made.segments),
    }
