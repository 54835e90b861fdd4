"""A day is compared: money with the ledger and the channel's file, sessions with meters, sockets with the master meter, and what lies about."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from bancheng.kernel.audit import testing as audit
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.ledger import testing as ledger
from bancheng.kernel.payments import testing as payments
from bancheng.lib.refusal import Refused
from bancheng.services.sockets.models import Finding, MasterReading, Meter, Reconciliation, Session, Ticket
from bancheng.services.sockets.operations import lying, reconciling, sessions
from bancheng.services.sockets.rules.readings import KEPT_DAYS
from bancheng.services.sockets.rules.reconciling import Frozen
from bancheng.services.sockets.tests import towns
from bancheng.services.sockets.tests.walking import (
    NINE,
    REGION,
    Device,
    refund_moves,
    reserve,
    scan,
    socket,
    started,
    tell,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 17)
NEXT_MORNING = NINE + timedelta(days=1, hours=2)
MASTER = "202611079001"


def use(device: Device, at: Any = NINE, tens: int = 30, code: str = "XC0001") -> Session:
    """Bring a session to its refund, with `tens` times 10 Wh."""
    session = started(device, at, code=code)
    tell(device.reading(at + timedelta(minutes=20), more_10wh=tens))
    sessions.stop(session_id=session.pk, by="payer", at=at + timedelta(minutes=21))
    tell(device.open(at + timedelta(minutes=21, seconds=1)))
    return refund_moves(session, "success", at + timedelta(minutes=22))


def reconciled(day: date = DAY, at: Any = NEXT_MORNING) -> Reconciliation:
    return reconciling.reconcile(region=REGION, day=day, by="staff:1", at=at)


def findings(found: Reconciliation, part: str) -> list[tuple[str, str]]:
    return [(one.about, one.says_en) for one in found.findings.filter(part=part).order_by("pk")]


def filed(day: date = DAY) -> None:
    """Let both channels' files agree with us."""
    payments.compared(region=REGION, channel="wechat", day=day, at=NEXT_MORNING)


def test_a_day_on_which_everything_agrees() -> None:
    """F1.10, R1.4: two uses paid, charged, refunded: each is an entry of the ledger; the meter counted what was charged."""
    socket()
    device = Device()
    use(device)
    use(device, NINE + timedelta(hours=2), tens=45)
    filed()
    found = reconciled()
    assert list(found.findings.all()) == []
    assert (found.sessions, found.paid_fen, found.charged_fen, found.refunded_fen) == (2, 1000, 18 + 27, 1000 - 45)
    assert (found.sessions_10wh, found.sockets_10wh, found.unread) == (75, 75, 0)
    assert found.equal == 6
    assert [one["channel"] for one in found.channels] == ["wechat"]
    assert audit.recorded()[-1].action == "sockets.reconciled"


def test_comparing_again_replaces_what_stood() -> None:
    socket()
    use(Device())
    assert findings(reconciled(), "channel") == [("wechat", "its file is not here yet; reconcile again when it is")]
    filed()
    assert findings(reconciled(), "channel") == []
    assert Reconciliation.objects.count() == 1


def test_a_number_that_the_channel_has_and_we_have_not_is_named() -> None:
    """Section 9, 1: the four classes."""
    socket()
    use(Device())
    payments.compared(
        region=REGION, channel="wechat", day=DAY, at=NEXT_MORNING, differences=[("X123", "theirs_only", None, 700)]
    )
    assert findings(reconciled(), "channel") == [("X123", "theirs only: ours –, theirs ¥7.00")]


def test_what_is_missing_in_the_ledger_or_differs_is_named() -> None:
    socket()
    session = use(Device())
    prepay = session.prepays.get()
    ledger.tampered("UPDATE ledger_posting SET amount = amount + 1 WHERE amount = 500")
    found = reconciled()
    assert findings(found, "ledger") == [
        (f"sockets-{session.pk}-paid-{prepay.pk}", "ours ¥5.00, theirs ¥5.01"),
    ]


def test_energy_that_nobody_was_charged_for_calls_somebody_to_the_meter() -> None:
    """Section 9, 2: idle energy 0 ± 10 Wh; on one ticket, however often."""
    socket()
    device = Device()
    use(device)
    tell(device.reading(NINE + timedelta(hours=1), more_10wh=1))
    filed()
    assert findings(reconciled(), "meter") == []
    tell(device.reading(NINE + timedelta(hours=3), more_10wh=1))
    assert findings(reconciled(), "meter") == [("XC0001", "the meter counted 0.02 kWh while nobody used it")]
    reconciled()
    ticket = Ticket.objects.get(kind="meter_odd")
    assert ticket.says_en.startswith("Reconciliation of 2026-03-17: the meter counted 0.02 kWh")


def test_a_session_over_midnight_counts_on_both_days() -> None:
    socket()
    device = Device()
    late = NINE + timedelta(hours=14, minutes=50)  # 23:50
    session = started(device, late)
    for minutes, tens in ((5, 10), (15, 20)):
        tell(device.reading(late + timedelta(minutes=minutes), more_10wh=tens))
    sessions.stop(session_id=session.pk, by="payer", at=late + timedelta(minutes=16))
    tell(device.open(late + timedelta(minutes=16, seconds=1)))
    first, second = reconciled(), reconciled(DAY + timedelta(days=1), NEXT_MORNING + timedelta(days=1))
    assert [(one.sockets_10wh, one.sessions_10wh) for one in (first, second)] == [(10, 10), (20, 20)]
    assert Finding.objects.filter(part="meter").count() == 0


def test_a_session_under_way_counts_as_far_as_it_is() -> None:
    socket()
    device = Device()
    started(device)
    tell(device.reading(NINE + timedelta(minutes=20), more_10wh=30))
    found = reconciled()
    assert (found.sockets_10wh, found.sessions_10wh, found.sessions) == (30, 30, 0)


def test_a_silent_socket_is_counted_and_no_more() -> None:
    socket()
    found = reconciled()
    assert (found.unread, found.findings.count()) == (1, 0)


def master() -> Meter:
    return Meter.objects.create(region=REGION, address=MASTER, site=towns.site(), ct_ratio=2, fitted_at=towns.LONG_AGO)


def frozen(eve: int, end: int) -> None:
    rows = [Frozen(MASTER, DAY - timedelta(days=1), eve), Frozen(MASTER, DAY, end)]
    reconciling.take_masters(rows=rows, region=REGION, by="staff:1", at=NEXT_MORNING)


@pytest.mark.parametrize(("end", "odd"), [(1015, False), (1018, True), (1010, True)])
def test_a_site_that_loses_too_much_or_gains_has_a_ticket(end: int, odd: bool) -> None:
    """Section 9, 3: 30 steps by the socket, doubled registers of the master meter: 0 to 3 %, and a step a register."""
    socket()
    master()
    use(Device())
    frozen(1000, end)
    found = reconciled()
    assert (found.master_10wh, found.mastered_10wh, found.unmastered) == (2 * (end - 1000), 30, 0)
    assert bool(findings(found, "loss")) == odd
    assert Ticket.objects.filter(kind="loss").exists() == odd


def test_a_site_whose_master_meter_was_not_read_is_counted_and_no_more() -> None:
    socket()
    master()
    use(Device())
    found = reconciled()
    assert (found.unmastered, findings(found, "loss")) == (1, [])


def test_registers_of_master_meters_are_taken_all_or_none_and_stay() -> None:
    master()
    frozen(1000, 1015)
    frozen(1000, 1015)
    assert MasterReading.objects.count() == 2
    for row, code in (
        (Frozen("000000000009", DAY, 5), "no_such_master"),
        (Frozen(MASTER, DAY, 1016), "master_differs"),
        (Frozen(MASTER, DAY, 100_000_000), "bad_register"),
    ):
        good = Frozen(MASTER, DAY + timedelta(days=1), 1030)
        with pytest.raises(Refused) as no:
            reconciling.take_masters(rows=[good, row], region=REGION, by="staff:1", at=NEXT_MORNING)
        assert no.value.code == code
    assert MasterReading.objects.count() == 2
    with pytest.raises(DatabaseError), transaction.atomic():
        MasterReading.objects.update(e_10wh=1)


def test_what_lies_about_for_too_long_is_named() -> None:
    """Section 9, 4."""
    socket()
    device = Device()
    session = started(device)
    sessions.stop(session_id=session.pk, by="payer", at=NINE + timedelta(minutes=1))
    scan(NINE + timedelta(minutes=2))
    Session.objects.filter(pk=session.pk).update(due_at=None)  # nobody looks at it any more
    found = reconciled()
    (one,) = found.findings.filter(part="open")
    assert one.session_id == session.pk
    assert "for 1," in one.says_en


def test_a_day_that_is_not_over_or_whose_readings_are_gone_is_refused_and_what_stood_stays() -> None:
    socket()
    use(Device())
    found = reconciled()
    for at, code in ((NINE, "day_not_over"), (NINE + timedelta(days=KEPT_DAYS - 1), "day_too_old")):
        with pytest.raises(Refused) as no:
            reconciled(DAY, at)
        assert no.value.code == code
    assert Reconciliation.objects.get().pk == found.pk
    reconciled(DAY, NINE + timedelta(days=KEPT_DAYS - 2))


def test_the_days_that_were_missed_are_caught_up() -> None:
    """The city's machine was off: what it did not compare of the last week it compares, the rest stays as it is."""
    socket()
    use(Device())
    stood = reconciled()
    later = NINE + timedelta(days=3)
    assert reconciling.catch_up(region=REGION, today=DAY + timedelta(days=3), at=later) == 2
    days = list(Reconciliation.objects.order_by("day").values_list("day", "pk"))
    assert [day for day, _ in days] == [DAY + timedelta(days=n) for n in range(3)]
    assert days[0][1] == stood.pk
    assert reconciling.catch_up(region=REGION, today=DAY + timedelta(days=3), at=later) == 0


def test_a_bill_that_was_compared_has_its_day_compared_anew() -> None:
    """Section 9, 1: a file that came late is taken in by itself."""
    socket()
    use(Device())
    reconciled()
    filed()
    (promised,) = jobs.promised("sockets.reconcile_day")
    assert promised[1] == {"day": "2026-03-17"}
    old = DAY - timedelta(days=60)
    payments.compared(region=REGION, channel="wechat", day=old, at=NEXT_MORNING)
    assert len(jobs.promised("sockets.reconcile_day")) == 1


def test_a_trouble_that_had_its_ticket_opens_none_when_the_day_is_compared_again() -> None:
    socket()
    device = Device()
    use(device)
    tell(device.reading(NINE + timedelta(hours=3), more_10wh=5))
    reconciled()
    Ticket.objects.update(state="closed", closed_at=NEXT_MORNING, closed_by="staff:2")
    reconciled()
    assert Ticket.objects.count() == 1


def test_what_lies_about_calls_the_site_once_and_finance_for_a_refund() -> None:
    """Section 9, 4: one ticket a site, one a refund, however often it is looked."""
    socket()
    session = started(Device())
    at = NINE + timedelta(minutes=30)
    Session.objects.filter(pk=session.pk).update(state="starting", since=NINE)
    for _ in range(2):
        assert lying.look_for_left_open(region=REGION, at=at) == 1
    ticket = Ticket.objects.get()
    assert (ticket.kind, ticket.times, "XC0001" in ticket.says_en) == ("left_open", 2, True)
    Session.objects.filter(pk=session.pk).update(state="refunding")
    assert lying.look_for_left_open(region=REGION, at=at) == 0
    assert lying.look_for_left_open(region=REGION, at=NINE + timedelta(hours=1, seconds=1)) == 1
    assert Ticket.objects.get(kind="refund").cause == f"session:{session.pk}:refund"


def test_a_day_is_compared_in_as_many_statements_for_many_sockets_as_for_few(
    django_assert_max_num_queries: Any,
) -> None:
    device = Device()
    socket()
    use(device)
    for n in range(2, 8):
        socket(f"XC000{n}", str(n))
        use(Device(wire=str(n), meter=f"{202411070045 + n:012d}"), NINE + timedelta(minutes=n), code=f"XC000{n}")
    reserve("XC0002", at=NEXT_MORNING - timedelta(hours=1))
    filed()
    with django_assert_max_num_queries(30):
        found = reconciled()
    assert (found.sessions, found.sockets_10wh) == (7, 210)
