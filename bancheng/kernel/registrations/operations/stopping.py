"""What makes an application stand still: an announcement, a visit, a court, a dispute; its clocks stand with it, where the law lets them."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import book, shipped
from bancheng.kernel.registrations.models import Application, Subject
from bancheng.kernel.registrations.operations import logging
from bancheng.kernel.registrations.operations.handling import HANDLERS, check_officer
from bancheng.kernel.registrations.rules import checks
from bancheng.kernel.registrations.rules.words import PAUSED, UNDER_WAY, Act, Cause, State
from bancheng.lib import dated
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Refused

ACTS = {Cause.ANNOUNCING: Act.ANNOUNCED, Cause.SITE_VISIT: Act.VISITED}
UNTIL_LATER = timedelta(days=90)  # of a stop whose end nobody knows: what the party is told, and looked at again


def announce(*, application_id: UUID, working_days: int, basis: str, by: identity.Actor, at: datetime) -> None:
    """Begin an announcement: its days are not counted (实施细则 第十七条: 15 working days where the law asks for one).

    Raises Refused: no_such_application, not_your_registry, application_moved_on, reason_missing.
    """
    _pause(application_id, Cause.ANNOUNCING, working_days, basis, by=by, at=at)


def visit(*, application_id: UUID, working_days: int, basis: str, by: identity.Actor, at: datetime) -> None:
    """Begin a site visit: its days are not counted (条例 第十九条). Raises as `announce`."""
    _pause(application_id, Cause.SITE_VISIT, working_days, basis, by=by, at=at)


def _pause(
    application_id: UUID, cause: Cause, working_days: int, basis: str, *, by: identity.Actor, at: datetime
) -> None:
    said = checks.check_words(basis)
    with logging.acting(application_id) as row:
        check_officer(row, by, HANDLERS)
        logging.move(row, ACTS[cause], by=by.ref, at=at, stopped=cause.value)
        last = clocks.calendar().add(day_of(at), max(working_days, 1))
        _stop_clocks(row, cause, said, last, by=by.ref, at=at)
        logging.line(row, ACTS[cause], by=by.ref, at=at, said=said, until=str(last))


def go_on(*, application_id: UUID, by: identity.Actor, at: datetime) -> None:
    """End an announcement or a visit. Raises Refused: no_such_application, not_your_registry, application_moved_on."""
    with logging.acting(application_id) as row:
        check_officer(row, by, HANDLERS)
        logging.move(row, Act.WENT_ON, by=by.ref, at=at, stopped="")
        _let_run(row, by=by.ref, at=at)
        logging.line(row, Act.WENT_ON, by=by.ref, at=at)


def suspend(
    *, application_id: UUID, cause: Cause, reason: str, by: identity.Actor, at: datetime, case_no: str = ""
) -> None:
    """Stop an application for a court's order, a dispute or a correction of the book; `case_no` is the court's.

    Raises Refused: no_such_application, not_your_registry, reason_missing, application_moved_on.
    """
    said = checks.check_words(reason)
    with logging.acting(application_id) as row:
        check_officer(row, by, HANDLERS)
        stop(row, Act.SUSPENDED, cause, by=by.ref, at=at, said=said, case_no=case_no)


def stop(
    row: Application, act: Act, cause: Cause, *, by: str, at: datetime, said: str, channel: str = "", **detail: Any
) -> None:
    """Stop a locked application; what paused it before is over."""
    _let_run(row, by=by, at=at)
    logging.move(row, act, by=by, at=at, stopped=cause.value)
    _stop_clocks(row, cause, said, day_of(at) + UNTIL_LATER, by=by, at=at)
    logging.line(row, act, by=by, at=at, said=said, channel=channel, cause=cause.value, **detail)


def resume(*, application_id: UUID, reason: str, by: identity.Actor, at: datetime) -> None:
    """Let a stopped application go on where it stood. Raises as `suspend`."""
    said = checks.check_words(reason)
    with logging.acting(application_id) as row:
        check_officer(row, by, HANDLERS)
        logging.move(row, Act.RESUMED, by=by.ref, at=at, stopped="")
        _let_run(row, by=by.ref, at=at)
        logging.line(row, Act.RESUMED, by=by.ref, at=at, said=said)


def _stop_clocks(row: Application, cause: Cause, basis: str, last: Any, *, by: str, at: datetime) -> None:
    """Pause each clock that may be paused and has not run out: a late one stays late."""
    on, number = day_of(at), f"{row.number}-{row.lines.count() + 1}"
    for clock in _running(row):
        if cause.value in clock.rule.causes and clock.state == "running" and on <= clock.due.on:
            clocks.pause(
                clock_id=clock.id,
                cause=cause.value,
                basis=basis[:200],
                first=on,
                planned_last=max(last, on),
                document=number,
                approver=by,
                by=by,
                at=at,
            )
            clocks.serve(clock_id=clock.id, served_on=on, notice=number, by=by, at=at)
    _note_due(row)


def _let_run(row: Application, *, by: str, at: datetime) -> None:
    for clock in _running(row):
        if clock.state == "paused":
            clocks.resume(clock_id=clock.id, last=day_of(at), document=row.number, by=by, at=at)
    _note_due(row)


def _running(row: Application) -> list[clocks.Clock]:
    return clocks.open_clocks(region=row.region, abouts=[logging.about(row.pk)])


def _note_due(row: Application) -> None:
    row.due_on = logging.due_of(row)
    row.save(update_fields=["due_on"])


def suspend_for_court(*, region: str, right: str, at: datetime) -> int:
    """Stop what is under way on the lots that a court has seized; return how many. Run again it stops nothing twice (B13.5).

    It runs after the seizure has committed: the book refuses a recording from that very second, the suspension only says so.
    """
    found = book.right(region, right)
    lots = [each.lot for each in found.lots if each.open] if found else []
    ids = Subject.objects.filter(region=region, lot__in=lots, open=True).values_list("application", flat=True)
    return sum(_stop_one(one, right, at) for one in sorted(set(ids)))


def _stop_one(application_id: UUID, right: str, at: datetime) -> bool:
    with logging.acting(application_id) as row:
        if State(row.state) not in UNDER_WAY - {State.SUSPENDED} or row.kind in UNTOUCHED:
            return False
        said = f"不动产已被人民法院查封：{right}"
        stop(row, Act.SUSPENDED, Cause.COURT, by=logging.SYSTEM, at=at, said=said, case_no=right)
    return True


UNTOUCHED = ("mortgage.release", "mortgage.cancel")  # never blocked by a seizure


def check_still(row: Application) -> None:
    """Raise Refused("suspended"), naming the court's case, when an application stands still."""
    if State(row.state) not in PAUSED:
        return
    zh, en = logging.why(row)
    raise Refused(
        "suspended",
        f"该申请已中止（{zh}），没有登簿；中止事由消除后恢复，或依法不予登记。",
        en=f"The application is suspended ({en}); nothing was recorded. It goes on when the cause is gone, or is refused.",
        law="不动产登记暂行条例 第二十二条",
    )


def check_announced(row: Application, *, today: date) -> None:
    """Raise Refused("not_announced"), when the office would correct the book by itself and has not announced it long enough (实施细则 第八十一条)."""
    if not shipped.kind(row.kind).own_motion:
        return
    began = row.lines.filter(act=Act.ANNOUNCED.value).order_by("seq").values_list("at", flat=True).first()
    wait = dated.in_force(shipped.own_motion(), today)
    last = clocks.calendar().add(day_of(began), wait.value.announced_days) if began else None
    if last is not None and today > last:
        return
    until, until_en = (f"，公告至{last}", f", which runs until {last}") if last else ("", "")
    raise Refused(
        "not_announced",
        f"依职权更正须先公告{wait.value.announced_days}个工作日{until}，没有登簿；期满后再登簿。",
        en=f"The registry's own correction is announced for {wait.value.announced_days} working days first{until_en}; nothing was recorded.",
        law=wait.law,
    )
