"""Papers that follow later: promised, supplied, broken, or needed no more (R-RQ-1, R-RQ-4, R-RQ-5)."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from bancheng.kernel.cases.facts import Because
from bancheng.kernel.cases.models import Gap
from bancheng.kernel.cases.operations.family import Family, One, about
from bancheng.kernel.cases.rules.words import Act, Outcome
from bancheng.kernel.credit import public as credit
from bancheng.lib.refusal import Refused

LAW = "河南省优化营商环境条例 第三十五条"


def promise(family: Family, one: One, gaps: Sequence[tuple[str, date, bool]]) -> None:
    """Note what the applicant promises to supply: material, by when, whether the result waits.

    Raises Refused: gap_backwards, gap_twice, gap_barred.
    """
    _check(family, gaps)
    _check_may(one, gaps)
    Gap.objects.bulk_create(
        Gap(
            region=one.row.region,
            case=one.row,
            material=material,
            holds_result=holds,
            promised_by=one.row.filed_by,
            promised_at=family.at,
            due_on=due_on,
            state=Gap.OPEN,
        )
        for material, due_on, holds in gaps
    )
    for material, due_on, holds in gaps:
        family.add(one, Act.GAP_PROMISED, material=material, due_on=str(due_on), holds_result=holds)


def _check(family: Family, gaps: Sequence[tuple[str, date, bool]]) -> None:
    if any(due_on < family.today for _, due_on, _ in gaps):
        raise Refused(
            "gap_backwards",
            "容缺材料的补交期限不能早于今天，未受理，请改正日期。",
            en="The day to supply the missing paper lies in the past. Nothing was accepted: correct the day.",
            status=422,
        )
    if len({material for material, _, _ in gaps}) < len(gaps):
        raise Refused(
            "gap_twice",
            "同一份容缺材料写了两次，未受理，请只写一次。",
            en="The same missing paper stands twice. Nothing was accepted: name it once.",
            status=422,
        )


def _check_may(one: One, gaps: Sequence[tuple[str, date, bool]]) -> None:
    """Raise Refused("gap_barred") for one who is listed as seriously dishonest (R-RQ-6)."""
    if gaps and credit.barred(bytes(one.row.applicant_hash), credit.Instrument.GAP):
        raise Refused(
            "gap_barred",
            "申请人列入严重失信主体名单且未修复，不适用容缺受理，未受理；缺少的材料请一次性告知补正。",
            en="The applicant is listed as seriously dishonest: no paper may follow. Nothing was accepted; ask once for what is missing.",
            law=credit.LAWS[credit.Instrument.GAP],
        )


def check_none_holds(one: One) -> None:
    """Raise Refused("gap_open") when a paper that may change the decision is outstanding (R-RQ-4)."""
    if one.did(Act.GAP_PROMISED) and Gap.objects.filter(case=one.row, state=Gap.OPEN, holds_result=True).exists():
        raise Refused(
            "gap_open",
            "容缺材料可能影响决定，尚未补齐，须待补齐后再作决定，未作任何改动。",
            en="A paper that may change the decision is outstanding: the decision waits for it. Nothing was changed.",
            law=LAW,
        )


def supply(family: Family, one: One, material: str) -> None:
    """Note that a promised paper came. Raises Refused("no_such_gap")."""
    gaps = Gap.objects.filter(case=one.row, material=material, state=Gap.OPEN)
    if not gaps.update(state=Gap.SUPPLIED, ended_at=family.at):
        raise Refused(
            "no_such_gap",
            "该件没有待补的这份材料，未作任何改动。",
            en="No such paper is outstanding in this case; nothing was changed.",
        )
    family.add(one, Act.GAP_SUPPLIED, material=material)


def late(today: date) -> list[UUID]:
    """Return the cases with a promise whose day is over, in the order of their ids."""
    return sorted(set(Gap.objects.filter(state=Gap.OPEN, due_on__lt=today).values_list("case_id", flat=True)))


def break_late(family: Family, one: One, today: date) -> bool:
    """End a case whose promised paper did not come, and keep the record (R-RQ-5); return whether it ended.

    Only what is still open and late is broken: the paper may have come while the case was waited for. A decided case stays decided.
    """
    broken = Gap.objects.filter(case=one.row, state=Gap.OPEN, due_on__lt=today).order_by("pk")
    materials = list(broken.values_list("material", flat=True))
    if not materials:
        return False
    broken.order_by().update(state=Gap.BROKEN, ended_at=family.at)
    family.add(one, Act.GAP_BROKEN, materials=materials)
    credit.note(
        region=one.row.region,
        holder_hash=bytes(one.row.applicant_hash),
        kind=credit.Kind.GAP_BROKEN,
        about=about(one.row.pk),
        unit=one.row.unit,
        reason=f"容缺材料逾期未补交：{'、'.join(materials)}",
        law=LAW,
        by=family.by,
        at=family.at,
    )
    if one.now.over or one.now.decision is not None:
        return False
    family.add(one, Act.TERMINATED, because=Because("容缺材料逾期未补交", LAW))
    return True


def drop_moot(family: Family) -> None:
    """Drop what was promised to cases that ended or were denied: a paper nobody needs is no broken promise."""
    moot = [one.row.pk for one in family.members if _has_no_use(one) and one.did(Act.GAP_PROMISED)]
    if moot:
        Gap.objects.filter(case_id__in=moot, state=Gap.OPEN).update(state=Gap.DROPPED, ended_at=family.at)


def _has_no_use(one: One) -> bool:
    now, before = one.now, one.before
    return (
        (now.exit is not None and before.exit is None)
        or (now.decision is Outcome.DENIED and before.decision is None)
        or (Outcome.REVOKED in now.settled.values() and Outcome.REVOKED not in before.settled.values())
    )
