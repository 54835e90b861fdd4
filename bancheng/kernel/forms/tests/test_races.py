"""Two people, one draft, one moment."""

import pytest

from bancheng.kernel.forms import models, testing
from bancheng.kernel.forms import public as forms
from bancheng.kernel.forms.facts import Subject
from bancheng.kernel.forms.tests.samples import ELEMENTS, SPEC
from bancheng.kernel.jobs.testing import together
from bancheng.kernel.licences.testing import hash_of
from bancheng.lib.refusal import Refused

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
SUBJECT = Subject("organisation:01977420-dc00-7000-8000-000000000000", hash_of("firm"))


@pytest.fixture
def made():
    return testing.loaded(SPEC, elements=ELEMENTS)


def test_a_draft_opened_on_two_devices_at_once_is_one_draft(made):
    found = []
    together(*[lambda: found.append(testing.opened(made, SUBJECT).id)] * 4)
    assert len(set(found)) == 1
    assert models.Draft.objects.count() == 1


def test_of_four_who_change_one_field_at_once_one_is_kept_and_three_are_told(made):
    """B14.11"""
    draft, told = testing.opened(made, SUBJECT), []

    def work(n):
        def change():
            try:
                testing.typed(draft, made, {"floor_area": str(100 + n)}, by=f"staff:{n}")
            except forms.Conflict as no:
                told.append(no.clashes[0].element)

        return change

    together(*[work(n) for n in range(4)])
    assert told == ["floor_area"] * 3
    assert models.DraftChange.objects.count() == 1


def test_four_who_change_four_fields_at_once_are_all_kept(made):
    draft = testing.opened(made, SUBJECT)
    typed = {"floor_area": "100", "remark": "x", "smoke": "y", "cooked": "yes"}
    together(*[lambda code=code, text=text: testing.typed(draft, made, {code: text}) for code, text in typed.items()])
    kept = forms.draft(draft.id, hashes=[SUBJECT.holder_hash])
    assert kept.version == 5
    assert kept.values == {"floor_area": 10000, "remark": "x", "smoke": "y", "cooked": True}


def test_a_draft_is_handed_in_once(made):
    draft, refused = testing.opened(made, SUBJECT), []
    draft = testing.typed(
        draft,
        testing.form(testing.spec("m", "cooked"), elements=ELEMENTS),
        {"cooked": "no"},
    )

    def submit():
        small = testing.form(testing.spec("m", "cooked"), elements=ELEMENTS)
        try:
            forms.submit(
                draft=draft, form=small, seen=draft.version, about="case:1",
                by="person:1", at=testing.AT,
            )  # fmt: skip
        except Refused as no:
            refused.append(no.code)

    together(*[submit] * 3)
    assert refused == ["no_such_draft"] * 2
