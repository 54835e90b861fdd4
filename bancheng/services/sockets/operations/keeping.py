"""Phones that were left are forgotten after a month. The days of the log: made ahead of time, dropped whole after a month. What was billed stays in the segments of the sessions."""

from datetime import date, datetime, timedelta

from django.db import connection

from bancheng.services.sockets.models import Contact
from bancheng.services.sockets.rules.readings import KEPT_DAYS

AHEAD = 7
DAYS = r"""
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'sockets_reading'::regclass AND c.relname ~ '^sockets_reading_[0-9]{8}$' ORDER BY 1
"""
# sessions that are not settled yet keep the days they need
NEEDED_SINCE = "SELECT min(created_at)::date - 3 FROM sockets_session WHERE settled_at IS NULL AND state NOT IN ('closed', 'expired')"


def keep_log(*, today: date) -> tuple[int, int]:
    """Open the days to come and drop those older than a month; return how many of each. Run it as often as you like."""
    opened = dropped = 0
    with connection.cursor() as cursor:
        for n in range(-1, AHEAD + 1):
            cursor.execute("SELECT sockets_open_day(%s)", (today + timedelta(days=n),))
            opened += int(cursor.fetchone()[0])
        cursor.execute(NEEDED_SINCE)
        needed = cursor.fetchone()[0] or today
        last = min(today - timedelta(days=KEPT_DAYS), needed - timedelta(days=1))
        cursor.execute(DAYS)
        for (name,) in cursor.fetchall():
            if name.removeprefix("sockets_reading_") <= f"{last:%Y%m%d}":
                cursor.execute(f'DROP TABLE "{name}"')
                dropped += 1
    return opened, dropped


def forget_phones(*, at: datetime) -> int:
    """Forget the phones that were left a month ago; return how many."""
    return Contact.objects.filter(at__lt=at - timedelta(days=KEPT_DAYS)).delete()[0]
