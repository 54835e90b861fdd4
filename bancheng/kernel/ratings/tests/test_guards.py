"""The database refuses what no code of ours does."""

import pytest
from django.db import IntegrityError, transaction

from bancheng.kernel.identity import public as identity
from bancheng.kernel.ratings import content, models
from bancheng.kernel.ratings.models import Appeal, CallBackLine, Occasion, Rating
from bancheng.kernel.ratings.operations import appeals
from bancheng.kernel.ratings.rules import Flaw
from bancheng.kernel.ratings.testing import AT, OFFICER, WORKER, called, rated, served

pytestmark = pytest.mark.django_db


def refused(do: object, says: str) -> None:
    with pytest.raises(IntegrityError, match=says), transaction.atomic():
        do()  # type: ignore[operator]


def test_what_was_said_and_done_is_only_added_to() -> None:
    """R-RT-4: excluded or not, a rating stays as it was said."""
    called()
    for change in (
        lambda: Rating.objects.update(grade=5),
        lambda: Rating.objects.all().delete(),
        lambda: CallBackLine.objects.update(act="fed_back"),
        lambda: CallBackLine.objects.all().delete(),
    ):
        refused(change, "append-only")


def test_a_rating_does_not_move_to_another_unit_or_service() -> None:
    served()
    for change in ({"unit": "tobacco"}, {"about": "case:9"}, {"handlers": []}, {"matter": "food"}):
        refused(lambda change=change: Occasion.objects.update(**change), "stays with its service")


def test_silence_is_never_a_grade() -> None:
    """R-RT-6: a grade without somebody who rated is refused by the table itself."""
    served()
    refused(lambda: Occasion.objects.update(grade=4), "silence_is_no_grade")


def test_nobody_reviews_himself_even_by_hand() -> None:
    """R-RT-4."""
    call_back = called()
    occasion = models.CallBack.objects.get(pk=call_back).occasion_id
    appeals.appeal(occasion_id=occasion, flaw=Flaw.MISTAKEN, reason="x", evidence="x", by=OFFICER, at=AT)
    for change, says in (
        ({"decided_by": WORKER, "decided_unit": "justice"}, "nobody_reviews_a_rating_of_himself"),
        ({"decided_by": OFFICER, "decided_unit": "justice"}, "each_review_is_by_another_person"),
        ({"decided_by": "staff:5", "decided_unit": "market"}, "no_unit_reviews_itself"),
    ):
        refused(lambda change=change: Appeal.objects.update(**change), says)


def test_keys_may_change_under_what_was_said(settings):  # type: ignore[no-untyped-def]
    """P-9: sealed words and contacts move to a new key, the log stays as it is."""
    rated(served(), 1, words="慢")
    settings.FIELD_KEYS = f"{'22' * 32},{settings.FIELD_KEYS}"
    moved = {column.model for column, _ in identity.rotate()}
    assert {"ratings.Rating", "ratings.Occasion"} <= moved
    assert set(identity.still_old().values()) == {0}
    settings.FIELD_KEYS = "22" * 32
    assert content.words(Rating.objects.get().words_sealed) == "慢"
