"""告知承诺 as people follow it: what was promised, until when it is verified, what came of it (R-GC-1 to R-GC-3); and what desks do."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from bancheng.kernel.cases import public as cases
from bancheng.kernel.credit import public as credit
from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.onething import queries

Act, Outcome = cases.Act, cases.Outcome


@dataclass(frozen=True)
class Followed:
    """A promise in a case: how it stands, how it is looked at, and until when what is due."""

    promise: cases.Promise
    state: str  # chosen | to_verify | true | untrue | mended | revoked | over
    look: Text | None  # how it is verified, once it is granted
    due_on: date | None  # of the verification, or of the mending
    why: cases.Line | None  # the finding
    marked: credit.View | None = None  # what is held against the applicant for it

    @property
    def says(self) -> Text:
        """Return how it stands."""
        return STATES[self.state]

    @property
    def kind(self) -> str:
        """Return the kind of the status tag."""
        return KINDS[self.state]


STATES = {
    "chosen": Text("已选告知承诺，受理后当场决定", "Promise chosen: decided at once when accepted"),
    "to_verify": Text("已准予，待核查承诺", "Granted; the promise is to be verified"),
    "true": Text("核查属实", "Found true"),
    "untrue": Text("核查不属实，限期改正", "Found untrue; to be mended"),
    "mended": Text("已改正", "Mended"),
    "revoked": Text("未改正，许可已撤销", "Not mended; the grant was taken back"),
    "over": Text("未再核查", "Not verified any more"),
}
KINDS = {
    "chosen": "info",
    "to_verify": "info",
    "true": "ok",
    "untrue": "bad",
    "mended": "ok",
    "revoked": "bad",
    "over": "",
}


def followed(one: cases.Matter, marks: dict[str, credit.View] | None = None) -> Followed | None:
    """Return the promise of a matter, None where none was chosen."""
    promise = one.flow.promise
    if promise is None or promise.verify in one.steps.skipped:
        return None
    lines = [line for line in one.lines if not line.undone]
    granted = next((line for line in lines if line.act is Act.DECIDED and line.outcome is Outcome.GRANTED), None)
    found = next((line for line in lines if line.act is Act.DONE and line.step == promise.verify), None)
    settled = next((line for line in lines if line.act is Act.DONE and line.step == promise.recheck), None)
    look = cases.LOOKS[cases.Look(granted.detail["look"])] if granted and "look" in granted.detail else None
    state = _state(one, granted, found, settled)
    rules = {"to_verify": promise.verify, "untrue": promise.recheck}
    spec = one.flow.by_code[rules[state]].clock if state in rules else None
    due = next((queries.end_of(clock) for clock in one.clocks if spec and clock.rule.id == spec.rule), None)
    return Followed(promise, state, look, due, found, (marks or {}).get(f"case:{one.id}"))


def _state(one: cases.Matter, granted: cases.Line | None, found: cases.Line | None, settled: cases.Line | None) -> str:
    if settled is not None:
        return "revoked" if settled.outcome is Outcome.REVOKED else "mended"
    if found is not None:
        return "untrue" if found.outcome is Outcome.UNTRUE else "true"
    if granted is not None:
        return "to_verify"
    return "over" if one.over else "chosen"


def marks_of(view: cases.View) -> dict[str, credit.View]:
    """Return what is held against the applicant for promises of a bundle's matters: one statement, none where none was made."""
    abouts = [f"case:{one.id}" for one in view.matters or (view.case,) if one.flow.promise]
    found = credit.marks_about(abouts) if abouts else []
    return {mark.about: mark for mark in found if mark.kind is credit.Kind.FALSE_PROMISE}


# --- before anybody applies ---


def offers(found: queries.Bundle) -> list[cases.Offer]:
    """Return the matters of a bundle for which a promise is offered."""
    flows = {flow.code: flow for flow in cases.current_flows(region=queries.region())}
    conditions = {matter.code: matter.conditions for matter in found.matters}
    offered = [
        cases.offer(step.name, flows[step.flow], conditions.get(step.matter, ()))
        for step in found.flow.steps
        if step.flow in flows
    ]
    return [one for one in offered if one]


# --- the desk ---


def verify(*, case_id: UUID, true: bool | None, because: cases.Because, by: identity.Actor, at: datetime) -> None:
    """Record what came of verifying a promise. Raises Refused: no_such_case, not_your_step, no_result, unfounded."""
    _, step = queries.step_to_do(by, case_id, cases.Kind.FOLLOW_UP)
    _check_said(true, because)
    if step.code != _promise(by, case_id).verify:
        raise _not_now()
    cases.verify_promise(case_id=case_id, true=bool(true), because=because, by=by.ref, at=at)


def settle(*, case_id: UUID, mended: bool | None, because: cases.Because, by: identity.Actor, at: datetime) -> None:
    """Record whether it was mended, else take the grant back. Raises Refused: no_such_case, not_your_step, no_result, unfounded,
    verified_by_you."""
    _, step = queries.step_to_do(by, case_id, cases.Kind.FOLLOW_UP)
    _check_said(mended, because)
    if step.code != _promise(by, case_id).recheck:
        raise _not_now()
    cases.settle_promise(case_id=case_id, mended=bool(mended), because=because, by=by.ref, at=at)


def repair(*, case_id: UUID, because: str, by: identity.Actor, at: datetime) -> None:
    """End what is held against the applicant for a promise of this matter (R-GC-2: until repair); the unit's approver says why.

    Raises Refused: no_such_case, not_yours, unmended, no_mark.
    """
    desk = queries.on_desk(by, case_id)
    if not by.has("approver", service=queries.SERVICE, unit=desk.matter.unit):
        raise Refused(
            "not_yours",
            "修复由作出认定的单位的审批人员办理，未作任何改动。",
            en="An approver of the unit that noted it repairs it; nothing was changed.",
            status=403,
        )
    given = {"region": desk.view.region, "about": f"case:{case_id}", "by": by.ref}
    credit.repair(kind=credit.Kind.FALSE_PROMISE, because=because, at=at, **given)


def check_plain(desk: queries.OnDesk, step: cases.Step) -> None:
    """Raise Refused("say_whether_true") where a result in words alone would leave open whether a promise was kept."""
    promise = desk.matter.flow.promise
    if promise and step.code in (promise.verify, promise.recheck) and promise.verify not in desk.matter.steps.skipped:
        raise Refused(
            "say_whether_true",
            "请选择承诺是否属实（是否已改正）后再提交，尚未记录。",
            en="Say whether the promise was true (or was mended); nothing was recorded.",
            status=422,
        )


def _promise(by: identity.Actor, case_id: UUID) -> cases.Promise:
    promise = queries.on_desk(by, case_id).matter.flow.promise
    if promise is None:
        raise _not_now()
    return promise


def _check_said(answer: bool | None, because: cases.Because) -> None:
    if answer is None or not because.reason:
        raise Refused(
            "no_result",
            "请选择结论并写明情况，尚未记录。",
            en="Choose what came of it and say how it was found; nothing was recorded.",
            status=422,
        )


def _not_now() -> Refused:
    return Refused(
        "not_your_step",
        "该件目前没有由您办理的这一步，可能已由他人办理，请刷新后再看，未作任何改动。",
        en="This case has no such step for you now; somebody may have been quicker. Reload; nothing was changed.",
    )
