"""Every reminder and every task once, whatever is killed while it is written or sent."""

from collections import Counter
from datetime import date, timedelta

import pytest

from tests.whole import ledgers
from tests.whole.city import City

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]
DAY = date(2026, 3, 2)  # a Monday
# what an inspection writes to, in its order; halted there, it is killed
STEPS = ("expiry_inspection", "expiry_task", "expiry_reminder", "notices_message", "audit_event")
DELIVERED = 40  # the stage of a message whose receipt has come


def take_in(city: City, *groups: tuple[int, int]) -> None:
    """Read a ledger of groups of licences: (how many, days from DAY until they expire)."""
    rows = [DAY + timedelta(days) for count, days in groups for _ in range(count)]
    ledger = [ledgers.licence(n, last) for n, last in enumerate(rows)]
    city.work("read", ledgers.write(city.folder, "ledger.xlsx", ledger), ledgers.instant(DAY, 1))


def written(city: City) -> dict[str, int]:
    """Return how often each stage has spoken, and what came of it."""
    stages = dict(city.ask("select stage, count(*) from expiry_reminder group by stage"))
    for name, table in (("tasks", "expiry_task"), ("messages", "notices_message"), ("days", "expiry_inspection")):
        stages[name] = city.count(f"select count(*) from {table}")
    return {name: count for name, count in stages.items() if count}


def test_an_inspection_killed_at_every_step_writes_all_of_a_day_once_and_catches_up_a_lost_one(city: City) -> None:
    """R-N-3 F10.5 F10.7: kill -9 of the inspection before, between and behind everything it writes."""
    # in their last month, last days, last week; those whose window closes in 31 days, so that they hear tomorrow; later
    take_in(city, (200, 12), (50, 3), (40, 5), (60, 53), (30, 120))
    for step in STEPS:
        city.start("inspect", str(DAY))
        with city.halted(f"lock table {step} in exclusive mode"):
            city.kill("inspect")
        assert written(city) == {}
    city.work("inspect", str(DAY), str(DAY))
    first = {"t30": 200, "t7": 90, "t3": 50, "tasks": 50, "messages": 290, "days": 1}
    assert written(city) == first

    city.start("inspect", str(DAY + timedelta(1)))
    with city.halted("lock table notices_message in exclusive mode"):
        city.kill("inspect")  # and nobody inspects until two days later
    city.work("inspect", *[str(DAY + timedelta(3))] * 2)
    caught_up = {"w30": 60, "t3": 90, "tasks": 90, "messages": 350, "days": 2}
    assert written(city) == first | caught_up
    twice = "select watch_id from expiry_reminder group by watch_id, stage having count(*) > 1"
    assert city.ask(twice) == []
    city.check_audit()


def test_a_thousand_reminders_reach_their_phones_once_across_kills_of_database_and_worker(city: City) -> None:
    """N-3 N-4 B10.5: the database is killed under the inspection and under the sending, the worker too."""
    many, calls = 1000, 20
    city.work("clock", ledgers.instant(DAY))
    for name in ("sim", "web"):
        city.start(name)
    city.faults("push", slow_ms=100, drop_rate=0.1, duplicate_rate=0.2, shuffle=True, latency_ms=100)
    take_in(city, (many - calls, 12), (calls, 3))
    city.start("worker")
    for step, victim in (("expiry_reminder", "worker"), ("audit_event", "postgres")):
        city.work("promise", "expiry.inspect")
        with city.halted(f"lock table {step} in exclusive mode"):
            city.kill(victim)
            city.revive(victim)
        assert "messages" not in written(city)
    city.start("hurry")
    for reached, victim in ((many // 16, "postgres"), (many // 8, "worker"), (many // 4, "postgres")):
        city.delivered(reached)
        city.kill(victim)
        assert len(city.journal()) < many, "everything was sent before the kill: the test proves nothing"
        city.revive(victim)
    city.delivered(many, seconds=120)
    reached_all = "select count(*) from notices_message where stage = %s"
    city.until(lambda: city.count(reached_all, DELIVERED) == many, "every receipt", seconds=120)
    phones = Counter((event["channel"], event["to"]) for event in city.journal())
    assert len(phones) == many
    assert set(phones.values()) == {1}
    assert written(city) == {"t30": many - calls, "t7": calls, "t3": calls, "tasks": calls, "messages": many, "days": 1}
    city.check_audit()
