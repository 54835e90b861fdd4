"""What is posted stands once, whole and unchanged, and every balance follows from it."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from bancheng.kernel.audit import testing as audit
from bancheng.kernel.ledger import public as ledger
from bancheng.kernel.ledger import testing
from bancheng.kernel.ledger.models import Account, Entry, Hold, Posting
from bancheng.kernel.ledger.public import Line, Unit
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
REGION = "411000"
testing.declared()


def post(key: str, *lines: tuple[str, int], **over: Any) -> ledger.Entry:
    said: dict[str, Any] = {"unit": Unit.FEN, "kind": "test.sold", "about": "sale:1", "at": AT, "by": "staff:1"}
    moved = [Line(f"test/{account}", amount) for account, amount in lines]
    return ledger.post(region=REGION, key=key, lines=moved, **(said | over))


def paid(key: str, amount: int, who: str = "a", **over: Any) -> ledger.Entry:
    return post(key, ("till/1", amount), (f"customer/{who}", -amount), **over)


def refused(key: str, *lines: tuple[str, int]) -> str:
    """Post, and return the code of the refusal, "" when there was none."""
    try:
        with transaction.atomic():
            post(key, *lines)
    except Refused as no:
        return no.code
    return ""


def of(path: str) -> int:
    return ledger.balance(REGION, f"test/{path}")


def test_an_entry_moves_both_sides_in_one_statement(django_assert_num_queries: Any) -> None:
    paid("p1", 500)
    with django_assert_num_queries(1):
        entry = paid("p2", 250)
    assert (entry.key, entry.again, of("till/1"), of("customer/a")) == ("p2", False, 750, -750)
    assert ledger.balances(REGION, "test/") == {"test/customer/a": -750, "test/till/1": 750}
    assert list(ledger.verify()) == []


def test_the_first_entry_opens_its_accounts_in_three_statements_or_two_for_who_knows_it(
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(3):
        paid("p1", 500)
    with django_assert_num_queries(2):
        paid("p2", 500, "b", opens=True)
    with django_assert_num_queries(2):
        paid("p3", 500, "b", opens=True)
    assert (of("till/1"), of("customer/b")) == (1500, -1000)


def test_the_same_key_posts_once_and_other_content_is_refused() -> None:
    first = paid("p1", 500)
    again = paid("p1", 500, at=AT + timedelta(hours=1), by="staff:9", note="sent again")
    assert (again.id, again.again, of("till/1")) == (first.id, True, 500)
    for other in ({"kind": "test.other"}, {"about": "sale:2"}):
        with pytest.raises(Refused) as no, transaction.atomic():
            paid("p1", 500, **other)
        assert no.value.code == "ledger_key_taken"
    with pytest.raises(Refused), transaction.atomic():
        paid("p1", 501)
    assert (of("till/1"), Entry.objects.count()) == (500, 1)


def test_an_account_with_a_floor_is_not_overdrawn_and_nothing_moves() -> None:
    paid("p1", 500)
    with pytest.raises(Refused) as no, transaction.atomic():
        post("r1", ("customer/a", 501), ("till/1", -501))
    assert no.value.code == "ledger_short"
    with pytest.raises(Refused), transaction.atomic():
        post("r2", ("customer/new", 1), ("outside", -1))
    post("r3", ("income", 700), ("outside", -700))  # no floor: it may be what it is
    assert (of("till/1"), of("customer/a"), of("income")) == (500, -500, 700)
    assert list(ledger.verify()) == []


def test_what_is_held_cannot_be_moved_until_released() -> None:
    paid("p1", 500)
    held = {"region": REGION, "key": "h1", "account": "test/customer/a", "amount": 300, "about": "sale:1", "at": AT}
    ledger.hold(**held)
    ledger.hold(**held)
    found = ledger.standing(REGION, "test/customer/a")
    assert found
    assert (found.held, found.available) == (300, 200)
    for refused in ({"key": "h2", "amount": 201}, {"amount": 299}):
        with pytest.raises(Refused), transaction.atomic():
            ledger.hold(**(held | refused))
    with pytest.raises(Refused), transaction.atomic():
        post("r1", ("customer/a", 201), ("till/1", -201))
    for _ in range(2):
        ledger.release(region=REGION, key="h1", at=AT)
    post("r1", ("customer/a", 500), ("till/1", -500))
    assert of("customer/a") == 0
    with pytest.raises(Refused) as no, transaction.atomic():
        ledger.release(region=REGION, key="h9", at=AT)
    assert no.value.code == "ledger_no_hold"
    assert list(ledger.verify()) == []


def test_a_mistake_is_undone_by_another_entry_once_and_on_record() -> None:
    first = paid("p1", 500)
    undo = {"region": REGION, "of": "p1", "at": AT, "by": "staff:2", "note": "typed twice"}
    ledger.reverse(key="p1.undone", **undo)
    assert ledger.reverse(key="p1.undone", **undo).again
    assert (of("till/1"), of("customer/a")) == (0, 0)
    with pytest.raises(Refused) as no, transaction.atomic():
        ledger.reverse(key="p1.again", **undo)
    assert no.value.code == "ledger_reversed_already"
    with pytest.raises(Refused) as no, transaction.atomic():
        ledger.reverse(key="x", **(undo | {"of": "p9"}))
    assert no.value.code == "ledger_no_entry"
    assert [(row.key, row.reverses) for row, _ in ledger.entries_about(REGION, "sale:1")] == [
        ("p1", None),
        ("p1.undone", first.id),
    ]
    assert [event.action for event in audit.recorded()] == ["ledger.reversed"]


def test_a_statement_tells_each_movement_with_the_balance_after_it() -> None:
    paid("p1", 500)
    paid("p2", 200, at=AT + timedelta(days=1))
    paid("p3", 100, at=AT + timedelta(days=2))
    told = ledger.statement(REGION, "test/till/1", since=AT, before=AT + timedelta(days=2))
    assert [(line.key, line.amount, line.balance) for line in told] == [("p1", 500, 500), ("p2", 200, 700)]


def test_land_and_money_are_never_in_one_entry() -> None:
    with pytest.raises(ValueError, match="not counted in dm2"):
        post("l1", ("land/a", 5), ("income", -5), unit=Unit.DM2)


@pytest.mark.parametrize(
    "change",
    [
        lambda: Entry.objects.update(note="x"),
        lambda: Posting.objects.update(amount=1),
        lambda: Posting.objects.all().delete(),
        lambda: Entry.objects.all().delete(),
        lambda: Account.objects.update(floor=-1),
        lambda: Hold.objects.update(amount=2),
        lambda: Hold.objects.all().delete(),
    ],
)
def test_what_is_recorded_stays(change: Any) -> None:
    paid("p1", 500)
    ledger.hold(region=REGION, key="h", account="test/customer/a", amount=1, about="s", at=AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        change()


def test_the_database_itself_refuses_an_entry_that_is_not_whole() -> None:
    paid("p1", 500)
    entry = Entry.objects.get()
    later = Account.objects.create(region=REGION, path="test/outside", unit="fen", normal=1, opened_at=AT)
    values = {name: getattr(entry, name) for name in ("region", "unit", "kind", "about", "content", "by", "at")}

    def one_more_line() -> None:
        Posting.objects.create(region=REGION, entry=entry, account=later, amount=5, balance=5)

    def bare() -> None:
        Entry.objects.create(**values, id="019caced-0000-7000-8000-000000000009", key="bare", lines=2)
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")

    def two_more_lines() -> None:
        other = Account.objects.create(region=REGION, path="test/income", unit="fen", normal=-1, opened_at=AT)
        Posting.objects.bulk_create(
            Posting(region=REGION, entry=entry, account=side, amount=amount, balance=0)
            for side, amount in ((later, 5), (other, -4))
        )

    for slip in (one_more_line, two_more_lines, bare):
        with pytest.raises(IntegrityError, match="all its lines"), transaction.atomic():
            slip()


@pytest.mark.parametrize(
    ("what", "statement"),
    [
        ("account:test/till/1", "UPDATE ledger_account SET balance = balance + 1 WHERE path = 'test/till/1'"),
        ("account:test/till/1", "UPDATE ledger_account SET held = 1 WHERE path = 'test/till/1'"),
        ("entry:p2", "UPDATE ledger_posting SET amount = amount + 1 WHERE amount = 300"),
        ("entry:p2", "DELETE FROM ledger_posting WHERE amount = 300"),
        ("entry:p2", "UPDATE ledger_entry SET about = 'sale:9' WHERE key = 'p2'"),
        ("account:test/customer/a", "UPDATE ledger_posting SET balance = balance - 1 WHERE amount = -300"),
    ],
)
def test_a_planted_error_is_found(what: str, statement: str) -> None:
    paid("p1", 500)
    paid("p2", 300)
    assert list(ledger.verify()) == []
    testing.tampered(statement)
    assert what in [found.what for found in ledger.verify()]


MOVES = some.lists(
    some.tuples(
        some.integers(0, 5),  # key
        some.sampled_from(["till/1", "till/2", "customer/a", "customer/b", "income", "outside"]),
        some.sampled_from(["till/1", "till/2", "customer/a", "customer/b", "income", "outside"]),
        some.integers(1, 9),
    ),
    max_size=12,
)
FLOORS = {"till/1": 1, "till/2": 1, "customer/a": -1, "customer/b": -1}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_any_run_of_entries_leaves_what_a_plain_sum_says(moves: list[tuple[int, str, str, int]]) -> None:
    """The oracle is a dict of sums: a key once, no floor crossed, nothing else."""
    sums: Counter[str] = Counter()
    stands: dict[int, tuple[str, str, int]] = {}
    with transaction.atomic():
        for key, into, out, amount in moves:
            if into == out:
                continue
            after = sums[into] + amount, sums[out] - amount
            crosses = any(
                side in FLOORS and FLOORS[side] * value < 0 for side, value in zip((into, out), after, strict=True)
            )
            expected = "ledger_short" if crosses else ""
            if key in stands:
                expected = "" if stands[key] == (into, out, amount) else "ledger_key_taken"
            assert refused(str(key), (into, amount), (out, -amount)) == expected
            if not expected and key not in stands:
                stands[key] = (into, out, amount)
                sums[into], sums[out] = after
        assert {path: of(path) for path in sums} == dict(sums)
        assert list(ledger.verify()) == []
        transaction.set_rollback(True)
