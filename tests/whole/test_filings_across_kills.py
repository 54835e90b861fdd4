"""Six banks file through the signed interface of a real web process; the replay is killed in the middle of a day and goes on (F13.9, B13.1)."""

import signal
import time
from datetime import timedelta

import psycopg
import pytest

from tests.whole.test_replay import Machine

pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]
WORDS = ("replay", "mortgages", "--scale", "0.01")


@pytest.fixture
def machine(city):
    return Machine(city.folder, city.url)


def recorded(machine):
    with psycopg.connect(machine.url) as line:
        return line.execute("select count(*) from mortgages_tracked where recorded_at is not null").fetchone()[0]


def test_a_season_of_filings_that_is_killed_goes_on_without_a_double_entry_or_a_lost_event(machine):
    """A13.1 F13.9 F13.10 B13.1: repeats, forgeries and a receiver that is down for ten minutes; banks and registry agree in the end."""
    process = machine.start(*WORDS, process_group=0)
    end = time.monotonic() + 400
    while recorded(machine) < 4:  # the second day: its receivers are down for ten minutes
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with psycopg.connect(machine.url) as line:
        (first,) = line.execute("select min(filed_at)::date from mortgages_tracked").fetchone()
    whole = machine.figures(*WORDS[:2], "--until", str(first + timedelta(days=4)))
    assert whole["found"] == whole["planned"], whole
    assert whole["found"]["filed"] >= 6
    assert (whole["found"]["doubled"], whole["found"]["lost"], whole["found"]["differences"]) == (0, 0, 0)
