"""A case with its bundle, its log, what was said and what is outstanding. Who may see which is asked here too."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from bancheng.kernel.cases import content, flows
from bancheng.kernel.cases.facts import Filed
from bancheng.kernel.cases.models import Case, CaseAction, CorrectionItem, Gap, Submission
from bancheng.kernel.cases.operations.family import logged, running_on
from bancheng.kernel.cases.rules import numbers, standing
from bancheng.kernel.cases.rules.flow import Flow
from bancheng.kernel.cases.rules.standing import Steps
from bancheng.kernel.cases.rules.words import Act, Outcome, State
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.lib import rows
from bancheng.lib.conditions import Value
from bancheng.lib.text import Text

WHOLE_BUNDLE = "window_clerk"  # the role that sees and files whole bundles, and decides nothing


@dataclass(frozen=True)
class Line:
    """One line of a log as people read it."""

    seq: int
    act: Act
    step: str
    outcome: Outcome | None
    by: str
    at: datetime
    reason: str
    law: str
    remedy: str
    document: str
    detail: Mapping[str, Any]
    undone: bool


@dataclass(frozen=True)
class Matter:
    """A case as it stands: of a bundle, or by itself."""

    id: UUID
    root: UUID
    number: str
    step: str
    matter: str
    title: Text
    unit: str
    state: State
    outcome: Outcome | None
    round: int
    received_at: datetime
    accepted_on: date | None
    decided_on: date | None
    closed_at: datetime | None
    flow: Flow
    flow_version: int
    steps: Steps
    lines: tuple[Line, ...]
    clocks: tuple[clocks.Clock, ...]

    @property
    def over(self) -> bool:
        """Return whether nothing more is done on the matter itself."""
        return self.closed_at is not None


@dataclass(frozen=True)
class View:
    """A case with the matters of its bundle (none when it is a single matter), the latest attempt of each in the flow's order."""

    case: Matter
    matters: tuple[Matter, ...]
    service: str
    region: str
    applicant_name: str
    applicant_hash: bytes
    filed_by: str
    applicant_kind: str
    asked: bool  # whether something was ever to be corrected in it, earlier attempts among it

    def of(self, case_id: UUID) -> Matter | None:
        """Return the case or one of its matters."""
        return next((one for one in (self.case, *self.matters) if one.id == case_id), None)


FAMILY = "WHERE root_id = (SELECT root_id FROM cases_case WHERE id = %s) ORDER BY received_at, attempt, id"
LOG = "WHERE case_id = ANY(%s) ORDER BY case_id, seq"


def view(case_id: UUID) -> View | None:
    """Return the bundle that a case belongs to, with logs and running clocks; None when there is none. Three statements, four where a
    clock was paused."""
    with connection.cursor() as cursor:
        cases = rows.read(cursor, Case, FAMILY, [case_id])
        if not cases:
            return None
        logs: dict[UUID, list[CaseAction]] = {row.pk: [] for row in cases}
        for action in rows.read(cursor, CaseAction, LOG, [list(logs)]):
            logs[action.case_id].append(action)
    running = running_on(cases[0].region, logs)
    made = {row.pk: _matter(row, logs[row.pk], running.get(row.pk, [])) for row in cases}
    root = next(row for row in cases if row.pk == row.root_id)
    latest = {row.step: made[row.pk] for row in cases if row.step}
    return View(
        made[root.pk],
        tuple(latest[code] for code in made[root.pk].flow.by_code if code in latest),
        root.service,
        root.region,
        root.applicant_name,
        bytes(root.applicant_hash),
        root.filed_by,
        root.applicant_kind,
        any(map(_asked, logs.values())),
    )


def alone(case_id: UUID) -> View | None:
    """Return one case with its log and nothing else, neither its sisters nor clocks: what doing a step of it needs. Two statements."""
    with connection.cursor() as cursor:
        cases = rows.read(cursor, Case, "WHERE id = %s", [case_id])
        if not cases:
            return None
        row = cases[0]
        log = rows.read(cursor, CaseAction, LOG, [[case_id]])
    return View(
        _matter(row, log, ()),
        (),
        row.service,
        row.region,
        row.applicant_name,
        bytes(row.applicant_hash),
        row.filed_by,
        row.applicant_kind,
        _asked(log),
    )


def _asked(log: Sequence[CaseAction]) -> bool:
    return any(line.act == Act.CORRECTION_ASKED for line in log)


def _matter(row: Case, log: Sequence[CaseAction], running: Sequence[clocks.Clock]) -> Matter:
    flow = flows.flow_of(row.flow_id)
    now = standing.standing([logged(action) for action in log])
    undone = {a.undoes for a in log if a.undoes}
    return Matter(
        row.pk,
        row.root_id,
        row.number,
        row.step,
        row.matter,
        Text(row.title, row.title_en),
        row.unit,
        State(row.state),
        Outcome(row.outcome) if row.outcome else None,
        row.round,
        row.received_at,
        row.accepted_on,
        row.decided_on,
        row.closed_at,
        flow,
        flow.version,
        standing.steps(flow, now),
        tuple(_line(a, a.seq in undone) for a in log),
        tuple(running),
    )


def _line(a: CaseAction, undone: bool) -> Line:
    outcome = Outcome(a.outcome) if a.outcome else None
    return Line(a.seq, Act(a.act), a.step, outcome, a.by, a.at, a.reason, a.law, a.remedy, a.document, a.detail, undone)


def find(*, region: str, number: str) -> UUID | None:
    """Return the case of a typed number, None when there is none or a digit is wrong."""
    return Case.objects.filter(region=region, number=numbers.read(number)).values_list("pk", flat=True).first()


def by_key(*, region: str, service: str, key: str) -> Filed | None:
    """Return the receipt of what was filed under a sender's key, None when nothing was."""
    with connection.cursor() as cursor:
        return by_key_question(region=region, service=service, key=key).alone(cursor)


def by_key_question(*, region: str, service: str, key: str) -> rows.Question[Filed | None]:
    """Return the question that `by_key` asks, to be asked with others'."""
    asked = rows.question(Case, "WHERE region = %s AND service = %s AND key = %s", [region, service, key])
    return asked.then(lambda found: Filed(found[0].pk, found[0].number, again=True) if found else None)


# --- what was said ---


@dataclass(frozen=True)
class Content:
    """What the last round said; `personal` only when it was asked for, which the door records."""

    round: int
    values: Mapping[str, Value]
    personal: Mapping[str, Value]
    materials: Mapping[str, Sequence[Mapping[str, str]]]
    form: str
    at: datetime


def said(root_id: UUID, *, personal: bool = False) -> Content | None:
    """Return what the last round of a bundle or single case said."""
    row = Submission.objects.filter(case_id=root_id).order_by("-round").first()
    if row is None:
        return None
    opened = content.unseal(row.sealed) if personal else {}
    return Content(row.round, content.decode(row.values), opened, row.materials, row.form, row.at)


@dataclass(frozen=True)
class Correction:
    """One thing to correct, of a notice that went out or is being put together."""

    case: UUID
    about: str
    says: str
    example: str
    law: str
    sent_at: datetime | None
    due_on: date | None
    answered: bool


ASKED = "WHERE root_id = %s AND dropped_at IS NULL ORDER BY id"


def corrections(root_id: UUID, *, sent: bool | None = None) -> list[Correction]:
    """Return what is to be corrected in a bundle, in the order it was asked; `sent`: told the applicant, or not yet."""
    with connection.cursor() as cursor:
        found = rows.read(cursor, CorrectionItem, ASKED, [root_id])
    return [
        Correction(r.case_id, r.about, r.says, r.example, r.law, r.sent_at, r.due_on, r.answered_at is not None)
        for r in found
        if sent is None or sent is (r.sent_at is not None)
    ]


def gaps(case_ids: Collection[UUID]) -> list[Gap]:
    """Return the promised papers of the cases, soonest first."""
    return list(Gap.objects.filter(case_id__in=case_ids).order_by("due_on", "pk"))


# --- who may see ---


def may_see(found: View, actor: identity.Actor, hashes: Collection[bytes]) -> tuple[UUID, ...]:
    """Return which cases of a bundle `actor` may see whole: all of his own; a clerk all; an officer those of his unit."""
    everything = tuple(one.id for one in (found.case, *found.matters))
    if found.applicant_hash in hashes or actor.has(WHOLE_BUNDLE, service=found.service):
        return everything
    return tuple(one.id for one in (found.case, *found.matters) if _works_on(actor, found, one))


def _works_on(actor: identity.Actor, found: View, one: Matter) -> bool:
    """Return whether a step of the matter is `actor`'s: its role in its own unit, not in that of another step (P-1)."""
    steps = [step for step in one.flow.steps if step.role]
    return any(actor.has(step.role, service=found.service, unit=step.unit or one.unit) for step in steps)
