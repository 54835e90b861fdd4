"""Where a case stands after its log: every state is reached, every act counts or is known not to."""

from collections.abc import Sequence

import pytest

from bancheng.kernel.cases.rules.standing import Logged, Standing, check_undo, outcome, standing, state, steps
from bancheng.kernel.cases.rules.words import ACTS, STATES, Act, Outcome, State
from bancheng.kernel.cases.testing import RESTAURANT, WHOLE
from bancheng.lib.refusal import Refused

ROUTE = {"visit": False}
FILED = [(Act.SUBMITTED, "", "")]
ACCEPTED = [*FILED, (Act.ACCEPTED, "review", "")]
WORKED = [*ACCEPTED, (Act.DONE, "work", "done")]
DECIDED = [*WORKED, (Act.DECIDED, "decide", "granted")]
SERVED = [*DECIDED, (Act.SERVED, "serve", "done")]
FOLLOWED = [*SERVED, (Act.DONE, "papers", "done"), (Act.CLOSED, "", "")]
CLOSED = [*FOLLOWED, (Act.DONE, "verify", "done")]
CORRECTING = [*FILED, (Act.CORRECTION_ASKED, "review", ""), (Act.CORRECTION_SENT, "", "")]
STATE_OF: dict[State, Sequence[tuple[Act, str, str]]] = {
    State.SUBMITTED: FILED,
    State.REVIEWING: [*FILED, (Act.TAKEN, "review", "")],
    State.CORRECTING: CORRECTING,
    State.ACCEPTED: ACCEPTED,
    State.NOT_ACCEPTED: [*FILED, (Act.NOT_ACCEPTED, "review", "")],
    State.HANDLING: WORKED,
    State.PAUSED: [*WORKED, (Act.PAUSED, "", "")],
    State.DECIDED: DECIDED,
    State.SERVED: SERVED,
    State.FOLLOWING_UP: FOLLOWED,
    State.CLOSED: CLOSED,
    State.ARCHIVED: [*CLOSED, (Act.ARCHIVED, "", "")],
    State.WITHDRAWN: [*ACCEPTED, (Act.WITHDRAWN, "", "")],
    State.TERMINATED: [*ACCEPTED, (Act.TERMINATED, "", "")],
    State.WAIVED: [*CORRECTING, (Act.WAIVED, "", "")],
    State.TRANSFERRED: [*FILED, (Act.TRANSFERRED, "", "")],
}
# an act, and a log after which it makes a difference
COUNTS: dict[Act, Sequence[tuple[Act, str, str]]] = {
    Act.SUBMITTED: [],
    Act.TAKEN: FILED,
    Act.CORRECTION_ASKED: FILED,
    Act.CORRECTION_SENT: FILED,
    Act.CORRECTED: CORRECTING,
    Act.ACCEPTED: FILED,
    Act.DEEMED_ACCEPTED: FILED,
    Act.NOT_ACCEPTED: FILED,
    Act.DONE: ACCEPTED,
    Act.RETRIED: [*FILED, (Act.DONE, "check", "denied")],
    Act.PAUSED: ACCEPTED,
    Act.RESUMED: [*ACCEPTED, (Act.PAUSED, "", "")],
    Act.DECIDED: WORKED,
    Act.SERVED: DECIDED,
    Act.CLOSED: SERVED,
    Act.ARCHIVED: CLOSED,
    Act.WITHDRAWN: FILED,
    Act.TERMINATED: FILED,
    Act.WAIVED: FILED,
    Act.TRANSFERRED: FILED,
    Act.UNDONE: [*FILED, (Act.TAKEN, "review", "")],
}
ONLY_TOLD = {
    Act.GIVEN_BACK, Act.GAP_PROMISED, Act.GAP_SUPPLIED, Act.GAP_BROKEN, Act.EXTENDED, Act.ESCALATED, Act.ISSUED,
    Act.PROMISED, Act.REVOKED, Act.HANDED_OVER, Act.ANSWER_LATE,
}  # fmt: skip
STEP = {Act.RETRIED: "check", Act.DECIDED: "decide", Act.SERVED: "serve", Act.DONE: "work"}


def log(acts: Sequence[tuple[Act, str, str]]) -> list[Logged]:
    return [
        Logged(n, act, step, came, ROUTE if act is Act.SUBMITTED else {}, rule="C-02.decide")
        for n, (act, step, came) in enumerate(acts, start=1)
    ]


@pytest.mark.parametrize("wanted", State)
def test_every_state_of_the_vocabulary_is_reached(wanted: State) -> None:
    assert state(WHOLE, standing(log(STATE_OF[wanted]))) is wanted
    assert STATES[wanted].zh
    assert STATES[wanted].en


@pytest.mark.parametrize("act", Act)
def test_every_act_counts_or_is_known_to_be_only_told(act: Act) -> None:
    assert (act in COUNTS) != (act in ONLY_TOLD)
    assert ACTS[act].zh
    before = log(COUNTS.get(act, SERVED))
    came = {Act.DECIDED: "granted", Act.SERVED: "done"}.get(act, "")
    line = Logged(99, act, STEP.get(act, "review"), came, undoes=2 if act is Act.UNDONE else 0, rule="C-02.decide")
    assert (standing([*before, line]) != standing(before)) == (act in COUNTS)


@pytest.mark.parametrize(
    "exit_", [s for s in State if s.value in Outcome._value2member_map_ and s is not State.ACCEPTED]
)
def test_after_an_exit_nothing_is_open_and_the_bundle_hears_of_it(exit_: State) -> None:
    now = standing(log(STATE_OF[exit_]))
    assert (steps(WHOLE, now).open, now.over, outcome(now)) == ((), True, Outcome(exit_.value))


def test_what_stands_behind_a_step_that_is_left_out_waits_for_what_stood_before_that_one() -> None:
    """F14.2: the visit falls away on the promise route; the decision still comes behind acceptance."""
    now = standing([Logged(1, Act.SUBMITTED, branches={"visit": False})])
    assert steps(WHOLE, now).open == ("review",)
    assert steps(WHOLE, standing(log(ACCEPTED))).open == ("work",)


def test_a_pause_of_one_clock_ends_when_that_clock_resumes_and_not_with_another() -> None:
    """R-CLK-1, R-CLK-4: several clocks run at once, each has its own pause."""
    lines = [
        *log(WORKED),
        Logged(10, Act.PAUSED, rule="C-02.decide"),
        Logged(11, Act.PAUSED, rule="C-03.decide"),
        Logged(12, Act.RESUMED, rule="C-03.decide"),
    ]
    assert state(WHOLE, standing(lines)) is State.PAUSED
    assert state(WHOLE, standing([*lines, Logged(13, Act.RESUMED, rule="C-02.decide")])) is State.HANDLING


def test_a_bundle_is_to_be_corrected_as_long_as_one_of_its_matters_is() -> None:
    """R14.3: a matter that ends otherwise needs no answer any more."""
    lines = [Logged(1, Act.SUBMITTED), Logged(2, Act.CORRECTION_SENT, steps=("check", "sign"))]
    one_left = [*lines, Logged(3, Act.DONE, "sign", "withdrawn")]
    assert state(RESTAURANT, standing(one_left)) is State.CORRECTING
    assert state(RESTAURANT, standing([*one_left, Logged(4, Act.DONE, "check", "withdrawn")])) is State.HANDLING


def test_a_step_taken_back_counts_as_never_done() -> None:
    before, lines = log(ACCEPTED), [*log(ACCEPTED), Logged(3, Act.DONE, "work", "done")]
    assert standing([*lines, Logged(4, Act.UNDONE, undoes=3)]) == standing(before)


def test_an_escalation_in_between_does_not_take_the_way_back() -> None:
    last = Logged(3, Act.DONE, "work", "done")
    lines = [*log(ACCEPTED), last, Logged(4, Act.ESCALATED, rule="C-02.decide")]
    assert check_undo(lines, standing(lines)) == last


@pytest.mark.parametrize("wanted", [State.SUBMITTED, State.CORRECTING, State.ACCEPTED, State.DECIDED, State.WITHDRAWN])
def test_what_has_taken_effect_outside_is_not_undone(wanted: State) -> None:
    lines = log(STATE_OF[wanted])
    with pytest.raises(Refused, match="nothing_to_undo"):
        check_undo(lines, standing(lines))


def test_a_case_without_a_log_stands_nowhere() -> None:
    assert steps(WHOLE, Standing()).open == ()
