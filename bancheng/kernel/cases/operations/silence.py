"""What happens to cases when nobody acts: silence accepts, lateness escalates, each department for itself (R-CLK-7, R-CLK-8, B14.4)."""

from datetime import datetime
from uuid import UUID

from bancheng.kernel.cases import flows
from bancheng.kernel.cases.models import Case, Task
from bancheng.kernel.cases.operations.family import locked
from bancheng.kernel.cases.rules.words import Act, Kind
from bancheng.kernel.clocks import public as clocks

SYSTEM = "system"


def let_silence_act(fact: clocks.Silence) -> None:
    """Accept a case whose review lapsed: not told in time what to supply, it counts as accepted (行政许可法 第三十二条)."""
    case_id = case_of(fact.about)
    if case_id is None or fact.effect.outcome != "accepted":
        return
    with locked(case_id, by=SYSTEM, at=fact.at) as family:
        one = family.of(case_id)
        review = one.flow.the(Kind.REVIEW)
        if review and not one.now.accepted and not one.now.over:
            one.row.accepted_on = fact.started_on  # 自收到申请材料之日起即为受理
            family.add(
                one,
                Act.DEEMED_ACCEPTED,
                step=review.code,
                law=fact.effect.law,
                since=str(fact.started_on),
                rule=fact.rule,
            )


def escalate(fact: clocks.Overdue, *, at: datetime | None = None) -> None:
    """Note on the case that a department is late, against the law or against the city's promise; its sisters go on."""
    case_id = case_of(fact.about)
    if case_id is None:
        return
    at = at or clocks.now()
    with locked(case_id, by=SYSTEM, at=at) as family:
        one = family.of(case_id)
        steps = [step.code for step in one.flow.steps if step.clock and step.clock.rule == fact.rule]
        Task.objects.filter(case_id=case_id, step__in=steps, state=Task.OPEN, escalated_at=None).update(escalated_at=at)
        family.add(
            one, Act.ESCALATED, step=steps[0] if steps else "", rule=fact.rule, kind=fact.kind, due_on=str(fact.due_on)
        )


def move_due(fact: clocks.Moved) -> None:
    """Follow a date that moved with a calendar's year (R-CLK-9): the queue sorts by it."""
    case_id = case_of(fact.about)
    if case_id is None:
        return
    flow = flows.flow_of(Case.objects.values_list("flow_id", flat=True).get(pk=case_id))
    steps = [step.code for step in flow.steps if step.clock and step.clock.rule == fact.rule]
    Task.objects.filter(case_id=case_id, step__in=steps, state=Task.OPEN).update(due_on=fact.new_on)


def case_of(about: str) -> UUID | None:
    """Return the case a clock runs on; None for the clocks of others."""
    kind, _, key = about.partition(":")
    try:
        return UUID(key) if kind == "case" else None
    except ValueError:
        return None
