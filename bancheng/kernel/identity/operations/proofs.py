"""How a person's identity was proven, and who looks at whole numbers."""

from datetime import datetime

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import rules
from bancheng.kernel.identity.models import IdentityProof, Person
from bancheng.kernel.identity.rules import Actor
from bancheng.kernel.identity.sealing import open_sealed
from bancheng.lib.refusal import Refused


def prove_identity(*, person: Person, method: str, document: str = "", by: str, at: datetime) -> None:
    """Record how a person's identity was proven (R-ID-4); proven in the same way before, nothing changes.

    Raises Refused("proof_unwritten") for a notarised one without its deed.
    """
    if method == "notarised" and not document.strip():
        raise Refused(
            "proof_unwritten",
            "公证的身份证明须填写公证书编号，没有记录。",
            en="Give the number of the notarial deed; nothing was recorded.",
            law="市场主体登记管理条例实施细则 第十六条",
            status=422,
        )
    with transaction.atomic():
        _, made = IdentityProof.objects.get_or_create(
            region=person.region,
            person=person,
            method=method,
            defaults={"document": document.strip(), "by": by, "at": at},
        )
        if made:
            audit.record(
                "identity.proven", who=by, about=str(person), at=at, region=person.region, detail={"method": method}
            )


def reveal(
    blob: bytes, *, kind: str, by: Actor, about: str, why: str, at: datetime, region: str = audit.PLATFORM
) -> str:
    """Return what `blob` holds, and record who looked, at what, for what reason. The caller checks the open task (P-3).

    A person sees his own values; of staff only roles that handle cases, never an administrator (P-10). Raises Refused.
    """
    if by.person_id is None and not rules.may_open(by):
        raise Refused(
            "may_not_open",
            "您的角色不能查看完整号码，页面只显示掩码。",
            en="Your role may not see unmasked values.",
            status=403,
        )
    if not why.strip():
        raise Refused(
            "reason_needed",
            "查看完整号码须写明理由，请填写后再试。",
            en="State why you need the whole value.",
            status=422,
        )
    text = open_sealed(blob, kind=kind)
    audit.record("identity.revealed", who=by.ref, about=about, at=at, region=region, detail={"kind": kind, "why": why})
    return text
