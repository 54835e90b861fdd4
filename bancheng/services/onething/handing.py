"""Matters that leave a desk otherwise than by a decision: handed over, transferred, taken as waived."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from bancheng.kernel.cases import public as cases
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.onething import queries
from bancheng.services.onething.queries import OnDesk

OUTSIDE = "outside"  # an authority that has no desk here
LAW = "行政许可法 第三十二条"
ROLES = ("case_officer", "approver")


@dataclass(frozen=True)
class Late:
    """A matter whose answer is late, on the desk of somebody who may take it as waived."""

    due_on: date


def desks(desk: OnDesk, at: datetime) -> list[catalogue.Unit]:
    """Return the units a matter could go to: others with an officer and an approver for it. Three statements."""
    staffed = [{unit for _, unit in identity.role_holders(role=role, service=queries.SERVICE, at=at)} for role in ROLES]
    codes = set.intersection(*staffed) - {"", desk.matter.unit}
    return sorted(catalogue.units_by_code(sorted(codes)).values(), key=lambda unit: unit.name)


def may_hand_over(by: identity.Actor, desk: OnDesk) -> bool:
    """Return whether the actor works on the matter now and it can go on elsewhere."""
    one = desk.matter
    return bool(desk.steps) and not one.over and one.decided_on is None and not one.flow.is_bundle


def hand_over(
    *, case_id: UUID, to: str, outside: str, because: cases.Because, by: identity.Actor, at: datetime
) -> Text:
    """Hand a matter over to the unit whose it is, or transfer it to an authority outside; return where it went.

    Raises Refused: no_such_case, not_your_step, no_such_unit, no_reason, decided_already, case_over.
    """
    desk = queries.on_desk(by, case_id)
    if not may_hand_over(by, desk):
        raise Refused(
            "not_your_step",
            "该件目前没有由您办理的环节，不能转办，未作任何改动。",
            en="No step of this case is yours now, so you cannot hand it over; nothing was changed.",
        )
    if to == OUTSIDE:
        return _transfer(case_id, outside, because, by, at)
    unit = next((one for one in desks(desk, at) if one.code == to), None)
    if unit is None:
        raise Refused(
            "no_such_unit",
            "请选择接办单位（须已配备经办和审批人员），没有转办。",
            en="Choose the unit that takes it on (one with an officer and an approver); nothing was changed.",
            status=422,
        )
    cases.hand_over(case_id=case_id, to_unit=unit.code, because=because, by=by.ref, at=at)
    return unit.title


def _transfer(case_id: UUID, outside: str, because: cases.Because, by: identity.Actor, at: datetime) -> Text:
    if not outside or not because.reason or not because.law:
        raise Refused(
            "no_reason",
            "请写明移送到哪个机关、理由和依据，没有移送。",
            en="Name the authority, the reason and the article; nothing was changed.",
            status=422,
        )
    why = cases.Because(f"{because.reason}（移送{outside}）", because.law, f"请向{outside}申请")
    cases.transfer(case_id=case_id, to_unit=outside, because=why, by=by.ref, at=at)
    return Text(outside, outside)


def waive(*, case_id: UUID, because: cases.Because, by: identity.Actor, at: datetime) -> None:
    """Take a matter as waived whose answer to the correction notice is late. Raises Refused: no_such_case, not_yours, unfounded,
    answer_not_late."""
    desk = queries.on_desk(by, case_id)
    if not by.has("case_officer", service=queries.SERVICE, unit=desk.matter.unit):
        raise Refused(
            "not_yours",
            "视为放弃由本单位经办人员认定，未作任何改动。",
            en="An officer of the unit says so; nothing was changed.",
            status=403,
        )
    cases.check_founded(because)
    cases.waive(case_id=case_id, because=because, by=by.ref, at=at)


def late(desk: OnDesk, today: date) -> date | None:
    """Return since which day the answer to the matter's corrections is late, None when it is not."""
    if desk.matter.state is not cases.State.CORRECTING or desk.matter.flow.is_bundle:
        return None
    asked = cases.corrections(desk.view.case.id, sent=True)
    days = [one.due_on for one in asked if one.case == desk.matter.id and not one.answered and one.due_on]
    return max(days) if days and max(days) < today else None
