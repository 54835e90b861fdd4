"""Where a case stands: worked out from its flow and its log, and from nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from types import MappingProxyType

from bancheng.kernel.cases.rules.flow import Flow, Join, Step
from bancheng.kernel.cases.rules.words import GOOD, STATES, Act, Kind, Outcome, State
from bancheng.lib.refusal import Refused


@dataclass(frozen=True)
class Logged:
    """One line of a log, as far as it matters where the case stands.

    `branches` comes with a submission and a correction: which of the flow's steps the form's answers call for; `steps` with a
    bundle's correction notice: whose matters are to be corrected; `rule` with what is done to a clock.
    """

    seq: int
    act: Act
    step: str = ""
    outcome: str = ""
    branches: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    undoes: int = 0
    steps: tuple[str, ...] = ()
    rule: str = ""


@dataclass(frozen=True)
class Standing:
    """Where a case stands after its log."""

    round: int = 0
    branches: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    settled: Mapping[str, Outcome] = field(default_factory=lambda: MappingProxyType({}))
    touched: bool = False  # somebody took the review, or worked on after accepting
    asked: bool = False  # a correction is asked and not told yet
    correcting: bool = False  # told, and the applicant's turn
    to_correct: frozenset[str] = frozenset()  # of a bundle: whose matters are
    accepted: bool = False
    paused: frozenset[str] = frozenset()  # the rules whose clocks stand
    decision: Outcome | None = None
    closed: bool = False
    archived: bool = False
    exit: State | None = None

    @property
    def over(self) -> bool:
        """Return whether nothing more is done on the matter itself (follow-ups may be)."""
        return self.closed or self.exit is not None


EXITS = {
    Act.NOT_ACCEPTED: State.NOT_ACCEPTED,
    Act.WITHDRAWN: State.WITHDRAWN,
    Act.TERMINATED: State.TERMINATED,
    Act.WAIVED: State.WAIVED,
    Act.TRANSFERRED: State.TRANSFERRED,
}


def standing(log: Iterable[Logged]) -> Standing:
    """Return where a case stands; what was undone counts as if it had not been done."""
    lines = list(log)
    undone = {line.undoes for line in lines if line.act is Act.UNDONE}
    return reduce(after, (line for line in lines if line.seq not in undone), Standing())


def after(now: Standing, line: Logged) -> Standing:
    """Return where a case stands after one more line; one that undoes another is for `standing` to read."""
    match line.act:
        case Act.SUBMITTED | Act.CORRECTED:
            nothing = frozenset[str]()
            return replace(
                now, round=now.round + 1, branches=line.branches, asked=False, correcting=False, to_correct=nothing
            )
        case Act.TAKEN:
            return replace(now, touched=True)
        case Act.CORRECTION_ASKED:
            return replace(now, asked=True, touched=True)
        case Act.CORRECTION_SENT:
            return replace(now, asked=False, correcting=True, to_correct=now.to_correct | set(line.steps))
        case Act.ACCEPTED | Act.DEEMED_ACCEPTED:
            return replace(_settle(now, line.step, Outcome.ACCEPTED), accepted=True, asked=False, touched=False)
        case Act.DONE | Act.SERVED:
            return _ended(replace(now, touched=True), line.step, Outcome(line.outcome or Outcome.DONE))
        case Act.RETRIED:
            kept = {step: outcome for step, outcome in now.settled.items() if step != line.step}
            return replace(now, settled=kept)
        case Act.DECIDED:
            outcome = Outcome(line.outcome)
            return replace(_settle(now, line.step, outcome), decision=outcome)
        case Act.PAUSED:
            return replace(now, paused=now.paused | {line.rule})
        case Act.RESUMED:
            return replace(now, paused=now.paused - {line.rule})
        case Act.CLOSED:
            return replace(now, closed=True)
        case Act.ARCHIVED:
            return replace(now, archived=True)
        case act if act in EXITS:
            return replace(now, exit=EXITS[act], asked=False, correcting=False, paused=frozenset())
    return now


def _ended(now: Standing, step: str, outcome: Outcome) -> Standing:
    """Return the standing after a step; a bundle whose last matter to correct ended otherwise has nothing to correct."""
    left = now.to_correct - {step}
    still = now.correcting and (bool(left) or not now.to_correct)
    return replace(_settle(now, step, outcome), to_correct=left, correcting=still)


def _settle(now: Standing, step: str, outcome: Outcome) -> Standing:
    return replace(now, settled={**now.settled, step: outcome})


# --- the steps of a flow ---


@dataclass(frozen=True)
class Steps:
    """The steps of a case's flow as they stand: `open` can be done now, `held` waits for a grant that was not given."""

    open: tuple[str, ...]
    held: tuple[str, ...]
    waiting: tuple[str, ...]
    skipped: frozenset[str]


def steps(flow: Flow, now: Standing) -> Steps:
    """Return how each step of `flow` stands; before the submission and after an exit none is open."""
    skipped = _skipped(flow, now)
    stand: dict[str, list[str]] = {"open": [], "held": [], "waiting": []}
    if now.round and now.exit is None and not now.archived:
        for step in flow.steps:
            if step.code not in now.settled and step.code not in skipped:
                stand[_stands(flow, step, now, skipped)].append(step.code)
    return Steps(tuple(stand["open"]), tuple(stand["held"]), tuple(stand["waiting"]), skipped)


def _skipped(flow: Flow, now: Standing) -> frozenset[str]:
    """Return the steps the form's answers, the decision or a promise that is true leave out."""
    skipped = frozenset(
        step.code
        for step in flow.steps
        if not now.branches.get(step.code, True) or (step.only_if and now.decision not in (None, step.only_if))
    )
    if (promise := flow.promise) and (
        promise.verify in skipped or now.settled.get(promise.verify, Outcome.UNTRUE) is not Outcome.UNTRUE
    ):
        return skipped | {promise.recheck}
    return skipped


def promised(flow: Flow, now: Standing) -> bool:
    """Return whether the applicant chose the promise (R-GC-1): the answers call for its verification."""
    return flow.promise is not None and now.branches.get(flow.promise.verify, False)


def _stands(flow: Flow, step: Step, now: Standing, skipped: frozenset[str]) -> str:
    if step.kind is Kind.REVIEW and now.correcting:
        return "waiting"
    needed = _needed(flow, step, skipped)
    ended = {code for code in needed if code in now.settled}
    good = {code for code in ended if now.settled[code] in GOOD} if step.needs_grant else ended
    if len(good) >= (min(1, len(needed)) if step.join is Join.ANY else len(needed)):
        return "open"
    in_vain = ended == needed if step.join is Join.ANY else ended != good
    return "held" if in_vain else "waiting"


def _needed(flow: Flow, step: Step, skipped: frozenset[str]) -> set[str]:
    """Return what `step` comes after; in place of a step that is left out, what that one comes after."""
    needed: set[str] = set()
    seen: set[str] = set()
    waiting = list(step.after)
    while waiting:
        code = waiting.pop()
        if code not in skipped:
            needed.add(code)
        elif code not in seen:
            seen.add(code)
            waiting += flow.by_code[code].after
    return needed


def state(flow: Flow, now: Standing) -> State:
    """Return the state of the shared vocabulary."""
    if now.archived:
        return State.ARCHIVED
    if now.exit is not None:
        return now.exit
    if now.closed:
        left = [code for code in steps(flow, now).open if flow.by_code[code].kind is Kind.FOLLOW_UP]
        return State.FOLLOWING_UP if left else State.CLOSED
    if flow.is_bundle:
        return State.CORRECTING if now.correcting else State.HANDLING
    if not now.accepted:
        if now.correcting:
            return State.CORRECTING
        return State.REVIEWING if now.touched or now.asked or now.round > 1 else State.SUBMITTED
    if now.decision is not None:
        serve = flow.the(Kind.SERVE)
        return State.SERVED if serve and serve.code in now.settled else State.DECIDED
    if now.paused:
        return State.PAUSED
    return State.HANDLING if now.touched else State.ACCEPTED


def complete(flow: Flow, now: Standing) -> bool:
    """Return whether everything but the follow-ups is settled, so that the case closes."""
    left = steps(flow, now)
    return bool(now.round) and all(
        flow.by_code[code].kind is Kind.FOLLOW_UP for code in (*left.open, *left.held, *left.waiting)
    )


def outcome(now: Standing) -> Outcome | None:
    """Return what came of the case for the bundle it belongs to; None while it goes on."""
    if now.exit is not None:
        return Outcome(now.exit.value)
    return (now.decision or Outcome.DONE) if now.closed else None


# --- what may be done ---

NOTED = frozenset({Act.UNDONE, Act.ESCALATED, Act.ANSWER_LATE})  # lines of the machine's: nobody's step to take back
UNDOABLE = frozenset({Act.TAKEN, Act.CORRECTION_ASKED, Act.DONE})


def check_open(flow: Flow, now: Standing, step: str, *kinds: Kind) -> Step:
    """Return the step when it can be done now.

    Raises Refused("step_not_open"): somebody was quicker, or something stands before it.
    """
    found = flow.by_code.get(step)
    if found is None or (kinds and found.kind not in kinds) or step not in steps(flow, now).open:
        name = found.name.zh if found else step
        name_en = found.name.en if found else step
        where = STATES[state(flow, now)]
        raise Refused(
            "step_not_open",
            f"“{name}”现在不能办理：该件目前为“{where.zh}”，可能已由他人办理，请刷新后再看，未作任何改动。",
            en=f"“{name_en}” cannot be done now: the case is “{where.en}”; somebody else may have been quicker. "
            "Reload and look again; nothing was changed.",
        )
    return found


def check_not_over(flow: Flow, now: Standing) -> None:
    """Raise Refused("case_over") when the case has ended."""
    if now.over:
        where = STATES[state(flow, now)]
        raise Refused(
            "case_over",
            f"该件已结束（{where.zh}），未作任何改动。",
            en=f"This case has ended ({where.en}); nothing was changed.",
        )


def check_counts(now: Standing, step: Step) -> None:
    """Raise Refused("paused") when the step's clock stands: what ends a step ends its clock, and a pause has an end of its own."""
    if step.clock and step.clock.rule in now.paused:
        raise Refused(
            "paused",
            "该件期限正在暂停，请先恢复计时（写明结束暂停的文书）再办理，未作任何改动。",
            en="The period of this step is paused: resume it first, with the document that ends the pause. Nothing was changed.",
        )


def check_undo(log: Sequence[Logged], now: Standing) -> Logged:
    """Return the line that an undo would take back: the last one, when nothing outside was told of it yet.

    Raises Refused("nothing_to_undo").
    """
    undone = {line.undoes for line in log if line.act is Act.UNDONE}
    left = [line for line in log if line.seq not in undone and line.act not in NOTED]
    if not left or left[-1].act not in UNDOABLE or now.over or now.correcting:
        raise Refused(
            "nothing_to_undo",
            "最近一步已对外生效，不能直接撤销；请用补正、更正或终止等步骤，未作任何改动。",
            en="The last step has taken effect outside and cannot simply be undone; use a correction or an end of the "
            "case instead. Nothing was changed.",
        )
    return left[-1]
