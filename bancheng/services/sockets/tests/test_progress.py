"""Many sessions at once: the same as one by one, in the same number of statements however many there are."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bancheng.services.sockets.models import Session
from bancheng.services.sockets.operations import following, progressing, scanning, sessions, storing
from bancheng.services.sockets.operations.progressing import PLAIN
from bancheng.services.sockets.rules.sessions import State
from bancheng.services.sockets.tests.walking import NINE, REGION, Device, now_of, paid, reserve, socket, started, tell

pytestmark = pytest.mark.django_db


def in_use(many: int) -> list[tuple[Device, Session]]:
    found = []
    for n in range(1, many + 1):
        socket(f"XC{n:04d}", str(n))
        device = Device(wire=str(n))
        session = paid(reserve(f"XC{n:04d}"), NINE)
        tell(device.close(session, NINE + timedelta(seconds=5)))
        found.append((device, session))
    return found


def fields(session: Session) -> dict[str, Any]:
    return {name: getattr(session, name) for name in PLAIN if name != "id"}


def test_together_or_one_by_one_is_the_same() -> None:
    (one, first), (other, second) = in_use(2)
    for device in (one, other):
        said = [device.reading(NINE + timedelta(seconds=10 * n + 5), more_10wh=n % 2) for n in range(1, 20)]
        storing.store(said, region=REGION)
    following.follow(second.pk, at=NINE)
    assert progressing.progress(["gw-0001"], at=NINE) == {}
    assert fields(now_of(first)) == fields(now_of(second))
    assert first.used_wh == 100


def test_what_is_more_than_plain_is_left_to_be_followed_alone() -> None:
    ((device, session),) = in_use(1)
    storing.store(device.open(NINE + timedelta(minutes=1)), region=REGION)
    assert list(progressing.progress(["gw-0001"], at=NINE)) == [session.pk]
    assert now_of(session).state == State.ACTIVE


def test_what_somebody_else_has_followed_meanwhile_is_not_followed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions are read without a lock: one that has moved on since is left as it is, and its entries are passed over."""
    ((device, session),) = in_use(1)
    storing.store([device.reading(NINE + timedelta(seconds=15), more_10wh=1)], region=REGION)
    (read,) = progressing.behind(["gw-0001"])
    following.follow(session.pk, at=NINE)
    monkeypatch.setattr(progressing, "behind", lambda _: [read])
    ((pk, entries),) = progressing.progress(["gw-0001"], at=NINE).items()
    assert (pk, len(entries), now_of(session).used_wh) == (session.pk, 1, 10)
    following.follow(pk, at=NINE, entries=entries)
    assert now_of(session).used_wh == 10


def test_a_batch_takes_the_same_statements_for_one_as_for_eight() -> None:
    counts = []
    devices = in_use(8)
    for many in (1, 8):
        said = [device.reading(NINE + timedelta(minutes=many), more_10wh=1) for device, _ in devices[:many]]
        with CaptureQueriesContext(connection) as found:
            tell(said)
        counts.append(len(found))
    assert counts[0] == counts[1] <= 8  # two of them the savepoint of a test


def test_sessions_in_use_that_need_nothing_are_looked_at_together() -> None:
    """Each is looked at every half minute: in the same statements for one as for eight, and whose lease is over ends beside them."""
    sessions_ = [session for _, session in in_use(9)]
    at, counts = NINE + timedelta(minutes=1), []
    for many in (1, 8):
        Session.objects.update(due_at=None)
        Session.objects.filter(pk__in=[each.pk for each in sessions_[:many]]).update(due_at=at)
        with CaptureQueriesContext(connection) as found:
            assert scanning.scan(at=at) == many
        counts.append(len(found))
    assert counts[0] == counts[1] <= 3
    Session.objects.filter(pk=sessions_[8].pk).update(lease_until=NINE)
    Session.objects.update(due_at=at)
    scanning.scan(at=at)
    assert [now_of(each).state for each in sessions_] == [State.ACTIVE] * 8 + [State.STOPPING]
    assert {each.due_at for each in sessions_[:8]} == {at + timedelta(seconds=30)}


def test_one_sessions_work_is_counted() -> None:
    """The database work of one session, from the scan to the refund planned: asserted, so that it is noticed when it grows."""
    socket()
    device = Device()
    with CaptureQueriesContext(connection) as whole:
        session = started(device)
        tell([device.reading(NINE + timedelta(seconds=10 * n), more_10wh=1) for n in range(1, 6)])
        sessions.stop(session_id=session.pk, by="payer", at=NINE + timedelta(minutes=2))
        tell(device.open(NINE + timedelta(minutes=2)))
    assert now_of(session).state == State.REFUNDING
    said = [one["sql"] for one in whole if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(said) <= 52, "\n".join(
        one[:110] for one in said
    )  # eight of them the test's own, or accounts that all share
