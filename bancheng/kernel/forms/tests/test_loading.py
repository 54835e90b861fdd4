"""What a pack asks comes into the tables, twice changes nothing, and what leaves it is retired."""

import pytest

from bancheng.kernel.forms import public as forms
from bancheng.kernel.forms import testing
from bancheng.kernel.forms.facts import Forms
from bancheng.kernel.forms.jobs import SCHEDULE
from bancheng.kernel.forms.tests.samples import ELEMENTS, SPEC
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.jobs.public import later
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db


def load(elements=ELEMENTS, specs=(SPEC,)):
    return forms.load(Forms(tuple(elements), tuple(specs)), region=testing.REGION, by="test", at=testing.AT)


def test_what_is_read_back_is_what_was_loaded():
    assert load()["elements"].added == tuple(sorted(one.code for one in ELEMENTS))
    assert forms.elements(testing.REGION) == {one.code: one for one in ELEMENTS}
    assert forms.specs(testing.REGION) == {"food": SPEC}
    assert forms.form(testing.REGION, ["food"]) == testing.form(SPEC, elements=ELEMENTS)
    assert forms.elements("419001") == {}


def test_twice_changes_nothing_and_what_leaves_is_retired_and_comes_back():
    load()
    assert all(changes.nothing for changes in load().values())
    left = load(elements=[*ELEMENTS[:-1], testing.element("more")], specs=())
    assert (left["elements"].added, left["elements"].retired, left["forms"].retired) == (
        ("more",),
        ("remark",),
        ("food",),
    )
    with pytest.raises(Refused, match="no_form"):
        forms.form(testing.REGION, ["food"])
    assert load()["forms"].changed == ("food",)
    assert forms.form(testing.REGION, ["food"]).matters == ("food",)


@pytest.mark.parametrize("matters", [[], ["gone"], ["food", "gone"]])
def test_a_matter_without_a_form_is_told_so(matters):
    load()
    with pytest.raises(Refused, match="no_form") as no:
        forms.form(testing.REGION, matters)
    assert no.value.status == 404


def test_old_drafts_are_forgotten_by_a_job_of_the_night():
    assert "forms.forget_drafts" in SCHEDULE
    later("forms.forget_drafts", key="now")
    assert jobs.run_all() == 1
