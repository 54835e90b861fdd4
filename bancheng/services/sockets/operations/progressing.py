"""The plain progress of many sessions at once: readings that add energy and nothing else, in three statements a batch.

Everything that is more than that (a relay that moves, a reading that cannot be, somebody idle, a quota near its end) is left to `following`, one
session a transaction. Both go by the same rule, and what this one has followed the other does not follow again.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from bancheng.lib import unnest
from bancheng.services.sockets.models import Session
from bancheng.services.sockets.operations.following import behind, follow, standing
from bancheng.services.sockets.queries import logs, tariffs
from bancheng.services.sockets.rules import bills, following
from bancheng.services.sockets.rules.following import Entry, Sign
from bancheng.services.sockets.rules.readings import Verdict
from bancheng.services.sockets.rules.sessions import State

PLAIN = {
    "id": "uuid",
    "boot": "bigint",
    "seq": "bigint",
    "good_boot": "bigint",
    "up_ms": "bigint",
    "e_10wh": "int",
    "last_at": "timestamptz",
    "used_wh": "int",
    "spent_nano": "bigint",
    "idle_since": "timestamptz",
    "bill": "jsonb",
    "clock_suspect": "bool",
}
WRITE = unnest.update("sockets_session", PLAIN, key="id")
READ = (
    *PLAIN,
    "region",
    "gateway",
    "wire",
    "state",
    "plan_id",
    "most_w",
    "idle_w",
    "quota_wh",
    "meter",
    "cut_10wh",
    "tripped",
    "created_at",
)
NEAR = 0.8  # of its quota used: a raise may be due


def follow_all(gateways: Sequence[str], *, at: datetime) -> None:
    """Follow every session on `gateways` whose log has gone on: those that only use power together, the others one by one."""
    for pk in progress(behind(gateways), at=at):
        follow(pk, at=at)


def progress(found: Sequence[UUID], *, at: datetime) -> list[UUID]:
    """Follow the sessions that only use power; return those that are left to `follow`."""
    if not found:
        return []
    with transaction.atomic():
        rows = list(
            Session.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(pk__in=found, state=str(State.ACTIVE), cut_10wh=None, tripped="")
            .only(*READ)
            .order_by("pk")
        )
        entries = logs.after_many(rows)
        done = [row for row in rows if _plain(row, entries[row.pk])]
        if done:
            with connection.cursor() as cursor:
                cursor.execute(WRITE, unnest.arrays(done, PLAIN))
    followed = {row.pk for row in done}
    return [pk for pk in found if pk not in followed]


def _plain(row: Session, entries: Sequence[Entry]) -> bool:
    """Follow `entries` on the row in hand; return whether they were plain throughout."""
    stands = standing(row)
    prices = tariffs.prices(row.plan_id)
    so_far = bills.Bill.of_rows(row.bill)
    for entry in entries:
        step = following.follow(stands, entry, most_w=row.most_w)
        if step.sign is not Sign.USED or step.verdict is not Verdict.GOOD or not entry.is_reading:
            return False
        if row.idle_w and following.is_idle(entry.point.p_w, idle_w=row.idle_w):
            return False
        assert stands.last is not None
        so_far = bills.added(so_far, stands.last, entry.point, prices)
        row.clock_suspect |= entry.point.clock_suspect
        stands = step.standing
    last = stands.last
    if not entries or last is None or so_far.wh >= NEAR * row.quota_wh:
        return False
    row.boot, row.seq = entries[-1].point.place
    row.good_boot, row.up_ms, row.e_10wh, row.last_at = last.boot, last.up_ms, last.e_10wh, last.at
    row.used_wh, row.spent_nano, row.idle_since = so_far.wh, so_far.nano, None
    row.bill = so_far.rows
    return True
