"""Handling: steps taken up and done, decisions, service, promised papers supplied, and the way back."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from bancheng.kernel.cases.facts import Because
from bancheng.kernel.cases.models import CaseAction, CorrectionItem, Task
from bancheng.kernel.cases.operations import gaps, promises
from bancheng.kernel.cases.operations.family import Family, One, about
from bancheng.kernel.cases.operations.founding import check_founded
from bancheng.kernel.cases.operations.locking import locked
from bancheng.kernel.cases.rules import standing
from bancheng.kernel.cases.rules.flow import Step
from bancheng.kernel.cases.rules.words import Act, Kind, Outcome
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.licences import public as licences
from bancheng.lib.refusal import Refused


def take(*, case_id: UUID, step: str, by: str, at: datetime) -> None:
    """Take up an open step. Raises Refused: no_such_case, step_not_open, taken."""
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        task = _task(family, one, step)
        if task.taken_by and task.taken_by != by:
            raise Refused(
                "taken",
                "这一步已由其他人员领取，未作任何改动；需要换人时请由其退回。",
                en="Somebody else has taken this step; nothing was changed. To change hands he gives it back first.",
            )
        if not task.taken_by:
            Task.objects.filter(pk=task.pk).update(taken_by=by)
            family.add(one, Act.TAKEN, step=step)


def give_back(*, case_id: UUID, step: str, by: str, at: datetime) -> None:
    """Give a step that one has taken back to the others. Raises Refused: no_such_case, step_not_open, not_yours."""
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        task = _task(family, one, step)
        if task.taken_by != by:
            raise Refused(
                "not_yours",
                "这一步不在您名下，未作任何改动。",
                en="This step is not yours; nothing was changed.",
                status=403,
            )
        Task.objects.filter(pk=task.pk).update(taken_by="")
        family.add(one, Act.GIVEN_BACK, step=step)


def do(*, case_id: UUID, step: str, result: str, by: str, at: datetime, document: str = "") -> None:
    """End a step of work, a visit or a follow-up with its result in words. Raises Refused: no_such_case, step_not_open, paused."""
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        found = standing.check_open(one.flow, one.now, step, Kind.WORK, Kind.VISIT, Kind.FOLLOW_UP)
        standing.check_counts(one.now, found)
        family.add(one, Act.DONE, step=step, outcome=Outcome.DONE, because=Because(result, document=document))


def decide(*, case_id: UUID, outcome: Outcome, because: Because, by: str, at: datetime) -> None:
    """Decide a case: granted, or denied with reason, article and remedy (行政许可法 第三十八条).

    P-2: who accepted does not decide alone. R-RQ-4: a gap that may change the decision is waited for. What the flow issues is issued
    in the same transaction. A period that stands is resumed first. Raises Refused: no_such_case, step_not_open, unfounded, paused,
    accepted_by_you, gap_open.
    """
    if outcome is Outcome.DENIED:
        check_founded(because)
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        step = _the(one, Kind.DECIDE)
        standing.check_counts(one.now, step)
        _check_second_person(family, one)
        gaps.check_none_holds(one)
        more: dict[str, Any] = promises.drawn(one) if outcome is Outcome.GRANTED else {}
        if step.ends_applicant and outcome is Outcome.GRANTED:
            more["ends_applicant"] = True
        family.add(one, Act.DECIDED, step=step.code, outcome=outcome, because=because, **more)
        if outcome is Outcome.GRANTED and step.issue:
            _issue(family, one, step)


def _issue(family: Family, one: One, step: Step) -> None:
    """Enter the licence that a granted decision issues: its holder finds it among his own, and its alarm is set."""
    issue, row = step.issue, one.row
    assert issue
    serial = int(row.number.split("-")[2])
    number = issue.numbered(area=row.region, year=family.today.year, serial=serial)
    licence_id = licences.issue(
        region=row.region,
        licence_type=issue.licence_type,
        number=number,
        holder_kind=licences.Kind(row.applicant_kind),
        holder_hash=bytes(row.applicant_hash),
        holder_sealed=bytes(row.applicant_sealed),
        holder_name=row.applicant_name,
        identifier_kind=row.identifier_kind,
        issued_on=family.today,
        valid_from=family.today,
        valid_to=_last_day(family.today, issue.months),
        source=licences.Source(row.unit, licences.Channel.SYSTEM, row.number),
        on_promise=standing.promised(one.flow, one.now),
        by=family.by,
        at=family.at,
    )
    family.add(one, Act.ISSUED, step=step.code, by="system", licence=licence_id, number=number)


def _last_day(first: date, months: int | None) -> date | None:
    return clocks.add_months(first, months) - timedelta(days=1) if months else None


def serve(*, case_id: UUID, how: str, by: str, at: datetime) -> None:
    """Record how and when the result reached the applicant. Raises Refused: no_such_case, step_not_open, paused."""
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        step = _the(one, Kind.SERVE)
        standing.check_counts(one.now, step)
        family.add(one, Act.SERVED, step=step.code, outcome=Outcome.DONE, how=how)


def supply_gap(*, case_id: UUID, material: str, by: str, at: datetime) -> None:
    """Record that a promised paper came. Raises Refused: no_such_case, no_such_gap."""
    with locked(case_id, by=by, at=at) as family:
        gaps.supply(family, family.of(case_id), material)


def undo(*, case_id: UUID, by: str, at: datetime, reason: str) -> None:
    """Take one's own last step back while nothing outside was told of it; the log keeps both.

    The clock of the step goes on as if it had not ended. Raises Refused: no_such_case, nothing_to_undo, not_yours.
    """
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        last = standing.check_undo(one.log, one.now)
        line = one.row.actions.get(seq=last.seq)
        if line.by != by:
            raise Refused(
                "not_yours",
                "最近一步不是您办理的，不能由您撤销，未作任何改动。",
                en="The last step was not yours to take back; nothing was changed.",
                status=403,
            )
        _take_back(family, one, line)
        family.add(one, Act.UNDONE, step=line.step, undoes=line.seq, because=Because(reason))


def _take_back(family: Family, one: One, line: CaseAction) -> None:
    """Take back what a line did beside the log: its task, its clock, what it asked."""
    if line.act == Act.TAKEN:
        Task.objects.filter(case=one.row, step=line.step, state=Task.OPEN).update(taken_by="")
    elif line.act == Act.CORRECTION_ASKED:
        asked = CorrectionItem.objects.filter(case=one.row, about__in=line.detail["abouts"], sent_at=None)
        asked.filter(dropped_at=None).update(dropped_at=family.at)
    elif (clock := one.flow.by_code[line.step].clock) is not None:
        about_ = about(one.row.pk)
        clocks.reopen(region=one.row.region, about=about_, rule=clock.rule, by=family.by, at=family.at)


def _task(family: Family, one: One, step: str) -> Task:
    standing.check_open(one.flow, one.now, step)
    task = family.task(one, step)
    if task is None:
        raise Refused(
            "step_not_open",
            "这一步不需要人员办理，未作任何改动。",
            en="Nobody has to do this step; nothing was changed.",
        )
    return task


def _the(one: One, kind: Kind) -> Step:
    step = one.flow.the(kind)
    return standing.check_open(one.flow, one.now, step.code if step else "", kind)


def _check_second_person(family: Family, one: One) -> None:
    if one.accepted_by == family.by:
        raise Refused(
            "accepted_by_you",
            "受理和决定须由两人分别办理，本件由您受理，请由其他人员决定，未作任何改动。",
            en="Who accepts a case does not decide it: you accepted this one, another person decides. Nothing was changed.",
        )
