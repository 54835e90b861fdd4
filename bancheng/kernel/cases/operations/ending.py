"""Cases that end otherwise than by a decision, and cases that are put away."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef

from bancheng.kernel.cases.facts import Because
from bancheng.kernel.cases.models import Case, CorrectionItem, Task
from bancheng.kernel.cases.operations import gaps
from bancheng.kernel.cases.operations.family import Family, One
from bancheng.kernel.cases.operations.locking import locked
from bancheng.kernel.cases.rules import standing
from bancheng.kernel.cases.rules.words import Act, State
from bancheng.lib.days import start_of
from bancheng.lib.refusal import Refused

AT_ONCE = 500


def withdraw(*, case_id: UUID, reason: str, by: str, at: datetime) -> None:
    """Take back an application, or one matter of a bundle: what is decided stands, what depends on it is told (B14.5).

    Raises Refused: no_such_case, case_over, decided_already.
    """
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        standing.check_not_over(one.flow, one.now)
        ends = [each for each in _with_matters(family, one) if not each.now.over and each.now.decision is None]
        if not ends or one.now.decision is not None:
            raise Refused(
                "decided_already",
                "该件已作出决定，不能撤回；如不再需要，可申请注销相应证照。",
                en="This case has been decided and cannot be withdrawn; if you no longer need it, ask to cancel the licence.",
            )
        for each in ends:
            family.add(each, Act.WITHDRAWN, because=Because(reason))


def terminate(*, case_id: UUID, because: Because, by: str, at: datetime) -> None:
    """End a case that can have no result any more (R14.7: its applicant is gone). Raises Refused: no_such_case, case_over."""
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        standing.check_not_over(one.flow, one.now)
        for each in _with_matters(family, one):
            if not each.now.over:
                family.add(each, Act.TERMINATED, because=because)


def waive(*, case_id: UUID, because: Because, by: str, at: datetime) -> None:
    """Take a matter as waived whose applicant let the day to answer a correction notice pass.

    Raises Refused: no_such_case, case_over, answer_not_late.
    """
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        standing.check_not_over(one.flow, one.now)
        if one.flow.is_bundle or not one.now.correcting or not _answer_is_late(one, family.today):
            raise Refused(
                "answer_not_late",
                "该件没有逾期未补正的内容，不能视为放弃，未作任何改动。",
                en="No answer to a correction notice is late in this case: it cannot be taken as waived. Nothing was changed.",
            )
        family.add(one, Act.WAIVED, because=because)


def _answer_is_late(one: One, today: date) -> bool:
    asked = CorrectionItem.objects.filter(case=one.row, answered_at=None, dropped_at=None, sent_at__isnull=False)
    days = list(asked.values_list("due_on", flat=True))
    return bool(days) and all(due_on < today for due_on in days if due_on)


def transfer(*, case_id: UUID, to_unit: str, because: Because, by: str, at: datetime) -> None:
    """End a matter that is another authority's (`to_unit`, by name), where it is filed anew. What is decided is not transferred.

    What belongs to another unit of the city is handed over instead and goes on (`handing.hand_over`).

    Raises Refused: no_such_case, case_over, decided_already.
    """
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        standing.check_not_over(one.flow, one.now)
        if one.now.decision is not None:
            raise Refused(
                "decided_already",
                "该件已作出决定，不能转办，未作任何改动。",
                en="This case has been decided and cannot be handed over; nothing was changed.",
            )
        for each in _with_matters(family, one):
            if not each.now.over and each.now.decision is None:
                family.add(each, Act.TRANSFERRED, because=because, to=to_unit)


def _with_matters(family: Family, one: One) -> Iterable[One]:
    return [one, *family.children()] if one is family.root else [one]


def break_gaps(*, today: date, at: datetime, by: str = "system") -> int:
    """End the cases whose promised papers did not come by their day, and keep the record (R-RQ-5); return how many."""
    ended = 0
    for case_id in gaps.late(today):
        with locked(case_id, by=by, at=at) as family:
            ended += gaps.break_late(family, family.of(case_id), today)
    return ended


def archive(*, today: date, at: datetime, keep_days: int, by: str = "system") -> int:
    """Archive what ended `keep_days` ago, a bundle when none of its matters goes on; return how many were archived.

    A promise that is still to be verified keeps its bundle (R-GC-3).
    """
    going_on = Case.objects.filter(root=OuterRef("pk"), closed_at=None)
    followed_up = Task.objects.filter(case__root=OuterRef("pk"), state=Task.OPEN)
    ended = Case.objects.filter(step="", closed_at__lt=start_of(today - timedelta(days=keep_days))).exclude(
        state=State.ARCHIVED
    )
    due = ended.filter(~Exists(going_on), ~Exists(followed_up))
    ids = sorted(due.order_by("closed_at").values_list("pk", flat=True)[:AT_ONCE])
    return sum(_archive(case_id, by, at) for case_id in ids)


def _archive(case_id: UUID, by: str, at: datetime) -> bool:
    with locked(case_id, by=by, at=at) as family:
        going_on = any(not one.now.over or standing.steps(one.flow, one.now).open for one in family.members)
        for one in [] if going_on else family.members:
            family.add(one, Act.ARCHIVED)
    return not going_on
