"""B2.9: who takes his consent back has what we had filled in erased, here and in what the draft said before; what he typed stays."""

from datetime import timedelta

import pytest
from django.db import connection

from bancheng.kernel.forms import models, store, testing
from bancheng.kernel.forms import public as forms
from bancheng.kernel.forms.facts import How
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people

pytestmark = pytest.mark.django_db
AT = testing.AT
ME = "staff:1"
LATER = AT + timedelta(hours=1)


@pytest.fixture
def draft(made, subject, boss):
    """A draft with something filled in, something corrected, something typed, and an undone correction in its past."""
    identity.give_consent(person=boss.person, purpose="prefill", text_version="1", by=ME, at=AT)
    draft = testing.opened(made, subject, by=ME, purpose="onething.x")
    draft = testing.typed(draft, made, {"boss_name": "赵建君", "floor_area": "128.5"}, by=ME)
    return testing.typed(draft, made, {"mobile": "13912345678"}, by=ME)


def withdraw(boss, at=LATER):
    identity.withdraw_consent(person=boss.person, purpose="prefill", by=ME, at=at)


def everything(draft):
    """Return all that the database holds of a draft, opened."""
    row = models.Draft.objects.get(pk=draft.id)
    sealed = [bytes(row.sealed), *(bytes(one) for one in row.changes.values_list("before_sealed", flat=True))]
    return str(row.open_held) + "".join(str(store.unseal(one)) for one in sealed)


def test_what_we_filled_in_is_erased_and_what_was_typed_stays(draft, made, hashes, boss, firm):
    """B2.9"""
    assert draft.values["firm_name"] == firm.name
    withdraw(boss)
    after = forms.draft(draft.id, hashes=hashes)
    values = {code: value for code, value in after.values.items() if value is not None}
    assert values == {"boss_name": "赵建君", "floor_area": 12850, "mobile": "13912345678"}
    assert {one.how for one in after.held.values()} == {How.TYPED}
    assert all(one.source is None and one.shown is None for one in after.held.values())
    assert after.version > draft.version


def test_nothing_of_it_is_left_in_what_the_draft_said_before(draft, boss, firm):
    """B2.9: 个人信息保护法 第四十七条"""
    for told in (firm.name, "13812345678", people.citizen_id(3), "赵建军"):
        assert told in everything(draft)
    withdraw(boss)
    for told in (firm.name, "13812345678", people.citizen_id(3), "赵建军"):
        assert told not in everything(draft)


def test_undo_does_not_bring_it_back(draft, made, hashes, boss):
    withdraw(boss)
    back = forms.undo(draft_id=draft.id, form=made, hashes=hashes, by=ME, at=LATER)
    assert back.values["mobile"] is None
    assert back.values["boss_name"] == "赵建君"


def test_a_draft_that_was_handed_in_stays_as_it_was(draft, made, hashes, boss):
    saved = testing.typed(draft, made, {"cooked": "no"}, by=ME)
    forms.submit(draft=saved, form=made, seen=saved.version, about="case:1", by=ME, at=AT)
    withdraw(boss)
    assert forms.draft(draft.id, hashes=hashes).values == saved.values


def test_whoever_looks_at_an_older_page_is_told_and_overwrites_nothing(draft, made, boss):
    """B14.11"""
    withdraw(boss)
    with pytest.raises(forms.Conflict):
        testing.typed(draft, made, {"firm_name": "许昌新面馆"}, by=ME, at=LATER)


def test_given_again_what_is_still_empty_is_filled_in_again(draft, made, hashes, boss, firm):
    withdraw(boss)
    identity.give_consent(person=boss.person, purpose="prefill", text_version="1", by=ME, at=LATER + timedelta(hours=1))
    again = forms.fill_in(draft_id=draft.id, form=made, hashes=hashes, by=ME, at=LATER + timedelta(hours=1))
    assert again.values["firm_name"] == firm.name
    assert again.values["boss_name"] == "赵建君"


def test_it_leaves_a_line_that_says_which_fields_and_never_what(draft, boss):
    withdraw(boss)
    withdraw(boss)  # twice changes nothing
    with connection.cursor() as cursor:
        cursor.execute("SELECT detail::text FROM audit_event WHERE action = 'forms.prefill_erased'")
        ((detail,),) = cursor.fetchall()
    assert "firm_name" in detail
    assert "赵建军" not in detail


def test_another_s_draft_is_not_touched(draft, made, boss, firm):
    stranger = people.citizen("钱二", serial=8)
    identity.give_consent(person=stranger.person, purpose="prefill", text_version="1", by=ME, at=AT)
    identity.withdraw_consent(person=stranger.person, purpose="prefill", by=ME, at=LATER)
    assert forms.draft(draft.id, hashes=[draft.subject.holder_hash]) == draft
