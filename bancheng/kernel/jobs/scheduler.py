"""The schedule: each job once per due instant, whatever the number of workers, and caught up after an outage.

Why not procrastinate's own: it reads cron lines in UTC, forgets what fell due more than ten minutes before a worker
started, and follows the machine's clock, not the one of the site. Here one row per name holds the last instant that
was promised; who moves it forward promises the job in the same transaction. After an outage the latest missed instant
is promised once: a job that must do every missed day looks for them itself.
"""

from datetime import datetime

from django.db import connection, transaction

from bancheng.kernel.jobs import registry, rules
from bancheng.kernel.jobs.models import Scheduled
from bancheng.kernel.jobs.operations import later

# The clock may be set back (a sandbox that starts its month again): a last instant in the future would silence the job.
# Small steps of a corrected clock are not that.
MOVE = """
UPDATE jobs_scheduled SET last_at = %(due)s
WHERE name = %(name)s AND (last_at < %(due)s OR last_at > %(at)s::timestamptz + interval '1 hour')
"""


class Scheduler:
    """Promises what falls due; remembers what it has seen, so that a quiet second costs no statement."""

    def __init__(self) -> None:
        self._seen: dict[str, datetime] = {}

    def tick(self, *, at: datetime) -> list[str]:
        """Promise every scheduled job whose latest due instant nobody has promised yet; return their names."""
        promised = []
        for name, cron in registry.SCHEDULE.items():
            due = rules.latest(cron, at=at)
            if self._seen.get(name) == due:
                continue
            if _claim(name, due=due, at=at):
                promised.append(name)
            self._seen[name] = due
        return promised


def _claim(name: str, *, due: datetime, at: datetime) -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(MOVE, {"name": name, "due": due, "at": at})
        if cursor.rowcount:
            later(name, key=f"schedule-{name}")
            return True
    # A name seen for the first time begins with its next instant: a fresh installation has missed nothing.
    Scheduled.objects.bulk_create([Scheduled(name=name, last_at=due)], ignore_conflicts=True)
    return False
