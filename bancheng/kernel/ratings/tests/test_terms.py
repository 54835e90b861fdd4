"""A service with terms of its own goes by them, the others by the city's, and where nobody says any by the table's."""

import pytest

from bancheng.kernel.ratings import terms
from bancheng.kernel.ratings.rules import Terms

CITY, OWN = Terms(open_days=20), Terms(open_days=7)


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "_readers", {})


def test_its_own_then_the_citys_then_the_tables() -> None:
    """R-RT-7."""
    assert terms.terms_of("sockets") == Terms()
    terms.declare_terms(lambda: CITY)
    assert terms.terms_of("sockets") == CITY
    terms.declare_terms(lambda: OWN, service="sockets")
    assert (terms.terms_of("sockets"), terms.terms_of("onething")) == (OWN, CITY)
    assert terms.own_terms() == {"sockets": OWN}


def test_a_pack_without_a_section_leaves_it_to_the_city() -> None:
    terms.declare_terms(lambda: CITY)
    terms.declare_terms(lambda: None, service="sockets")
    assert terms.terms_of("sockets") == CITY
    assert terms.own_terms() == {}
