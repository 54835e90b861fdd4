"""What happens to cases when nobody acts: silence accepts or waives, lateness escalates, each department for itself (R-CLK-7, R-CLK-8, B14.4)."""

from bancheng.kernel.cases import flows
from bancheng.kernel.cases.facts import Because
from bancheng.kernel.cases.models import Case, Task
from bancheng.kernel.cases.operations import corrections, promises
from bancheng.kernel.cases.operations.family import Family, One, case_of, running_on
from bancheng.kernel.cases.operations.locking import locked
from bancheng.kernel.cases.rules import timing
from bancheng.kernel.cases.rules.words import Act, Kind
from bancheng.kernel.clocks import public as clocks

SYSTEM = "system"


def let_silence_act(fact: clocks.Silence) -> None:
    """Accept a case whose review lapsed (行政许可法 第三十二条), or take it as waived where the law says so."""
    case_id = case_of(fact.about)
    if case_id is None:
        return
    with locked(case_id, by=SYSTEM, at=fact.at) as family:
        one = family.of(case_id)
        if fact.effect.outcome == "accepted":
            _accept(family, one, fact)
        elif fact.effect.outcome == "waived" and not one.now.over:
            family.add(
                one, Act.WAIVED, because=Because(fact.effect.name.zh, fact.effect.law), since=str(fact.started_on)
            )


def _accept(family: Family, one: One, fact: clocks.Silence) -> None:
    """Not told in time what to supply, it counts as accepted from the day the papers were received."""
    review = one.flow.the(Kind.REVIEW)
    if review and not one.now.accepted and not one.now.over:
        one.row.accepted_on = fact.started_on
        law, since = fact.effect.law, str(fact.started_on)
        promises.note(family, one)
        family.add(one, Act.DEEMED_ACCEPTED, step=review.code, law=law, since=since, of=fact.rule)


def escalate(fact: clocks.Overdue) -> None:
    """Note on the case that a department is late, against the law or against the city's promise, or the applicant with his answer; its
    sisters go on."""
    case_id = case_of(fact.about)
    if case_id is None:
        return
    with locked(case_id, by=SYSTEM, at=fact.at) as family:
        one = family.of(case_id)
        if fact.rule == timing.ANSWER.rule:
            corrections.note_late(family, one, fact.due_on)
            return
        late = [step.code for step in one.flow.steps if fact.rule in one.flow.rules_of(step.code)]
        Task.objects.filter(case=one.row, step__in=late, state=Task.OPEN, escalated_at=None).update(
            escalated_at=fact.at
        )
        own = next((step.code for step in one.flow.steps if step.clock and step.clock.rule == fact.rule), "")
        family.add(one, Act.ESCALATED, step=own, rule=fact.rule, kind=fact.kind, due_on=str(fact.due_on))


def move_due(fact: clocks.Moved) -> None:
    """Follow a date that moved with a calendar's year (R-CLK-9): the queue sorts by what runs out first."""
    case_id = case_of(fact.about)
    if case_id is None:
        return
    if fact.rule == timing.ANSWER.rule:
        corrections.move(case_id, fact.new_on)
        return
    flow = flows.flow_of(Case.objects.values_list("flow_id", flat=True).get(pk=case_id))
    running = running_on(fact.region, [case_id])[case_id]
    for step in flow.steps:
        if fact.rule in flow.rules_of(step.code):
            open_ = Task.objects.filter(case_id=case_id, step=step.code, state=Task.OPEN)
            open_.update(due_on=timing.due(flow, step.code, running))
