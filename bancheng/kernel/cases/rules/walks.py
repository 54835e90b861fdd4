"""Walking a flow through, with every answer and every outcome: one that can get stuck is refused before anybody is in it."""

from collections.abc import Iterator
from itertools import islice, product
from types import MappingProxyType

from bancheng.kernel.cases.rules.flow import Fault, Flow, Step
from bancheng.kernel.cases.rules.standing import Logged, Standing, complete, standing, steps
from bancheng.kernel.cases.rules.words import Act, Kind, Outcome
from bancheng.lib.text import Text

MOST = 20_000  # walks looked at; the flows of a city need some hundreds

OUTCOMES: dict[Kind, tuple[Outcome, ...]] = {
    Kind.REVIEW: (Outcome.ACCEPTED,),  # not accepted ends the case
    Kind.DECIDE: (Outcome.GRANTED, Outcome.DENIED),
    Kind.MATTER: (Outcome.GRANTED, Outcome.DENIED, Outcome.WITHDRAWN),
}
ACTS = {Kind.REVIEW: Act.ACCEPTED, Kind.DECIDE: Act.DECIDED, Kind.SERVE: Act.SERVED}


def stuck(flow: Flow) -> list[Fault]:
    """Return where a case of `flow` would stand for ever, and the steps that no walk ever reaches."""
    reached: set[str] = set()
    for conditional in _answers(flow):
        start = [Logged(1, Act.SUBMITTED, branches=MappingProxyType(conditional))]
        for log in islice(_walks(flow, start), MOST):
            now = standing(log)
            reached |= now.settled.keys()
            left = steps(flow, now)
            reached.update(left.held)
            if not complete(flow, now) and not left.held:
                return [_never(flow, code) for code in left.waiting]
    return [_unreached(step) for step in flow.steps if step.code not in reached]


def _answers(flow: Flow) -> Iterator[dict[str, bool]]:
    asked = [step.code for step in flow.steps if step.when.names]
    for truths in product((True, False), repeat=len(asked)):
        yield dict(zip(asked, truths, strict=True))


def _walks(flow: Flow, log: list[Logged]) -> Iterator[list[Logged]]:
    """Yield every walk to an end. What is settled decides what follows, not the order, so the first open step is enough."""
    now: Standing = standing(log)
    open_ = steps(flow, now).open
    if not open_:
        yield log
        return
    step = flow.by_code[open_[0]]
    for outcome in OUTCOMES.get(step.kind, (Outcome.DONE,)):
        line = Logged(len(log) + 1, ACTS.get(step.kind, Act.DONE), step.code, outcome.value)
        yield from _walks(flow, [*log, line])


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
