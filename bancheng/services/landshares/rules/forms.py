"""What is written for each kind of registration that is handed in at a parcel's steps: its fields, as people see them and as they are read (F7.3, F7.4).

One table serves the page that asks and the operation that reads. Banks file mortgages at their own desks, courts serve their own orders.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.landshares.rules import amounts

LONGEST = 400


class Sort(StrEnum):
    """How a field is written."""

    TEXT = "text"
    AREA = "area"  # square metres, two decimals at most
    DAY = "date"
    BUILDING = "building"  # one of the parcel's
    UNIT = "unit"  # one of the parcel's open lots
    UNITS = "units"  # codes, separated by spaces
    ORIGIN = "origin"  # new land, or which type of existing land
    ENDING = "ending"  # withdrawn, or decided by a court
    TICK = "tick"


@dataclass(frozen=True)
class Field:
    """One field of a form."""

    name: str
    words: Text
    sort: Sort = Sort.TEXT
    required: bool = True


APPROVAL = Field("approval", Text("批准文件或备案编号", "Number of the approval"))
ASK = Field(
    "ask",
    Text("请抵押权人在线同意的抵押权编号（空格分开）", "Numbers of mortgages whose banks are asked to agree"),
    Sort.TEXT,
    False,
)
LOT = Field("lot", Text("不动产单元", "Unit"), Sort.UNIT)
BUYER = Field("buyer_name", Text("买受人姓名", "Buyer's name"))
BUYER_ID = Field("buyer_id", Text("买受人身份证号", "Buyer's identity number"))
CONTRACT = Field("contract_no", Text("合同编号", "Number of the contract"))
CLAIM = Field("claim", Text("预售合同（预告登记）编号", "Number of the presale contract or notice"))
AREA = Field("area", Text("更正后的宗地面积（平方米）", "Corrected area of the parcel (m²)"), Sort.AREA)
ERRED = Field("erred_on", Text("错误登簿的日期", "Day of the mistaken entry"), Sort.DAY)
NOTICED = Field("noticed_on", Text("更正通知书送达日期", "Day on which the notice was served"), Sort.DAY)
EXPLANATION = Field(
    "explanation",
    Text("建筑面积少于规划许可的原因", "Why the floor areas fall short of the plan permit"),
    Sort.TEXT,
    False,
)
REASON = Field("reason", Text("登记簿错在哪里", "What is wrong in the book"))
WHO = Field("who_name", Text("利害关系人姓名", "Interested party's name"))
WHO_ID = Field("who_id", Text("利害关系人身份证号", "Interested party's identity number"))
OBJECTION = Field("objection", Text("异议登记编号", "Number of the objection"))
RIGHT = Field("right", Text("抵押权编号", "Number of the mortgage"))

FORMS: Mapping[str, tuple[Field, ...]] = {
    "land.first": (
        Field("parcel", Text("宗地代码（19位）", "Parcel code, 19 characters")),
        Field("area", Text("宗地面积（平方米）", "Area of the parcel (m²)"), Sort.AREA),
        Field("use", Text("用途", "Use")),
        Field("term_until", Text("使用期限止", "Right ends on"), Sort.DAY),
        Field("origin", Text("用地类型", "Kind of land"), Sort.ORIGIN),
        Field(
            "permit",
            Text("规划许可的总建筑面积（平方米）", "Floor area of the plan permit (m²)"),
            Sort.AREA,
            False,
        ),
        Field("developer_name", Text("使用权人名称", "Name of the right's holder")),
        Field("developer_uscc", Text("统一社会信用代码", "Unified social credit code")),
    ),
    "plan.quantify": (APPROVAL, EXPLANATION, ASK),
    "claim.notice": (
        LOT,
        CONTRACT,
        Field("permit", Text("预售许可证号", "Number of the presale permit")),
        BUYER,
        BUYER_ID,
    ),
    "claim.cancel": (CLAIM,),
    "building.first": (
        Field("building", Text("哪一幢", "Which building"), Sort.BUILDING),
        APPROVAL,
    ),
    "transfer": (
        LOT,
        Field("claim", Text("预售合同（预告登记）编号", "Number of the presale contract or notice"), required=False),
        CONTRACT,
        Field(
            "buyer_name", Text("买受人姓名（有预售合同的不填）", "Buyer's name, if no presale contract"), required=False
        ),
        Field("buyer_id", Text("买受人身份证号", "Buyer's identity number"), required=False),
        Field("spouse_name", Text("出让人配偶姓名（已婚的填写）", "Seller's spouse, if married"), required=False),
        Field("spouse_id", Text("配偶身份证号", "Spouse's identity number"), required=False),
        Field(
            "undertaking",
            Text("买受人知道有异议登记并承担后果", "The buyer knows of an objection and bears it"),
            Sort.TICK,
            False,
        ),
    ),
    "correction.holder": (LOT, REASON, WHO, WHO_ID),
    "correction.area": (AREA, REASON, ASK),
    "correction.own_holder": (LOT, REASON, WHO, WHO_ID, ERRED, NOTICED),
    "correction.own_area": (AREA, REASON, ERRED, NOTICED, ASK),
    "objection.set": (LOT, REASON, WHO, WHO_ID),
    "objection.suit": (OBJECTION, Field("case_no", Text("法院案号", "The court's case number"))),
    "objection.end": (OBJECTION, Field("how", Text("因何注销", "Why it ends"), Sort.ENDING)),
    "mortgage.release": (RIGHT, Field("lots", Text("解除抵押的单元（空格分开）", "Units released"), Sort.UNITS)),
    "mortgage.cancel": (RIGHT,),
    "plan.final": (APPROVAL, EXPLANATION, ASK),
}
CONSENTING = (
    "plan.quantify",
    "claim.notice",
    "transfer",
    "correction.area",
    "correction.own_area",
    "plan.final",
)  # what may need somebody's consent, which may be given on paper
ROWS = 5  # consents on one form
MAY_ADD: Mapping[str, tuple[str, ...]] = {
    "plan.quantify": ("survey_check",),
    "plan.final": ("survey_check",),
}  # papers that are asked for where floor areas fall short of the plan permit
ENDINGS = [("withdrawn", Text("申请人撤回", "withdrawn")), ("decided", Text("法院已裁判", "decided by a court"))]
AT_PARCEL = tuple(kind for kind in FORMS if kind != "land.first")
OPENING = "land.first"


@dataclass(frozen=True)
class ConsentRow:
    """What is written in one row of consents on paper: to which right (or unit) it belongs, and when it was signed."""

    number: int
    right: str
    dated: str

    @property
    def scan(self) -> str:
        """Return the name of the field with its scan."""
        return f"consent_{self.number}_scan"


def consent_rows(kind: str, said: Mapping[str, str]) -> list[ConsentRow]:
    """Return the rows of consents of a form, filled in or not; none where the kind needs nobody's consent."""
    numbers = range(1, ROWS + 1) if kind in CONSENTING else ()
    return [
        ConsentRow(n, said.get(f"consent_{n}", "").strip()[:100], said.get(f"consent_{n}_on", "").strip())
        for n in numbers
    ]


def asked(kind: str, *, short: bool) -> list[Field]:
    """Return the fields that the page of a kind asks: why floor areas fall short of the plan permit only where they do, and then it has to be said."""
    return [
        replace(each, required=each.required or each is EXPLANATION)
        for each in FORMS[kind]
        if short or each is not EXPLANATION
    ]


def read(kind: str, said: Mapping[str, str]) -> dict[str, str]:
    """Return what was written in the fields of a kind, stripped. Raises Refused: unknown_kind, field_missing, field_wrong."""
    if kind not in FORMS:
        raise Refused("unknown_kind", "这里不办理这种登记。", en="That is not handed in here.", status=404)
    found = {each.name: said.get(each.name, "").strip()[:LONGEST] for each in FORMS[kind]}
    for field in FORMS[kind]:
        _check(field, found[field.name])
    return found


def _check(field: Field, written: str) -> None:
    if not written:
        if field.required:
            raise _wrong("field_missing", field, "没有填写", "is missing")
        return
    if field.sort is Sort.AREA and not amounts.read(written):
        raise _wrong("field_wrong", field, "应为大于零、最多两位小数的平方米数", "is m², above nought, two decimals")
    if field.sort is Sort.DAY:
        try:
            date.fromisoformat(written)
        except ValueError:
            raise _wrong("field_wrong", field, "应为日期，如2096-12-31", "is a date, as 2096-12-31") from None


def _wrong(code: str, field: Field, zh: str, en: str) -> Refused:
    return Refused(
        code,
        f"“{field.words.zh}”{zh}，没有提交；请改正后再提交。",
        en=f"“{field.words.en}” {en}; nothing was handed in. Correct it and send again.",
        status=422,
    )


def codes(written: str) -> list[str]:
    """Return what is separated by spaces, each once, in order."""
    return list(dict.fromkeys(each.upper() for each in written.split()))
