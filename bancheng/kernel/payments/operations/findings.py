"""Abnormal refunds: one person says what the channel's console shows, another agrees. Nothing moves before."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.payments.models import Finding, Refund
from bancheng.kernel.payments.operations import refunds
from bancheng.kernel.payments.rules import RefundState
from bancheng.lib.refusal import Refused


def find(*, region: str, refund_id: UUID, succeeded: bool, why: str, by: str, at: datetime) -> None:
    """Put forward what became of an abnormal refund. Raises Refused: say_why, no_such_refund, refund_not_abnormal, finding_waits."""
    if not why.strip():
        raise Refused(
            "say_why", "请写明依据，没有提交。", en="Say on what ground; nothing was put forward.", status=422
        )
    try:
        with transaction.atomic():
            row = Refund.objects.select_for_update().filter(pk=refund_id, region=region).first()
            if row is None:
                raise Refused("no_such_refund", "没有这笔退款。", en="There is no such refund.", status=404)
            if row.state != RefundState.ABNORMAL.value:
                raise refunds.not_abnormal()
            Finding.objects.create(
                region=region, refund=row, succeeded=succeeded, why=why.strip()[:200], found_by=by, found_at=at
            )
            audit.record(
                "payments.finding_put",
                who=by,
                about=f"refund:{row.pk}",
                at=at,
                region=region,
                detail={"succeeded": succeeded},
            )
    except IntegrityError as error:
        if "one_finding_of_a_refund_waits" not in str(error):
            raise
        raise Refused(
            "finding_waits",
            "这笔退款已有处理意见在等另一人同意，没有再提。",
            en="A finding of this refund waits for another person; none was added.",
        ) from error


def decide(*, region: str, finding_id: int, agree: bool, by: str, at: datetime) -> None:
    """Agree to another person's finding, and the refund is what it says; or decline. Raises Refused: finding_gone, own_finding."""
    found = Finding.objects.filter(pk=finding_id, region=region, decided_at=None).first()
    if found is None:
        raise _gone()
    # the refund before what was found of it, as whoever moves a refund has them
    with transaction.atomic():
        refunds.hold(found.refund_id)
        row = Finding.objects.select_for_update().filter(pk=finding_id, decided_at=None).first()
        if row is None:
            raise _gone()
        if row.found_by == by:
            raise Refused(
                "own_finding",
                "自己提出的处理由另一人同意，没有改动。",
                en="Another person agrees to what you found; nothing was changed.",
            )
        row.agreed, row.decided_by, row.decided_at = agree, by, at
        row.save(update_fields=["agreed", "decided_by", "decided_at"])
        action = "payments.finding_agreed" if agree else "payments.finding_declined"
        audit.record(action, who=by, about=f"refund:{row.refund_id}", at=at, region=region)
        if agree:
            refunds.settle_by_hand(refund_id=row.refund_id, succeeded=row.succeeded, by=by, at=at, why=row.why)


def _gone() -> Refused:
    return Refused(
        "finding_gone",
        "这条处理意见已经办过，没有改动，请刷新。",
        en="This finding was decided already; nothing was changed. Reload.",
    )
