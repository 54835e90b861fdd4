"""What a clerk does in a case for whoever stands at his counter: correct, take back, apply again, do without (F14.3).

Only what the applicant himself may do, and only while he is there: the clerk types name and number from the card, which must be the
applicant's own or of somebody who acts for him, or names the written power that was shown. Nothing of the card is kept. What ends a
right against the applicant's will (taken as waived) or moves a case between offices is not at the counter: the law asks the office for it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.onething import operations, queries

Done = TypeVar("Done")
CAPACITIES = {
    "self": Text("申请人本人到场", "the applicant himself"),
    "representative": Text("法定代表人或负责人到场", "the legal representative"),
    "agent": Text("登记的代办人到场", "an agent on record"),
    "document": Text("持书面委托到场", "with a written power"),
}


@dataclass(frozen=True)
class Visitor:
    """Who stands at the counter, as the clerk read it off the card; `document` is the written power, where he shows one."""

    name: str
    citizen_id: str = field(repr=False)
    document: str = ""
    agreed: bool = False


def capacity(view: cases.View, visitor: Visitor, at: datetime) -> str:
    """Return in which capacity a visitor acts in a case. Raises Refused: not_agreed, not_entitled."""
    if not visitor.agreed or not visitor.name:
        raise Refused(
            "not_agreed",
            "须核对来人证件、由本人确认后再代为办理，没有办理；请填写姓名、证件号码并勾选。",
            en="Look at the card and let him confirm first: nothing was done. Fill in name and number and tick the box.",
            status=422,
        )
    number = visitor.citizen_id.strip().upper()
    known = identity.find_person(region=view.region, citizen_id=number)
    if known is not None and known.name == visitor.name:
        if bytes(known.citizen_id_hash) == view.applicant_hash:
            return "self"
        actor = identity.Actor(f"person:{known.pk}", person_id=str(known.pk))
        for one in identity.principals(actor, at, service=queries.SERVICE):
            if one.holder_hash == view.applicant_hash:
                return "representative" if one.legal_representative else "agent"
    if visitor.document:
        return "document"
    raise Refused(
        "not_entitled",
        "来人不是申请人，也没有登记为其代办人，没有办理；请填写书面委托的文号，或请申请人本人到场。",
        en="The visitor is neither the applicant nor on record as acting for him; nothing was done. Name the written power he shows, or ask "
        "the applicant to come.",
        law="行政许可法 第二十九条",
        status=403,
    )


def at_counter(
    view: cases.View, visitor: Visitor, act: str, do: Callable[[str], Done], *, by: identity.Actor, at: datetime
) -> Done:
    """Do one thing for a visitor, with the words that the log gets of him; the record says in which capacity he came.

    Raises Refused: not_agreed, not_entitled, and what `do` refuses.
    """
    came = capacity(view, visitor, at)
    words = CAPACITIES[came].zh + (f"（{visitor.document}）" if came == "document" else "")
    done = do(f"窗口代为提交，{words}")
    detail: dict[str, Any] = {"act": act, "capacity": came}
    if came == "document":
        detail["document"] = visitor.document
    audit.record(
        "onething.attended", who=by.ref, about=f"case:{view.case.id}", at=at, region=view.region, detail=detail
    )
    return done


def withdraw(
    *, view: cases.View, case_id: UUID, visitor: Visitor, reason: str, by: identity.Actor, at: datetime
) -> None:
    """Take back the bundle or one of its matters for a visitor. Raises Refused as operations.withdraw, and as `at_counter`."""

    def do(words: str) -> None:
        why = "；".join(part for part in (reason, words) if part)
        operations.withdraw(view=view, case_id=case_id, reason=why, by=by, at=at)

    at_counter(view, visitor, "withdraw", do, by=by, at=at)


def retry(*, view: cases.View, step: str, visitor: Visitor, by: identity.Actor, at: datetime) -> None:
    """Apply again for a refused matter for a visitor. Raises Refused as operations.retry, and as `at_counter`."""
    at_counter(view, visitor, "retry", lambda _: operations.retry(view=view, step=step, by=by, at=at), by=by, at=at)


def give_up(*, view: cases.View, step: str, visitor: Visitor, by: identity.Actor, at: datetime) -> None:
    """Do without a matter that waits in vain, for a visitor. Raises Refused as operations.give_up, and as `at_counter`."""

    def do(words: str) -> None:
        cases.give_up(case_id=view.case.id, step=step, reason=f"申请人不再办理；{words}", by=by.ref, at=at)

    at_counter(view, visitor, "give_up", do, by=by, at=at)
