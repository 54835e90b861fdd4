"""Walking a flow through, with every answer and every outcome: one that can get stuck is refused before anybody is in it.

What is settled decides what follows, not the order it came in; so each walk takes the first open step, and of outcomes only those
are tried that something later asks for. Of many conditions not every combination is tried, but every pair that can meet in a step.
"""

from collections.abc import Iterator
from itertools import combinations, product
from types import MappingProxyType

from bancheng.kernel.cases.rules.flow import Fault, Flow, Step
from bancheng.kernel.cases.rules.standing import Logged, Standing, after, complete, steps
from bancheng.kernel.cases.rules.words import Act, Kind, Outcome
from bancheng.lib.text import Text

MOST_CONDITIONS = 8  # so many are tried in every combination: 256 of them

OUTCOMES: dict[Kind, tuple[Outcome, ...]] = {
    Kind.REVIEW: (Outcome.ACCEPTED,),  # not accepted ends the case
    Kind.DECIDE: (Outcome.GRANTED, Outcome.DENIED),
    Kind.MATTER: (Outcome.GRANTED, Outcome.DENIED),  # withdrawn and the other ends are to others what a denial is
}
ACTS = {Kind.REVIEW: Act.ACCEPTED, Kind.DECIDE: Act.DECIDED, Kind.SERVE: Act.SERVED}


def stuck(flow: Flow) -> list[Fault]:
    """Return where a case of `flow` would stand for ever, and the steps that no walk ever reaches."""
    reached: set[str] = set()
    asked = {code for step in flow.steps if step.needs_grant for code in flow.before(step)}
    for answers in _answers(flow):
        filed = after(Standing(), Logged(1, Act.SUBMITTED, branches=MappingProxyType(answers)))
        for now in _walks(flow, filed, asked):
            left = steps(flow, now)
            reached.update(now.settled, left.held)
            if not complete(flow, now) and not left.held:
                return [_never(flow, code) for code in left.waiting]
    return [_unreached(step) for step in flow.steps if step.code not in reached]


def _answers(flow: Flow) -> Iterator[dict[str, bool]]:
    """Yield which conditional steps the answers call for."""
    asked = [step.code for step in flow.steps if step.when.names]
    if len(asked) <= MOST_CONDITIONS:
        yield from (dict(zip(asked, truths, strict=True)) for truths in product((True, False), repeat=len(asked)))
        return
    meet = {
        frozenset(pair) for step in flow.steps for pair in combinations({step.code, *flow.before(step)} & {*asked}, 2)
    }
    for most in (True, False):
        for few in [frozenset[str](), *(frozenset({code}) for code in asked), *meet]:
            yield {code: (code in few) != most for code in asked}


def _walks(flow: Flow, now: Standing, asked: set[str]) -> Iterator[Standing]:
    """Yield where every walk ends; `asked` are the steps of a bundle whose outcome others depend on."""
    open_ = steps(flow, now).open
    if not open_:
        yield now
        return
    step = flow.by_code[open_[0]]
    for outcome in _outcomes(flow, step, asked):
        yield from _walks(flow, after(now, Logged(0, ACTS.get(step.kind, Act.DONE), step.code, outcome.value)), asked)


def _outcomes(flow: Flow, step: Step, asked: set[str]) -> tuple[Outcome, ...]:
    if flow.promise and step.code == flow.promise.verify:
        return (Outcome.DONE, Outcome.UNTRUE)
    outcomes = OUTCOMES.get(step.kind, (Outcome.DONE,))
    return outcomes[:1] if step.kind is Kind.MATTER and step.code not in asked else outcomes


def _never(flow: Flow, code: str) -> Fault:
    name = flow.by_code[code].name
    return Fault(
        code,
        Text(
            f"有的办件会停在“{name.zh}”之前，永远办不完。", f"Some cases would stop before “{name.en}” and never end."
        ),
    )


def _unreached(step: Step) -> Fault:
    return Fault(step.code, Text(f"“{step.name.zh}”永远轮不到。", f"“{step.name.en}” is never reached."))
