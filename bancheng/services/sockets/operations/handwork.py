"""Charges given back by two people of finance: one puts it forward, another decides.

Nothing of a closed session changes: a charge that goes back is an entry of its own, from income to the payer, carried out by the channel that
took the money and held by its own limit, which is what was paid.
"""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Sum

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.kernel.ledger import public as ledger
from bancheng.kernel.payments import public as payments
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.sockets.models import HandRefund, Session
from bancheng.services.sockets.operations import trouble
from bancheng.services.sockets.rules import handwork, money
from bancheng.services.sockets.rules.handwork import HandState

audit.labels(
    {
        "sockets.hand_refund_proposed": Text("提出退还电费", "Giving a charge back put forward"),
        "sockets.hand_refund_approved": Text("批准退还电费", "Giving a charge back approved"),
        "sockets.hand_refund_declined": Text("不批准退还电费", "Giving a charge back declined"),
    }
)
REASON = "共享电源：退还电费"


def propose_charge(*, session_id: UUID, fen: int, reason: str, by: identity.Actor, at: datetime) -> HandRefund:
    """Put forward that a charge, or a part of it, goes back.

    Raises Refused: no_such_session, reason_missing, nothing_charged, bad_amount, proposed_already.
    """
    handwork.check_reason(reason)
    session = Session.objects.filter(pk=session_id).first()
    if session is None:
        raise Refused("no_such_session", "没有这次用电。", en="There is no such session.", status=404)
    _check_left(session, fen)
    return _propose(session, fen, reason, by, at)


def given_back(session: Session) -> int:
    """Return what was given back of a session's charge, or is on its way."""
    rows = session.by_hand.filter(state__in=handwork.COUNTS)
    return int(rows.aggregate(fen=Sum("amount_fen"))["fen"] or 0)


def _check_left(session: Session, fen: int) -> None:
    charged = session.cost_fen or 0
    handwork.check_amount(fen, charged_fen=charged, given_back_fen=given_back(session))


def _propose(session: Session, fen: int, reason: str, by: identity.Actor, at: datetime) -> HandRefund:
    try:
        with transaction.atomic():
            made = HandRefund.objects.create(
                region=session.region,
                session=session,
                amount_fen=fen,
                reason=reason.strip()[:300],
                state=HandState.PROPOSED,
                proposed_by=by.ref,
                proposed_at=at,
            )
            _note("proposed", made, by.ref, at)
    except IntegrityError as taken:
        if "one_proposal" not in str(taken):
            raise
        raise Refused(
            "proposed_already",
            "已有一笔在等第二人批准，没有保存；请先处理那一笔。",
            en="One waits for a second person already; nothing was kept. Decide that one first.",
        ) from None
    return made


def decide(*, hand_id: int, approve: bool, by: identity.Actor, at: datetime) -> HandRefund:
    """Approve or decline what another put forward, and have it carried out.

    Raises Refused: no_such_hand_refund, hand_refund_decided, own_proposal, nothing_charged, bad_amount.
    """
    with transaction.atomic():
        found = HandRefund.objects.filter(pk=hand_id).first()
        if found is None:
            raise Refused("no_such_hand_refund", "没有这笔退还。", en="There is no such refund.", status=404)
        session = Session.objects.select_for_update(of=("self",)).get(pk=found.session_id)
        row = HandRefund.objects.select_for_update(of=("self",)).get(pk=hand_id)
        handwork.check_open(HandState(row.state))
        handwork.check_second(row.proposed_by, by.ref)
        row.decided_by, row.decided_at = by.ref, at
        if approve:
            _give_back(session, row, at)
        else:
            row.state = HandState.DECLINED
        row.save(update_fields=["state", "decided_by", "decided_at", "refund_id"])
        _note("approved" if approve else "declined", row, by.ref, at)
    return row


def _give_back(session: Session, row: HandRefund, at: datetime) -> None:
    _check_left(session, row.amount_fen)
    prepay = session.prepays.get(counts=True)
    key = f"{session.pk.hex}-hand-{row.pk}"
    made = payments.refund(
        region=row.region, key=key, order_id=prepay.order_id, amount_fen=row.amount_fen, reason=REASON, at=at
    )
    row.refund_id, row.state = made.id, HandState.APPROVED
    _post(row, "", money.charge_back(channel=prepay.channel, fen=row.amount_fen), "sockets.charge_back", at)


def note_refund(moved: payments.RefundMoved) -> None:
    """Take in what the channel says of a charge that goes back; what it cannot carry out calls finance again (B1.9)."""
    row = HandRefund.objects.select_for_update(of=("self",)).filter(refund_id=moved.refund.id).first()
    if row is None or row.state != HandState.APPROVED:
        return
    channel, fen = moved.refund.channel, row.amount_fen
    if moved.state is payments.RefundState.ABNORMAL:
        trouble.call_finance(row.session, at=moved.at)
        return
    if moved.state is payments.RefundState.SUCCESS:
        _end(row, HandState.DONE, money.refund_done(channel=channel, fen=fen), moved.at)
    elif moved.state is payments.RefundState.CLOSED:
        _end(row, HandState.FAILED, money.charge_back_failed(channel=channel, fen=fen), moved.at)


def _end(row: HandRefund, state: HandState, lines: list[ledger.Line], at: datetime) -> None:
    row.state, row.done_at = state, at
    row.save(update_fields=["state", "done_at"])
    _post(row, f"-{state}", lines, f"sockets.charge_back_{state}", at)
    trouble.refunds_done(row.session, at=at)


def _post(row: HandRefund, step: str, lines: list[ledger.Line], kind: str, at: datetime) -> None:
    ledger.post(
        region=row.region,
        key=f"sockets-hand-{row.pk}{step}",
        unit=ledger.Unit.FEN,
        lines=lines,
        kind=kind,
        about=f"session:{row.session_id}",
        at=at,
        by="system",
    )


def _note(what: str, row: HandRefund, who: str, at: datetime) -> None:
    audit.record(
        f"sockets.hand_refund_{what}",
        who=who,
        about=f"session:{row.session_id}",
        at=at,
        region=row.region,
        detail={"fen": row.amount_fen},
    )
