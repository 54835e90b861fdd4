"""The promise of case two, asked of what is here."""

import pytest
from django.apps import apps

from bancheng.kernel.claims import public as claims
from bancheng.services.ratings.claims import asked_on_the_phone
from bancheng.services.ratings.tests.conftest import Town


def test_everybody_served_was_asked_on_the_phone(town: Town) -> None:
    """F2.9, R-RT-6."""
    with pytest.raises(claims.Cannot):
        asked_on_the_phone()
    town.decided()
    assert asked_on_the_phone().number == 1


def test_one_who_was_not_asked_breaks_it(town: Town) -> None:
    town.decided()
    apps.get_model("notices", "Message").objects.filter(kind="ratings.invite").delete()
    assert asked_on_the_phone().number == 0
