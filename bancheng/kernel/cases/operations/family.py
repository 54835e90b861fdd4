"""A case and its bundle while something is done to it.

One transaction, one lock (the bundle's row), five reads; then what is done is added to the logs, and `settle` works out all
that follows: who has to act now, which clocks run, what closes, which dependants open. It is written at the end, in as many
statements for forty matters as for one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import content, facts, flows
from bancheng.kernel.cases.facts import Applicant, Because, Happened
from bancheng.kernel.cases.models import Case, CaseAction, Submission, Task
from bancheng.kernel.cases.rules import numbers, standing
from bancheng.kernel.cases.rules.flow import ClockSpec, Flow, Since, Step
from bancheng.kernel.cases.rules.standing import Logged, Standing
from bancheng.kernel.cases.rules.words import Act, Kind, Outcome, State
from bancheng.kernel.clocks import public as clocks
from bancheng.lib import identifiers
from bancheng.lib.conditions import Value
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

NO_SUCH = Refused(
    "no_such_case", "没有找到这个办件，请核对办件编号。", en="There is no such case; check its number.", status=404
)
CHANGED = ["state", "outcome", "round", "accepted_on", "decided_on", "closed_at", "updated_at"]


@dataclass
class One:
    """One case of the family, its flow, its log and where it stands."""

    row: Case
    flow: Flow
    log: list[Logged] = field(default_factory=list)
    new: bool = False
    touched: bool = False
    received_on: date | None = None  # the day the papers of its last round came

    @property
    def now(self) -> Standing:
        return standing.standing(self.log)

    @property
    def title(self) -> Text:
        return Text(self.row.title, self.row.title_en)


class Family:
    """A locked bundle (or single case), and what is being done to it `at` by `by`."""

    def __init__(self, root: One, members: list[One], tasks: list[Task], *, by: str, at: datetime) -> None:
        self.root, self.members, self.by, self.at = root, members, by, at
        self.today = day(at)
        self.tasks = tasks
        self.actions: list[CaseAction] = []
        self.fresh_tasks: list[Task] = []
        self.values: dict[str, Value] = {}

    def of(self, case_id: UUID) -> One:
        """Return a member."""
        return next(one for one in self.members if one.row.pk == case_id)

    def children(self) -> list[One]:
        """Return the matters of the bundle, nothing for a single case."""
        return [one for one in self.members if one is not self.root]

    def task(self, one: One, step: str) -> Task | None:
        """Return the open task of a step."""
        return next(
            (
                t
                for t in (*self.tasks, *self.fresh_tasks)
                if t.case_id == one.row.pk and t.step == step and t.state == Task.OPEN
            ),
            None,
        )

    # -- what is done

    def add(
        self,
        one: One,
        act: Act,
        *,
        step: str = "",
        outcome: Outcome | None = None,
        because: Because | None = None,
        branches: dict[str, bool] | None = None,
        undoes: int = 0,
        by: str = "",
        **detail: Any,
    ) -> None:
        """Add a line to the log of `one`."""
        seq = one.log[-1].seq + 1 if one.log else 1
        said = outcome.value if outcome else ""
        one.log.append(Logged(seq, act, step, said, branches or {}, undoes))
        one.touched = True
        why = because or Because("")
        self.actions.append(
            CaseAction(
                region=one.row.region,
                case_id=one.row.pk,
                seq=seq,
                act=act.value,
                step=step,
                outcome=said,
                by=by or self.by,
                at=self.at,
                reason=why.reason,
                law=why.law,
                remedy=why.remedy,
                document=why.document,
                undoes=undoes or None,
                detail=({"branches": branches} if branches is not None else {}) | detail,
            )
        )
        if act in (Act.SUBMITTED, Act.CORRECTED):
            one.received_on = self.today

    # -- what follows

    def settle(self) -> None:
        """Work out and write all that follows from what was added."""
        self._follow()
        self._write_cases()
        self._write_actions()
        started = self._clocks()
        self._tasks(started)
        self._tell()

    def _follow(self) -> None:
        """Let ends reach the bundle and openings reach dependants, until nothing more follows."""
        while any(self._serve(one) or self._close(one) or self._report(one) for one in list(self.members)) or (
            self._open_matters()
        ):
            pass

    def _serve(self, one: One) -> bool:
        """Let the machine serve where nobody has to: an e-licence is there when it is issued."""
        now = one.now
        for code in standing.steps(one.flow, now).open:
            step = one.flow.by_code[code]
            if step.kind is Kind.SERVE and not step.role and not now.over:
                self.add(one, Act.SERVED, step=code, outcome=Outcome.DONE, by="system", how="electronic")
                return True
        return False

    def _close(self, one: One) -> bool:
        if one.now.over or not standing.complete(one.flow, one.now):
            return False
        self.add(one, Act.CLOSED, by="system")
        return True

    def _report(self, one: One) -> bool:
        """Tell the bundle what came of one of its matters (R14.2: it cancels no other)."""
        came = standing.outcome(one.now)
        step = one.row.step
        if one is self.root or came is None or step in self.root.now.settled or self._superseded(one):
            return False
        self.add(self.root, Act.DONE, step=step, outcome=came, by="system", case=str(one.row.pk))
        return True

    def _superseded(self, one: One) -> bool:
        return any(other.row.step == one.row.step and other.row.attempt > one.row.attempt for other in self.children())

    def _open_matters(self) -> bool:
        """Open the matters of a bundle whose turn it is; return whether there were any."""
        root = self.root
        there = {one.row.step for one in self.children()}
        due = [c for c in standing.steps(root.flow, root.now).open if c not in there] if root.flow.is_bundle else []
        for code in due:
            self.open_matter(code)
        return bool(due)

    def open_matter(self, code: str) -> None:
        """Open a matter of the bundle as a case of its own: the first, or another attempt."""
        above, step = self.root.row, self.root.flow.by_code[code]
        attempt = 1 + sum(one.row.step == code for one in self.children())
        flow_id, flow = flows.current(region=above.region, code=step.flow)
        row = Case(
            id=identifiers.uuid7(self.at),
            region=above.region,
            service=above.service,
            key=f"{above.pk}/{step.code}/{attempt}",
            root_id=above.pk,
            step=step.code,
            attempt=attempt,
            flow_id=flow_id,
            matter=step.matter,
            title=step.name.zh,
            title_en=step.name.en,
            unit=step.unit,
            applicant_kind=above.applicant_kind,
            applicant_name=above.applicant_name,
            applicant_hash=above.applicant_hash,
            applicant_sealed=above.applicant_sealed,
            identifier_kind=above.identifier_kind,
            filed_by=above.filed_by,
            received_at=self.at,
        )
        one = One(row, flow, new=True)
        self.members.append(one)
        self.add(one, Act.SUBMITTED, branches=branches(flow, self.values))

    # -- writing

    def _write_cases(self) -> None:
        for one in self.members:
            if one.touched:
                _put(one, self.at, self.today)
        new = [one.row for one in self.members if one.new]
        for row, number in zip(new, next_numbers(self.root.row.region, len(new), self.today), strict=True):
            row.number = number
        Case.objects.bulk_create(new)
        Case.objects.bulk_update([one.row for one in self.members if one.touched and not one.new], CHANGED)

    def _write_actions(self) -> None:
        CaseAction.objects.bulk_create(self.actions)
        audit.record_many(
            audit.Event(
                action=f"cases.{action.act}",
                who=action.by,
                about=about(action.case_id),
                at=self.at,
                region=action.region,
                detail={"step": action.step, "outcome": action.outcome, "seq": action.seq},
            )
            for action in self.actions
        )

    def _clocks(self) -> dict[tuple[UUID, str], clocks.Clock]:
        """Start, finish and cancel clocks; return those that run now, by case and rule."""
        ones = [one for one in self.members if one.touched and not one.flow.is_bundle]
        old = [one for one in ones if not one.new]
        running: dict[tuple[UUID, str], clocks.Clock] = {}
        if old:
            for clock in clocks.open_clocks(region=self.root.row.region, abouts=[about(one.row.pk) for one in old]):
                running[UUID(clock.about.removeprefix("case:")), clock.rule.id] = clock
        starts = []
        for one in ones:
            wanted = dict(_wanted(one))
            for (case_id, rule), clock in list(running.items()):
                if (
                    case_id == one.row.pk
                    and rule not in wanted
                    and rule in {s.clock.rule for s in one.flow.steps if s.clock}
                ):
                    self._end(one, clock)
                    del running[case_id, rule]
            for rule, (spec, since) in wanted.items():
                if (one.row.pk, rule) not in running:
                    starts.append(
                        clocks.Start(one.row.region, about(one.row.pk), rule, since or self.today, spec.promised)
                    )
        if starts:
            for clock in clocks.start_many(starts, by=self.by, at=self.at):
                running[UUID(clock.about.removeprefix("case:")), clock.rule.id] = clock
        return running

    def _end(self, one: One, clock: clocks.Clock) -> None:
        how = clocks.cancel if one.now.exit not in (None, State.NOT_ACCEPTED) else clocks.finish
        how(clock_id=clock.id, on=self.today, by=self.by, at=self.at)

    def _tasks(self, running: dict[tuple[UUID, str], clocks.Clock]) -> None:
        """Open and end tasks so that they are the open steps; keep what runs out first beside each."""
        ended: list[Task] = []
        for one in self.members:
            if not one.touched:
                continue
            now = one.now
            open_ = {} if now.exit else {c: one.flow.by_code[c] for c in standing.steps(one.flow, now).open}
            mine = {task.step: task for task in self.tasks if task.case_id == one.row.pk and task.state == Task.OPEN}
            for code, task in mine.items():
                if code not in open_:
                    task.state = Task.DONE if code in now.settled or now.correcting else Task.DROPPED
                    task.ended_at = self.at
                    ended.append(task)
            for code, step in open_.items():
                if step.role and code not in mine:
                    self.fresh_tasks.append(self._task(one, step, running))
        Task.objects.bulk_update(ended, ["state", "ended_at"])
        Task.objects.bulk_create(self.fresh_tasks)

    def _task(self, one: One, step: Step, running: dict[tuple[UUID, str], clocks.Clock]) -> Task:
        before = [t for t in self.tasks if t.case_id == one.row.pk and t.step == step.code and t.taken_by]
        return Task(
            region=one.row.region,
            case_id=one.row.pk,
            step=step.code,
            kind=step.kind.value,
            role=step.role,
            unit=step.unit or one.row.unit,
            state=Task.OPEN,
            taken_by=before[-1].taken_by if before else "",  # who had it goes on with it
            opened_at=self.at,
            due_on=_due(running.get((one.row.pk, step.clock.rule)) if step.clock else None),
        )

    def _tell(self) -> None:
        told = list(self._facts())
        for fact in told:
            facts.happened.fire(fact)
        facts.told.fire(told)

    def _facts(self) -> Iterator[Happened]:
        for action in self.actions:
            one = self.of(action.case_id)
            row = one.row
            yield Happened(
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
                at=self.at,
                detail=action.detail,
                filed_by=row.filed_by,
            )


def applicant(row: Case) -> Applicant:
    """Return for whom a case is."""
    return Applicant(
        row.applicant_kind,
        row.applicant_name,
        bytes(row.applicant_hash),
        bytes(row.applicant_sealed),
        row.identifier_kind,
    )


def day(at: datetime) -> date:
    """Return the day of an instant in Asia/Shanghai."""
    return at.astimezone(clocks.SHANGHAI).date()


def about(case_id: UUID) -> str:
    """Return how audit, clocks and documents name a case."""
    return f"case:{case_id}"


def branches(flow: Flow, values: dict[str, Value]) -> dict[str, bool]:
    """Return which conditional steps of `flow` the answers call for."""
    return {step.code: step.when.holds(values) for step in flow.steps if step.when.names}


def next_numbers(region: str, count: int, on: date) -> list[str]:
    """Return `count` new case numbers: from a sequence, without a lock; a number that is rolled back is not used again."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('cases_number') FROM generate_series(1, %s)", [count])
        return [numbers.number(region, on, running) for (running,) in cursor.fetchall()]


def _wanted(one: One) -> Iterator[tuple[str, tuple[ClockSpec, date | None]]]:
    """Yield the clocks that should run on a case now: by rule, with the day each starts."""
    now = one.now
    if now.exit is not None or now.archived:
        return
    stand = standing.steps(one.flow, now)
    for step in one.flow.steps:
        spec = step.clock
        if spec is None or step.code in now.settled or step.code in stand.skipped:
            continue
        if spec.since is Since.RECEIVED and not now.accepted and not now.correcting:
            yield spec.rule, (spec, one.received_on)
        elif spec.since is Since.ACCEPTED and now.accepted:
            yield spec.rule, (spec, one.row.accepted_on)
        elif spec.since is Since.OPENED and step.code in stand.open:
            yield spec.rule, (spec, None)


def _due(clock: clocks.Clock | None) -> date | None:
    if clock is None:
        return None
    promised = clock.decision.promised
    return min(clock.due.on, promised.on) if promised else clock.due.on


def _put(one: One, at: datetime, today: date) -> None:
    """Write into the row what its log says now, unsaved."""
    row, now = one.row, one.now
    came = standing.outcome(now) or now.decision
    row.state, row.outcome, row.round, row.updated_at = (
        standing.state(one.flow, now).value,
        came.value if came else "",
        now.round,
        at,
    )
    if now.accepted and row.accepted_on is None:
        row.accepted_on = today
    if now.decision and row.decided_on is None:
        row.decided_on = today
    if now.over and row.closed_at is None:
        row.closed_at = at


@contextmanager
def locked(case_id: UUID, *, by: str, at: datetime) -> Iterator[Family]:
    """Hold a case and its bundle in one transaction while something is done, then write what follows.

    Raises Refused("no_such_case").
    """
    with transaction.atomic():
        family = _read(case_id, by=by, at=at)
        yield family
        family.settle()


def _read(case_id: UUID, *, by: str, at: datetime) -> Family:
    root_id = Case.objects.filter(pk=case_id).values_list("root_id", flat=True).first()
    if root_id is None:
        raise NO_SUCH
    Case.objects.select_for_update().only("pk").get(pk=root_id)
    rows = Case.objects.filter(root_id=root_id).order_by("received_at", "pk")
    members = {row.pk: One(row, flows.flow_of(row.flow_id)) for row in rows}
    for action in CaseAction.objects.filter(case_id__in=members).order_by("case_id", "seq"):
        _remember(members[action.case_id], action)
    tasks = list(Task.objects.filter(case_id__in=members).order_by("pk"))
    family = Family(members[root_id], list(members.values()), tasks, by=by, at=at)
    family.values = values_of(root_id)
    return family


def _remember(one: One, action: CaseAction) -> None:
    one.log.append(
        Logged(
            action.seq,
            Act(action.act),
            action.step,
            action.outcome,
            action.detail.get("branches", {}),
            action.undoes or 0,
        )
    )
    if action.act in (Act.SUBMITTED, Act.CORRECTED):
        one.received_on = day(action.at)


def values_of(root_id: UUID) -> dict[str, Value]:
    """Return the open values of the last round: what conditions ask."""
    values = Submission.objects.filter(case_id=root_id).order_by("-round").values_list("values", flat=True).first()
    return content.decode(values or {})
