"""Whether what is stored is what the logs say: columns, tasks, clocks. An operator asks it after a restore or when in doubt."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from bancheng.kernel.cases import flows
from bancheng.kernel.cases.models import Case, Task
from bancheng.kernel.cases.operations.family import One, read_logs, running_on
from bancheng.kernel.cases.operations.writing import columns, handled, wanted_by
from bancheng.kernel.cases.rules import standing, timing
from bancheng.kernel.clocks import public as clocks

AT_ONCE = 500


@dataclass(frozen=True)
class Mismatch:
    """One thing of a case that is stored otherwise than its log says."""

    case: UUID
    what: str  # state, outcome, round, accepted_on, decided_on, closed_at, tasks, due_on, clocks, matters
    stored: str
    by_log: str


def verify(case_ids: Collection[UUID] | None = None) -> Iterator[Mismatch]:
    """Yield what is stored otherwise than the logs say, of these cases or of all; five statements for each 500 cases."""
    rows = Case.objects.order_by("pk") if case_ids is None else Case.objects.filter(pk__in=case_ids).order_by("pk")
    stream = rows.iterator(chunk_size=AT_ONCE)
    while batch := list(islice(stream, AT_ONCE)):
        yield from _verify(batch)


def _verify(rows: Collection[Case]) -> Iterator[Mismatch]:
    ones = {row.pk: One(row, flows.flow_of(row.flow_id)) for row in rows}
    read_logs(ones)
    tasks: dict[UUID, list[Task]] = {pk: [] for pk in ones}
    for task in Task.objects.filter(case_id__in=ones, state=Task.OPEN):
        tasks[task.case_id].append(task)
    running: dict[UUID, list[clocks.Clock]] = {}
    for region in {row.region for row in rows}:
        running |= running_on(region, [row.pk for row in rows if row.region == region])
    matters = _matters(ones)
    for pk, one in ones.items():
        yield from _columns(one)
        yield from _tasks(one, tasks[pk], running.get(pk, []))
        yield from _clocks(one, running.get(pk, []))
        yield from _reported(one, matters.get(pk, {}))


def _differs(one: One, what: str, stored: object, by_log: object) -> Iterator[Mismatch]:
    if stored != by_log:
        yield Mismatch(one.row.pk, what, str(stored), str(by_log))


def _columns(one: One) -> Iterator[Mismatch]:
    row, now = one.row, one.now
    state, outcome = columns(one)
    yield from _differs(one, "state", row.state, state)
    yield from _differs(one, "outcome", row.outcome, outcome)
    yield from _differs(one, "round", row.round, now.round)
    yield from _differs(one, "accepted_on", row.accepted_on is not None, now.accepted)
    yield from _differs(one, "decided_on", row.decided_on is not None, now.decision is not None)
    yield from _differs(one, "closed_at", row.closed_at is not None, now.over)


def _tasks(one: One, tasks: Collection[Task], running: Collection[clocks.Clock]) -> Iterator[Mismatch]:
    yield from _differs(one, "tasks", sorted(task.step for task in tasks), sorted(handled(one)))
    for task in tasks:
        if task.step in one.flow.by_code:
            yield from _differs(one, "due_on", task.due_on, timing.due(one.flow, task.step, running))


def _clocks(one: One, running: Collection[clocks.Clock]) -> Iterator[Mismatch]:
    own = timing.rules_of(one.flow)
    stored = {clock.rule.id: clock.started_on for clock in running if clock.rule.id in own}
    wanted = {each.spec.rule: each.since or stored.get(each.spec.rule) for each in wanted_by(one)}
    yield from _differs(one, "clocks", _told(stored), _told(wanted))


def _told(clocks_: Mapping[str, object]) -> list[str]:
    return sorted(f"{rule} {since}" for rule, since in clocks_.items())


def _matters(ones: dict[UUID, One]) -> dict[UUID, dict[str, str]]:
    """Return what came of the latest matter of each step of the bundles among `ones`, "" while it goes on."""
    bundles = [pk for pk, one in ones.items() if one.flow.is_bundle]
    found: dict[UUID, dict[str, str]] = {}
    for row in Case.objects.filter(root_id__in=bundles).exclude(step="").order_by("attempt"):
        found.setdefault(row.root_id, {})[row.step] = row.outcome if row.closed_at else ""
    return found


def _reported(bundle: One, matters: dict[str, str]) -> Iterator[Mismatch]:
    """Yield matters whose end the bundle was not told, and those it awaits and nobody has."""
    steps, settled = standing.steps(bundle.flow, bundle.now), bundle.now.settled
    for code, outcome in matters.items():
        if outcome and bundle.now.exit is None:
            yield from _differs(bundle, "matters", f"{code} {settled.get(code, '')}", f"{code} {outcome}")
    if bundle.flow.is_bundle and bundle.now.exit is None:
        going_on = {code for code, outcome in matters.items() if not outcome} - steps.skipped
        yield from _differs(bundle, "matters", sorted(going_on), sorted(steps.open))
