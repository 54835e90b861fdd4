"""Who may ask what of the book, for which purpose; every question leaves a line that the holder can read (条例 第二十七、二十八条; R7.10)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import book, content
from bancheng.kernel.registrations.models import Enquiry
from bancheng.kernel.registrations.rules import checks
from bancheng.kernel.registrations.rules.words import AGENCY
from bancheng.kernel.titles import public as titles
from bancheng.lib.identifiers import uuid7
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text


class Purpose(StrEnum):
    """What an enquiry is for; the law asks for it to be stated."""

    TRANSACTION = "transaction"
    MORTGAGE = "mortgage"
    INHERITANCE = "inheritance"
    LITIGATION = "litigation"
    OWN = "own"


PURPOSES = {
    Purpose.OWN: Text("查本人的不动产", "my own property"),
    Purpose.TRANSACTION: Text("买卖、交换、赠与", "sale, exchange or gift"),
    Purpose.MORTGAGE: Text("抵押融资", "mortgage and finance"),
    Purpose.INHERITANCE: Text("继承、遗赠", "inheritance"),
    Purpose.LITIGATION: Text("诉讼、仲裁", "litigation or arbitration"),
}


@dataclass(frozen=True)
class Answer:
    """What may be told: to a holder all that rests on the lot, to others how much of what kind, and no name."""

    lot: titles.LotView
    holder: bool
    rights: tuple[titles.CoverageView, ...]
    counts: dict[str, int]


def enquire(*, region: str, lot: str, purpose: Purpose, interest: str, by: identity.Actor, at: datetime) -> Answer:
    """Answer a question about a lot, and keep who asked and why.

    Who holds it is told all; anybody else states his interest and is told what rests on it, without names (查询暂行办法 第十九至二十一条).
    Raises Refused: lot_unknown, interest_missing, own_only.
    """
    held = book.lot(region, lot)
    if held is None:
        raise Refused(
            "lot_unknown", "登记簿中没有这个不动产单元，请核对28位代码。", en="The book has no such unit.", status=404
        )
    hashes = set(identity.person_hashes(by, at, service=AGENCY))
    holder = any(bytes(each.party.hash) in hashes for each in held.holder.members) if held.holder else False
    if not holder:
        _check_interest(purpose, interest)
    with transaction.atomic():
        Enquiry.objects.create(
            id=uuid7(at),
            region=region,
            lot=lot,
            by=by.ref,
            interest="holder" if holder else "interested",
            purpose=purpose.value,
            words_sealed=content.seal_words(interest.strip()[: checks.MOST_WORDS]),
            answered=True,
            at=at,
        )
        audit.record(
            "registrations.enquired",
            who=by.ref,
            about=f"lot:{lot}",
            at=at,
            region=region,
            detail={"purpose": purpose.value},
        )
    rights = tuple(titles.rights_on(region, [lot]))
    return Answer(held, holder, rights if holder else (), _counts(rights))


def _check_interest(purpose: Purpose, interest: str) -> None:
    if purpose is Purpose.OWN:
        raise Refused(
            "own_only",
            "登记簿上这个不动产单元的权利人不是您；以利害关系人身份查询的，请选择用途并写明利害关系。",
            en="You are not its holder. As an interested party, choose a purpose and state your interest.",
            law="不动产登记暂行条例 第二十七条",
            status=403,
        )
    if len(interest.strip()) < 6:
        raise Refused(
            "interest_missing",
            "请写明利害关系和依据（如买卖合同号、案号），查询会留下记录，权利人可以看到。",
            en="State your interest and what it rests on (a contract or case number). It is kept, and the holder can see it.",
            law="不动产登记暂行条例 第二十八条",
            status=422,
        )


def _counts(rights: tuple[titles.CoverageView, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in rights:
        found[str(each.kind)] = found.get(str(each.kind), 0) + 1
    return found
