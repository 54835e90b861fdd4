"""Recording and sealing at the same time, with real commits."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.audit.tests.conftest import AT
from bancheng.kernel.jobs.testing import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def test_an_event_that_commits_late_with_a_lower_number_is_sealed_once_in_a_later_batch():
    recorded, sealed = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            audit.record("a.slow", who="x", about="slow", at=AT, region="411002")
            recorded.set()
            assert sealed.wait(20)

    def quick():
        assert recorded.wait(20)
        audit.record("a.quick", who="x", about="quick", at=AT, region="411002")
        assert audit.seal(at=AT) == 1  # neither waits for the slow one nor loses it
        sealed.set()

    together(slow, quick)
    slow_event, quick_event = audit.timeline("slow")[0], audit.timeline("quick")[0]
    assert slow_event.id < quick_event.id
    assert audit.seal(at=AT) == 1
    report = audit.verify()
    assert (report.ok, report.batches, report.events, report.waiting) == (True, 2, 2, 0)


def test_many_recorders_and_two_sealers_lose_and_double_nothing():
    done = threading.Event()

    def recorder(name):
        def work():
            for n in range(60):
                with transaction.atomic():
                    audit.record(
                        "a.b", who=name, about=f"{name}:{n}", at=datetime(2026, 11, 3, tzinfo=UTC), region="411002"
                    )
                    if n % 7 == 3:
                        transaction.set_rollback(True)

        return work

    def sealer():
        while not done.is_set():
            audit.seal(at=AT)

    def recorders():
        try:
            together(*(recorder(f"r{n}") for n in range(4)))
        finally:
            done.set()

    together(recorders, sealer, sealer)
    audit.seal(at=AT)
    report = audit.verify()
    kept = 4 * len([n for n in range(60) if n % 7 != 3])
    assert (report.ok, report.events, report.waiting) == (True, kept, 0)
