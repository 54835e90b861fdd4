"""What somebody agrees to, word for word; its version stands with every consent (R13.1)."""

from collections.abc import Mapping, Sequence
from typing import Any

from bancheng.kernel.registrations.rules.checks import square
from bancheng.kernel.registrations.rules.kinds import ROLES, Kind, Role
from bancheng.lib.money import yuan
from bancheng.lib.text import Text

VERSION = "2026-11"


def consent(
    kind: Kind, role: Role, *, number: str, lots: Sequence[str], payload: Mapping[str, Any], bank: str, area_dm2: int
) -> Text:
    """Return the sentence that a party agrees to: what is filed, on what, for how much, until when."""
    if kind.word and role is Role.MORTGAGEE:
        return _release(number=number, lots=lots, right=str(payload.get("right", "")), bank=bank)
    sums = ""
    sums_en = ""
    if type(fen := payload.get("principal_fen")) is int:
        fixed = kind.code == "mortgage.fix"
        sums = f"，{'确定的债权额' if fixed else '被担保的主债权数额'}{yuan(fen)}元"
        sums_en = f", {'fixed at' if fixed else 'for a claim of'} {yuan(fen)} yuan"
    if payload.get("fixed_on"):
        sums += f"，债权确定日{payload['fixed_on']}"
        sums_en += f" since {payload['fixed_on']}"
    if payload.get("first") and payload.get("last"):
        sums += f"，债务履行期限{payload['first']}至{payload['last']}"
        sums_en += f" due from {payload['first']} to {payload['last']}"
    if payload.get("transfer_restricted"):
        sums += "，抵押期间约定不得转让"
        sums_en += ", with a ban on transfer while it lasts"
    to = f"，抵押权人{bank}" if bank else ""
    to_en = f", mortgagee {bank}" if bank else ""
    what, who = "、".join(lots), ROLES[role]
    return Text(
        f"我是{who.zh}本人，同意就不动产单元{what}（面积{square(area_dm2)}㎡）申请{kind.name.zh}{to}{sums}。"
        f"受理编号{number}。我知道登簿前可以提出异议。",
        f"I am the {who.en} in person and agree to “{kind.name.en}” for {', '.join(lots)} ({square(area_dm2)} m²){to_en}{sums_en}. "
        f"Case {number}. I know that I can object until it is recorded.",
    )


def _release(*, number: str, lots: Sequence[str], right: str, bank: str) -> Text:
    """Return what a mortgagee says online in place of its statement on paper (民法典 第三百九十三条)."""
    return Text(
        f"我行（{bank}）是抵押权{right}登记簿上的抵押权人，确认该抵押权已经消灭（主债权清偿或我行放弃），同意注销不动产单元"
        f"{'、'.join(lots)}上的该抵押权。受理编号{number}。此同意即为解除证明，登簿后抵押权终止。",
        f"We, {bank}, are the mortgagee of {right} in the book, confirm that this mortgage has ended (the claim is paid or we gave it up) and agree "
        f"that it is cancelled on {', '.join(lots)}. Case {number}. This is our statement of release; once recorded the mortgage is over.",
    )
