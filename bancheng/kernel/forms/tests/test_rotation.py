"""What forms keep sealed, and the hashes they copy, move to new keys."""

import pytest

from bancheng.kernel.forms import models, testing
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people

pytestmark = pytest.mark.django_db
AT = testing.AT
NEW = "22" * 32


@pytest.fixture
def handed(made, subject, hashes):
    draft = testing.typed(
        testing.opened(made, subject), made, {"mobile": "13912345678", "floor_area": "1", "cooked": "no"}
    )
    forms.submit(draft=draft, form=made, seen=2, about="case:1", by="person:test", at=AT)
    return draft


def test_drafts_their_history_and_items_move_to_a_new_key(handed, hashes, settings):
    """D7 P-9"""
    settings.FIELD_KEYS = f"{NEW},{settings.FIELD_KEYS}"
    moved = [(column.model, rows) for column, rows in identity.rotate() if column.model.startswith("forms.")]
    assert sorted(moved) == [("forms.DataQualityItem", 1), ("forms.Draft", 1), ("forms.DraftChange", 1)]
    assert set(identity.still_old().values()) == {0}
    settings.FIELD_KEYS = NEW
    assert forms.draft(handed.id, hashes=hashes).held == handed.held
    officer = people.actor(people.staff("section_officer", unit="market"))
    item = forms.open_item(item_id=models.DataQualityItem.objects.get().pk, by=officer, at=AT)
    assert (item.shown.zh, item.corrected.zh) == ("13812345678", "13912345678")


def test_a_new_hash_key_finds_every_draft_again(handed, firm, settings):
    """D7"""
    settings.FIELD_HASH_KEY = f"{NEW},{settings.FIELD_HASH_KEY}"
    rows = {column.model: rows for column, rows in identity.rehash() if column.model.startswith("forms.")}
    assert rows == {"forms.Draft": 1, "forms.DataQualityItem": 1}
    new = identity.find_hash(firm.uscc, kind="uscc")
    assert forms.draft(handed.id, hashes=[new]).id == handed.id
