"""Handling: steps taken up and done, clocks paused and extended, decisions, service, gaps supplied, and the way back."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from bancheng.kernel.cases.facts import Because
from bancheng.kernel.cases.models import Case, CorrectionItem, Gap, Task
from bancheng.kernel.cases.operations.family import Family, One, about, locked
from bancheng.kernel.cases.operations.reviewing import check_founded
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
    """End a step of work, a visit or a follow-up with its result in words. Raises Refused: no_such_case, step_not_open."""
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        standing.check_open(one.flow, one.now, step, Kind.WORK, Kind.VISIT, Kind.FOLLOW_UP)
        family.add(one, Act.DONE, step=step, outcome=Outcome.DONE, because=Because(result, document=document))


def decide(*, case_id: UUID, outcome: Outcome, because: Because, by: str, at: datetime) -> None:
    """Decide a case: granted, or denied with reason, article and remedy (行政许可法 第三十八条).

    P-2: who accepted does not decide alone. R-RQ-4: a gap that may change the decision is waited for. What the flow issues is issued
    in the same transaction. Raises Refused: no_such_case, step_not_open, unfounded, accepted_by_you, gap_open.
    """
    if outcome is Outcome.DENIED:
        check_founded(because)
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        step = _the(one, Kind.DECIDE)
        _check_second_person(family, one)
        _check_no_gap(one)
        ends: dict[str, Any] = {"ends_applicant": True} if step.ends_applicant and outcome is Outcome.GRANTED else {}
        family.add(one, Act.DECIDED, step=step.code, outcome=outcome, because=because, **ends)
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
        by=family.by,
        at=family.at,
    )
    family.add(one, Act.ISSUED, step=step.code, by="system", licence=licence_id, number=number)


def _last_day(first: date, months: int | None) -> date | None:
    return clocks.add_months(first, months) - timedelta(days=1) if months else None


def serve(*, case_id: UUID, how: str, by: str, at: datetime) -> None:
    """Record how and when the result reached the applicant. Raises Refused: no_such_case, step_not_open."""
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        family.add(one, Act.SERVED, step=_the(one, Kind.SERVE).code, outcome=Outcome.DONE, how=how)


def pause(
    *,
    case_id: UUID,
    rule: str,
    cause: str,
    basis: str,
    planned_last: date,
    document: str,
    notice: str,
    approver: str,
    by: str,
    at: datetime,
) -> None:
    """Stop a clock of the case for one of its lawful causes, with the notice that says how long (R-CLK-4, R-CLK-5).

    Raises Refused: no_such_case, no_such_clock, and what clocks.pause and clocks.serve raise.
    """

    def stop(clock: clocks.Clock, today: date) -> None:
        given: dict[str, Any] = {"cause": cause, "basis": basis, "document": document, "approver": approver}
        clocks.pause(clock_id=clock.id, first=today, planned_last=planned_last, by=by, at=at, **given)
        clocks.serve(clock_id=clock.id, served_on=today, notice=notice, by=by, at=at)

    _on_clock(case_id, rule, stop, Act.PAUSED, Because(basis, document=document), by, at, cause=cause)


def resume(*, case_id: UUID, rule: str, document: str, by: str, at: datetime) -> None:
    """Let a paused clock go on; today is the last day not counted. Raises Refused as clocks.resume."""
    _on_clock(
        case_id,
        rule,
        lambda clock, today: clocks.resume(clock_id=clock.id, last=today, document=document, by=by, at=at),
        Act.RESUMED,
        Because("", document=document),
        by,
        at,
    )


def extend(
    *, case_id: UUID, rule: str, length: clocks.Length, reason: str, approver: str, by: str, at: datetime
) -> None:
    """Extend a clock once, before it ends, by what the law allows, the reasons served (R-CLK-6). Raises Refused as clocks.extend."""

    def longer(clock: clocks.Clock, today: date) -> None:
        given: dict[str, Any] = {"decided_on": today, "served_on": today, "approver": approver, "reason": reason}
        clocks.extend(clock_id=clock.id, length=length, by=by, at=at, **given)

    _on_clock(case_id, rule, longer, Act.EXTENDED, Because(reason), by, at)


def _on_clock(
    case_id: UUID,
    rule: str,
    change: Callable[[clocks.Clock, date], object],
    act: Act,
    because: Because,
    by: str,
    at: datetime,
    **detail: Any,
) -> None:
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        standing.check_not_over(one.flow, one.now)
        running = clocks.open_clocks(region=one.row.region, abouts=[about(case_id)])
        clock = next((each for each in running if each.rule.id == rule), None)
        if clock is None:
            raise Refused(
                "no_such_clock",
                "该件没有正在计算的这项期限，未作任何改动。",
                en="No such period is running on this case; nothing was changed.",
            )
        change(clock, family.today)
        family.add(one, act, because=because, rule=rule, **detail)


def supply_gap(*, case_id: UUID, material: str, by: str, at: datetime) -> None:
    """Record that a promised paper came. Raises Refused: no_such_case, no_such_gap."""
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        done = Gap.objects.filter(case_id=case_id, material=material, state=Gap.OPEN).update(
            state=Gap.SUPPLIED, ended_at=at
        )
        if not done:
            raise Refused(
                "no_such_gap",
                "该件没有待补的这份材料，未作任何改动。",
                en="No such paper is outstanding in this case; nothing was changed.",
            )
        family.add(one, Act.GAP_SUPPLIED, material=material)


def break_gaps(*, today: date, at: datetime, by: str = "system") -> int:
    """End the cases whose promised papers did not come by their day, and keep the record (R-RQ-5); return how many."""
    late = Gap.objects.filter(state=Gap.OPEN, due_on__lt=today)
    ended = 0
    for case_id in sorted(set(late.values_list("case_id", flat=True))):
        with locked(case_id, by=by, at=at) as family:
            one = family.of(case_id)
            Gap.objects.filter(case_id=case_id, state=Gap.OPEN, due_on__lt=today).update(state=Gap.BROKEN, ended_at=at)
            family.add(one, Act.GAP_BROKEN)
            if not one.now.over and one.now.decision is None:
                family.add(
                    one, Act.TERMINATED, because=Because("容缺材料逾期未补交", "河南省优化营商环境条例 第三十五条")
                )
                ended += 1
    return ended


def undo(*, case_id: UUID, by: str, at: datetime, reason: str) -> None:
    """Take one's own last step back while nothing outside was told of it; the log keeps both.

    Raises Refused: no_such_case, nothing_to_undo, not_yours.
    """
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        last = standing.check_undo(one.log, one.now)
        who = one.row.actions.get(seq=last.seq).by
        if who != by:
            raise Refused(
                "not_yours",
                "最近一步不是您办理的，不能由您撤销，未作任何改动。",
                en="The last step was not yours to take back; nothing was changed.",
                status=403,
            )
        if last.act is Act.CORRECTION_ASKED:
            CorrectionItem.objects.filter(case_id=case_id, sent_at=None, dropped_at=None).update(dropped_at=at)
        if last.act is Act.TAKEN:
            Task.objects.filter(case_id=case_id, step=last.step, state=Task.OPEN).update(taken_by="")
        family.add(one, Act.UNDONE, undoes=last.seq, because=Because(reason))


def terminate(*, case_id: UUID, because: Because, by: str, at: datetime) -> None:
    """End a case that can have no result any more (R14.7: its applicant is gone). Raises Refused: no_such_case, case_over."""
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        standing.check_not_over(one.flow, one.now)
        for each in [one, *(family.children() if one is family.root else [])]:
            if not each.now.over:
                family.add(each, Act.TERMINATED, because=because)


def archive(*, today: date, at: datetime, keep_days: int, by: str = "system") -> int:
    """Archive what has been closed for `keep_days` and has nothing to follow up; return how many bundles or cases."""
    due = Case.objects.filter(
        state="closed", step="", closed_at__date__lt=date.fromordinal(today.toordinal() - keep_days)
    )
    ids = list(due.order_by("pk").values_list("pk", flat=True)[:500])
    for case_id in ids:
        with locked(case_id, by=by, at=at) as family:
            for each in family.members:
                family.add(each, Act.ARCHIVED)
    return len(ids)


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
    accepted = one.row.actions.filter(act=Act.ACCEPTED.value).values_list("by", flat=True).last()
    if accepted == family.by:
        raise Refused(
            "accepted_by_you",
            "受理和决定须由两人分别办理，本件由您受理，请由其他人员决定，未作任何改动。",
            en="Who accepts a case does not decide it: you accepted this one, another person decides. Nothing was changed.",
        )


def _check_no_gap(one: One) -> None:
    if Gap.objects.filter(case=one.row, state=Gap.OPEN, holds_result=True).exists():
        raise Refused(
            "gap_open",
            "容缺材料可能影响决定，尚未补齐，须待补齐后再作决定，未作任何改动。",
            en="A paper that may change the decision is outstanding: the decision waits for it. Nothing was changed.",
            law="河南省优化营商环境条例 第三十五条",
        )
