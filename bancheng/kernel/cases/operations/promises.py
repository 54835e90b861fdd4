"""告知承诺: conditions promised, verified after the grant, mended or paid for with the grant (R-GC-1 to R-GC-3)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from bancheng.kernel.cases.facts import Because
from bancheng.kernel.cases.models import CaseAction
from bancheng.kernel.cases.operations.family import Family, One, about
from bancheng.kernel.cases.operations.founding import check_founded
from bancheng.kernel.cases.operations.locking import locked
from bancheng.kernel.cases.rules import promising, standing
from bancheng.kernel.cases.rules.flow import Promise, Step
from bancheng.kernel.cases.rules.words import Act, Kind, Outcome
from bancheng.kernel.credit import public as credit
from bancheng.kernel.licences import public as licences
from bancheng.lib.refusal import Refused


def verify(*, case_id: UUID, true: bool, because: Because, by: str, at: datetime) -> None:
    """Record what came of verifying a promise. One that is not true is to be mended by the day of the next step.

    It is held against the applicant from now until it is mended (R-GC-2). Raises Refused: no_such_case, step_not_open, unfounded.
    """
    if not true:
        check_founded(because)
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        promise, step = _open(one, "verify")
        outcome = Outcome.DONE if true else Outcome.UNTRUE
        family.add(one, Act.DONE, step=step.code, outcome=outcome, because=because, promise=True)
        if not true:
            credit.note(
                region=one.row.region,
                holder_hash=bytes(one.row.applicant_hash),
                kind=credit.Kind.FALSE_PROMISE,
                about=about(case_id),
                unit=one.row.unit,
                reason=because.reason,
                law=promise.law or because.law,
                by=by,
                at=at,
            )


def settle(*, case_id: UUID, mended: bool, because: Because, by: str, at: datetime) -> None:
    """Record whether what was untrue was mended: then nothing is held against the applicant any more, else the grant is taken back.

    Taking a grant back is decided by another person than found the promise untrue (P-2).
    Raises Refused: no_such_case, step_not_open, unfounded, verified_by_you.
    """
    if not mended:
        check_founded(because)
    with locked(case_id, by=by, at=at) as family:
        one = family.of(case_id)
        promise, step = _open(one, "recheck")
        if not mended:
            _check_second_person(one, promise, by)
        outcome = Outcome.DONE if mended else Outcome.REVOKED
        family.add(one, Act.DONE, step=step.code, outcome=outcome, because=because, promise=True)
        if mended:
            given: dict[str, Any] = {"region": one.row.region, "about": about(case_id), "by": by, "at": at}
            credit.repair(kind=credit.Kind.FALSE_PROMISE, because=because.reason or "限期内已改正", **given)
        else:
            _revoke(family, one, because)


def _open(one: One, which: str) -> tuple[Promise, Step]:
    promise = one.flow.promise
    step = standing.check_open(one.flow, one.now, str(getattr(promise, which, "")), Kind.FOLLOW_UP)
    assert promise is not None  # else the step had not been found
    return promise, step


def _check_second_person(one: One, promise: Promise, by: str) -> None:
    found = CaseAction.objects.filter(case=one.row, act=Act.DONE, step=promise.verify).order_by("-seq").first()
    if found is not None and found.by == by:
        raise Refused(
            "verified_by_you",
            "核查和撤销须由两人分别办理，本件由您核查，请由其他人员决定是否撤销，未作任何改动。",
            en="Who finds a promise untrue does not take the grant back: another person decides. Nothing was changed.",
        )


def _revoke(family: Family, one: One, because: Because) -> None:
    """Take back what was granted, and every licence that was issued on it and can still be revoked."""
    row = one.row
    source = licences.Source(row.unit, licences.Channel.SYSTEM, row.number)
    for line in CaseAction.objects.filter(case=row, act=Act.ISSUED).order_by("seq"):
        licence = licences.get(line.detail["licence"], on=family.today)
        if licences.Status.REVOKED in licences.NEXT[licence.status]:
            licences.revoke(licence_id=licence.id, source=source, by=family.by, at=family.at)
            family.add(one, Act.REVOKED, because=because, licence=licence.id, number=line.detail["number"])
    if not any(action.act == Act.REVOKED for action in family.actions):
        family.add(one, Act.REVOKED, because=because)


# --- on the way there ---


def check_may(one: One) -> None:
    """Raise Refused("promise_barred") for one who chose the promise and may not: a past one was false, or he is listed (R-GC-2)."""
    if not standing.promised(one.flow, one.now):
        return
    if barred := credit.barred(bytes(one.row.applicant_hash), credit.Instrument.PROMISE):
        says, en = "、".join(credit.SAYS[one].zh for one in barred), ", ".join(credit.SAYS[one].en for one in barred)
        raise Refused(
            "promise_barred",
            f"申请人有未修复的失信记录（{says}），不适用告知承诺，未受理；请告知其改选一般程序，或修复后再选承诺。",
            en=f"Something is held against the applicant ({en}): no promise may be taken from him. Nothing was accepted: let him "
            "choose the ordinary way, or mend it first.",
            law=credit.LAWS[credit.Instrument.PROMISE],
        )


def note(family: Family, one: One) -> None:
    """Note with the acceptance that conditions were promised, by whom and in which words."""
    promise = one.flow.promise
    if promise is not None and standing.promised(one.flow, one.now):
        why = Because(promise.says.zh, promise.law)
        family.add(one, Act.PROMISED, because=why, by=one.row.filed_by, words=one.flow.version)


def drawn(one: One) -> dict[str, Any]:
    """Return, for the line of a grant, how the promise will be verified; nothing where none was made."""
    promise = one.flow.promise
    if promise is None or not standing.promised(one.flow, one.now):
        return {}
    marked = credit.ever(bytes(one.row.applicant_hash))
    return {"promised": True, "look": promising.look(one.row.pk, sample=promise.sample, marked=marked).value}
