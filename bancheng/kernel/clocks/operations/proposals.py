"""A year's notice is put forward by one and comes into force by another: it moves every time limit of the city (P-2)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import IntegrityError, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks.models import CalendarProposal, CalendarYear
from bancheng.kernel.clocks.operations import calendars
from bancheng.kernel.clocks.rules.calendar import Year, check_notice
from bancheng.lib.refusal import Refused


def propose_year(
    *, year: int, rest: Mapping[date, str], work: Iterable[date], source: str, by: str, at: datetime
) -> CalendarProposal:
    """Put a year's notice forward, a first one or a correction; nothing counts by it until `confirm_year`.

    `rest` names each day's festival. Raises Refused: bad_notice, calendar_year_too_far, calendar_year_unchanged,
    calendar_proposal_waiting.
    """
    work = sorted(work)
    notice = check_notice(year=year, rest=list(rest), work=work, source=source)
    calendars.check_not_too_far(year, at)
    current = CalendarYear.objects.filter(year=year, current=True).first()
    if current is not None and calendars.same(current, notice):
        raise Refused(
            "calendar_year_unchanged",
            f"内容与现行的{year}年安排（第{current.version}版）相同，未作改动。",
            en=f"This equals version {current.version} of {year}; nothing was changed.",
        )
    try:
        with transaction.atomic():
            made = CalendarProposal.objects.create(
                year=year,
                source=notice.source,
                rest={day.isoformat(): name for day, name in sorted(rest.items())},
                work=[day.isoformat() for day in work],
                proposed_by=by,
                proposed_at=at,
            )
            _record("clocks.calendar_proposed", made, by=by, at=at)
    except IntegrityError as error:
        raise Refused(
            "calendar_proposal_waiting",
            f"{year}年已有一份安排在等待确认，未再提交；请先确认或退回那一份。",
            en=f"A notice of {year} waits for confirmation already; settle that one first.",
        ) from error
    return made


def confirm_year(*, proposal_id: int, by: str, at: datetime) -> Year:
    """Load, as a second person, what another has put forward (P-2), and work out again what it touches (R-CLK-9).

    Raises Refused: second_person_needed, calendar_proposal_settled, and whatever loading raises.
    """
    with transaction.atomic():
        waiting = _waiting(proposal_id)
        if waiting.proposed_by == by:
            raise Refused(
                "second_person_needed",
                "放假安排须由另一人确认，请联系另一位日历管理员。",
                en="A second person must confirm the notice: ask another calendar administrator.",
            )
        load = calendars.correct_year if _is_loaded(waiting.year) else calendars.load_year
        loaded = load(
            year=waiting.year,
            rest={date.fromisoformat(day): name for day, name in waiting.rest.items()},
            work=[date.fromisoformat(day) for day in waiting.work],
            source=waiting.source,
            by=by,
            at=at,
        )
        _settle(waiting, CalendarProposal.CONFIRMED, by=by, at=at)
    return loaded


def turn_down_year(*, proposal_id: int, by: str, at: datetime) -> None:
    """Drop a notice that waits; who put it forward may take it back himself. Raises Refused("calendar_proposal_settled")."""
    with transaction.atomic():
        waiting = _waiting(proposal_id)
        _settle(waiting, CalendarProposal.DROPPED, by=by, at=at)
        _record("clocks.calendar_turned_down", waiting, by=by, at=at)


def _waiting(proposal_id: int) -> CalendarProposal:
    found = CalendarProposal.objects.select_for_update().filter(pk=proposal_id).first()
    if found is None or found.state != CalendarProposal.WAITING:
        raise Refused(
            "calendar_proposal_settled",
            "这份安排已经处理过或不存在，未作任何改动，请刷新页面。",
            en="This notice was settled already or is not there. Nothing was changed: reload the page.",
        )
    return found


def _is_loaded(year: int) -> bool:
    return CalendarYear.objects.filter(year=year, current=True).exists()


def _settle(waiting: CalendarProposal, state: str, *, by: str, at: datetime) -> None:
    waiting.state, waiting.settled_by, waiting.settled_at = state, by, at
    waiting.save(update_fields=["state", "settled_by", "settled_at"])


def _record(action: str, proposal: CalendarProposal, *, by: str, at: datetime) -> None:
    audit.record(
        action,
        who=by,
        about=f"calendar:{proposal.year}",
        at=at,
        region=audit.PLATFORM,
        detail={
            "proposal": proposal.pk,
            "source": proposal.source,
            "rest": len(proposal.rest),
            "work": len(proposal.work),
        },
    )
