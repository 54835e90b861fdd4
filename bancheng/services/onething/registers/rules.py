"""Which registers may be asked for what, what stops an application, and which answer can be believed. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from bancheng.lib.days import SHANGHAI, day_of, start_of
from bancheng.lib.text import Text


class Register(StrEnum):
    """What is asked for: one kind of entry each."""

    FROZEN = "frozen_equity"
    PLEDGED = "pledged_equity"
    ABNORMAL = "abnormal_list"
    SERIOUS = "serious_list"
    CASE = "open_case"
    SUIT = "open_suit"
    FINE = "unpaid_fine"
    TAX = "unpaid_tax"
    INVESTMENT = "investment"
    LISTED = "listed_company"
    LEASE = "lease"  # of the premises the form names: 商品房屋租赁管理办法 第十四条


SAYS: dict[Register, Text] = {
    Register.FROZEN: Text("股权被冻结", "Equity frozen"),
    Register.PLEDGED: Text("股权已出质", "Equity pledged"),
    Register.ABNORMAL: Text("列入经营异常名录", "On the list of abnormal operations"),
    Register.SERIOUS: Text("列入严重违法失信名单", "On the list of serious violations"),
    Register.CASE: Text("正在被立案调查", "Under investigation"),
    Register.SUIT: Text("有未结的诉讼或仲裁", "An open suit or arbitration"),
    Register.FINE: Text("罚款尚未执行完毕", "A fine not paid"),
    Register.TAX: Text("有未缴清的税款", "Taxes not paid"),
    Register.INVESTMENT: Text("对其他市场主体存在投资", "Investments in others"),
    Register.LISTED: Text("属于上市股份有限公司", "A listed company"),
    Register.LEASE: Text("房屋租赁登记备案", "Registered lease"),
}

_48 = "市场主体登记管理条例实施细则 第四十八条"
# by which article an entry keeps a firm from the simplified way (R14.6)
SIMPLIFIED: dict[Register, str] = {
    **dict.fromkeys((Register.FROZEN, Register.PLEDGED, Register.ABNORMAL, Register.SERIOUS), _48),
    **dict.fromkeys((Register.CASE, Register.SUIT, Register.FINE, Register.INVESTMENT), _48),
    Register.TAX: "市场主体登记管理条例 第三十三条",
    # 市场监管总局、税务总局 2021: 上市股份有限公司除外
    Register.LISTED: "关于进一步完善简易注销登记便捷中小微企业市场退出的通知（国市监注发〔2021〕45号）",
}


@dataclass(frozen=True)
class Purpose:
    """What registers may be asked for: a matter, by its law; `asked` may be held against the applicant by `stops`, the rest is the officer's."""

    matter: str
    says: Text
    law: str
    asked: tuple[Register, ...]
    stops: frozenset[Register]


MOVING = Purpose(
    "migration-in",
    Text("迁移登记核查", "Check for a move"),
    "市场主体登记管理条例 第二十七条",
    (Register.FROZEN, Register.ABNORMAL, Register.SERIOUS, Register.CASE),
    frozenset({Register.FROZEN}),  # 优化营商环境条例 第十九条: nothing else keeps a firm from moving
)
CLOSING = Purpose(
    "registration-cancellation",
    Text("简易注销资格核查", "Check for a simplified cancellation"),
    "市场主体登记管理条例 第三十三条",
    tuple(SIMPLIFIED),
    frozenset(SIMPLIFIED),
)
PREMISES = Purpose(  # B14.2: whether the area in the form is the one of the lease
    "food-business-new",
    Text("经营场所租赁核对", "Check of the lease of the premises"),
    "国务院关于在线政务服务的若干规定 第七条",  # what can be shared is not asked for (R-OT-4)
    (Register.LEASE,),
    frozenset(),
)
BY_MATTER = {purpose.matter: purpose for purpose in (MOVING, CLOSING, PREMISES)}


def purpose_of(matters: Collection[str], *, simplified: bool, lease: str = "") -> Purpose | None:
    """Return for what registers are asked, None where the law gives no reason to ask (个人信息保护法 第六条: no more than is needed)."""
    if MOVING.matter in matters:
        return MOVING
    if CLOSING.matter in matters and simplified:
        return CLOSING
    return PREMISES if PREMISES.matter in matters and lease else None


def lease_of(answers: Mapping[str, object]) -> str:
    """Return the number of the lease that a form names; "" where the premises are not leased."""
    return str(answers.get("premises_proof") or "") if answers.get("premises_right") == "leased" else ""


@dataclass(frozen=True)
class Entry:
    """One entry of a register about a firm."""

    register: Register
    number: str  # of the court's order, the decision, the notice
    authority: str  # who made it: whom to turn to
    since: date | None = None
    area_dm2: int | None = None  # of a lease

    @property
    def says(self) -> Text:
        """Return what stands there, in a few words."""
        name = SAYS[self.register]
        if self.area_dm2 is not None:
            area = f"{self.area_dm2 / 100:g}"
            return Text(f"{name.zh}，编号{self.number}，面积{area}平方米", f"{name.en}, no. {self.number}, {area} m²")
        return Text(f"{name.zh}，文号{self.number}", f"{name.en}, no. {self.number}")


def stopping(purpose: Purpose, entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries that keep an application from being sent, in the order of the registers."""
    order = list(Register)
    return sorted((one for one in entries if one.register in purpose.stops), key=lambda one: order.index(one.register))


LATEST, OLDEST = timedelta(minutes=5), timedelta(days=3)  # clocks differ a little; registers rest at week-ends


def can_be_of(as_of: datetime, at: datetime) -> bool:
    """Return whether an answer given at `at` can be as of `as_of`: not of the future, nor so old that it says nothing of today."""
    return at - OLDEST <= as_of <= at + LATEST


AGAIN_AFTER = timedelta(minutes=10)  # since the last question about the same firm, whoever put it
AGAIN_A_DAY = 6


def may_ask_again(asked: Sequence[datetime], at: datetime) -> datetime | None:
    """Return from when a firm may be asked about again, `asked` so often today; None: now.

    个人信息保护法 第六条: no more than is needed; whoever presses a button all day does not load the registers of others.
    """
    if len(asked) >= AGAIN_A_DAY:
        return start_of(day_of(at) + timedelta(days=1))
    free = max(asked, default=at - AGAIN_AFTER) + AGAIN_AFTER
    return free if free > at else None


def written(as_of: datetime) -> str:
    """Return an instant as sentences say it."""
    return f"{as_of.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
