"""Reads of the pages: what one may rate, whose call-backs one sees, whose figures. Whose it is is asked here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.urls import NoReverseMatch, reverse

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.identity import public as identity
from bancheng.kernel.ratings import public as ratings
from bancheng.lib.days import day_of, start_of
from bancheng.lib.text import Text
from bancheng.services.ratings import terms
from bancheng.web.words import as_written

SERVICE = "ratings"
CALL_BACK = (
    "section_officer"  # calls back for the unit: his role opens contacts of tasks of his own, each look on record
)
DESK = (CALL_BACK, "unit_admin")
REVIEW = "supervisor"
CLERK = "window_clerk"


# --- who was served ---


def limits(actor: identity.Actor, at: datetime) -> dict[bytes, frozenset[str]]:
    """Return for whom the actor may rate: himself, and whom he acts for in the services his paper names."""
    return identity.mailboxes(actor, at) if actor.person_id else {}


def mine(actor: identity.Actor, at: datetime) -> list[ratings.Occasion]:
    """Return what was done for the actor and for whom he acts, newest first."""
    return ratings.of_raters(limits(actor, at))


def my_occasion(actor: identity.Actor, occasion_id: UUID, at: datetime) -> ratings.Occasion:
    """Return one of them. Raises Refused("no_such_rating") for another's."""
    return ratings.of_rater(occasion_id, limits(actor, at))


def acting(actor: identity.Actor, found: ratings.Occasion) -> str:
    """Return the actor when he rates for another, so that it is recorded as his act (P-5); "" when the service was his own."""
    own = bytes(identity.person(actor.person_id).citizen_id_hash) if actor.person_id else b""
    return "" if own and ratings.is_of(found.id, own) else actor.ref


def may_rate(found: ratings.Occasion, today: date) -> bool:
    """Return whether a rating, or a change of it, is taken today."""
    return not found.excluded and ratings.may_rate(
        mode=found.mode,
        rated=found.grade is not None,
        closes_on=found.closes_on,
        changeable_until=found.changeable_until,
        today=today,
    )


def case_url(found: ratings.Occasion) -> str:
    """Return the page of the case in its own service; nothing where that has none."""
    try:
        return reverse(f"{found.service}:case", args=[found.root]) if found.root else ""
    except NoReverseMatch:
        return ""


def tag_words(codes: Sequence[str]) -> list[Text]:
    """Return the words of ticked tags; one the pack no longer has is left out."""
    known = {tag.code: tag.name for tag in terms.of_pack().tags}
    return [known[code] for code in codes if code in known]


# --- the desk ---


def units(actor: identity.Actor, *roles: str) -> list[str] | None:
    """Return for which units the actor holds one of the roles; None: for every one."""
    held = {grant.unit for grant in actor.grants if grant.role in roles and grant.service in ("", SERVICE)}
    return None if "" in held else sorted(held)


def my_call_back(actor: identity.Actor, call_back_id: UUID) -> ratings.CallBack:
    """Return a call-back of the actor's unit that is not about his own work. Raises Refused("no_such_call_back")."""
    found = ratings.call_back(call_back_id)
    in_unit = any(actor.has(role, service=SERVICE, unit=found.occasion.unit) for role in DESK)
    if not in_unit or actor.ref in found.handlers:  # R-RT-5: the rated never sees who rated, nor what was said
        raise ratings.no_such_call_back()
    return found


def may_work(actor: identity.Actor, found: ratings.CallBack) -> bool:
    """Return whether the actor may take up, or go on with, an open call-back."""
    own = actor.has(CALL_BACK, service=SERVICE, unit=found.occasion.unit)
    return own and found.closed_at is None and found.taken_by in ("", actor.ref)


def my_review(actor: identity.Actor, appeal_id: UUID) -> ratings.Appeal:
    """Return an appeal for a supervisor of another unit. Raises Refused("no_such_appeal")."""
    found = ratings.appeal_of(appeal_id=appeal_id)
    if found is None or actor.unit == found.unit or actor.ref in found.rated:
        raise ratings.no_such_appeal()
    return found


@dataclass(frozen=True)
class Event:
    """One point of a timeline, as the shell's component draws it."""

    what: Text
    state: str
    at: datetime | None = None
    who: Text | str = ""
    note: Text | str = ""


def timeline(found: ratings.CallBack) -> list[Event]:
    """Return what was done to a call-back, by whom, with the words."""
    names = identity.names_of(sorted({line.by for line in found.lines}))
    return [
        Event(
            ratings.ACTS[ratings.Act(line.what)],
            "done",
            line.at,
            as_written(names.get(line.by, "")),
            "；".join(part for part in (line.words, line.law) if part),
        )
        for line in found.lines
    ]


def reviews(found: ratings.Appeal, *, named: bool) -> list[Event]:
    """Return what was said in an appeal; `named`: with who said it, for those who answer for it."""
    names = identity.names_of(sorted({line.by for line in found.lines})) if named else {}
    return [
        Event(
            Text("申请不予采纳", "Asked to leave it out") if n == 0 else ratings.RULINGS[ratings.Ruling(line.what)],
            "done",
            line.at,
            as_written(names.get(line.by, "")),
            "；".join(part for part in (line.words, line.evidence and f"证据：{line.evidence}") if part),
        )
        for n, line in enumerate(found.lines)
    ]


# --- the counter ---


def counter_matters(actor: identity.Actor) -> list[catalogue.Matter]:
    """Return the matters that a clerk's window may have served: those of his units."""
    held = units(actor, CLERK)
    return [one for one in catalogue.matters() if held is None or one.unit in held]


def my_window(actor: identity.Actor, occasion_id: UUID) -> ratings.Occasion:
    """Return a service at a counter of the clerk's unit. Raises Refused("no_such_rating")."""
    found = ratings.occasion(occasion_id)
    if found.mode is not ratings.Mode.ON_SITE or not actor.has(CLERK, service=SERVICE, unit=found.unit):
        raise ratings.no_such_rating()
    return found


# --- figures ---


@dataclass(frozen=True)
class UnitLine:
    """A unit with its ratings, by matter and in sum, and its call-backs."""

    name: Text
    total: ratings.figures.Line
    matters: list[ratings.figures.Line]
    calls: ratings.figures.Calls


@dataclass(frozen=True)
class Board:
    """The figures of some units or of all."""

    units: list[UnitLine]
    total: ratings.figures.Line
    calls: ratings.figures.Calls
    city: bool


def board_units(actor: identity.Actor) -> list[str] | None:
    """Return the units whose figures the actor may see: None for the whole city."""
    city = any(actor.has(role, service=SERVICE) for role in ("supervisor", "auditor"))
    return None if city else units(actor, "unit_admin")


def board(held: Sequence[str] | None, *, since: datetime | None = None) -> Board:
    """Return the figures, in a constant number of statements."""
    region = catalogue.city().region
    lines = ratings.figures.lines(region, units=held, since=since)
    calls = {one.unit: one for one in ratings.figures.calls(region, units=held, since=since)}
    none = ratings.figures.total_calls([])
    names = catalogue.unit_names([line.unit for line in lines])
    by_unit: dict[str, list[ratings.figures.Line]] = {}
    for line in lines:
        by_unit.setdefault(line.unit, []).append(line)
    return Board(
        [
            UnitLine(
                names.get(unit, Text(unit, unit)), ratings.figures.total(found, unit), found, calls.get(unit, none)
            )
            for unit, found in by_unit.items()
        ],
        ratings.figures.total(lines),
        ratings.figures.total_calls(calls.values()),
        held is None,
    )


def shown(line: ratings.figures.Line) -> bool:
    """Return whether a public line has enough ratings that nobody can be made out."""
    return line.rated >= terms.of_pack().terms.least_shown


HOW = {
    "served": Text(
        "应评价：办出结果的事项（准予、不予、不予受理）和窗口请评价的服务，每项一次",
        "to be rated: matters with a result (granted, denied, not accepted) and services at a counter, once each",
    ),
    "unrated": Text("未评价：没有评价的，单独列出，不算满意", "not rated: no answer; listed apart, never as satisfied"),
    "satisfied": Text(
        "满意率 =（非常满意 + 满意 + 基本满意）÷ 已评价；未评价和复核后不予采纳的不计入分子分母",
        "satisfied = (very satisfied + satisfied + fairly satisfied) ÷ rated; neither part counts silence or what was left out on review",
    ),
    "answered": Text("参评率 = 收到的评价 ÷ 应评价", "answered = ratings received ÷ to be rated"),
    "excluded": Text(
        "不予采纳：经被评价单位以外的人员复核为误评或恶意的，仍然保留，单独列出",
        "left out: found mistaken or malicious by somebody outside the rated unit; kept and listed apart",
    ),
    "contacted": Text(
        "首次回访及时率 = 在期限内首次回访的 ÷ 应完成首次回访的差评",
        "first call in time = called within its day ÷ bad ratings whose first call was due or made",
    ),
    "in_time": Text("按期办结率 = 没有逾期过的 ÷ 已办结的回访", "closed in time = never overdue ÷ closed call-backs"),
    "real_name": Text(
        "实名差评回访率 = 已回访的实名差评 ÷ 应回访的实名差评（要求100%）",
        "real-name bad ratings called back = called ÷ due (the rule is 100%)",
    ),
}


def since_of(show: str, now: datetime) -> datetime | None:
    """Return from when the board counts: the last thirty days, this year, or all."""
    if show == "month":
        return start_of(day_of(now) - timedelta(days=30))
    return start_of(day_of(now).replace(month=1, day=1)) if show == "year" else None
