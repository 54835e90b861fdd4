"""Charges that go back by two people's decision, and refunds that are stuck: whatever becomes of them, the books agree."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from bancheng.kernel.identity import public as identity
from bancheng.kernel.ledger import public as ledger
from bancheng.kernel.payments import public as payments
from bancheng.kernel.payments import testing as paying
from bancheng.lib.refusal import Refused
from bancheng.services.sockets.models import HandRefund, Session, Ticket
from bancheng.services.sockets.operations import care, handwork, sessions
from bancheng.services.sockets.rules import money
from bancheng.services.sockets.rules.handwork import HandState
from bancheng.services.sockets.rules.sessions import State
from bancheng.services.sockets.tests.walking import (
    NINE,
    REGION,
    Device,
    in_balance,
    now_of,
    refund_moves,
    socket,
    started,
    tell,
)

pytestmark = pytest.mark.django_db
ONE, TWO = identity.Actor(ref="staff:1"), identity.Actor(ref="staff:2")
LATER = NINE + timedelta(hours=3)
WHY = "投诉单2026-031：电表复检偏快"


def used() -> Session:
    """Bring a session to its refund: 5.00 paid, 1.80 charged, 3.20 on its way."""
    socket()
    device = Device()
    session = started(device)
    tell(device.reading(NINE + timedelta(hours=1), more_10wh=300))
    sessions.stop(session_id=session.pk, by="payer", at=NINE + timedelta(hours=1, minutes=1))
    tell(device.open(NINE + timedelta(hours=1, minutes=1, seconds=1)))
    return now_of(session)


def closed() -> Session:
    return refund_moves(used(), "success", NINE + timedelta(hours=2))


def charge(session: Session, fen: int = 180, by: identity.Actor = ONE) -> HandRefund:
    return handwork.propose_charge(session_id=session.pk, fen=fen, reason=WHY, by=by, at=LATER)


def decide(row: HandRefund, by: identity.Actor = TWO, approve: bool = True) -> HandRefund:
    return handwork.decide(hand_id=row.pk, approve=approve, by=by, at=LATER)


def refused(do: Any) -> str:
    with pytest.raises(Refused) as no, transaction.atomic():
        do()
    return no.value.code


def moves(row: HandRefund, state: str) -> HandRefund:
    assert row.refund_id is not None
    paying.refund_moves(row.refund_id, state, LATER + timedelta(minutes=1))
    row.refresh_from_db()
    return row


def test_a_charge_goes_back_by_two_people_and_the_session_stays_as_it_was() -> None:
    """B1.8; finance: manual refund by two persons."""
    session = closed()
    before = Session.objects.values().get(pk=session.pk)
    row = decide(charge(session))
    assert (row.state, row.proposed_by, row.decided_by) == (HandState.APPROVED, "staff:1", "staff:2")
    assert ledger.balance(REGION, money.INCOME) == 0
    assert ledger.balance(REGION, money.in_transit("wechat")) == -180
    assert moves(row, "success").state == HandState.DONE
    assert ledger.balance(REGION, money.in_transit("wechat")) == 0
    assert ledger.balance(REGION, money.clearing("wechat")) == 0
    assert Session.objects.values().get(pk=session.pk) == before
    assert in_balance(session)
    assert list(ledger.verify()) == []


def test_a_part_goes_back_and_never_more_than_is_left() -> None:
    session = closed()
    decide(charge(session, 100))
    assert refused(lambda: charge(session, 81)) == "bad_amount"
    decide(charge(session, 80))
    assert refused(lambda: charge(session, 1)) == "nothing_charged"


def test_two_proposals_that_together_are_too_much_are_stopped_at_the_decision() -> None:
    session = closed()
    row = charge(session, 100)
    assert refused(lambda: charge(session, 100)) == "proposed_already"
    decide(row)
    second = charge(session, 80)
    HandRefund.objects.filter(pk=second.pk).update(amount_fen=100)
    assert refused(lambda: decide(second)) == "bad_amount"


def test_nobody_decides_his_own_and_nothing_is_decided_twice() -> None:
    session = closed()
    row = charge(session)
    assert refused(lambda: decide(row, by=ONE)) == "own_proposal"
    decide(row, approve=False)
    assert refused(lambda: decide(row)) == "hand_refund_decided"
    assert ledger.balance(REGION, money.INCOME) == -180
    with pytest.raises(IntegrityError), transaction.atomic():
        HandRefund.objects.filter(pk=row.pk).update(decided_by="staff:1")
    with pytest.raises(DatabaseError), transaction.atomic():
        HandRefund.objects.filter(pk=row.pk).delete()


def test_without_a_reason_or_a_charge_nothing_is_put_forward() -> None:
    session = used()
    assert (
        refused(lambda: handwork.propose_charge(session_id=session.pk, fen=1, reason=" ", by=ONE, at=LATER))
        == "reason_missing"
    )
    assert refused(lambda: charge(session, 0)) == "bad_amount"
    unknown = UUID(int=7)
    assert (
        refused(lambda: handwork.propose_charge(session_id=unknown, fen=1, reason=WHY, by=ONE, at=LATER))
        == "no_such_session"
    )


def test_a_charge_that_the_channel_does_not_carry_back_is_income_again() -> None:
    """X15"""
    session = closed()
    row = decide(charge(session))
    assert moves(row, "closed").state == HandState.FAILED
    assert ledger.balance(REGION, money.INCOME) == -180
    assert ledger.balance(REGION, money.in_transit("wechat")) == 0
    decide(charge(session))  # it can be put forward anew


def test_a_charge_that_cannot_go_back_is_what_two_people_found_of_it() -> None:
    """B1.9: it has arrived another way, or it is income again and may be put forward anew."""
    session = closed()
    row = moves(decide(charge(session, 100)), "abnormal")
    assert row.state == HandState.APPROVED
    found(row.refund_id, succeeded=True)
    row.refresh_from_db()
    assert (row.state, ledger.balance(REGION, money.in_transit("wechat"))) == (HandState.DONE, 0)
    row = moves(decide(charge(session, 80)), "abnormal")
    found(row.refund_id, succeeded=False)
    row.refresh_from_db()
    assert (row.state, ledger.balance(REGION, money.INCOME)) == (HandState.FAILED, -80)


def found(refund_id: Any, *, succeeded: bool) -> None:
    """Let one put forward what the console shows, and another agree."""
    payments.find(region=REGION, refund_id=refund_id, succeeded=succeeded, why=WHY, by="staff:1", at=LATER)
    finding = payments.findings(REGION)[refund_id]
    payments.decide(region=REGION, finding_id=finding.id, agree=True, by="staff:2", at=LATER)


def stuck() -> Session:
    return refund_moves(used(), "abnormal", NINE + timedelta(hours=2))


def test_a_stuck_refund_that_arrived_closes_the_session() -> None:
    """B1.9, R1.8: a person's work, done by two."""
    session = stuck()
    assert session.state == State.ATTENTION
    found(session.refunds.get().refund_id, succeeded=True)
    assert (now_of(session).state, in_balance(session)) == (State.CLOSED, True)
    assert ledger.balance(REGION, money.in_transit("wechat")) == 0


def test_a_stuck_refund_that_was_not_sent_goes_once_more_under_a_new_number() -> None:
    """X15: only after the old one is closed."""
    session = stuck()
    found(session.refunds.get().refund_id, succeeded=False)
    assert list(session.refunds.order_by("number").values_list("number", "state", "amount_fen")) == [
        (1, "closed", 320),
        (2, "planned", 320),
    ]
    assert now_of(refund_moves(session, "success", LATER + timedelta(hours=1), number=2)).state == State.CLOSED


def open_ticket(session: Session) -> bool:
    return Ticket.objects.filter(cause=f"session:{session.pk}:refund", closed_at=None).exists()


def test_a_ticket_of_finance_closes_with_its_refund_and_is_given_to_nobody_else() -> None:
    """B1.9."""
    session = stuck()
    ticket = Ticket.objects.get(kind="refund")
    assert refused(lambda: care.assign(ticket_id=ticket.pk, to=1, by=ONE, at=LATER)) == "ticket_of_finance"
    found(session.refunds.get().refund_id, succeeded=False)
    assert open_ticket(session)
    refund_moves(session, "success", LATER, number=2)
    assert not open_ticket(session)


def test_a_charge_that_cannot_go_back_calls_finance() -> None:
    session = closed()
    row = moves(decide(charge(session)), "abnormal")
    assert open_ticket(session)
    found(row.refund_id, succeeded=True)
    assert not open_ticket(session)


def test_a_late_payment_that_cannot_go_back_calls_finance_though_the_session_is_over() -> None:
    """X1, B1.9: its state does not change, and somebody sees to the money."""
    socket()
    session = sessions.reserve(code="XC0001", prepay_fen=500, channel="wechat", at=NINE).session
    sessions.stop(session_id=session.pk, by="payer", at=NINE + timedelta(minutes=1))
    paying.paid(session.prepays.get().order_id, NINE + timedelta(minutes=5))
    refund_moves(session, "abnormal", LATER)
    assert (now_of(session).state, open_ticket(session)) == (State.EXPIRED, True)
