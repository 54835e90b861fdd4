"""What has one answer is not asked: it follows from what is applied for, says why, and can be corrected."""

import pytest

from bancheng.kernel.forms import public as forms
from bancheng.kernel.forms import testing
from bancheng.kernel.forms.facts import Derived, How, Kind
from bancheng.kernel.forms.rules import faults
from bancheng.lib.conditions import parse
from bancheng.lib.text import Text

pytestmark = pytest.mark.django_db
BECAUSE = Text("您办的是变更", "You are changing")
ELEMENTS = [testing.element("reason", Kind.CHOICE), testing.element("lit", Kind.YES_NO), testing.element("power")]
DERIVED = (
    Derived("power", "无", parse("lit == false"), BECAUSE),
    Derived("reason", "b", parse("true"), BECAUSE),
    Derived("reason", "c", parse("true"), BECAUSE),  # the first that holds
    Derived("elsewhere", "x", parse("true"), BECAUSE),  # of a sister that is not in this bundle
)
SPEC = forms.Spec("change", testing.spec("change", "reason", "lit", "power").sections, (), DERIVED)


@pytest.fixture
def made(db):
    return testing.loaded(SPEC, elements=ELEMENTS)


@pytest.fixture
def draft(made, subject):
    return testing.opened(made, subject)


def test_an_answer_that_follows_is_filled_in_with_its_reason(draft, made):
    """R2.4"""
    held = draft.held["reason"]
    assert (held.value, held.how, held.source, held.ref) == ("b", How.PREFILLED, BECAUSE, forms.DERIVED)
    assert "power" not in draft.held
    assert forms.form(testing.REGION, ["change"]).derived == made.derived
    assert "elsewhere" not in {one.element for one in made.derived}


def test_what_follows_from_an_answer_comes_and_goes_with_it(draft, made, hashes):
    lit = testing.typed(draft, made, {"lit": "no"})
    assert lit.values["power"] == "无"
    dark = testing.typed(lit, made, {"lit": "yes"})
    assert dark.values["power"] is None
    back = forms.undo(draft_id=draft.id, form=made, hashes=hashes, by="staff:1", at=testing.AT)
    assert (back.values["lit"], back.values["power"]) == (False, "无")


def test_what_the_applicant_answers_himself_stays_and_opens_no_item(draft, made, hashes):
    """R2.3: nobody keeps what follows from the application itself, so nobody has to look into it."""
    typed = testing.typed(draft, made, {"reason": "c", "lit": "yes", "power": "220"})
    assert typed.held["reason"].how is How.CORRECTED
    again = testing.typed(typed, made, {"power": "380"})
    assert again.values["reason"] == "c"
    sent = forms.submit(draft=again, form=made, seen=again.version, about="case:1", by="person:me", at=testing.AT)
    assert sent.items == ()


def test_what_follows_is_not_counted_as_typed(draft, made):
    assert forms.typed_share(made, draft.held, testing.AT.date()) == 0.0
    typed = testing.typed(draft, made, {"lit": "no"})
    assert forms.typed_share(made, typed.held, testing.AT.date()) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("derived", "key"),
    [
        (Derived("nowhere", "x", parse("true"), BECAUSE), "element"),
        (Derived("reason", "z", parse("true"), BECAUSE), "value"),
        (Derived("reason", None, parse("true"), BECAUSE), "value"),
        (Derived("reason", "a", parse("lit == 3"), BECAUSE), "when"),
        (Derived("reason", "a", parse("true"), Text("只有中文", "")), "because"),
    ],
)
def test_what_cannot_follow_is_refused_on_its_line(derived, key):
    spec = forms.Spec("m", testing.spec("m", "reason", "lit").sections, (), (derived,))
    (fault,) = faults.of_spec(spec, {one.code: one for one in ELEMENTS})
    assert fault.at == ("derived", 0, key)
