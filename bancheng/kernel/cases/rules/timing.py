"""Which clocks run on a case, from when, and until when its steps are due."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from bancheng.kernel.cases.rules.flow import ClockSpec, Flow, Since
from bancheng.kernel.cases.rules.standing import Standing, steps
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.text import Text


@dataclass(frozen=True)
class Wanted:
    """A clock that should run; `since` None: from the day its step became due."""

    spec: ClockSpec
    since: date | None


ANSWER = ClockSpec("C-01.answer", Since.OPENED)  # no step's clock: the applicant's, while he corrects


def wanted(
    flow: Flow, now: Standing, *, received_on: date | None, accepted_on: date | None, told_on: date | None = None
) -> list[Wanted]:
    """Return the clocks that should run on a case, none after an exit.

    行政许可法 第三十二条: the review counts from the receipt of the papers, of corrected ones anew; while the applicant corrects, nothing
    runs against the agency, and his own time counts from the day on which he was told (`told_on`). 行政许可法 第四十二条: the decision
    counts from acceptance.
    """
    if flow.is_bundle or now.exit is not None or now.archived:
        return []
    own = [Wanted(ANSWER, told_on)] if now.correcting else []
    return own + list(_wanted(flow, now, received_on, accepted_on))


def rules_of(flow: Flow) -> set[str]:
    """Return the rules of the clocks that the engine itself starts and ends on a case of `flow`."""
    return {step.clock.rule for step in flow.steps if step.clock} | {ANSWER.rule}


def _wanted(flow: Flow, now: Standing, received_on: date | None, accepted_on: date | None) -> Iterator[Wanted]:
    stand = steps(flow, now)
    for step in flow.steps:
        spec = step.clock
        if spec is None or step.code in now.settled or step.code in stand.skipped:
            continue
        if spec.since is Since.RECEIVED and not now.correcting:
            yield Wanted(spec, received_on)
        elif spec.since is Since.ACCEPTED and now.accepted:
            yield Wanted(spec, accepted_on)
        elif spec.since is Since.OPENED and step.code in stand.open:
            yield Wanted(spec, None)


def length_of(flow: Flow, code: str) -> Text:
    """Return how long a step may take in words: what is promised, else what the law gives; nothing where no clock runs on it."""
    spec = flow.by_code[code].clock
    if spec is None:
        return Text("", "")
    return (spec.promised or clocks.rules()[spec.rule].length).text


def due(flow: Flow, code: str, running: Iterable[clocks.Clock]) -> date | None:
    """Return until when a step is due: the earliest end, by law or by promise, of the clocks it is measured by."""
    rules = flow.rules_of(code)
    return min((ends(clock) for clock in running if clock.rule.id in rules), default=None)


def ends(clock: clocks.Clock) -> date:
    """Return what runs out first: the city's promise or the law's limit (R-CLK-8)."""
    promised = clock.decision.promised
    return min(clock.due.on, promised.on) if promised else clock.due.on


def ended_by_act(flow: Flow, now: Standing, rule: str) -> bool:
    """Return whether a clock that runs no more ended because its step was done, and not because the step fell away.

    Telling what to correct does what the review's clock asks for; so does not accepting. The applicant's own ends by his answer, or by
    acceptance without one.
    """
    if rule == ANSWER.rule:
        return now.exit is None
    step = next(step for step in flow.steps if step.clock and step.clock.rule == rule)
    if step.code in now.settled:
        return True
    if now.exit is not None:
        return now.exit.value == "not_accepted"
    return now.correcting
