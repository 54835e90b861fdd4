"""The figures of case ten: none before there is anything to count, and those of use within the fixed period."""

from datetime import date, timedelta

import pytest

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.claims import public as claims
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.notices import testing
from bancheng.lib.refusal import Refused
from bancheng.services.expiry import operations
from bancheng.services.expiry.claims import CLAIMS
from bancheng.services.expiry.models import Item, Term, Watch
from bancheng.services.expiry.tests.test_operations import REGION, licence, take_in
from bancheng.services.expiry.tests.test_promises import noon

TODAY = date(2026, 3, 2)


def value(code: str) -> int:
    return int(CLAIMS[code]().number)


def cannot(code: str) -> bool:
    try:
        CLAIMS[code]()
    except claims.Cannot:
        return True
    return False


USE = ("A10.1a", "A10.1b", "A10.1c", "A10.4", "A10.5", "A10.6")


def test_before_any_ledger_nothing_is_counted_as_nought(city: None) -> None:
    """A10.1 A10.4 A10.5 A10.6: what cannot be computed yet differs from nothing."""
    assert [code for code in USE if not cannot(code)] == []
    assert (value("A10.2"), value("A10.3")) == (37, 58)


def test_a_unit_that_acts_in_other_cases_only_is_not_among_those_of_the_alarm(city: None) -> None:
    """A10.2 A10.9: units and fields are counted by their items."""
    quiet = {unit.code for unit in catalogue.units()} - set(Item.objects.values_list("unit", flat=True))
    assert {"fire", "tax"} <= quiet
    assert value("A10.2") == len(catalogue.units()) - len(quiet)
    assert value("A10.9") < len(catalogue.domains())


@pytest.fixture
def lived(admin: identity.Actor) -> Watch:
    """Two licences seven days from their end: one renewed in time, one not; both were reminded of."""
    take_in(admin, *(licence(n, TODAY + timedelta(days=7)) for n in (1, 2)), when=noon(TODAY - timedelta(days=1)))
    assert value("A10.4") == 2
    assert cannot("A10.1b")
    assert cannot("A10.5")
    operations.inspect(today=TODAY, at=noon(TODAY), region=REGION)
    testing.send_all(at=noon(TODAY), to=testing.gateways())
    first = Watch.objects.order_by("pk")[0]
    Term.objects.create(
        region=REGION,
        watch=first,
        item=first.item,
        unit=first.unit,
        expires_on=first.expires_on,
        outcome="renewed",
        ended_on=TODAY,
    )
    return first


def test_the_figures_of_use_stay_as_they_were_when_their_period_was_fixed(lived: Watch) -> None:
    """A10.1b A10.5 A10.6 R10.6: a city that lives on adds nothing to the year that was counted."""
    assert (value("A10.1b"), value("A10.5"), value("A10.6")) == (1, 2, 100)
    later = TODAY + timedelta(days=8)
    claims.fix_period(
        "expiry", first=TODAY, last=TODAY + timedelta(days=7), region=REGION, by="system:test", at=noon(later)
    )
    Watch.objects.exclude(pk=lived.pk).update(expires_on=later, closes_on=None)
    operations.inspect(today=later + timedelta(days=1), at=noon(later), region=REGION)
    assert Term.objects.filter(outcome="lapsed").count() == 1
    assert (value("A10.1b"), value("A10.5"), value("A10.6")) == (1, 2, 100)
    claims.fix_period("expiry", first=TODAY, last=later, region=REGION, by="system:test", at=noon(later))
    assert value("A10.6") == 50
    before = TODAY - timedelta(days=1)
    claims.fix_period("expiry", first=before, last=before, region=REGION, by="system:test", at=noon(later))
    assert value("A10.5") == 0
    assert cannot("A10.6")


def test_a_period_does_not_end_before_it_begins(db: None) -> None:
    with pytest.raises(Refused) as no:
        claims.fix_period("expiry", first=TODAY, last=TODAY - timedelta(days=1), region=REGION, by="t", at=clocks.now())
    assert no.value.code == "period_backwards"
