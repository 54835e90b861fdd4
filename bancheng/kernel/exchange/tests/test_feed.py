"""A reader who goes on from where he stopped misses no event, in whatever order transactions begin, write and commit."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.exchange import testing
from bancheng.kernel.exchange.models import Event
from bancheng.kernel.exchange.operations import outbox
from bancheng.kernel.jobs import testing as jobs


def said(number: int, *, unit: str = "market", owner: str = "", service: str = "onething") -> exchange.Said:
    return exchange.Said(
        service, "case.accepted", f"case:{number}", "411000", clocks.now(), unit=unit, owner=owner, data={"n": number}
    )


def numbers(told: list[exchange.Told]) -> list[int]:
    return [one.data["n"] for one in told]


@pytest.mark.django_db
def test_events_are_read_in_order_from_where_one_stopped(django_assert_num_queries) -> None:
    caller = testing.caller(testing.partner(("events", "onething", "*")))
    with django_assert_num_queries(1):
        exchange.publish([said(1), said(2), said(3)])
    assert exchange.feed(caller, service="onething", after=0, limit=10) == []
    assert exchange.settle() == 3
    first = exchange.feed(caller, service="onething", after=0, limit=2)
    with django_assert_num_queries(1):
        rest = exchange.feed(caller, service="onething", after=first[-1].position, limit=2)
    assert numbers([*first, *rest]) == [1, 2, 3]
    assert exchange.settle() == 0


@pytest.mark.django_db
def test_a_partner_sees_what_its_scopes_show() -> None:
    """P-8: its own, its units', or everything; of the service it was given."""
    own = testing.partner(("events", "onething", ""))
    mine = testing.caller(own)
    exchange.publish(
        [
            said(1, unit="market"),
            said(2, unit="tobacco"),
            said(3, unit="fire", owner=mine.ref),
            said(4, service="expiry"),
        ]
    )
    exchange.settle()
    seen = {
        "": mine,
        "market": testing.caller(testing.partner(("events", "onething", "market"))),
        "*": testing.caller(testing.partner(("events", "onething", "*"))),
        "none": testing.caller(testing.partner(("read", "onething", "*"))),
    }
    found = {name: numbers(exchange.feed(who, service="onething", after=0, limit=9)) for name, who in seen.items()}
    assert found == {"": [3], "market": [1], "*": [1, 2, 3], "none": []}
    assert exchange.feed(seen["*"], service="expiry", after=0, limit=9) == []


@pytest.mark.django_db
def test_an_event_stays_what_it_was() -> None:
    exchange.publish([said(1)])
    exchange.settle()
    for change in ({"kind": "x"}, {"position": 77}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Event.objects.update(**change)


@pytest.mark.django_db
def test_what_was_restored_from_another_server_is_placed() -> None:
    """Its transaction numbers may lie in this server's future; without a rule for them they would never be read."""
    exchange.publish([said(1)])
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE exchange_event DISABLE TRIGGER event_stays_what_it_was")
        cursor.execute("UPDATE exchange_event SET xid = 9000000000000")
        cursor.execute("ALTER TABLE exchange_event ENABLE TRIGGER event_stays_what_it_was")
    assert exchange.settle() == 1


@pytest.mark.django_db
def test_old_events_are_forgotten_once_every_webhook_is_past_them() -> None:
    exchange.publish([said(1)])
    exchange.settle()
    assert outbox.forget_events(before=clocks.now() - timedelta(days=1)) == 0
    assert outbox.forget_events(before=clocks.now() + timedelta(days=1)) == 1
    exchange.publish([said(2)])
    assert exchange.settle() == 1
    assert Event.objects.get().position is not None


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_late_committer_with_a_lower_number_is_not_skipped() -> None:
    """The trap of reading by id: the first to write is the last to commit."""
    caller = testing.caller(testing.partner(("events", "onething", "*")))
    wrote, go = threading.Event(), threading.Event()
    seen: list[int] = []

    def slow() -> None:
        with transaction.atomic():
            exchange.publish([said(1)])
            wrote.set()
            assert go.wait(20)

    def reader() -> None:
        assert wrote.wait(20)
        exchange.publish([said(2)])  # commits first
        exchange.settle()
        seen.extend(numbers(exchange.feed(caller, service="onething", after=0, limit=9)))
        go.set()

    jobs.together(slow, reader)
    assert seen == []  # held back: something that runs may still stand before it
    end = time.monotonic() + 20
    exchange.settle()
    while not numbers(exchange.feed(caller, service="onething", after=0, limit=9)) and time.monotonic() < end:
        time.sleep(0.05)  # another test of this server is in a transaction that began before
        exchange.settle()
    assert numbers(exchange.feed(caller, service="onething", after=0, limit=9)) == [1, 2]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    writers=some.lists(
        some.lists(some.tuples(some.integers(1, 3), some.integers(0, 12), some.booleans()), min_size=1, max_size=5),
        min_size=2,
        max_size=4,
    )
)
def test_readers_miss_nothing_whatever_overlaps(writers: list[list[tuple[int, int, bool]]]) -> None:
    """Overlapping transactions of several events, some rolled back, read by two readers while they go on."""
    caller = testing.caller(testing.partner(("events", "onething", "*")))
    start = max((one.position for one in exchange.feed(caller, service="onething", after=0, limit=100_000)), default=0)
    committed: list[int] = []
    counter = iter(range(10**6))
    running = threading.Event()
    left = [len(writers)]

    def writer(works: list[tuple[int, int, bool]]) -> None:
        try:
            for events, pause, keeps in works:
                mine = [next(counter) for _ in range(events)]
                with transaction.atomic(), connection.cursor() as cursor:
                    for number in mine:
                        exchange.publish([said(number)])
                        cursor.execute("SELECT pg_sleep(%s)", (pause / 1000,))
                    transaction.set_rollback(not keeps)
                if keeps:
                    committed.extend(mine)
        finally:
            left[0] -= 1
            if not left[0]:
                running.set()

    def reader(into: list[exchange.Told]) -> None:
        while True:
            ended = running.is_set()
            exchange.settle()
            after = into[-1].position if into else start
            new = exchange.feed(caller, service="onething", after=after, limit=3)
            into.extend(new)
            if ended and not new:
                return

    one: list[exchange.Told] = []
    two: list[exchange.Told] = []
    jobs.together(*[lambda works=works: writer(works) for works in writers], lambda: reader(one), lambda: reader(two))
    for read in (one, two):
        # a transaction of another run on this server may hold positions back; the timeout ends what was lost
        while len(read) < len(committed):
            exchange.settle()
            read.extend(exchange.feed(caller, service="onething", after=read[-1].position if read else start, limit=9))
        assert sorted(numbers(read)) == sorted(committed)
    assert one == two
