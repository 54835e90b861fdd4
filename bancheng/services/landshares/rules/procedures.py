"""The five stages of new land and the four types of existing land, each a list of acts: what is done, what is next, and with which papers (F7.3, F7.4).

What is done is read off the book, never ticked: a step is done when its mark stands there.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import StrEnum

from bancheng.lib.text import Text


class Mark(StrEnum):
    """What can be read off the book of a parcel."""

    OPENED = "opened"
    SURVEYED = "surveyed"  # a survey that is more than planned is in store
    QUANTIFIED = "quantified"
    CLAIMED = "claimed"
    MEASURED = "measured"  # a building is measured
    RESPLIT = "resplit"  # its measured areas are in the plan
    REGISTERED = "registered"
    TRANSFERRED = "transferred"
    ALL_MEASURED = "all_measured"
    FINAL = "final"
    DECIDED = "decided"  # the leading group has decided on it
    SEIZED = "seized"
    RELEASED = "released"  # what is sold is free of the developer's mortgage
    NARROWED = "narrowed"  # what is sold is free of the developer's seizure


@dataclass(frozen=True)
class Step:
    """One act: the mark that says it is done, what is handed in for it (a kind of registration; empty: nothing is), and its papers."""

    mark: Mark
    name: Text
    hand_in: str
    papers: Text


@dataclass(frozen=True)
class Stage:
    """One stage of new land."""

    number: int
    name: Text
    steps: tuple[Step, ...]


OPEN = Step(
    Mark.OPENED,
    Text("国有建设用地使用权首次登记", "First registration of the land-use right"),
    "land.first",
    Text("出让合同、出让金缴纳凭证、权籍调查成果", "grant contract, receipt of the fee, cadastral survey"),
)
SURVEY = Step(
    Mark.SURVEYED,
    Text("首幢预测成果审核入库", "The first building's predicted survey enters the store"),
    "plan.survey",
    Text("预测成果、修建性详细规划总平图", "predicted survey, general layout of the detailed plan"),
)
QUANTIFY = Step(
    Mark.QUANTIFIED,
    Text("建立份额量化计划表，量化到幢、到户", "Make the share plan: shares to buildings and units"),
    "plan.quantify",
    Text("计划表、规划批准文件", "the plan, the planning approval"),
)
CLAIM = Step(
    Mark.CLAIMED,
    Text("预售合同备案、预告登记", "Presale contracts recorded, advance notices registered"),
    "claim.notice",
    Text("预售许可、预售合同", "presale permit, presale contract"),
)
MEASURE = Step(
    Mark.MEASURED,
    Text("房屋实测成果审核入库", "The measured survey enters the store"),
    "plan.survey",
    Text("实测成果、竣工验收材料", "measured survey, certificate of completion"),
)
RESPLIT = Step(
    Mark.RESPLIT,
    Text("按实测面积在幢内调整份额", "Shares divided anew inside the building"),
    "plan.quantify",
    Text("实测成果核定表", "approval of the measured survey"),
)
REGISTER = Step(
    Mark.REGISTERED,
    Text("房屋所有权首次登记", "First registration of house ownership"),
    "building.first",
    Text("规划许可、竣工验收、实测报告", "planning certificate, completion, measured survey"),
)
TRANSFER = Step(
    Mark.TRANSFERRED,
    Text("转移登记，核减开发企业份额，购房人领证", "Transfers: the developer's share falls, buyers get their titles"),
    "transfer",
    Text("买卖合同、完税凭证", "sale contract, tax receipt"),
)
ALL_MEASURED = Step(
    Mark.ALL_MEASURED,
    Text("最后一幢实测成果入库，核对最终建筑规模", "The last measured survey is in: the final scale is checked"),
    "plan.survey",
    Text("最后一幢实测成果", "the last measured survey"),
)
FINAL = Step(
    Mark.FINAL,
    Text("终次调整，计划表关闭", "Final adjustment; the plan is closed"),
    "plan.final",
    Text("核对报告、相关权利人同意书", "report of the check, consents of those affected"),
)
DECIDE = Step(
    Mark.DECIDED,
    Text("领导小组一事一议，确定类型", "The leading group decides the type, case by case"),
    "",
    Text("会议纪要", "minutes of the meeting"),
)
SEIZE = Step(
    Mark.SEIZED,
    Text("法院送达查封，只及剩余份额", "The court serves its seizure of the rest"),
    "",
    Text("执行裁定书、协助执行通知书", "order and notice of assistance"),
)
RELEASE = Step(
    Mark.RELEASED,
    Text("抵押权人同意，逐户部分解押", "The mortgagee agrees: sold units are released"),
    "mortgage.release",
    Text("抵押权人同意解除的证明", "the mortgagee's statement"),
)
NARROW = Step(
    Mark.NARROWED,
    Text("法院按清单缩小查封范围", "The court lifts by list"),
    "",
    Text("解除查封裁定书及清单", "order of lift with its list"),
)

STAGES = (
    Stage(1, Text("取得国有建设用地使用权", "Right obtained"), (OPEN,)),
    Stage(2, Text("未开始预售", "Before presale"), (SURVEY, QUANTIFY)),
    Stage(3, Text("预售", "Presale"), (CLAIM,)),
    Stage(4, Text("房屋所有权首次登记", "First registration of houses"), (MEASURE, RESPLIT, REGISTER, TRANSFER)),
    Stage(5, Text("首次登记全部完结", "All first registrations done"), (ALL_MEASURED, FINAL)),
)
NEW = Text("新增用地", "new land")
KINDS: Mapping[str, Text] = {
    "e1": Text("类型一：房屋所有权已登记，土地未量化", "Type 1: houses registered, land not quantified"),
    "e2": Text("类型二：精准查封剩余份额", "Type 2: precise seizure of the remaining share"),
    "e3": Text("类型三：整宗抵押，部分已售", "Type 3: mortgaged as a whole, partly sold"),
    "e4": Text("类型四：整宗查封，部分已售", "Type 4: seized as a whole, partly sold"),
    "industrial": Text("工业用地按需量化", "Industrial land, on request"),
}
EXISTING = ("e1", "e2", "e3", "e4")
OF_KIND: Mapping[str, tuple[Step, ...]] = {
    "e1": (DECIDE, OPEN, MEASURE, QUANTIFY, REGISTER, TRANSFER),
    "e2": (DECIDE, OPEN, SURVEY, QUANTIFY, SEIZE),
    "e3": (DECIDE, OPEN, MEASURE, QUANTIFY, REGISTER, RELEASE, TRANSFER),
    "e4": (DECIDE, OPEN, MEASURE, QUANTIFY, REGISTER, NARROW, TRANSFER),
    "industrial": (OPEN, MEASURE, QUANTIFY, REGISTER),
}


@dataclass(frozen=True)
class Line:
    """A step of the list as it stands: done, next, or later."""

    step: Step
    stage: int
    state: str  # "done", "todo", "blocked"


def checklist(kind: str, marks: Set[Mark]) -> tuple[Line, ...]:
    """Return the steps of a parcel in their order: what is done, the first that is not, and what comes after it."""
    steps = [(step, stage.number) for stage in STAGES for step in stage.steps]
    if kind in OF_KIND:
        steps = [(step, 0) for step in OF_KIND[kind]]
    lines, waits = [], False
    for step, stage in steps:
        done = step.mark in marks
        lines.append(Line(step, stage, "done" if done else "blocked" if waits else "todo"))
        waits = waits or not done
    return tuple(lines)


def kind_words(kind: str) -> Text:
    """Return what a parcel is: new land, a type of existing land, or industrial land."""
    return KINDS.get(kind, NEW)
