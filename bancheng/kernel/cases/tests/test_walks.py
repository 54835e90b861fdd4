"""Nobody is stuck: walks by chance through made-up flows, through our own and through those of the city's pack."""

from datetime import datetime
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bancheng.kernel.cases import testing
from bancheng.kernel.cases.public import Flow, Join, Kind, Outcome, State, Step
from bancheng.kernel.cases.rules.walks import stuck
from bancheng.kernel.cases.testing import matter, text
from bancheng.kernel.cases.tests.walking import Walk, pack_flows, walk
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.conditions import TRUE, parse

AT = datetime(2026, 3, 2, 9, tzinfo=clocks.SHANGHAI)
OURS = [testing.WHOLE, testing.FIRE, testing.FOOD, testing.RESTAURANT]
WHEN = st.sampled_from([TRUE, TRUE, parse("route == 'a'"), parse("floor_area > 3")])


@st.composite
def singles(draw: st.DrawFn) -> Flow:
    """Flows of one matter: any work before and behind the decision, joined as it comes, some of it conditional."""
    made = [Step("review", Kind.REVIEW, text("审查"), "case_officer")]

    def add(code: str, kind: Kind, *, among: list[str], when: bool = True, only: bool = False) -> None:
        after = draw(st.lists(st.sampled_from(among), min_size=1, max_size=3, unique=True))
        if kind is Kind.DECIDE:
            after = [*after, "review"]
        made.append(
            Step(
                code,
                kind,
                text(code),
                "case_officer",
                after=tuple(after),
                join=draw(st.sampled_from(Join)),
                when=draw(WHEN) if when else TRUE,
                only_if=draw(st.sampled_from([None, Outcome.GRANTED, Outcome.DENIED])) if only else None,
            )
        )

    for n in range(draw(st.integers(0, 4))):
        add(f"w{n}", draw(st.sampled_from([Kind.WORK, Kind.VISIT])), among=[step.code for step in made])
    add("decide", Kind.DECIDE, among=[step.code for step in made], when=False)
    add("serve", Kind.SERVE, among=["decide"], when=False)
    behind = ["decide", "serve"]
    for n in range(draw(st.integers(0, 3))):
        add(f"f{n}", draw(st.sampled_from([Kind.WORK, Kind.FOLLOW_UP])), among=behind, only=True)
        behind.append(f"f{n}")
    return Flow("made", text("made"), tuple(made), "made")


@st.composite
def bundles(draw: st.DrawFn) -> Flow:
    """Bundles: matters behind any of those before them, waiting for their grant or only for their end."""
    steps: list[Step] = []
    for n in range(draw(st.integers(1, 7))):
        before = [step.code for step in steps]
        after = draw(st.lists(st.sampled_from(before), max_size=3, unique=True)) if before else []
        when, join = draw(st.sampled_from(["true", "route == 'a'"])), draw(st.sampled_from(Join))
        one = matter(f"m{n}", unit="market", after=after, when=when)
        needs = bool(after) and draw(st.booleans())
        steps.append(Step(**{**one.__dict__, "join": join, "needs_grant": needs}))
    return Flow("made", text("made"), tuple(steps))


@settings(max_examples=400, deadline=None)
@given(st.one_of(singles(), bundles()), st.integers(0, 2**32))
def test_no_walk_through_a_flow_that_passes_the_check_stops_for_ever(flow: Flow, seed: int) -> None:
    """Issue 3: random walks: no case stuck, no illegal state, no joint refusal (R14.2)."""
    assert [fault for fault in stuck(flow) if "永远轮不到" not in fault.says.zh] == []
    walk(flow, Random(seed))


@pytest.mark.parametrize("flow", OURS, ids=lambda flow: flow.code)
def test_two_hundred_walks_through_each_of_our_own_flows_end(flow: Flow) -> None:
    for seed in range(200):
        walk(flow, Random(seed))


def test_ten_thousand_walks_through_the_flows_of_the_pack_end(loaded_city: None) -> None:
    """Issue 3: 10,000 walks, each flow of the pack in its turn."""
    flows = pack_flows()
    assert [fault for flow in flows for fault in stuck(flow)] == []
    for seed in range(10_000):
        walk(flows[seed % len(flows)], Random(seed))


@pytest.mark.usefixtures("flows")
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    database=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking would walk for minutes; the seed says enough
)
@given(st.sampled_from(["restaurant", "whole", "fire"]), st.integers(0, 2**32))
def test_whatever_is_done_in_whatever_order_what_is_stored_is_what_the_log_says(code: str, seed: int) -> None:
    """Columns, tasks and clocks are worked out from the log; each clock explains itself in both languages (R-CLK-1)."""
    flow = next(flow for flow in OURS if flow.code == code)
    Walk(flow, Random(seed), key=f"{code}-{seed}", at=AT).run(25)


@pytest.mark.usefixtures("flows")
def test_walks_by_chance_reach_most_of_the_vocabulary() -> None:
    """A walk that only ever withdrew would prove little."""
    seen: set[str] = set()
    for seed in range(3):
        going = Walk(testing.RESTAURANT, Random(seed), key=f"seen-{seed}", at=AT)
        going.run(30)
        seen |= going.seen
    assert seen >= {State.SUBMITTED, State.CORRECTING, State.ACCEPTED, State.HANDLING, State.CLOSED}


def test_the_flows_of_the_pack_are_walked_through_the_operations(loaded_city: None) -> None:
    """Issue 3: the pack's own flows, as the operations run them."""
    for seed, flow in enumerate(pack_flows()):
        if flow.is_bundle:
            Walk(flow, Random(seed), key=f"pack-{flow.code}", at=AT).run(25)
