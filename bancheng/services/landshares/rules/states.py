"""How a lot stands, in one word: what decides first is named first. The amounts beside it say the rest."""

from dataclasses import dataclass
from enum import StrEnum

from bancheng.kernel.titles import public as titles
from bancheng.lib.text import Text


class Standing(StrEnum):
    """One word for a lot."""

    BUYER = "buyer"
    PUBLIC = "public"
    PRESOLD = "presold"
    SEIZED = "seized"
    MORTGAGED = "mortgaged"
    FREE = "free"
    NONE = "none"


@dataclass(frozen=True)
class Word:
    """How it is called, and which tint it has."""

    text: Text
    tint: str


WORDS = {
    Standing.BUYER: Word(Text("已转移", "with its buyer"), "ok"),
    Standing.PUBLIC: Word(Text("已移交", "handed over"), "ok"),
    Standing.PRESOLD: Word(Text("已预售", "presold"), "info"),
    Standing.SEIZED: Word(Text("查封", "seized"), "bad"),
    Standing.MORTGAGED: Word(Text("抵押", "mortgaged"), "warn"),
    Standing.FREE: Word(Text("可处分", "free"), "pri"),
    Standing.NONE: Word(Text("不计份额", "without a share"), ""),
}
KINDS = {
    titles.RightKind.MORTGAGE: Text("抵押", "mortgage"),
    titles.RightKind.PRE_MORTGAGE: Text("抵押预告", "pre-mortgage"),
    titles.RightKind.SEIZURE: Text("查封", "seizure"),
    titles.RightKind.CLAIM: Text("预售", "presale"),
    titles.RightKind.OBJECTION: Text("异议", "objection"),
}
STATES = {
    titles.State.WAITING: Text("轮候", "waiting"),
    titles.State.CONTRACT: Text("已备案", "contract recorded"),
    titles.State.NOTICED: Text("已预告", "noticed"),
    titles.State.LAPSE_DUE: Text("预告将失效", "notice about to lapse"),
}
ENDS = {
    titles.State.EFFECTIVE: Text("生效", "effective"),
    titles.State.LAPSED: Text("失效", "lapsed"),
    titles.State.CONVERTED: Text("已转换", "converted"),
    titles.State.CANCELLED: Text("已注销", "cancelled"),
    titles.State.RELEASED: Text("已解押", "released"),
    titles.State.LIFTED: Text("已解除", "lifted"),
    titles.State.EXPIRED: Text("已到期", "expired"),
    titles.State.EXHAUSTED: Text("已处分", "sold by the court"),
    titles.State.FULFILLED: Text("已履行", "fulfilled"),
    titles.State.WITHDRAWN: Text("已撤回", "withdrawn"),
    titles.State.DECIDED: Text("已裁决", "decided"),
}
LOTS = {"open": Text("持有份额", "holds a share"), "closed": Text("已分割", "divided")}
ACTS = {
    "parcel.open": Text("土地首次登记", "land: first registration"),
    "parcel.correct_area": Text("更正面积", "area corrected"),
    "parcel.close": Text("土地注销", "land: ended"),
    "survey.accept": Text("测绘成果入库", "survey taken in"),
    "plan.approve": Text("份额量化", "shares divided"),
    "plan.finalise": Text("终次调整", "final adjustment"),
    "plan.merge": Text("合并", "merged"),
    "building.first_register": Text("房屋首次登记", "house: first registration"),
    "claim.open": Text("预售", "presale"),
    "claim.note": Text("预告登记", "advance notice"),
    "claim.cancel": Text("预售注销", "presale cancelled"),
    "claim.lapse": Text("预告失效", "notice lapsed"),
    "mortgage.register": Text("抵押登记", "mortgage"),
    "pre_mortgage.register": Text("抵押预告", "pre-mortgage"),
    "mortgage.release": Text("部分解押", "partial release"),
    "mortgage.cancel": Text("抵押注销", "mortgage cancelled"),
    "mortgage.change": Text("抵押变更", "mortgage changed"),
    "mortgage.transfer": Text("抵押转移", "mortgage transferred"),
    "mortgage.fix": Text("债权确定", "claim fixed"),
    "mortgage.rerank": Text("顺位变更", "rank changed"),
    "seizure.register": Text("查封", "seizure"),
    "seizure.renew": Text("续封", "seizure renewed"),
    "seizure.lift": Text("解除查封", "seizure lifted"),
    "seizure.expire": Text("查封到期", "seizure expired"),
    "seizure.exhaust": Text("司法处分", "sold by the court"),
    "transfer.record": Text("转移登记", "transfer"),
    "transfer.many": Text("转移登记", "transfers"),
    "objection.register": Text("异议登记", "objection"),
    "objection.suit": Text("异议已起诉", "suit over an objection"),
    "objection.end": Text("异议终止", "objection ended"),
    "correct.holder": Text("更正权利人", "holder corrected"),
}
SOURCES = {
    titles.SurveyStage.PLANNED: Text("规划", "planned"),
    titles.SurveyStage.PREDICTED: Text("预测", "predicted"),
    titles.SurveyStage.MEASURED: Text("实测", "measured"),
}
REASONS = {
    titles.PlanReason.FIRST: Text("首次量化", "first division"),
    titles.PlanReason.UNITS: Text("新幢到户", "units of a new building"),
    titles.PlanReason.RESURVEY: Text("实测调整", "measured survey"),
    titles.PlanReason.REPLAN: Text("规划变更", "change of planning"),
    titles.PlanReason.FINAL: Text("终次调整", "final adjustment"),
}
CATEGORIES = {
    titles.Category.SALEABLE: Text("可售", "for sale"),
    titles.Category.KEPT: Text("自持", "kept"),
    titles.Category.HANDED: Text("移交", "handed over"),
    titles.Category.COMMON: Text("业主共有", "common"),
    titles.Category.SHELTER: Text("人防", "civil defence"),
}


def standing(line: titles.SheetLine) -> Standing:
    """Return the one word for a line of the sheet."""
    if not line.registered:
        return Standing.NONE
    for amount, word in (
        (line.with_buyers, Standing.BUYER),
        (line.with_public, Standing.PUBLIC),
        (line.presold, Standing.PRESOLD),
        (line.seized, Standing.SEIZED),
        (line.mortgaged, Standing.MORTGAGED),
    ):
        if amount:
            return word
    return Standing.FREE


def right_words(one: titles.CoverageView) -> Text:
    """Return what rests on a lot in a few words: whose, which number, which rank or place."""
    kind, whose = KINDS[one.kind], one.party.name if one.party else ""
    state = STATES.get(one.state)
    place_zh = f"第{one.rank}顺位" if one.kind in MORTGAGES else ""
    place_en = f"rank {one.rank}" if one.kind in MORTGAGES else ""
    shown = whose if one.kind in PUBLIC_HOLDERS else ""
    zh = [kind.zh, shown, one.right, place_zh, state.zh if state else "", "有争议" if one.contested else ""]
    en = [kind.en, shown, one.right, place_en, state.en if state else "", "contested" if one.contested else ""]
    return Text(" ".join(part for part in zh if part), " ".join(part for part in en if part))


def act_words(kind: str) -> Text:
    """Return what an act of the book is called; one that is new by its code."""
    return ACTS.get(kind, Text(kind, kind))


def state_words(state: str) -> Text:
    """Return how an entry's subject stands."""
    named = {each.value: text for each, text in (STATES | ENDS).items()} | LOTS
    return named.get(state, Text(state, state))


MORTGAGES = (titles.RightKind.MORTGAGE, titles.RightKind.PRE_MORTGAGE)
PUBLIC_HOLDERS = (*MORTGAGES, titles.RightKind.SEIZURE)  # banks and courts are named, buyers are not
