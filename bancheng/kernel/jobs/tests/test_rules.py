"""Back-off and cron lines."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bancheng.kernel.jobs import registry, rules, sweeper
from bancheng.lib.refusal import Refused, Unavailable

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_the_wait_doubles_and_is_capped():
    waits = [rules.wait_before(attempt, chance=1) for attempt in (1, 2, 3, 8, 12, 5000)]
    assert waits == [2, 4, 8, 256, 3600, 3600]


@given(st.integers(1, 100), st.floats(0, 1))
def test_the_spread_never_shortens_a_wait_below_half_nor_passes_an_hour(attempt, chance):
    full = rules.wait_before(attempt, chance=1)
    assert full / 2 <= rules.wait_before(attempt, chance=chance) <= full <= 3600


def test_a_lawful_no_is_final_and_an_absent_outside_is_not():
    assert rules.is_final(Refused("no", "不行。"), attempt=1, attempts=8)
    assert not rules.is_final(Unavailable("gateway"), attempt=7, attempts=8)
    assert rules.is_final(Unavailable("gateway"), attempt=8, attempts=8)


@pytest.mark.parametrize(
    ("cron", "at", "due"),
    [
        ("0 2 * * *", (2026, 11, 23, 1, 59, 59), (2026, 11, 22, 2, 0)),
        ("0 2 * * *", (2026, 11, 23, 2, 0, 0), (2026, 11, 23, 2, 0)),
        ("0 2 * * *", (2026, 11, 23, 2, 0, 1), (2026, 11, 23, 2, 0)),
        ("*/5 * * * *", (2026, 1, 1, 0, 3), (2026, 1, 1, 0, 0)),
        ("0 0 1 * *", (2026, 3, 1, 0, 0), (2026, 3, 1, 0, 0)),
        ("30 7 * * 1", (2026, 11, 22, 12, 0), (2026, 11, 16, 7, 30)),
    ],
)
def test_a_cron_line_is_read_in_shanghai(cron, at, due):
    found = rules.latest(cron, at=datetime(*at, tzinfo=SHANGHAI).astimezone(ZoneInfo("UTC")))
    assert found == datetime(*due, tzinfo=SHANGHAI)


def test_a_wrong_cron_line_and_a_second_time_for_one_job_are_refused(monkeypatch):
    monkeypatch.setattr(registry, "SCHEDULE", {})
    with pytest.raises(ValueError, match="not a cron line"):
        registry.schedule("tests.note", "every day")
    registry.schedule("tests.note", "0 2 * * *")
    registry.schedule("tests.note", "0 2 * * *")
    with pytest.raises(ValueError, match="twice"):
        registry.schedule("tests.note", "0 3 * * *")


def test_a_coroutine_is_no_job():
    with pytest.raises(TypeError):

        @registry.job("tests.coroutine")
        async def work():
            pass


def test_a_killed_workers_jobs_are_taken_up_within_a_minute():
    assert sweeper.HEARTBEAT * sweeper.SILENCES + sweeper.HEARTBEAT + 1 < 60


def test_every_scheduled_job_exists_and_takes_no_arguments():
    import inspect

    for name in registry.SCHEDULE:
        assert not inspect.signature(registry.spec(name).function).parameters, name
