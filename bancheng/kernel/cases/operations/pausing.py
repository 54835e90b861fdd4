"""Clocks of a case paused, resumed and extended, each with the paper that makes it lawful (R-CLK-4 to R-CLK-6)."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bancheng.kernel.cases.facts import Because
from bancheng.kernel.cases.operations.family import running_on
from bancheng.kernel.cases.operations.locking import locked
from bancheng.kernel.cases.rules import standing
from bancheng.kernel.cases.rules.words import Act
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused


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
        running = running_on(one.row.region, [case_id])[case_id]
        clock = next((each for each in running if each.rule.id == rule), None)
        if clock is None:
            raise Refused(
                "no_such_clock",
                "该件没有正在计算的这项期限，未作任何改动。",
                en="No such period is running on this case; nothing was changed.",
            )
        change(clock, family.today)
        family.add(one, act, because=because, rule=rule, **detail)
