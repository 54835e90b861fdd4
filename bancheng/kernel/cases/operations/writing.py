"""Writing what was done and what follows, in as many statements for forty matters as for one.

What is the cases' own goes into the database by one statement: it is prepared once on a connection, and what there is none of is an
empty array.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db import connection

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import facts
from bancheng.kernel.cases.facts import Happened
from bancheng.kernel.cases.models import CaseAction, Task
from bancheng.kernel.cases.operations.family import Family, One, about, running_on
from bancheng.kernel.cases.rules import numbers, standing, timing
from bancheng.kernel.cases.rules.words import Act, Outcome
from bancheng.kernel.clocks import public as clocks
from bancheng.lib import unnest

# acts after which the same clocks run and the same steps are open
NOTES = {
    Act.TAKEN, Act.GIVEN_BACK, Act.CORRECTION_ASKED, Act.ANSWER_LATE, Act.ESCALATED, Act.GAP_SUPPLIED, Act.GAP_BROKEN, Act.ISSUED
}  # fmt: skip
# columns with their types, for statements that write all rows at once (lib.unnest)
NEW_CASE = {
    "id": "uuid", "region": "text", "number": "text", "service": "text", "key": "text", "root_id": "uuid", "step": "text",
    "attempt": "smallint", "flow_id": "bigint", "matter": "text", "title": "text", "title_en": "text", "unit": "text",
    "applicant_kind": "text", "applicant_name": "text", "applicant_hash": "bytea", "applicant_sealed": "bytea",
    "identifier_kind": "text", "filed_by": "text", "state": "text", "outcome": "text", "round": "smallint",
    "received_at": "timestamptz", "accepted_on": "date", "decided_on": "date", "closed_at": "timestamptz", "updated_at": "timestamptz",
}  # fmt: skip
CASE = {
    "id": "uuid",
    "state": "text",
    "outcome": "text",
    "round": "smallint",
    "accepted_on": "date",
    "decided_on": "date",
    "closed_at": "timestamptz",
    "updated_at": "timestamptz",
}
TASK = {"id": "bigint", "state": "text", "ended_at": "timestamptz", "due_on": "date"}
NEW_TASK = {
    "region": "text", "case_id": "uuid", "step": "text", "kind": "text", "role": "text", "unit": "text", "state": "text",
    "taken_by": "text", "opened_at": "timestamptz", "due_on": "date",
}  # fmt: skip
ACTION = {
    "region": "text", "case_id": "uuid", "seq": "integer", "act": "text", "step": "text", "outcome": "text", "by": "text",
    "at": "timestamptz", "reason": "text", "law": "text", "remedy": "text", "document": "text", "undoes": "integer", "detail": "jsonb",
}  # fmt: skip
SAID = {
    "region": "text", "case_id": "uuid", "round": "smallint", "values": "jsonb", "sealed": "bytea", "materials": "jsonb", "form": "text",
    "by": "text", "at": "timestamptz",
}  # fmt: skip
WRITE = unnest.together(
    unnest.insert("cases_case", NEW_CASE),
    unnest.update("cases_case", CASE, key="id"),
    unnest.insert("cases_submission", SAID),
    unnest.insert("cases_caseaction", ACTION),
    unnest.insert("cases_task", NEW_TASK),
    unnest.update("cases_task", TASK, key="id"),
)


def write(family: Family) -> None:
    """Write the cases, what was said, their logs, clocks and tasks, then tell who listens."""
    touched = [one for one in family.members if one.touched]
    if not touched:
        return
    for one in touched:
        _put(one, family)
    _number(family, [one for one in touched if one.new])
    _record(family)
    moved = [one for one in touched if not (one.flow.is_bundle or _stands_still(family, one))]
    fresh, changed = _tasks(family, moved, _clocks(family, moved))
    _write(family, touched, fresh, changed)
    _tell(family)


def _write(family: Family, touched: Sequence[One], fresh: Sequence[Task], changed: Sequence[Task]) -> None:
    columns: list[tuple[Sequence[object], Mapping[str, str]]] = [  # in the order of the statement
        ([one.row for one in touched if one.new], NEW_CASE),
        ([one.row for one in touched if not one.new], CASE),
        (family.said, SAID),
        (family.actions, ACTION),
        (fresh, NEW_TASK),
        (changed, TASK),
    ]
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [array for rows, names in columns for array in unnest.arrays(rows, names)])


def _stands_still(family: Family, one: One) -> bool:
    """Return whether neither the clocks nor the open steps of a case can have changed: somebody took it, something was noted."""
    acts = {action.act for action in family.actions if action.case_id == one.row.pk}
    return bool(acts) and acts <= NOTES


# --- cases and their logs ---


def _number(family: Family, new: Sequence[One]) -> None:
    for one, number in zip(new, next_numbers(family.root.row.region, len(new), family.today), strict=True):
        one.row.number = number


def _put(one: One, family: Family) -> None:
    """Write into the row what its log says now, unsaved."""
    row, now = one.row, one.now
    row.state, row.outcome = columns(one)
    row.round, row.updated_at = now.round, family.at
    if now.accepted and row.accepted_on is None:
        row.accepted_on = family.today
    if now.decision and row.decided_on is None:
        row.decided_on = family.today
    if now.over and row.closed_at is None:
        row.closed_at = family.at


def columns(one: One) -> tuple[str, str]:
    """Return the state and the outcome that the log of a case gives."""
    came = standing.outcome(one.now) or one.now.decision
    return standing.state(one.flow, one.now).value, came.value if came else ""


def next_numbers(region: str, count: int, on: date) -> list[str]:
    """Return `count` new case numbers: from a sequence, without a lock; a number that is rolled back is not used again."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('cases_number') FROM generate_series(1, %s)", [count])
        return [numbers.number(region, on, running) for (running,) in cursor.fetchall()]


def _record(family: Family) -> None:
    audit.record_many(
        audit.Event(
            action=f"cases.{action.act}",
            who=action.by,
            about=about(action.case_id),
            at=family.at,
            region=action.region,
            detail={"step": action.step, "outcome": action.outcome, "seq": action.seq},
        )
        for action in family.actions
    )


# --- clocks ---


def _clocks(family: Family, ones: Sequence[One]) -> dict[UUID, list[clocks.Clock]]:
    """Start and end clocks so that they are the wanted ones; return those that run now, by case."""
    region, old = family.root.row.region, [one.row.pk for one in ones if not one.new]
    running = running_on(region, old) if old else {}
    starts: list[clocks.Start] = []
    ended: list[tuple[clocks.Clock, bool]] = []
    for one in ones:
        mine = {clock.rule.id: clock for clock in running.get(one.row.pk, ())}
        wanted = {each.spec.rule: each for each in wanted_by(one)}
        for rule in (mine.keys() & timing.rules_of(one.flow)) - wanted.keys():
            ended.append((mine.pop(rule), timing.ended_by_act(one.flow, one.now, rule)))
        for rule, each in wanted.items():
            if rule not in mine:
                since = each.since or family.today
                told = each.spec is timing.ANSWER  # R-CLK-9: its date was told to a citizen, and is never shortened
                starts.append(clocks.Start(region, about(one.row.pk), rule, since, each.spec.promised, notified=told))
        running[one.row.pk] = list(mine.values())
    if ended:
        clocks.end_many(ended, on=family.today, by=family.by, at=family.at)
    for clock in clocks.start_many(starts, by=family.by, at=family.at) if starts else ():
        running[UUID(clock.about.removeprefix("case:"))].append(clock)
    return running


def wanted_by(one: One) -> list[timing.Wanted]:
    """Return the clocks that the log of a case asks for."""
    return timing.wanted(
        one.flow, one.now, received_on=one.received_on, accepted_on=one.row.accepted_on, told_on=one.told_on
    )


# --- tasks ---


def _tasks(
    family: Family, touched: Sequence[One], running: Mapping[UUID, Sequence[clocks.Clock]]
) -> tuple[list[Task], list[Task]]:
    """Return the tasks that open and those that end or move, so that they are the open steps that somebody has to do, each with the day
    it is due."""
    changed: list[Task] = []
    fresh: list[Task] = []
    for one in touched:
        due = {code: timing.due(one.flow, code, running.get(one.row.pk, ())) for code in handled(one)}
        mine = {task.step: task for task in family.tasks[one.row.pk] if task.state == Task.OPEN}
        for code, task in mine.items():
            if code not in due:
                task.state = Task.DONE if code in one.now.settled or one.now.correcting else Task.DROPPED
                task.ended_at = family.at
                changed.append(task)
            elif task.due_on != due[code]:
                task.due_on = due[code]
                changed.append(task)
        fresh += [_task(family, one, code, due[code]) for code in due if code not in mine]
    return fresh, changed


def handled(one: One) -> list[str]:
    """Return the open steps that somebody has to do: each has a task."""
    return [code for code in standing.steps(one.flow, one.now).open if one.flow.by_code[code].role]


def _task(family: Family, one: One, code: str, due_on: date | None) -> Task:
    step = one.flow.by_code[code]
    before = [task.taken_by for task in family.tasks[one.row.pk] if task.step == code and task.taken_by]
    return Task(
        region=one.row.region,
        case_id=one.row.pk,
        step=code,
        kind=step.kind.value,
        role=step.role,
        unit=step.unit or one.row.unit,
        state=Task.OPEN,
        taken_by=before[-1] if before else "",  # who had it goes on with it
        opened_at=family.at,
        due_on=due_on,
    )


# --- who listens ---


def _tell(family: Family) -> None:
    ones = {one.row.pk: one for one in family.members}
    told = [_fact(ones[action.case_id], action) for action in family.actions]
    for fact in told:
        facts.happened.fire(fact)
    facts.told.fire(told)


def _fact(one: One, action: CaseAction) -> Happened:
    row = one.row
    return Happened(
        case=row.pk,
        root=row.root_id,
        region=row.region,
        number=row.number,
        service=row.service,
        matter=row.matter,
        unit=row.unit,
        title=one.title,
        act=Act(action.act),
        state=standing.state(one.flow, one.now),
        outcome=Outcome(action.outcome) if action.outcome else None,
        by=action.by,
        at=action.at,
        detail=action.detail,
        filed_by=row.filed_by,
    )
