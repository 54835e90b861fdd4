"""Loading and correcting a year's holiday notice; what ships is loaded the same way."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from django.db import connection, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import shipped
from bancheng.kernel.clocks.facts import CalendarLoaded, calendar_loaded
from bancheng.kernel.clocks.models import CalendarDay, CalendarYear
from bancheng.kernel.clocks.operations.recompute import recompute
from bancheng.kernel.clocks.queries import Fresh
from bancheng.kernel.clocks.rules.calendar import Year, check_notice
from bancheng.lib.refusal import Refused

SHIPPED = "shipped"  # loaded_by of the years that come with the software
ONE_LOADER = 0x63616C65  # "cale": those who change calendars queue behind each other


def load_year(
    *, year: int, rest: Iterable[date] | Mapping[date, str], work: Iterable[date], source: str, by: str, at: datetime
) -> Year:
    """Load the notice of `year` and work out again every running clock that it touches (R-CLK-9).

    `rest` may name each day's festival. Loading the same days again changes nothing.
    Raises Refused: bad_notice, calendar_year_too_far, calendar_year_loaded (a revised notice goes through
    correct_year).
    """
    notice = _notice(year, rest, work, source)
    check_not_too_far(year, at)
    with transaction.atomic():
        _alone()
        current = CalendarYear.objects.filter(year=year, current=True).first()
        if current is None:
            return _insert(notice, by=by, at=at, action="clocks.calendar_loaded")
        if same(current, notice):
            return replace(notice, version=current.version)
    raise Refused(
        "calendar_year_loaded",
        f"{year}年放假安排已载入（{current.source}），内容与本次不同，未作改动；如国务院已调整安排，请用“更正”。",
        en=f"The {year} notice is loaded already ({current.source}) with other days; nothing was changed. "
        "If it was revised, use “correct”.",
    )


def correct_year(
    *, year: int, rest: Iterable[date] | Mapping[date, str], work: Iterable[date], source: str, by: str, at: datetime
) -> Year:
    """Put a revised notice of `year` in force as a new version; the old one is kept.

    Raises Refused: bad_notice, calendar_year_missing, calendar_year_unchanged.
    """
    notice = _notice(year, rest, work, source)
    with transaction.atomic():
        _alone()
        current = CalendarYear.objects.filter(year=year, current=True).first()
        if current is None:
            raise Refused(
                "calendar_year_missing",
                f"{year}年放假安排尚未载入，无从更正，请先载入。",
                en=f"The {year} notice is not loaded; load it first.",
            )
        if same(current, notice):
            raise Refused(
                "calendar_year_unchanged",
                f"更正的内容与现行的{year}年安排（第{current.version}版）相同，未作改动。",
                en=f"The correction equals version {current.version} of {year}; nothing was changed.",
            )
        CalendarYear.objects.filter(pk=current.pk).update(current=False)
        return _insert(replace(notice, version=current.version + 1), by=by, at=at, action="clocks.calendar_corrected")


def check_not_too_far(year: int, at: datetime) -> None:
    """Raise Refused for a year whose notice cannot have been published yet."""
    if year > at.year + 1:
        raise Refused(
            "calendar_year_too_far",
            f"现在是{at.year}年，只能载入{at.year + 1}年及以前的放假安排，请核对年份。",
            en=f"It is {at.year}; only notices up to {at.year + 1} can be loaded.",
            status=422,
        )


def load_shipped(*, at: datetime) -> int:
    """Load the years that ship with the software and are not in the database; return how many were new."""
    with transaction.atomic():
        _alone()
        have = set(CalendarYear.objects.values_list("year", flat=True))
        new = [year for year in shipped.years() if year.number not in have]
        for year in new:
            _store(year, by=SHIPPED, at=at)
        for year in new if have else ():  # a new release brought a year to a running city
            recompute(year=year.number)
        if new:
            transaction.on_commit(Fresh())
    return len(new)


def _notice(year: int, rest: Iterable[date] | Mapping[date, str], work: Iterable[date], source: str) -> Year:
    names = dict(rest) if isinstance(rest, Mapping) else {}
    checked = check_notice(year=year, rest=list(rest), work=list(work), source=source)
    return replace(checked, names=names)


def _alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_LOADER])


def same(current: CalendarYear, notice: Year) -> bool:
    """Return whether a loaded year names exactly the days of `notice`."""
    days = {(row.day, row.kind) for row in current.days.all()}
    return days == {(day, "rest") for day in notice.rest} | {(day, "work") for day in notice.work}


def _insert(notice: Year, *, by: str, at: datetime, action: str) -> Year:
    _store(notice, by=by, at=at)
    transaction.on_commit(Fresh())
    moved = recompute(year=notice.number)
    audit.record(
        action,
        who=by,
        about=f"calendar:{notice.number}",
        at=at,
        region=audit.PLATFORM,
        detail={
            "version": notice.version,
            "source": notice.source,
            "rest": len(notice.rest),
            "work": len(notice.work),
            "clocks_moved": moved,
        },
    )
    calendar_loaded.fire(CalendarLoaded(notice.number, notice.version, notice.source))
    return notice


def _store(notice: Year, *, by: str, at: datetime) -> None:
    row = CalendarYear.objects.create(
        year=notice.number, version=notice.version, source=notice.source, loaded_by=by, loaded_at=at
    )
    CalendarDay.objects.bulk_create(
        CalendarDay(calendar_year=row, day=day, kind=kind, name=notice.names.get(day, ""))
        for kind, days in (("rest", notice.rest), ("work", notice.work))
        for day in sorted(days)
    )
