"""The figures of case fourteen: none before there is anything to count, and those of use within the fixed period."""

from datetime import timedelta

import pytest

from bancheng.kernel.claims import public as claims
from bancheng.kernel.clocks import public as clocks
from bancheng.services.onething import before
from bancheng.services.onething.claims import CLAIMS
from bancheng.services.onething.tests.conftest import AT, REGION
from bancheng.services.onething.tests.lives import filed, through

TODAY = AT.astimezone(clocks.SHANGHAI).date()
pytestmark = pytest.mark.usefixtures("loaded_city")


def value(code: str) -> int:
    return int(CLAIMS[code]().number)


def cannot(code: str) -> bool:
    try:
        CLAIMS[code]()
    except claims.Cannot:
        return True
    return False


def test_links_and_matters_are_counted_from_the_flows() -> None:
    """A14.1 A14.2 A14.3: one link now, six changes, seven cancellations."""
    assert (value("A14.1b"), value("A14.2"), value("A14.3")) == (1, 6, 7)


def test_a_city_without_a_bundle_counts_no_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    """A14.2: a figure that cannot be computed differs from nothing."""
    monkeypatch.setattr("bancheng.services.onething.queries.region", lambda: "999999")
    assert all(cannot(code) for code in ("A14.1b", "A14.2", "A14.3"))


def test_what_migration_took_before_is_quoted_and_never_computed() -> None:
    """A14.1a: the pack tells it with its source; nothing of ours says four."""
    assert "A14.1a" not in CLAIMS
    told = before.of_pack()["move-in"]
    assert (told.links.number, told.links.tag, len(told.names)) == (4, "S", 4)
    assert "4个环节" in told.links.source.zh


def test_before_anything_is_completed_nothing_is_counted_as_nought() -> None:
    """A14.4 A14.5"""
    filed("open-business", 1)
    filed("move-in", 2)
    assert cannot("A14.4")
    assert cannot("A14.5")


def test_openings_and_migrations_count_when_they_are_completed_and_granted() -> None:
    """A14.4 A14.5: refused ones are closed as well, and are none."""
    for serial in (1, 2):
        through(filed("open-business", serial))
    through(filed("move-in", 3))
    through(filed("move-in", 4), denied="migration-in")
    filed("open-business", 5)
    assert (value("A14.4"), value("A14.5")) == (2, 1)


def test_figures_of_use_stay_as_they_were_when_their_period_was_fixed() -> None:
    """A14.4: a city that lives on adds nothing to the year that was counted."""
    through(filed("open-business", 1))
    claims.fix_period("onething", first=TODAY, last=TODAY, region=REGION, by="system:test", at=AT)
    later = AT + timedelta(days=2)
    through(filed("open-business", 2, at=later), at=later)
    assert value("A14.4") == 1
    assert "1" in CLAIMS["A14.4"]().detail.zh
    claims.fix_period("onething", first=TODAY, last=later.date(), region=REGION, by="system:test", at=later)
    assert value("A14.4") == 2
