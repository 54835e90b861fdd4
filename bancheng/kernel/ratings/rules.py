"""The rules of ratings: grades, until when, states of call-backs and appeals, who may do what. Pure.

国办发〔2019〕51号 gives the grades, the three ways to answer a bad rating and the call-back; it gives no days. The days come from the
city (`Terms`): one working day, five and fifteen unless it says otherwise (R-RT-7).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

BASIS = "国办发〔2019〕51号"
MOST_WORDS = 500


class Grade(IntEnum):
    """R-RT-1: five grades. There is no sixth for silence, and none stands for it."""

    VERY_SATISFIED = 5
    SATISFIED = 4
    FAIRLY_SATISFIED = 3
    DISSATISFIED = 2
    VERY_DISSATISFIED = 1


GRADES: dict[Grade, Text] = {
    Grade.VERY_SATISFIED: Text("非常满意", "Very satisfied"),
    Grade.SATISFIED: Text("满意", "Satisfied"),
    Grade.FAIRLY_SATISFIED: Text("基本满意", "Fairly satisfied"),
    Grade.DISSATISFIED: Text("不满意", "Dissatisfied"),
    Grade.VERY_DISSATISFIED: Text("非常不满意", "Very dissatisfied"),
}
UNRATED = Text("未评价", "Not rated")
BAD = frozenset({Grade.DISSATISFIED, Grade.VERY_DISSATISFIED})  # 差评


class Mode(StrEnum):
    """R-RT-2: online each matter is rated once (一事一评), in the hall each service (一次一评)."""

    ONLINE = "online"
    ON_SITE = "on_site"


ONE_DAY, FIVE_DAYS, FIFTEEN_DAYS = (clocks.Length(n, clocks.Unit.WD) for n in (1, 5, 15))


@dataclass(frozen=True)
class Terms:
    """What a city sets: how long one may rate and change, and within what a bad rating is worked."""

    open_days: int = 30
    change_days: int = 5
    least_shown: int = 5  # a public line of fewer ratings is shown in the sum only
    contact: clocks.Length = ONE_DAY
    fix: clocks.Length = FIVE_DAYS
    complex: clocks.Length = FIFTEEN_DAYS


def closes_on(opened_on: date, terms: Terms) -> date:
    """Return the last day for a first rating; after it the service stays 未评价 (R-RT-6)."""
    return opened_on + timedelta(days=terms.open_days)


def changeable_until(rated_on: date, terms: Terms) -> date:
    """Return the last day on which a rating may be changed, counted from the first one."""
    return rated_on + timedelta(days=terms.change_days)


def may_rate(*, mode: Mode, rated: bool, closes_on: date, changeable_until: date | None, today: date) -> bool:
    """Return whether a rating, or a change of it, is taken today. On the spot nothing is changed: the device is not the rater's."""
    if not rated:
        return today <= closes_on
    return mode is Mode.ONLINE and changeable_until is not None and today <= changeable_until


def check_said(grade: int | None, words: str) -> Grade:
    """Return the grade. Raises Refused: no_grade (nothing is chosen for anybody), too_long."""
    if grade not in {each.value for each in Grade}:
        raise Refused(
            "no_grade",
            "还没有选择评价等次，没有提交；您填写的内容已保留，请选一项后再提交。",
            en="No grade was chosen, so nothing was sent. What you wrote is kept: choose one and send again.",
            status=422,
        )
    if len(words) > MOST_WORDS:
        raise Refused(
            "too_long",
            f"文字最多{MOST_WORDS}字，没有提交；您填写的内容已保留，请删短后再提交。",
            en=f"At most {MOST_WORDS} characters, so nothing was sent. What you wrote is kept: shorten it and send again.",
            status=422,
        )
    return Grade(grade)


# --- call-backs ---


class State(StrEnum):
    """Where a call-back stands."""

    OPEN = "open"
    FIXING = "fixing"
    LEDGERED = "ledgered"
    EXPLAINED = "explained"
    SETTLED = "settled"
    CLOSED = "closed"
    DROPPED = "dropped"


class Route(StrEnum):
    """R-RT-3: what the check found, hence how a bad rating is answered (国办发〔2019〕51号)."""

    FIX = "fix"  # 情况清楚、诉求合理：立行立改
    COMPLEX = "complex"  # 情况复杂、一时难以解决：说明理由，建立台账，限期整改
    NO_BASIS = "no_basis"  # 缺乏法定依据：做好解释说明


class Act(StrEnum):
    """What is done to a call-back."""

    OPENED = "opened"
    TAKEN = "taken"
    TRIED = "tried"
    CONTACTED = "contacted"
    SETTLED = "settled"
    FED_BACK = "fed_back"
    LATE = "late"
    DROPPED = "dropped"


# state -> what may follow, and what brings it about
NEXT: dict[State, dict[State, str]] = {
    State.OPEN: {
        State.FIXING: "checked: clear and fair",
        State.LEDGERED: "checked: complex, explained, a day set",
        State.EXPLAINED: "checked: no legal basis, explained",
        State.DROPPED: "the rating is left out",
    },
    State.FIXING: {State.SETTLED: "it is put right", State.DROPPED: "the rating is left out"},
    State.LEDGERED: {State.SETTLED: "it is put right", State.DROPPED: "the rating is left out"},
    State.EXPLAINED: {State.CLOSED: "the rater is told", State.DROPPED: "the rating is left out"},
    State.SETTLED: {State.CLOSED: "the rater is told", State.DROPPED: "the rating is left out"},
    State.CLOSED: {},
    State.DROPPED: {},
}
OVER = frozenset({State.CLOSED, State.DROPPED})
AFTER_CHECK = {Route.FIX: State.FIXING, Route.COMPLEX: State.LEDGERED, Route.NO_BASIS: State.EXPLAINED}

STATES: dict[State, Text] = {
    State.OPEN: Text("待回访", "To be called back"),
    State.FIXING: Text("正在整改", "Being put right"),
    State.LEDGERED: Text("列入台账，限期整改", "In the ledger, with a day"),
    State.EXPLAINED: Text("已解释，待反馈", "Explained, answer due"),
    State.SETTLED: Text("已整改，待反馈", "Put right, answer due"),
    State.CLOSED: Text("已反馈办结", "Answered and closed"),
    State.DROPPED: Text("评价不予采纳，终止", "Rating left out, ended"),
}
ROUTES: dict[Route, Text] = {
    Route.FIX: Text("情况清楚、诉求合理：立行立改", "Clear and fair: put right at once"),
    Route.COMPLEX: Text("情况复杂：说明理由，建立台账，限期整改", "Complex: explained, in the ledger, with a day"),
    Route.NO_BASIS: Text("缺乏法定依据：做好解释说明", "No legal basis: explained"),
}
ACTS: dict[Act, Text] = {
    Act.OPENED: Text("差评转回访", "Bad rating: call-back opened"),
    Act.TAKEN: Text("领取回访", "Taken"),
    Act.TRIED: Text("联系未成", "Not reached"),
    Act.CONTACTED: Text("已回访核实", "Called and checked"),
    Act.SETTLED: Text("整改完成", "Put right"),
    Act.FED_BACK: Text("向评价人反馈", "Rater told"),
    Act.LATE: Text("回访逾期督办", "Overdue: escalated"),
    Act.DROPPED: Text("评价不予采纳，回访终止", "Rating left out, call-back ended"),
}
CONTACT_RULE = "C-93.contact"


def clock_of(state: State, route: Route | None, terms: Terms) -> tuple[str, clocks.Length] | None:
    """Return the clock that runs in a state and how long the city gives; None when nothing is owed any more.

    The first contact has its own; from the check on one clock runs until the rater is told (R-RT-3: feedback always).
    """
    if state in OVER:
        return None
    if route is None:
        return CONTACT_RULE, terms.contact
    return ("C-93.complex", terms.complex) if route is Route.COMPLEX else ("C-93.fix", terms.fix)


def check_next(state: State, wanted: State) -> None:
    """Raise Refused("call_back_moved_on") when the call-back cannot go there now."""
    if wanted not in NEXT[state]:
        now = STATES[state]
        raise Refused(
            "call_back_moved_on",
            f"这件回访目前为“{now.zh}”，不能这样办理；可能已由他人办理，请刷新后再看，未作任何改动。",
            en=f"This call-back is “{now.en}” now and cannot be worked so; a colleague may have been quicker. "
            "Reload and look again; nothing was changed.",
        )


def check_reason(words: str, law: str, route: Route | None = None) -> None:
    """Raise Refused("say_what") without words; an answer that there is no legal basis names the article."""
    if not words.strip():
        raise Refused(
            "say_what",
            "请写明情况，没有记录；请填写后再提交。",
            en="Say what was found or done; nothing was recorded. Fill it in and send again.",
            status=422,
        )
    if route is Route.NO_BASIS and not law.strip():
        raise Refused(
            "say_what",
            "认为诉求缺乏法定依据的，要写明依据的条文，没有记录；请填写后再提交。",
            en="To say that there is no legal basis, name the article; nothing was recorded.",
            law=BASIS,
            status=422,
        )


# --- appeals ---


class Flaw(StrEnum):
    """Why a unit asks to leave a rating out."""

    MISTAKEN = "mistaken"  # 误评
    MALICIOUS = "malicious"  # 恶意差评


class Ruling(StrEnum):
    """Where an appeal stands."""

    WAITING = "waiting"
    EXCLUDED = "excluded"
    KEPT = "kept"
    OBJECTED = "objected"
    UPHELD = "upheld"
    RESTORED = "restored"


FLAWS: dict[Flaw, Text] = {
    Flaw.MISTAKEN: Text("误评（评错了对象或者等次）", "Mistaken: the wrong service or grade"),
    Flaw.MALICIOUS: Text("恶意差评", "Malicious"),
}
APPEAL_NEXT: dict[Ruling, dict[Ruling, str]] = {
    Ruling.WAITING: {Ruling.EXCLUDED: "a reviewer leaves it out", Ruling.KEPT: "a reviewer lets it stand"},
    Ruling.EXCLUDED: {Ruling.OBJECTED: "the rater objects"},
    Ruling.OBJECTED: {Ruling.UPHELD: "another reviewer leaves it out", Ruling.RESTORED: "another lets it stand again"},
    Ruling.KEPT: {},
    Ruling.UPHELD: {},
    Ruling.RESTORED: {},
}
RULINGS: dict[Ruling, Text] = {
    Ruling.WAITING: Text("待复核", "To be reviewed"),
    Ruling.EXCLUDED: Text("不予采纳", "Left out"),
    Ruling.KEPT: Text("评价有效，继续整改", "It stands, the work goes on"),
    Ruling.OBJECTED: Text("评价人有异议，待再次复核", "The rater objects, to be reviewed again"),
    Ruling.UPHELD: Text("再次复核，不予采纳", "Reviewed again: left out"),
    Ruling.RESTORED: Text("再次复核，恢复评价", "Reviewed again: it stands"),
}
TO_REVIEW = frozenset({Ruling.WAITING, Ruling.OBJECTED})
LEFT_OUT = frozenset({Ruling.EXCLUDED, Ruling.OBJECTED, Ruling.UPHELD})
DECIDES = {
    (Ruling.WAITING, True): Ruling.EXCLUDED,
    (Ruling.WAITING, False): Ruling.KEPT,
    (Ruling.OBJECTED, True): Ruling.UPHELD,
    (Ruling.OBJECTED, False): Ruling.RESTORED,
}


def check_appeal_next(state: Ruling, wanted: Ruling) -> None:
    """Raise Refused("appeal_moved_on") when an appeal cannot go there now."""
    if wanted not in APPEAL_NEXT[state]:
        raise Refused(
            "appeal_moved_on",
            f"该申请目前为“{RULINGS[state].zh}”，不能这样办理，请刷新后再看，未作任何改动。",
            en=f"This appeal is “{RULINGS[state].en}” now. Reload and look again; nothing was changed.",
        )


def check_reviewer(by: str, unit: str, *, rated_unit: str, rated: Collection[str], others: Collection[str]) -> None:
    """Raise Refused("not_your_review"): R-RT-4, P-2: never the rated person or unit, nor who asked or decided before."""
    if by in rated or by in others or unit == rated_unit:
        raise Refused(
            "not_your_review",
            "复核须由被评价单位以外、没有参与过的人员作出，未作任何改动；请交由其他督导人员复核。",
            en="A review is made by somebody outside the rated unit who has had no part in it; nothing was changed. "
            "Leave it to another supervisor.",
            status=403,
        )
