"""Gateways that are down for an hour, and longer: messages wait, the ladder keeps its times, what is settled is not sent.

The gateways are the simulated ones on real HTTP; the hours pass as instants that are given.
"""

from collections import Counter
from datetime import date, timedelta

import pytest

from tests.whole import ledgers
from tests.whole.city import City

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]
DAY = date(2026, 3, 2)
MANY, RENEWED = 40, 5
SUPPRESSED = 30  # the stage of a message that was not wanted any more


def at(hour: int, minute: int = 0, *, day: date = DAY) -> str:
    return f"{day}T{hour:02}:{minute:02}:00+08:00"


@pytest.fixture
def asked(city: City) -> City:
    """A city whose inspection asked for forty reminders, due at eight; both gateways are down until nine, and still are."""
    city.work("clock", at(8))
    city.start("sim")
    rows = [ledgers.licence(n, DAY + timedelta(12)) for n in range(MANY)]
    city.work("read", ledgers.write(city.folder, "ledger.xlsx", rows), at(1))
    for channel in ("push", "sms"):
        city.faults(channel, down=True)
    city.work("inspect", str(DAY))
    city.work("send", *[at(8, minute) for minute in range(0, 60, 10)], at(9))
    assert city.journal() == []
    return city


def reached(city: City) -> dict[str, int]:
    """Return how many people were reached by each channel; nobody is reached twice."""
    journal = city.journal()
    assert set(Counter((event["channel"], event["to"]) for event in journal).values()) <= {1}
    return dict(Counter(event["channel"] for event in journal))


def count_calls(city: City) -> int:
    return city.count("select count(*) from expiry_task where kind = 'unreachable'")


def test_after_an_hour_what_is_still_wanted_is_sent_once_and_what_was_renewed_meanwhile_is_not(asked: City) -> None:
    """N-3 N-6 B10.8: five holders renew while the gateways are down."""
    asked.work("renew", "0", str(RENEWED), "2031-03-14", at(8, 30))
    asked.faults("push", down=False)
    asked.faults("sms", down=False)
    asked.work("send", at(9, 5), at(9, 10), at(9, 20))
    assert reached(asked) == {"push": MANY - RENEWED}
    assert asked.count("select count(*) from notices_message where stage = %s", SUPPRESSED) == RENEWED
    asked.work("send", at(14), at(9, day=DAY + timedelta(2)))
    assert reached(asked) == {"push": MANY - RENEWED}
    assert count_calls(asked) == 0


def test_without_push_the_ladder_goes_on_to_sms_after_two_hours(asked: City) -> None:
    """N-6 B10.5"""
    asked.faults("sms", down=False)
    asked.work("send", at(9, 55))
    assert reached(asked) == {}  # push still has five minutes
    asked.work("send", at(10, 5), at(10, 6))
    assert reached(asked) == {"sms": MANY}
    asked.faults("push", down=False)
    asked.work("send", at(11), at(14))
    assert reached(asked) == {"sms": MANY}  # push is not tried again


def test_without_both_a_person_takes_over_a_day_later_for_those_who_have_not_renewed(asked: City) -> None:
    """N-6 B10.5 R10.5"""
    asked.work("send", at(10, 5), at(15))
    asked.work("renew", "0", str(RENEWED), "2031-03-14", at(16))
    next_day = DAY + timedelta(1)
    asked.work("send", at(9, 55, day=next_day))
    assert count_calls(asked) == 0  # SMS still has ten minutes
    asked.work("send", *[at(10, 10, day=next_day)] * 2)
    assert count_calls(asked) == MANY - RENEWED
    for channel in ("push", "sms"):
        asked.faults(channel, down=False)
    asked.work("send", at(11, day=next_day))
    assert reached(asked) == {}
    assert count_calls(asked) == MANY - RENEWED
