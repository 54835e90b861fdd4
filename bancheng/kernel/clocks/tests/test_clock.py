"""The wall clock and the sandbox clock before it."""

from collections.abc import Iterator
from datetime import timedelta
from time import sleep
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import DatabaseError, OperationalError, connection, transaction

from bancheng.kernel.audit import testing as audit
from bancheng.kernel.clocks import checks, clock
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.clocks.models import SandboxClock
from bancheng.lib.refusal import Refused

YEAR = timedelta(days=365)


@pytest.fixture
def sandbox(settings: Any, transactional_db: None) -> Iterator[Any]:
    """A demonstration that honours its sandbox clock, for this test only."""
    settings.SANDBOX_CLOCK = True
    clock.forget()
    yield settings
    SandboxClock.objects.all().delete()
    clock.forget()


def test_now_is_the_instant_in_shanghai() -> None:
    """R-CLK-10: wall-clock times are Asia/Shanghai."""
    assert clocks.now().utcoffset() == timedelta(hours=8)
    assert abs(clocks.now() - clocks.real_now()) < timedelta(seconds=5)
    assert clocks.today() == clocks.now().date()


def test_the_sandbox_clock_is_off_unless_the_settings_turn_it_on() -> None:
    assert not clock.honoured()


def test_a_month_passes_in_a_minute(sandbox: Any) -> None:
    start = clocks.now() + YEAR
    clocks.set_sandbox(to=start, rate=clocks.MONTH_IN_A_MINUTE, by="staff:1")
    before = clocks.real_now()
    shown = clocks.now()
    sleep(0.05)
    passed = clocks.now() - shown
    assert timedelta(seconds=0.05 * 43_200) <= passed <= (clocks.real_now() - before) * 43_200 + timedelta(hours=1)
    assert shown >= start


def test_a_frozen_clock_stands_still_and_is_stepped_forward(sandbox: Any) -> None:
    noon = (clocks.now() + YEAR).replace(hour=12, minute=0, second=0, microsecond=0)
    clocks.set_sandbox(to=noon, rate=0, by="staff:1")
    sleep(0.01)
    assert clocks.now() == noon
    clocks.set_sandbox(to=noon + timedelta(days=1), by="staff:1")
    assert clocks.today() == noon.date() + timedelta(days=1)


def test_the_sandbox_does_not_go_back_before_what_was_shown_unless_a_reason_is_given(sandbox: Any) -> None:
    ahead = clocks.now() + YEAR
    clocks.set_sandbox(to=ahead, rate=0, by="staff:1")
    with pytest.raises(Refused) as refused:
        clocks.set_sandbox(to=ahead - timedelta(days=1), by="staff:1")
    assert refused.value.code == "sandbox_goes_back"
    with pytest.raises(Refused):
        clocks.end_sandbox(by="staff:1")
    assert clocks.now() == ahead
    clocks.set_sandbox(to=ahead - timedelta(days=1), by="staff:1", reason="演示重来")
    assert clocks.now() == ahead - timedelta(days=1)
    clocks.end_sandbox(by="staff:1", reason="演示结束")
    assert abs(clocks.now() - clocks.real_now()) < timedelta(seconds=5)
    assert audit.recorded("clocks.sandbox_ended")[0].detail["reason"] == "演示结束"


def test_asking_the_time_costs_the_caller_no_statement(sandbox: Any, django_assert_num_queries: Any) -> None:
    clocks.set_sandbox(to=clocks.now() + YEAR, rate=1, by="staff:1")
    with django_assert_num_queries(0):
        for _ in range(1000):
            clocks.now()


def test_a_failed_transaction_does_not_stop_the_clock(sandbox: Any) -> None:
    clocks.set_sandbox(to=clocks.now() + YEAR, rate=0, by="staff:1")
    shown = clocks.now()

    def fail_and_ask() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            try:
                cursor.execute("SELECT 1 / 0")
            finally:
                clock.forget()
                assert clocks.now() == shown

    with pytest.raises(DatabaseError):
        fail_and_ask()


def test_an_unreachable_database_leaves_the_last_known_clock_in_force(
    sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable() -> None:
        raise OperationalError("gone")

    clocks.set_sandbox(to=clocks.now() + YEAR, rate=0, by="staff:1")
    shown = clocks.now()
    monkeypatch.setattr(clock, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(clock, "_read", unreachable)
    assert clocks.now() == shown


@pytest.mark.django_db
@pytest.mark.parametrize(("production", "demo"), [(True, False), (False, False)])
def test_production_has_no_sandbox_clock(settings: Any, production: bool, demo: bool) -> None:
    settings.PRODUCTION, settings.DEMO = production, demo
    for attempt in (clocks.set_sandbox, clocks.end_sandbox):
        with pytest.raises(Refused) as refused:
            attempt(by="staff:1")
        assert refused.value.code == "no_sandbox_in_production"
    assert SandboxClock.objects.count() == 0


@pytest.mark.django_db
def test_production_ignores_a_sandbox_row_and_says_so(settings: Any) -> None:
    real = clocks.real_now()
    SandboxClock(base_real=real, base_virtual=real + YEAR, rate=1, set_by="staff:1").save()
    settings.PRODUCTION, settings.DEMO, settings.SANDBOX_CLOCK = True, False, True
    assert abs(clocks.now() - real) < timedelta(seconds=5)
    assert [message.id for message in checks.no_sandbox_row(None, ["default"])] == ["clocks.W001"]
    assert "clocks.E001" in {message.id for message in run_checks(tags=["security"])}


def test_a_demonstration_passes_the_checks() -> None:
    assert checks.no_sandbox_setting(None) == []


@pytest.mark.django_db
def test_a_rate_out_of_bounds_is_refused() -> None:
    with pytest.raises(Refused, match="速度"):
        clocks.set_sandbox(rate=-1, by="staff:1")


@pytest.mark.django_db
def test_what_is_read_beside_a_request_takes_no_connection_of_the_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every connection of the pool may be held by a request that asks the time or the calendar."""
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "pool", {"max_size": 1})
    with clock.beside() as cursor:
        assert "pool" not in cursor.db.settings_dict["OPTIONS"]
        assert cursor.db is not connection
    assert connection.settings_dict["OPTIONS"]["pool"] == {"max_size": 1}
