"""How matters are handled is read from a city's pack; a flow nobody handles or nobody ends is refused on its line."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from bancheng.kernel.cases import public as cases
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.conditions import Value
from bancheng.lib.refusal import Refused
from bancheng.pack import checks, flows, loader, reader
from bancheng.pack import forms as asking

TINY = Path(__file__).parent / "data" / "tiny"
XUCHANG = Path(__file__).parents[3] / "packs" / "xuchang"
SECTIONS = {*(f"services/{one.name}" for one in (XUCHANG / "services").iterdir()), "claims"}
REGION = "419001"
AT = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
FILE = "flows/market.toml"
GIVEN = """[[flow]]
code = "food-business"
matter = "food-business"
name = "食品经营许可"
name_en = "Food business licence"

[[flow.steps]]
code = "review"
kind = "review"
name = "审查受理"
name_en = "Review"
role = "case_officer"
clock = { rule = "C-01", since = "received", promised = { n = 1, unit = "WD" } }

[[flow.steps]]
code = "visit"
kind = "visit"
name = "现场核查"
name_en = "Visit"
role = "case_officer"
unit = "market"
after = ["review"]
when = "cooked"

[[flow.steps]]
code = "decide"
kind = "decide"
name = "决定"
name_en = "Decision"
role = "approver"
after = ["review", "visit"]
clock = { rule = "C-02.decide", since = "accepted", promised = { n = 5, unit = "WD" } }
issues = { licence_type = "food-business", number = "JY2{area}{serial:07}", months = 60 }

[[flow.steps]]
code = "serve"
kind = "serve"
name = "送达"
name_en = "Service"
after = ["decide"]

[[flow]]
code = "open-shop"
name = "开店一件事"
name_en = "Opening a shop"

[[flow.steps]]
code = "food"
kind = "matter"
name = "食品经营许可"
name_en = "Food business licence"
matter = "food-business"
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    (folder / "flows").mkdir()
    (folder / FILE).write_text(GIVEN, encoding="utf-8")
    return folder


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def problems(folder: Path) -> list[str]:
    notes = reader.Notes(folder)
    whole = checks.read(folder, notes=notes)
    asked = asking.read(folder, notes=notes, catalogue=whole)
    flows.read(folder, notes=notes, catalogue=whole, asked=asked)
    return [str(problem) for problem in sorted(set(notes.problems))]


def load(folder: Path) -> loader.LoadReport:
    return loader.load_city(folder, by="staff:1", at=AT)


@pytest.mark.django_db
def test_flows_come_in_with_the_city_and_twice_changes_nothing(tiny: Path) -> None:
    assert problems(tiny) == []
    assert load(tiny).changes["flows"].added == ("food-business", "open-shop")
    assert load(tiny).nothing
    _, flow = cases.current_flow(region=REGION, code="food-business")
    assert flow.version == 1
    assert [step.code for step in flow.steps] == ["review", "visit", "decide", "serve"]


@pytest.mark.django_db
def test_a_changed_step_is_a_version_of_its_own_and_leaves_the_other_flows_alone(tiny: Path) -> None:
    load(tiny)
    old, _ = cases.current_flow(region=REGION, code="food-business")
    rewrite(tiny / FILE, "promised = { n = 5", "promised = { n = 4")
    changes = load(tiny).changes["flows"]
    assert (changes.changed, changes.unchanged) == (("food-business",), 1)
    new, flow = cases.current_flow(region=REGION, code="food-business")
    assert (new != old, flow.version) == (True, 2)
    assert cases.current_flow(region=REGION, code="open-shop")[1].version == 1


@pytest.mark.django_db
def test_a_pack_without_flows_handles_nothing_online(tiny: Path) -> None:
    load(tiny)
    shutil.rmtree(tiny / "flows")
    assert load(tiny).changes["flows"].retired == ("food-business", "open-shop")
    with pytest.raises(Refused, match="no_such_flow"):
        cases.current_flow(region=REGION, code="food-business")


@pytest.mark.django_db
def test_a_faulty_flow_leaves_nothing_of_the_whole_pack(tiny: Path) -> None:
    rewrite(tiny / FILE, 'role = "approver"', 'role = "boss"')
    with pytest.raises(reader.Faulty, match=r"flows/market\.toml:26"):
        load(tiny)
    assert catalogue.cities() == []


# what stands there, what is put instead, the sentence (line first)
SLIPS = [
    ('after = ["review"]', 'after = ["reviews"]', "16: 前置环节“reviews”不存在。"),
    ('role = "approver"', 'role = "boss"', "26: 没有“boss”这个角色。"),
    ('role = "approver"\n', "", "26: 没有写明由谁办理。"),
    ('unit = "market"', 'unit = "nobody"', "16: 没有“nobody”这个单位。"),
    ('matter = "food-business"', 'matter = "food"', "3: 没有“food”这个事项。"),
    ('_en = "Food business licence"\nmatter = "food-business"', '_en = "Food"\nmatter = "food"', "48: 没有“food”这个事项。"),
    ('rule = "C-02.decide"', 'rule = "C-2"', "26: 期限表里没有C-2。"),
    ('rule = "C-02.decide"', 'rule = "C-01"', "2: 两个环节用同一个期限C-01。"),
    ('rule = "C-02.decide"', 'rule = "C-06.notify"', "26: C-06.notify不是从某日起算的期限"),
    ('since = "accepted"', 'since = "then"', "32: “since”应为"),
    ('when = "cooked"', 'when = "cooked ="', "23: “when”第8个字符：相等请写“==”。"),
    ('when = "cooked"', 'when = "seats > 1"', "16: 条件里的“seats”没有定义。"),
    ('when = "cooked"', 'when = "cooked > 1"', "16: “cooked”与“1”不能比较。"),
    ('code = "open-shop"', 'code = "food-business"', "43: “food-business”重复。"),
    ('code = "visit"', 'code = "review"', "16: 环节“review”重复。"),
    ('after = ["review"]', 'after = ["decide"]', "26: 环节互相等待，永远轮不到：decide → visit。"),
    ('after = ["review"]\n', "", "16: 没有写明在哪个环节之后，永远轮不到。"),
    ('after = ["decide"]', 'after = ["decide"]\nonly_if = "withdrawn"', "36: “送达”永远轮不到。"),
    ('after = ["decide"]', 'after = ["visit"]', "36: 送达和回访应在决定之后。"),
    ('kind = "visit"', 'kind = "stroll"', "17: “kind”应为"),
    ('kind = "visit"', 'kind = "decide"', "2: 应恰有一个“决定”环节。"),
    ('licence_type = "food-business"', 'licence_type = "food"', "26: 没有“food”这种证照。"),
    ("{serial:07}", "0000001", "26: 证号写法有误"),
    ('kind = "matter"', 'kind = "work"', "48: “一件事”只由事项组成。"),
    ('unit = "market"', 'units = "market"', "21: 不认识的键“units”"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "says"), SLIPS, ids=[says.split("：")[0][:44] for *_, says in SLIPS])
def test_a_slip_is_told_by_file_and_line(tiny: Path, old: str, new: str, says: str) -> None:
    rewrite(tiny / FILE, old, new)
    found = problems(tiny)
    assert any(line.startswith(f"{FILE}:{says}") for line in found), found


# --- the flows of the reference city ---

BUNDLES = {
    "open-restaurant": (
        "business-licence-check", "food-business-new", "sign-board", "fire-check", "tobacco-retail-new",
    ),
    "move-in": ("migration-in",),
    "change-information": (
        "registration-change", "seal-engraving", "tax-change", "social-insurance-change", "housing-fund-change",
        "bank-account-change",
    ),
    "close-business": (
        "tax-cancellation", "registration-cancellation", "customs-cancellation", "social-insurance-cancellation",
        "bank-account-cancellation", "seal-cancellation", "housing-fund-cancellation",
    ),
    "open-business": (
        "registration-opening", "seal-engraving", "invoice-setup", "social-insurance-registration",
        "housing-fund-registration", "bank-account-booking",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def xuchang() -> tuple[catalogue.Catalogue, Mapping[str, cases.Flow]]:
    notes = reader.Notes(XUCHANG)
    whole = checks.read(XUCHANG, notes=notes, sections=SECTIONS)
    assert whole is not None
    asked = asking.read(XUCHANG, notes=notes, catalogue=whole, matters_are_known=True)
    found = flows.read(XUCHANG, notes=notes, catalogue=whole, asked=asked)
    notes.check()
    return whole, {flow.code: flow for flow in found}


City = tuple[catalogue.Catalogue, Mapping[str, cases.Flow]]


def test_the_five_bundles_are_made_of_their_matters_and_each_has_its_flow(xuchang: City) -> None:
    """A14.1 A14.2 A14.3 F14.1 F14.2 F14.4 F14.5 F14.6 R14.9"""
    _, found = xuchang
    bundles = {flow.code: tuple(step.matter for step in flow.steps) for flow in found.values() if flow.is_bundle}
    assert bundles == BUNDLES
    assert {flow.code for flow in found.values() if not flow.is_bundle} == {
        m for all_of in BUNDLES.values() for m in all_of
    }


def test_a_flow_promises_what_its_guide_promises(xuchang: City) -> None:
    """R-CLK-8: the decision's clock, with that of a visit whose end it waits for, is the limit the guide tells"""
    whole, found = xuchang
    rules = clocks.rules()
    for matter in (one for one in whole.matters if one.code in found):
        timed = [
            step
            for step in found[matter.code].steps
            if step.kind in (cases.Kind.VISIT, cases.Kind.DECIDE) and step.clock
        ]
        lengths = [(rules[step.clock.rule].length, step.clock.promised) for step in timed if step.clock]
        assert matter.statutory is not None
        assert matter.promised is not None
        assert {legal.unit for legal, _ in lengths} == {matter.statutory.unit}, matter.code
        assert sum(legal.n for legal, _ in lengths) == matter.statutory.n, matter.code
        assert sum(promised.n for _, promised in lengths if promised) == matter.promised.n, matter.code


def follow(xuchang: City, bundle: str, values: Mapping[str, Value]) -> set[str]:
    return {step.code for step in xuchang[1][bundle].steps if step.when.holds(values)}


def test_the_floor_area_calls_in_the_fire_check_and_tobacco_is_a_wish(xuchang: City) -> None:
    """B14.3 F14.2"""
    always = {"business-licence-check", "food-business-new"}
    assert follow(xuchang, "open-restaurant", {"floor_area": 29_999}) == always
    assert follow(xuchang, "open-restaurant", {"floor_area": 30_000}) == always | {"fire-check"}
    wishes: dict[str, Value] = {"wants_sign": True, "wants_tobacco": True}
    assert follow(xuchang, "open-restaurant", wishes) == always | {"sign-board", "tobacco-retail-new"}


def test_what_changed_says_which_matters_follow(xuchang: City) -> None:
    """F14.4"""
    assert follow(xuchang, "change-information", {"changed_items": ("capital",)}) == {"registration-change"}
    assert follow(xuchang, "change-information", {"changed_items": ("scope",)}) == {"registration-change", "tax-change"}
    moved = follow(xuchang, "change-information", {"changed_items": ("address",)})
    assert set(BUNDLES["change-information"]) - moved == {"seal-engraving"}
    assert follow(xuchang, "change-information", {"changed_items": ("capital", "name")}) == set(
        BUNDLES["change-information"]
    )


def test_taxes_are_settled_before_the_registration_ends_and_the_rest_comes_after(xuchang: City) -> None:
    """F14.5"""
    first, second, *others = xuchang[1]["close-business"].steps
    assert first.after == ()
    for earlier, later in pairwise((first, second)):
        assert (later.after, later.needs_grant) == ((earlier.code,), True)
    assert all((step.after, step.needs_grant) == ((second.code,), True) for step in others)
    assert "customs-cancellation" not in follow(xuchang, "close-business", {})
    assert "customs-cancellation" in follow(xuchang, "close-business", {"customs_code": "4110960001"})


def test_what_a_flow_issues_is_what_its_guide_names_and_the_alarm_knows_its_end(xuchang: City) -> None:
    """F14.2 R14.5"""
    whole, found = xuchang
    types = {matter.code: matter.licence_type for matter in whole.matters}
    months = {}
    for flow in found.values():
        for step in flow.steps:
            if step.issue:
                assert step.issue.licence_type == types[flow.matter]
                months[flow.code] = step.issue.months
    assert months == {
        "food-business-new": 60, "tobacco-retail-new": 60, "sign-board": None, "fire-check": None,
        "migration-in": None, "registration-opening": None,
    }  # fmt: skip


def test_a_fire_promise_is_verified_and_an_inspection_is_not_visited_twice(xuchang: City) -> None:
    """R-GC-3 R14.5"""
    fire = xuchang[1]["fire-check"].by_code
    promise, inspection = {"fire_route": "promise"}, {"fire_route": "inspection"}
    assert [fire[code].when.holds(promise) for code in ("visit", "verify")] == [False, True]
    assert [fire[code].when.holds(inspection) for code in ("visit", "verify")] == [True, False]
    verify = fire["verify"].clock
    assert verify is not None
    assert verify.rule == "C-14.verify"


def test_a_promise_without_its_statute_is_refused_where_life_and_safety_are_at_stake(tmp_path: Path) -> None:
    """R-GC-1, R-GC-2, R14.5: art. 15 of the Fire Law provides it; taken away, the pack is not loaded."""
    folder = Path(shutil.copytree(XUCHANG, tmp_path / "xuchang"))
    file = folder / "flows" / "restaurant.toml"
    rewrite(file, 'sample = 100\nlaw = "消防法 第十五条"\n', "sample = 100\n")
    notes = reader.Notes(folder)
    whole = checks.read(folder, notes=notes, sections=SECTIONS)
    flows.read(folder, notes=notes, catalogue=whole, asked=asking.read(folder, notes=notes, catalogue=whole))
    told = [problem for problem in notes.problems if problem.file == "flows/restaurant.toml"]
    assert {one.zh.partition("，")[0] for one in told} == {"该事项涉及公共安全", "该事项涉及生命健康"}
    line = file.read_text(encoding="utf-8").splitlines()[told[0].line - 1]
    assert line == 'code = "fire-check"'


def test_the_reference_city_promises_what_the_fire_law_provides_and_nothing_else(xuchang: City) -> None:
    """R-GC-1 R14.5"""
    whole, found = xuchang
    offered = {flow.code: flow.promise for flow in found.values() if flow.promise}
    assert set(offered) == {"fire-check"}
    assert offered["fire-check"].law == "消防法 第十五条"
    assert offered["fire-check"].standards
    (matter,) = [one for one in whole.matters if one.code == "fire-check"]
    assert set(matter.concerns) == {catalogue.Concern.PUBLIC_SECURITY, catalogue.Concern.LIFE_HEALTH}


def test_follow_ups_of_the_reference_city_run_on_clocks(xuchang: City) -> None:
    """K24"""
    after = [step for flow in xuchang[1].values() for step in flow.steps if step.kind is cases.Kind.FOLLOW_UP]
    assert {step.code for step in after} == {"verify", "recheck", "first-visit"}
    assert all(step.clock for step in after)
