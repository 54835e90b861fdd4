"""The rules: agreements, channels, requests, custody, samples; each table complete."""

from datetime import UTC, date, datetime

import pytest

from bancheng.lib.refusal import Refused
from bancheng.services.mortgages.rules import agreements, channels, custody, requests
from bancheng.services.mortgages.rules.agreements import State
from bancheng.services.mortgages.rules.channels import Channel, Kind
from bancheng.services.mortgages.rules.custody import Act

AT = datetime(2026, 11, 29, 1, 0, tzinfo=UTC)


def test_every_state_kind_and_channel_has_its_words_and_its_row() -> None:
    """F13.11: nine kinds of channel."""
    assert len(channels.CHANNELS) == len(Channel) == 9
    assert set(channels.KINDS) == set(Kind)
    assert set(agreements.STATES) == set(agreements.NEXT) == set(State)
    assert set(requests.STATES) == set(requests.NEXT) == set(requests.State)
    assert set(custody.STATES) == set(custody.NEXT) == set(custody.State)
    assert set(custody.ACTS) == set(Act)


def test_without_an_agreement_nothing_new_is_filed_and_a_payoff_is_cancelled_all_the_same() -> None:
    """B13.9, F13.7."""
    for kind in (Kind.SET_UP, Kind.PRE, Kind.CHANGE, Kind.TRANSFER):
        with pytest.raises(Refused, match="2026-11-28") as no:
            agreements.check_may_file(kind, None, date(2026, 11, 28))
        assert no.value.code == "agreement_over"
    agreements.check_may_file(Kind.CANCEL, None, None)
    agreements.check_may_file(Kind.RELEASE, None, None)


def test_a_bank_files_what_its_agreement_names() -> None:
    """F13.7: scope."""
    agreements.check_may_file(Kind.SET_UP, [Kind.SET_UP], None)
    with pytest.raises(Refused) as no:
        agreements.check_may_file(Kind.PRE, [Kind.SET_UP], None)
    assert no.value.code == "agreement_lacks_this"


@pytest.mark.parametrize(
    ("left", "told"), [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (0, 7), (-1, None)]
)
def test_the_end_of_an_agreement_is_told_at_three_times_before(left: int, told: int | None) -> None:
    """F13.7."""
    last = date(2026, 12, 31)
    assert agreements.reminder(last, date.fromordinal(last.toordinal() - left), (60, 30, 7)) == told


def test_a_request_solved_with_others_says_with_whom() -> None:
    """F13.4, A13.5."""
    assert requests.check_sorted("on_spot", "") is requests.Route.ON_SPOT
    for route, others, code in (("coordinated", " ", "with_whom"), ("somehow", "税务局", "no_route")):
        with pytest.raises(Refused) as no:
            requests.check_sorted(route, others)
        assert no.value.code == code


def test_a_sample_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    """R13.7: reproducible, and not to be foreseen without the seed."""
    bundles = [f"b{n:03d}" for n in range(200)]
    drawn = custody.sample(bundles, seed="s1", size=10)
    assert custody.sample(list(reversed(bundles)), seed="s1", size=10) == drawn
    assert custody.sample(bundles, seed="s2", size=10) != drawn
    assert custody.population_hash(bundles) == custody.population_hash(reversed(bundles))


@pytest.mark.parametrize(("number", "size"), [(0, 0), (2, 2), (3, 3), (40, 3), (61, 4), (14_051, 703)])
def test_a_sample_is_a_share_rounded_up_and_never_fewer_than_the_least(number: int, size: int) -> None:
    assert custody.sample_size(number, percent=5, least=3) == size


def test_a_line_of_custody_changes_with_everything_that_stands_in_it() -> None:
    """R13.7: an append-only chain."""
    one = custody.link("", "b", 1, "created", AT, "staff:1", "", {"box": "A1"})
    assert one == custody.link("", "b", 1, "created", AT, "staff:1", "", {"box": "A1"})
    assert one != custody.link("", "b", 1, "created", AT, "staff:1", "", {"box": "A2"})
    assert one != custody.link("x", "b", 1, "created", AT, "staff:1", "", {"box": "A1"})


def test_who_gives_and_who_takes_are_two() -> None:
    for taker in ("", "staff:1"):
        with pytest.raises(Refused):
            custody.check_signatures(Act.HANDED_OVER, "staff:1", taker)
    custody.check_signatures(Act.HANDED_OVER, "staff:1", "staff:2")
    custody.check_signatures(Act.MOVED, "staff:1", "")
