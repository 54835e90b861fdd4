"""What the service adds to the kernel's operations: a service given at a counter, and whose call-back it is."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.identity import public as identity
from bancheng.kernel.ratings import public as ratings
from bancheng.lib import identifiers
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.ratings import evidence as proofs
from bancheng.services.ratings import queries

PERSONAL = re.compile(r"[0-9]{11}|[0-9]{17}[0-9Xx]")  # a phone, an identity number
OTHER = Text("咨询、取件等其他服务", "Advice, collecting a result, other services")


def ask_on_site(*, matter: str, number: str, by: identity.Actor, at: datetime) -> ratings.Occasion:
    """Let a service just given at a counter be rated, once (R-RT-2: 一次一评).

    Raises Refused: no_such_matter, no_number, no_window.
    """
    if PERSONAL.fullmatch(number):
        raise Refused(
            "no_number",
            "这里只填办件编号或排队号，不要填身份证号、手机号，没有发起评价；请改正后再试。",
            en="Only the number of a case or a ticket goes here, no identity number, no phone; nobody was asked. Correct it.",
            status=422,
        )
    held = queries.units(by, queries.CLERK)
    found = next((one for one in queries.counter_matters(by) if one.code == matter), None)
    if matter and found is None:
        raise Refused(
            "no_such_matter",
            "本窗口没有这个事项，没有发起评价，请从列表中选择。",
            en="Your window does not have this matter; nobody was asked. Choose from the list.",
            status=422,
        )
    unit = found.unit if found else by.unit or (held[0] if held else "")
    if not unit:
        raise Refused(
            "no_window",
            "您的账号没有登记窗口所在单位，没有发起评价，请联系单位管理员。",
            en="Your account names no unit of a window; nobody was asked. Ask your administrator.",
        )
    served = ratings.Served(
        about=f"visit:{identifiers.uuid7(at)}",
        mode=ratings.Mode.ON_SITE,
        service="hall",
        matter=found.code if found else "",
        unit=unit,
        title=Text(found.name, found.name_en) if found else OTHER,
        number=number[:32],
        handlers=(by.ref,),
    )
    region = catalogue.city().region
    (made,) = ratings.invite([served], region=region, terms=ratings.terms_of(served.service), at=at, by=by.ref)
    return ratings.occasion(made.pk)


def work(*, call_back_id: UUID, by: identity.Actor, do: Callable[..., Any], at: datetime, **said: Any) -> None:
    """Do one thing to a call-back of the actor's unit that is not about his own work.

    Raises Refused: no_such_call_back, and what `do` refuses.
    """
    found = queries.my_call_back(by, call_back_id)
    if not by.has(queries.CALL_BACK, service=queries.SERVICE, unit=found.occasion.unit):
        raise ratings.no_such_call_back()
    do(call_back_id=call_back_id, by=by.ref, at=at, **said)


def appeal(
    *,
    call_back_id: UUID,
    flaw: str,
    reason: str,
    evidence: str,
    by: identity.Actor,
    at: datetime,
    files: Sequence[proofs.File] = (),
) -> None:
    """Ask to leave the rating of a call-back out, with files that prove it; both or neither. Outside of a transaction.

    Raises Refused: no_such_call_back, no_flaw, say_what, appealed_already, and what evidence.keep raises.
    """
    found = queries.my_call_back(by, call_back_id)
    if flaw not in set(ratings.Flaw):
        raise Refused(
            "no_flaw",
            "请选择是误评还是恶意差评，没有提交；您填写的内容已保留。",
            en="Say whether it is mistaken or malicious; nothing was sent, what you wrote is kept.",
            status=422,
        )
    kept = proofs.keep(found.occasion, files, by=by, at=at)
    try:
        ratings.appeal(
            occasion_id=found.occasion.id,
            flaw=ratings.Flaw(flaw),
            reason=reason,
            evidence=evidence,
            by=by.ref,
            at=at,
        )
    except Refused:
        proofs.let_go(found.occasion, kept, by=by, at=at)
        raise


def decide(*, appeal_id: UUID, leave_out: bool, reason: str, by: identity.Actor, at: datetime) -> ratings.Ruling:
    """Decide an appeal. Raises Refused: no_such_appeal, say_what, appeal_moved_on, not_your_review."""
    found = queries.my_review(by, appeal_id)
    return ratings.decide(
        appeal_id=appeal_id,
        leave_out=leave_out,
        reason=reason,
        by=by.ref,
        unit=by.unit,
        terms=ratings.terms_of(found.occasion.service),
        at=at,
    )
