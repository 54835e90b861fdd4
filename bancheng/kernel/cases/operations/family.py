"""A case and its bundle while something is done to it: what it was when it was read, and what is added to its logs."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection

from bancheng.kernel.cases import content
from bancheng.kernel.cases.facts import Applicant, Because
from bancheng.kernel.cases.models import Case, CaseAction, Submission, Task
from bancheng.kernel.cases.rules import standing
from bancheng.kernel.cases.rules.flow import Flow
from bancheng.kernel.cases.rules.standing import Logged, Standing
from bancheng.kernel.cases.rules.words import Act, Outcome
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.conditions import Value
from bancheng.lib.days import day_of
from bancheng.lib.text import Text


@dataclass
class One:
    """One case of the family, its flow, its log and where it stands."""

    row: Case
    flow: Flow
    log: list[Logged] = field(default_factory=list)
    new: bool = False
    touched: bool = False
    before: Standing = field(default_factory=Standing)  # when it was read
    received_on: date | None = None  # the day the papers of its last round came
    told_on: date | None = None  # the day the applicant was last told what to correct
    accepted_by: str = ""
    reported: bool = False  # its end was told to the bundle just now
    _now: tuple[int, Standing] = (0, Standing())  # worked out after so many lines

    @property
    def now(self) -> Standing:
        """Return where it stands after its log."""
        lines, now = self._now
        if lines != len(self.log):
            now = standing.standing(self.log)
            self._now = (len(self.log), now)
        return now

    @property
    def title(self) -> Text:
        """Return what it is called."""
        return Text(self.row.title, self.row.title_en)

    def remember(self, line: Logged, *, by: str, at: datetime) -> None:
        """Add a line of the log."""
        # a department that still looks keeps its day, though others' corrections reach it
        if line.act is Act.SUBMITTED or (line.act is Act.CORRECTED and self.now.correcting):
            self.received_on = day_of(at)
        elif line.act is Act.CORRECTION_SENT:
            self.told_on = day_of(at)
        elif line.act is Act.ACCEPTED:
            self.accepted_by = by
        self.log.append(line)

    def asked_before(self) -> list[int]:
        """Return the places in the log where corrections of earlier rounds were asked."""
        undone = {line.undoes for line in self.log}
        rounds = [line.seq for line in self.log if line.act is Act.CORRECTED]
        return [
            line.seq
            for line in self.log
            if line.act is Act.CORRECTION_ASKED and line.seq not in undone and line.seq < max(rounds, default=0)
        ]

    def did(self, act: Act) -> bool:
        """Return whether its log has such a line."""
        return any(line.act is act for line in self.log)


class Family:
    """A locked bundle (or single case), and what is being done to it `at` by `by`."""

    def __init__(self, root: One, members: list[One], tasks: list[Task], *, by: str, at: datetime) -> None:
        self.root, self.members, self.by, self.at = root, members, by, at
        self.today = day_of(at)
        self.tasks: dict[UUID, list[Task]] = defaultdict(list)
        for task in tasks:
            self.tasks[task.case_id].append(task)
        self.actions: list[CaseAction] = []
        self.said: list[Submission] = []  # what came in, the round that it is

    @cached_property
    def values(self) -> dict[str, Value]:
        """Return the open values of the last round: what conditions ask."""
        return values_of(self.root.row.pk)

    def of(self, case_id: UUID) -> One:
        """Return a member."""
        return next(one for one in self.members if one.row.pk == case_id)

    def children(self) -> list[One]:
        """Return the matters of the bundle, nothing for a single case."""
        return [one for one in self.members if one is not self.root]

    def task(self, one: One, step: str) -> Task | None:
        """Return the open task of a step."""
        mine = self.tasks[one.row.pk]
        return next((task for task in mine if task.step == step and task.state == Task.OPEN), None)

    def add(
        self,
        one: One,
        act: Act,
        *,
        step: str = "",
        outcome: Outcome | None = None,
        because: Because | None = None,
        undoes: int | None = None,
        by: str = "",
        **detail: Any,
    ) -> None:
        """Add a line to the log of `one`; what is kept of a `detail` that counts: branches, steps, rule."""
        why = because or Because("")
        action = CaseAction(
            region=one.row.region,
            case_id=one.row.pk,
            seq=one.log[-1].seq + 1 if one.log else 1,
            act=act.value,
            step=step,
            outcome=outcome.value if outcome else "",
            by=by or self.by,
            at=self.at,
            reason=why.reason,
            law=why.law,
            remedy=why.remedy,
            document=why.document,
            undoes=undoes,
            detail=detail,
        )
        self.actions.append(action)
        one.remember(logged(action), by=action.by, at=action.at)
        one.touched = True


# of the details those alone that count where a case stands
LOGS = """
SELECT case_id, seq, act, step, outcome, undoes, by, at, CASE WHEN detail ?| '{branches,steps,rule}' THEN detail END
FROM cases_caseaction WHERE case_id = ANY(%s) ORDER BY case_id, seq
"""


def read_logs(ones: Mapping[UUID, One]) -> None:
    """Let each case remember its log, as far as it matters where it stands: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(LOGS, [list(ones)])
        for case_id, seq, act, step, outcome, undoes, by, at, detail in cursor.fetchall():
            said = json.loads(detail) if detail else {}
            ones[case_id].remember(_logged(seq, act, step, outcome, undoes, said), by=by, at=at)


def logged(action: CaseAction) -> Logged:
    """Return a line as far as it matters where the case stands."""
    return _logged(action.seq, action.act, action.step, action.outcome, action.undoes, action.detail)


def _logged(seq: int, act: str, step: str, outcome: str, undoes: int | None, detail: Mapping[str, Any]) -> Logged:
    branches_, steps = detail.get("branches", {}), tuple(detail.get("steps", ()))
    return Logged(seq, Act(act), step, outcome, branches_, undoes or 0, steps, detail.get("rule", ""))


def applicant(row: Case) -> Applicant:
    """Return for whom a case is."""
    return Applicant(
        row.applicant_kind,
        row.applicant_name,
        bytes(row.applicant_hash),
        bytes(row.applicant_sealed),
        row.identifier_kind,
    )


def about(case_id: UUID) -> str:
    """Return how audit, clocks and documents name a case."""
    return f"case:{case_id}"


def case_of(about: str) -> UUID | None:
    """Return the case that audit or a clock names; None for the matters of others."""
    kind, _, name = about.partition(":")
    try:
        return UUID(name) if kind == "case" else None
    except ValueError:
        return None


def running_on(region: str, case_ids: Iterable[UUID]) -> dict[UUID, list[clocks.Clock]]:
    """Return the clocks that run or stand on the cases: two statements."""
    found: dict[UUID, list[clocks.Clock]] = defaultdict(list)
    for clock in clocks.open_clocks(region=region, abouts=[about(pk) for pk in case_ids]):
        found[UUID(clock.about.removeprefix("case:"))].append(clock)
    return found


def branches(flow: Flow, values: dict[str, Value]) -> dict[str, bool]:
    """Return which conditional steps of `flow` the answers call for."""
    return {step.code: step.when.holds(values) for step in flow.steps if step.when.names}


def values_of(root_id: UUID) -> dict[str, Value]:
    """Return the open values of the last round of a bundle or single case."""
    values = Submission.objects.filter(case_id=root_id).order_by("-round").values_list("values", flat=True).first()
    return content.decode(values or {})
