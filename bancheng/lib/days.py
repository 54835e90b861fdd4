"""The day of an instant and the instant of a day: the whole country keeps one clock, Asia/Shanghai."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day_of(instant: datetime) -> date:
    """Return the day that an aware `instant` falls on."""
    return instant.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """Return the first instant of `day`."""
    return datetime.combine(day, time(), tzinfo=SHANGHAI)
