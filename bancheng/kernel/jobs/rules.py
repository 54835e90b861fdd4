"""When a job is tried again, and when a cron line falls due. Pure."""

from datetime import datetime, timedelta

from croniter import croniter  # type: ignore[import-untyped]  # it has no stubs

from bancheng.lib.days import SHANGHAI
from bancheng.lib.refusal import Refused

FIRST_WAIT = 2.0  # seconds before the second try; doubled each time
LONGEST_WAIT = 3600.0  # a failing job must not become one of the far future


def wait_before(attempt: int, *, chance: float) -> float:
    """Return the seconds to wait after the failed `attempt` (1, 2, …): doubled, capped, spread by half.

    `chance` is a number from 0 to 1: the spread keeps a thousand jobs that failed together from coming back together.
    """
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt - 1, 30)) * (0.5 + chance / 2)


def is_final(error: BaseException, *, attempt: int, attempts: int) -> bool:
    """Return whether a job that raised `error` on its `attempt` is not to be tried again: a lawful no stays a no."""
    return isinstance(error, Refused) or attempt >= attempts


def is_cron(line: str) -> bool:
    """Return whether `line` is a cron line."""
    return bool(croniter.is_valid(line))


def latest(cron: str, *, at: datetime) -> datetime:
    """Return the last instant at or before `at` on which `cron` falls due in Asia/Shanghai."""
    just_after = at.astimezone(SHANGHAI) + timedelta(microseconds=1)  # get_prev is strictly before
    due: datetime = croniter(cron, just_after).get_prev(datetime)
    return due
