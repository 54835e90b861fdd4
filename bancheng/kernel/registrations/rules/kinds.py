"""What each kind of registration asks for, and by which channels it may come: values; the rows themselves are data."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bancheng.kernel.registrations.rules.numbers import Gives
from bancheng.lib.text import Text

CANCELLATION = "mortgage.cancel"


class Filer(StrEnum):
    """Who files."""

    BANK = "bank"
    PERSON = "person"
    ORGANISATION = "organisation"
    REGISTRY = "registry"


class Role(StrEnum):
    """What somebody is in a registration."""

    MORTGAGOR = "mortgagor"
    CO_HOLDER = "co_holder"
    SPOUSE = "spouse"
    MORTGAGEE = "mortgagee"
    TRANSFEREE = "transferee"  # who takes a mortgage over
    DEVELOPER = "developer"
    BUYER = "buyer"
    SELLER = "seller"
    HOLDER = "holder"  # as the book names him, where that is to be corrected
    INTERESTED = "interested"  # who holds that the book is wrong


ROLES = {
    Role.MORTGAGOR: Text("抵押人", "mortgagor"),
    Role.CO_HOLDER: Text("共有人", "co-holder"),
    Role.SPOUSE: Text("配偶", "spouse"),
    Role.MORTGAGEE: Text("抵押权人", "mortgagee"),
    Role.TRANSFEREE: Text("抵押权受让人", "new mortgagee"),
    Role.DEVELOPER: Text("开发企业", "developer"),
    Role.BUYER: Text("买受人", "buyer"),
    Role.SELLER: Text("出让人", "seller"),
    Role.HOLDER: Text("登记簿记载的权利人", "holder in the book"),
    Role.INTERESTED: Text("利害关系人", "interested party"),
}
OWNERS = frozenset(
    {Role.MORTGAGOR, Role.CO_HOLDER, Role.SELLER, Role.DEVELOPER, Role.HOLDER}
)  # who may stand in the book as holder


@dataclass(frozen=True)
class Kind:
    """One kind of registration, as the data says."""

    code: str
    name: Text
    files: frozenset[Filer]
    roles: frozenset[Role]  # have to be named
    consents: frozenset[Role]  # have to agree with accounts of their own
    papers: tuple[str, ...]
    word: frozenset[Filer]  # who files without the papers: the mortgagee's own consent says what they would
    promised: int  # working days; nought is the same day
    henan: bool
    amounts: bool
    owners: bool  # the holders in the book have to be its parties
    gives: Gives | None
    law: str
    since: date
    own_motion: bool = False  # the office corrects the book by itself: nobody applies, the holder is told and heard

    @property
    def corrects(self) -> bool:
        """Return whether it corrects the book: meanwhile nothing else is recorded on its lots."""
        return self.code.startswith("correction.")

    @property
    def divides(self) -> bool:
        """Return whether it divides land by floor areas, which the plan permit limits."""
        return self.code in ("plan.quantify", "plan.final")

    @property
    def of_mortgage(self) -> bool:
        """Return whether it is about a mortgage."""
        return self.code.startswith("mortgage.")

    @property
    def on_objection(self) -> bool:
        """Return whether it is about an objection that stands in the book, which the payload names."""
        return self.code in ("objection.suit", "objection.end")

    @property
    def on_right(self) -> bool:
        """Return whether it is about a mortgage that stands in the book already, which the payload names."""
        return self.of_mortgage and self.code not in ("mortgage.set", "mortgage.pre")


@dataclass(frozen=True)
class Motion:
    """How long the office waits before it corrects the book by itself, in working days: for the holder to apply, and of its announcement."""

    notice_days: int
    announced_days: int


@dataclass(frozen=True)
class Channel:
    """One way in (F13.11)."""

    code: str
    name: Text
    counter: bool = False  # the registry's own


MATERIALS = {
    "loan_contract": Text("借款合同", "loan contract"),
    "mortgage_contract": Text("抵押合同", "mortgage contract"),
    "presale_contract": Text("商品房预售合同", "presale contract"),
    "change_agreement": Text("抵押变更协议", "agreement on the change"),
    "assignment": Text("债权转让协议", "assignment of the claim"),
    "release_statement": Text("抵押权人同意解除的证明", "the mortgagee's statement of release"),
    "fixing_statement": Text("债权确定证明", "statement that fixes the claim"),
    "grant_contract": Text("土地出让合同", "land grant contract"),
    "grant_fee_receipt": Text("出让金缴纳凭证", "receipt of the grant fee"),
    "cadastral_survey": Text("权籍调查成果", "cadastral survey"),
    "planning_certificate": Text("建设工程规划许可证", "planning certificate"),
    "completion_certificate": Text("竣工验收材料", "certificate of completion"),
    "measured_survey": Text("房屋实测报告", "measured survey"),
    "cancellation_agreement": Text("解除合同的材料", "what proves that the contract ended"),
    "sale_contract": Text("买卖合同", "sale contract"),
    "tax_receipt": Text("完税凭证", "tax receipt"),
    "survey_result": Text("测绘成果", "survey results"),
    "planning_approval": Text("规划批准文件", "planning approval"),
    "correction_evidence": Text("证明登记错误的材料", "what proves the book wrong"),
    "objection_evidence": Text("证明有利害关系和登记错误的材料", "what shows the interest and the mistake"),
    "suit_receipt": Text("人民法院受理案件通知书", "the court's notice that it took the case"),
    "objection_end_proof": Text("撤回异议的申请或生效裁判文书", "withdrawal, or the judgment"),
    "correction_notice": Text("更正通知书及送达回证", "notice of the correction with proof of its service"),
    "survey_check": Text("测绘成果核查说明", "explanation from a check of the survey"),
    "consent": Text("权利人书面同意书", "written consent of a right's holder"),
    "scale_report": Text("最终建筑规模核对报告", "report on the final scale"),
}


def material(code: str) -> Text:
    """Return what a paper is called; an unknown one by what it was called when it was filed."""
    return MATERIALS.get(code, Text(code, code))
