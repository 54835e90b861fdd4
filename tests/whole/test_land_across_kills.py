"""A building handed over whole or not at all: the database is killed at every step of the batch, and its books fit each time."""

import pytest

from tests.whole.city import City
from tests.whole.work import ESTATE

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]
# what the batch writes to, in its order; halted there, what it wrote before is uncommitted
STEPS = ("titles_holding", "titles_entry", "ledger_account", "ledger_posting", "procrastinate_jobs")
UNITS = 60  # `work.estate`
SOLD = f"""SELECT count(*) FROM titles_lot AS lot JOIN titles_parcel AS parcel ON parcel.id = lot.parcel_id
    WHERE lot.open AND lot.holding_id <> parcel.developer_id AND parcel.code = '{ESTATE}'"""
ACTS = "SELECT count(*) FROM titles_act WHERE key = 'hand-over'"
MOVED = "SELECT count(*) FROM ledger_posting JOIN ledger_entry AS entry ON entry.id = entry_id WHERE entry.key = 'titles/hand-over'"
NOTHING, WHOLE = (0, 0, 0), (UNITS, 1, 2 * UNITS)


def written(city: City) -> tuple[int, ...]:
    """Return how many units are their buyers', how many acts say so and how many lines of the ledger; every chain and sum fits."""
    city.work("verb", "land", "verify")
    city.work("verb", "ledger", "verify")
    return city.count(SOLD), city.count(ACTS), city.count(MOVED)


def test_a_building_whose_batch_dies_with_the_database_is_handed_over_whole_or_not_at_all(city: City) -> None:
    """LI1, LI13, LI15, F7.6: kill -9 of the database before, between and behind everything the batch writes."""
    city.work("estate")
    for step in STEPS:
        batch = city.start("hand_over")
        with city.halted(f"lock table {step} in exclusive mode"):
            city.kill("postgres")
        assert city.wait(batch) == 1, "the batch took no notice of the kill: the test proves nothing"
        city.revive("postgres")
        assert written(city) == NOTHING, step
    city.work("hand_over")
    assert written(city) == WHOLE
    city.kill("postgres")
    city.revive("postgres")
    city.work("hand_over")  # whoever never heard that it stood asks again
    assert written(city) == WHOLE
