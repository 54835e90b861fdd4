"""One form for several matters, and one evaluator of what is typed into it."""

from datetime import UTC, date, datetime

import pytest

from bancheng.kernel.forms.facts import Held, How, Kind
from bancheng.kernel.forms.rules import asking
from bancheng.kernel.forms.testing import element, field, form, rule, spec
from bancheng.lib.text import Text

TODAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ELEMENTS = [
    element("uscc", Kind.USCC),
    element("seats", Kind.WHOLE),
    element("kind", Kind.CHOICE),
    element("items", Kind.MANY),
    element("opens", Kind.DATE),
    element("cooked", Kind.YES_NO),
    element("smoke", Kind.TEXT),
    element("floor", Kind.WHOLE),
]
FOOD = spec(
    "food",
    "uscc",
    field("seats", required="kind == 'a'"),
    "kind",
    field("cooked"),
    field("smoke", shown="cooked"),
    field("floor", required="smoke != ''", shown="smoke != ''"),
)
FIRE = spec("fire", "uscc", field("seats", required="false"), field("opens", required="false"))
SIGN = spec("sign", field("seats"), rules=[rule("seats <= 100", "seats", "太多了。")], section="sign")


def codes(fields):
    return list(fields)


def test_a_bundle_asks_each_thing_once_for_all_that_need_it():
    """F14.2 R14.3: one form; what stands in two forms is asked at its first place, for both"""
    made = form(FOOD, FIRE, SIGN, elements=ELEMENTS)
    assert list(made.fields) == ["uscc", "seats", "kind", "cooked", "smoke", "floor", "opens"]
    assert made.fields["uscc"].asked_by == ("food", "fire")
    assert made.fields["seats"].asked_by == ("food", "fire", "sign")
    assert [section.code for section in made.sections] == ["main"]
    assert made.matters == ("food", "fire", "sign")


def test_what_one_matter_requires_is_required_and_its_absence_lifts_it():
    assert "seats" not in asking.required(form(FOOD, FIRE, elements=ELEMENTS), {"kind": "b"}, TODAY)
    assert "seats" in asking.required(form(FOOD, FIRE, elements=ELEMENTS), {"kind": "a"}, TODAY)
    assert "seats" in asking.required(form(FOOD, FIRE, SIGN, elements=ELEMENTS), {"kind": "b"}, TODAY)


def test_the_digest_changes_with_what_is_asked_and_with_nothing_else():
    made = form(FOOD, elements=ELEMENTS)
    assert made.digest == form(FOOD, elements=[*ELEMENTS, element("more")]).digest
    assert made.digest != form(FOOD, FIRE, elements=ELEMENTS).digest
    renamed = [element("uscc", Kind.USCC, name="信用代码"), *ELEMENTS[1:]]
    assert made.digest != form(FOOD, elements=renamed).digest


def test_an_answer_that_nobody_can_see_decides_nothing():
    """`smoke` was typed and then hidden: what leans on it is hidden with it, and is not handed in"""
    made = form(FOOD, elements=ELEMENTS)
    values = {"cooked": True, "smoke": "x", "floor": 2}
    assert {"smoke", "floor"} <= asking.visible(made, values, TODAY).keys()
    hidden = {**values, "cooked": False}
    assert not {"smoke", "floor"} & asking.visible(made, hidden, TODAY).keys()
    held = {code: Held(value, How.TYPED, 1, "p", AT) for code, value in hidden.items()}
    assert asking.submitted(made, held, TODAY).keys() == {"cooked"}


def test_a_circle_that_two_packs_make_reads_as_unknown_and_ends():
    one = spec("one", field("cooked", shown="seats > 1"))
    two = spec("two", field("seats", shown="cooked"))
    assert asking.visible(form(one, two, elements=ELEMENTS), {"cooked": True, "seats": 2}, TODAY) == {}


def test_only_what_was_sent_is_read_and_what_cannot_be_read_stays_as_it_was_typed():
    made = form(FOOD, elements=ELEMENTS)
    reading = asking.read(made, {"seats": ["很多"], "kind": ["a"], "stranger": ["1"], "cooked": [""]}, TODAY)
    assert reading.values == {"kind": "a", "cooked": None}
    assert reading.typed == {"seats": ("很多",)}
    assert reading.errors["seats"].says.zh.startswith("“数据项seats”请填数字")


def test_everything_wrong_is_told_in_the_order_of_the_form_each_by_its_field():
    made = form(FOOD, SIGN, elements=ELEMENTS)
    found = asking.problems(made, {"kind": "z", "seats": 500, "cooked": False}, TODAY)
    assert [(one.element, one.missing) for one in found] == [("uscc", True), ("seats", False), ("kind", False)]
    assert [one.says.zh for one in found][:2] == ["请填写：数据项uscc", "太多了。"]
    assert found[1].law == "行政许可法 第三十一条"


def test_a_rule_waits_until_all_it_speaks_of_is_known():
    made = form(
        spec("m", field("opens", required="false"), field("seats", required="false"),
             rules=[rule("opens >= today or seats == 1", "opens")]),
        elements=ELEMENTS,
    )  # fmt: skip
    past = {"opens": date(2026, 3, 1)}
    assert asking.problems(made, past, TODAY) == ()
    assert [one.element for one in asking.problems(made, {**past, "seats": 2}, TODAY)] == ["opens"]
    assert asking.problems(made, {**past, "seats": 1}, TODAY) == ()


def test_a_rule_that_two_matters_share_is_told_once():
    shared = rule("seats <= 100", "seats")
    one, two = spec("one", "seats", rules=[shared]), spec("two", "seats", rules=[shared])
    assert len(asking.problems(form(one, two, elements=ELEMENTS), {"seats": 200}, TODAY)) == 1


def test_the_share_that_had_to_be_typed_counts_shown_fields_only():
    made = form(spec("m", "seats", "kind", "cooked", field("smoke", shown="cooked")), elements=ELEMENTS)
    held = {
        "seats": Held(1, How.PREFILLED, 1, "p", AT, Text("来源", "Source")),
        "kind": Held("a", How.CORRECTED, 1, "p", AT, Text("来源", "Source"), shown="b"),
        "cooked": Held(False, How.TYPED, 1, "p", AT),
        "smoke": Held("x", How.TYPED, 1, "p", AT),
    }
    assert asking.typed_share(made, held, TODAY) == pytest.approx(2 / 3)
    assert asking.typed_share(made, {}, TODAY) == 0.0


def test_a_prefilled_value_that_is_corrected_and_said_back_is_prefilled_again():
    """R2.3"""
    first = Held(1, How.PREFILLED, 1, "p", AT, Text("来源", "Source"), "licence:1", TODAY)
    other = asking.answered(first, 2, version=2, by="q", at=AT)
    assert (other.how, other.shown, other.value, other.ref) == (How.CORRECTED, 1, 2, "licence:1")
    again = asking.answered(other, 3, version=3, by="q", at=AT)
    assert (again.how, again.shown) == (How.CORRECTED, 1)
    back = asking.answered(again, 1, version=4, by="q", at=AT)
    assert (back.how, back.shown, back.source) == (How.PREFILLED, None, first.source)
