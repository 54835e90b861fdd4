"""What keeps a datum or a form from being loaded."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bancheng.kernel.forms.facts import Choice, Kind
from bancheng.kernel.forms.rules import faults
from bancheng.kernel.forms.testing import element, field, rule, spec
from bancheng.lib.conditions import parse

ELEMENTS = {
    one.code: one
    for one in (
        element("seats", Kind.WHOLE, most=50),
        element("floor", Kind.WHOLE),
        element("sort", Kind.CHOICE),
        element("items", Kind.MANY),
        element("cooked", Kind.YES_NO),
        element("opens", Kind.DATE),
        element("remark"),
    )
}


@pytest.mark.parametrize(
    ("over", "at"),
    [
        ({"law": ""}, ("law",)),
        ({"owner": ""}, ("owner",)),
        ({"code": "two-words"}, ("code",)),
        ({"code": "today"}, ("code",)),
        ({"code": "not"}, ("code",)),
        ({"hint": "只有中文"}, ("hint",)),
        ({"kind": Kind.CHOICE, "choices": ()}, ("choices",)),
        ({"choices": (Choice("a", "甲", "A"), Choice("b", "乙", "B"))}, ("choices",)),
        ({"least": 1}, ("least",)),
        ({"kind": Kind.WHOLE, "least": 2, "most": 1}, ("most",)),
        ({"source": ("somewhere",)}, ("source",)),
        ({"kind": Kind.CHOICE, "choices": (Choice("a", "甲", "A"), Choice("b", "乙", ""))}, ("choices", 1)),
        ({"kind": Kind.CHOICE, "choices": (Choice("a", "甲", "A"), Choice("a", "乙", "B"))}, ("choices", 1)),
        ({"kind": Kind.CHOICE, "choices": (Choice("A", "甲", "A"), Choice("b", "乙", "B"))}, ("choices", 0)),
    ],
)
def test_an_element_without_law_owner_or_both_labels_is_refused(over, at):
    """R-OT-3: nothing may be asked for that no law lets us ask"""
    made = element(over.pop("code", "x"), over.pop("kind", Kind.TEXT), **over)
    assert [fault.at for fault in faults.of_element(made)] == [at]


def test_a_good_element_has_no_fault():
    assert [fault for one in ELEMENTS.values() for fault in faults.of_element(one)] == []


def found(*fields, rules=()):
    return [(fault.at[-1], fault.says.en) for fault in faults.of_spec(spec("m", *fields, rules=rules), ELEMENTS)]


def test_a_good_form_has_no_fault():
    assert found("cooked", field("seats", shown="cooked", required="cooked and opens >= today"), "opens") == []


@pytest.mark.parametrize(
    ("fields", "key", "part"),
    [
        (["gone"], "element", "There is no element “gone”"),
        (["seats", "seats"], "element", "asked twice"),
        (["seats", field("floor", shown="cooked")], "shown", "“cooked” in the condition is not known"),
        (["remark", field("floor", required="remark > 1")], "required", "cannot be compared"),
        (["sort", field("floor", shown="sort == 'z'")], "shown", "has no choice “z”"),
    ],
)
def test_a_form_that_names_what_is_not_there_is_refused(fields, key, part):
    assert any(at == key and part in says for at, says in found(*fields))


@pytest.mark.parametrize(
    "shown",
    [
        "false",
        "seats > 50",
        "seats < 3 and seats > 3",
        "cooked and not cooked",
        "sort == 'a' and sort == 'b'",
        "'a' in items and 'a' not in items",
        "opens > '2026-01-01' and opens < '2026-01-01'",
        "remark == 'x' and remark == 'y'",
        "floor < seats and floor == 50",
    ],
)
def test_a_field_that_no_answer_brings_up_is_refused(shown):
    asked = ["seats", "cooked", "sort", "items", "opens", "remark", "floor"]
    assert not faults.can_hold(parse(shown), ELEMENTS)
    extra = {**ELEMENTS, "x": element("x")}
    made = spec("m", *asked, field("x", shown=shown))
    assert [fault.says.en for fault in faults.of_spec(made, extra)] == ["“x” can never be shown: check its condition."]


def test_what_leans_on_a_field_that_is_never_shown_is_never_shown_either():
    told = found(field("cooked", shown="false"), field("seats", shown="cooked"), field("floor", shown="seats > 1"))
    assert [says.split("”")[0] for _, says in told] == ["“cooked", "“seats", "“floor"]


def test_a_rule_stands_by_a_field_of_the_form():
    told = found("seats", rules=[rule("seats > 1", "floor"), rule("seats == 'x'", "seats")])
    assert [key for key, _ in told] == ["at", "holds"]


def test_fields_that_bring_each_other_up_are_refused_even_across_forms():
    one = spec("one", field("seats", shown="cooked"), field("cooked", required="false"))
    two = spec("two", field("cooked", shown="seats > 1"), "seats")
    assert faults.circles([one]) == []
    assert [matter for matter, _ in faults.circles([one, two])] == ["one", "two"]


ANSWERS = {
    "seats": st.integers(0, 50),
    "floor": st.integers(0, 60),
    "cooked": st.booleans(),
    "sort": st.sampled_from("abc"),
    "items": st.lists(st.sampled_from("abc"), unique=True).map(tuple),
    "opens": st.dates(date(2025, 12, 1), date(2026, 2, 1)),
    "remark": st.sampled_from(["x", "y", "z"]),
}
PARTS = st.sampled_from(
    ["seats > 5", "seats == floor", "floor < seats", "cooked", "sort in ['a', 'b']", "'c' in items", "opens > '2026-01-01'",
     "remark != 'x'", "seats <= 50", "remark == 'y'", "floor != 7"]
)  # fmt: skip
CONDITIONS = st.recursive(
    PARTS,
    lambda inner: st.one_of(
        inner.map("not ({})".format),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map("({0[0]}) {0[1]} ({0[2]})".format),
    ),
    max_leaves=4,
)


@given(CONDITIONS, st.fixed_dictionaries({name: st.none() | one for name, one in ANSWERS.items()}))
def test_what_some_answers_bring_up_is_never_called_impossible(source, values):
    condition = parse(source)
    assert faults.can_hold(condition, ELEMENTS) or not condition.holds(values)
