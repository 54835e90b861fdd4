"""转办: a matter that is another unit's goes on there, with its clocks."""

from datetime import datetime
from uuid import UUID

from bancheng.kernel.cases.facts import Because
from bancheng.kernel.cases.models import Case, Task
from bancheng.kernel.cases.operations.locking import locked
from bancheng.kernel.cases.rules import standing
from bancheng.kernel.cases.rules.words import Act
from bancheng.lib.refusal import Refused


def hand_over(*, case_id: UUID, to_unit: str, because: Because, by: str, at: datetime) -> None:
    """Hand a matter over to the unit whose it is: it goes on in that unit's queue, nobody's yet, on the clocks that run.

    What is decided is not handed over. Raises Refused: no_such_case, case_over, decided_already, not_a_matter, same_unit, no_reason.
    """
    if not because.reason.strip() or not because.law.strip():
        raise Refused(
            "no_reason",
            "请写明转办的理由和依据，没有转办。",
            en="Say why and by which article it is handed over; nothing was changed.",
            status=422,
        )
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        standing.check_not_over(one.flow, one.now)
        old = one.row.unit
        if one.flow.is_bundle or old == to_unit:
            raise Refused(
                "same_unit" if old == to_unit else "not_a_matter",
                "请选择另一个单位，没有转办。",
                en="Choose another unit; nothing was changed.",
                status=422,
            )
        if one.now.decision is not None:
            raise Refused(
                "decided_already",
                "该件已作出决定，不能转办，未作任何改动。",
                en="This case has been decided and cannot be handed over; nothing was changed.",
            )
        family.add(one, Act.HANDED_OVER, because=because, to=to_unit, of=old)
        one.row.unit = to_unit
        Case.objects.filter(pk=case_id).update(unit=to_unit)
        theirs = Task.objects.filter(case=one.row, unit=old)
        theirs.filter(state=Task.OPEN).update(unit=to_unit)
        Task.objects.filter(case=one.row).update(taken_by="")  # a step that opens again is nobody's of the former unit
        for task in family.tasks[case_id]:
            task.taken_by = ""
