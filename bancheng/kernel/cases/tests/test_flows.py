"""What is wrong with a flow is said once, on its step; one that can stop for ever is found; what is kept reads as it was."""

from dataclasses import replace

import pytest

from bancheng.kernel.cases import testing
from bancheng.kernel.cases.flows import from_json, to_json
from bancheng.kernel.cases.rules.flow import ClockSpec, Flow, Issue, Join, Known, Since, Step, faults
from bancheng.kernel.cases.rules.walks import stuck
from bancheng.kernel.cases.rules.words import Kind, Outcome
from bancheng.kernel.cases.testing import RESTAURANT, WHOLE, days, matter, text
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.conditions import Kind as Stands
from bancheng.lib.conditions import parse

KNOWN = Known(
    roles=frozenset({"case_officer", "approver"}),
    units=frozenset({"market", "urban", "fire"}),
    matters=frozenset({"check", "food", "sign", "fire", "whole"}),
    flows=frozenset({"check", "food", "sign", "fire", "whole"}),
    licence_types=frozenset({"food-business"}),
    elements={"route": Stands.TEXT, "wants_sign": Stands.TRUTH, "floor_area": Stands.WHOLE},
    rules=clocks.rules(),
)


def but(step: str, **over: object) -> Flow:
    """Return the whole flow with one step otherwise."""
    return replace(WHOLE, steps=tuple(replace(s, **over) if s.code == step else s for s in WHOLE.steps))


def with_step(step: Step, flow: Flow = WHOLE) -> Flow:
    return replace(flow, steps=(*flow.steps, step))


def bundle(*steps: Step) -> Flow:
    return Flow("b", text("一件事"), steps)


def work(code: str = "more", **over: object) -> Step:
    return Step(code, Kind.WORK, text(code), "case_officer", after=("review",), **over)  # type: ignore[arg-type]


WRONG = [
    (with_step(work("work")), "重复"),
    (with_step(work(clock=ClockSpec("C-01", Since.OPENED))), "同一个期限"),
    (bundle(), "没有事项"),
    (bundle(matter("check", unit="market"), work()), "只由事项组成"),
    (with_step(replace(WHOLE.by_code["decide"], code="again", clock=None)), "恰有一个“决定”"),
    (but("review", when=parse("wants_sign")), "必须在最前"),
    (but("decide", when=parse("wants_sign")), "不能附条件"),
    (with_step(replace(work(), after=("nowhere",))), "不存在"),
    (with_step(work(needs_grant=True)), "只用于“一件事”"),
    (with_step(replace(work(), after=())), "没有写明在哪个环节之后"),
    (with_step(work(only_if=Outcome.GRANTED)), "只能用在决定之后"),
    (with_step(replace(work(), kind=Kind.FOLLOW_UP)), "应在决定之后"),
    (bundle(matter("nothing", unit="market")), "没有“nothing”这个事项"),
    (bundle(replace(matter("check", unit="market"), flow="nothing")), "没有“nothing”这个流程"),
    (bundle(replace(matter("check", unit="market"), flow="restaurant")), "没有“restaurant”这个流程"),
    (bundle(matter("check", unit="")), "无人受理"),
    (but("work", role=""), "没有写明由谁办理"),
    (but("work", role="nobody"), "没有“nobody”这个角色"),
    (but("work", unit="nowhere"), "没有“nowhere”这个单位"),
    (but("work", when=parse("nothing")), "“nothing”没有定义"),
    (but("work", when=parse("false")), "永远不成立"),
    (but("work", clock=ClockSpec("C-00", Since.OPENED)), "期限表里没有C-00"),
    (but("work", clock=ClockSpec("C-05.apply", Since.OPENED)), "不是从某日起算"),
    (but("serve", clock=ClockSpec("C-04", Since.OPENED, days(11))), "长于C-04的法定时限"),
    (but("review", clock=ClockSpec("C-01", Since.ACCEPTED)), "不能自受理起算"),
    (but("decide", issue=Issue("no-such", "A{serial}")), "没有“no-such”这种证照"),
    (but("decide", issue=Issue("food-business", "A")), "证号写法有误"),
    (but("work", issue=Issue("food-business", "A{serial}")), "只有决定环节可以制发"),
    (but("work", after=("visit", "papers")), "互相等待"),
]  # fmt: skip


@pytest.mark.parametrize(("flow", "says"), WRONG, ids=[says for _, says in WRONG])
def test_what_is_wrong_with_a_flow_is_said_once_in_both_languages(flow: Flow, says: str) -> None:
    found = faults(flow, KNOWN)
    assert [says in fault.says.zh for fault in found].count(True) == 1, found
    assert all(fault.says.en and fault.says.en != fault.says.zh for fault in found)


@pytest.mark.parametrize("flow", [WHOLE, RESTAURANT, testing.FOOD, testing.FIRE], ids=lambda flow: flow.code)
def test_nothing_is_wrong_with_flows_that_work(flow: Flow) -> None:
    assert faults(flow, KNOWN) == []
    assert stuck(flow) == []


def test_a_leading_unit_is_one_of_the_city_and_of_a_bundle_only() -> None:
    """R14.3: 行政许可法 第二十六条."""
    known = sorted(KNOWN.units)[0]
    assert faults(replace(RESTAURANT, lead=known), KNOWN) == []
    (nobody,) = faults(replace(RESTAURANT, lead="no-such-unit"), KNOWN)
    assert "no-such-unit" in nobody.says.zh
    (single,) = faults(replace(testing.FOOD, lead=known), KNOWN)
    assert "只有“一件事”有牵头单位" in single.says.zh


def test_steps_that_wait_for_each_other_are_named_and_no_others() -> None:
    (fault,) = faults(but("work", after=("visit", "papers")), KNOWN)
    assert "decide → papers → serve → work" in fault.says.zh


def test_a_flow_whose_steps_wait_for_each_other_is_found_to_stop() -> None:
    found = stuck(but("work", after=("visit", "papers")))
    assert {fault.step for fault in found} == {"work", "decide", "serve", "papers", "verify"}


def test_a_step_for_an_outcome_that_no_decision_has_is_found_to_be_never_reached() -> None:
    flow = with_step(replace(work(), after=("decide",), only_if=Outcome.TRANSFERRED))
    assert [(fault.step, "永远轮不到" in fault.says.zh) for fault in stuck(flow)] == [("more", True)]


@pytest.mark.parametrize("join", Join)
def test_a_join_behind_steps_that_are_all_left_out_goes_on(join: Join) -> None:
    """What is left out is not waited for, and hides nothing that stands before it."""
    left_out = [work("a", when=parse("route == 'a'")), work("b", when=parse("route == 'b'"))]
    steps = [replace(s, after=("a", "b"), join=join) if s.code == "work" else s for s in WHOLE.steps]
    assert stuck(replace(WHOLE, steps=(*steps, *left_out))) == []


def test_a_matter_behind_a_refused_one_is_held_and_not_stuck() -> None:
    """R14.2: dependants wait, and the applicant can do without."""
    assert stuck(bundle(matter("check", unit="market"), matter("food", unit="market", after=["check"]))) == []


def test_a_bundle_of_forty_matters_is_looked_through_at_once() -> None:
    """Three outcomes of forty matters are more walks than a life has seconds: only those are tried that count."""
    many = [matter(f"m{n}", unit="market", when="wants_sign") for n in range(39)]
    assert stuck(bundle(matter("check", unit="market"), *many)) == []


@pytest.mark.parametrize("flow", [WHOLE, RESTAURANT, testing.FOOD], ids=lambda flow: flow.code)
def test_a_flow_that_is_kept_reads_as_it_was(flow: Flow) -> None:
    assert from_json(flow.code, flow.version, to_json(flow)) == flow


def test_a_step_without_a_clock_is_due_by_the_clock_whose_time_it_uses_up() -> None:
    assert WHOLE.rules_of("work") == WHOLE.rules_of("visit") == {"C-02.decide", "C-04"}
    assert WHOLE.rules_of("decide") == {"C-02.decide"}
    assert WHOLE.rules_of("papers") == frozenset()


# --- promises ---

MAY = replace(KNOWN, matters=KNOWN.matters | {"safety"})


def promising(step: str = "", *, known: Known = MAY, **over: object) -> list[str]:
    """Return what is wrong with the safety flow, with its promise (or one of its steps) otherwise."""
    flow = testing.SAFETY
    if step:
        flow = replace(flow, steps=tuple(replace(s, **over) if s.code == step else s for s in flow.steps))
    else:
        flow = replace(flow, promise=replace(testing.PROMISE, **over))
    return [fault.says.zh for fault in faults(flow, known)]


def test_a_promise_that_is_verified_and_mended_by_days_of_their_own_is_in_order() -> None:
    """R-GC-3: and every walk of it ends."""
    assert promising() == []
    assert stuck(testing.SAFETY) == []
    assert from_json("safety", 0, to_json(testing.SAFETY)) == testing.SAFETY


def test_where_the_law_excludes_a_promise_only_a_statute_offers_one() -> None:
    """R-GC-1, R-GC-2: security, life and health, environment, finance … : refused at load, unless the article is named."""
    known = replace(MAY, concerns={"safety": (text("生命健康"),)})
    assert promising(known=known) == []
    (says,) = promising(known=known, law="")
    assert "生命健康" in says
    assert "不适用告知承诺" in says
    assert promising(law="") == []


@pytest.mark.parametrize(
    ("step", "over", "says"),
    [
        ("", {"element": "nothing"}, "没有“nothing”"),
        ("", {"sample": 0}, "抽查比例"),
        ("", {"verify": "serve"}, "核查和复查环节"),
        ("", {"recheck": "nowhere"}, "核查和复查环节"),
        ("visit", {"when": parse("true")}, "当场决定"),
        ("verify", {"clock": None}, "核查和复查环节"),
        ("verify", {"only_if": None}, "只对选了承诺"),
        ("verify", {"when": parse("true")}, "只对选了承诺"),
        ("recheck", {"when": parse("wants_sign")}, "不另附条件"),
        ("recheck", {"after": ("decide",)}, "不另附条件"),
    ],
)
def test_a_promise_that_would_not_be_kept_to_is_refused(step: str, over: dict[str, object], says: str) -> None:
    """R-GC-1, R-GC-3: decided at once, verified by a day, mended by another."""
    assert any(says in one for one in promising(step, **over))
