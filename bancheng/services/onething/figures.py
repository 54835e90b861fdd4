"""The board's figures, recomputed from the cases each time, in the same few statements for one case as for a million.

No identities stand here (P-6). What a bundle took before is quoted (`before`); what it takes now is counted: from its flow and its
guide, and from the bundles that were completed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.db import connection

from bancheng.kernel.audit import public as audit
from bancheng.kernel.catalogue import public as catalogue
from bancheng.lib.share import Share
from bancheng.lib.text import Text
from bancheng.services.onething import before, papers, queries
from bancheng.services.onething.before import Before

SERVICE = queries.SERVICE
TYPED_GOAL = Fraction(20, 100)

# closed in the ordinary way: not taken back, not ended otherwise; archived later on
COMPLETED = "r.closed_at is not null and r.state in ('closed', 'following_up', 'archived')"


@dataclass(frozen=True)
class BundleLine:
    """One bundle: how often, and what it takes the applicant now beside what it took before."""

    code: str
    name: Text
    before: Before | None
    filed: int
    running: int
    completed: int
    matters: int
    links: int
    materials: int
    days: float | None
    trips: float | None
    typed: float | None
    typed_known: float | None  # by enterprises that are registered: of a new one nobody knows anything
    counted: int  # applications whose typed fields were counted

    @property
    def under_goal(self) -> bool | None:
        """Return whether a known enterprise types as little as was promised; None while none has applied."""
        return None if self.typed_known is None else self.typed_known < TYPED_GOAL


@dataclass(frozen=True)
class UnitLine:
    """One department: what waits there, how long it takes, whether it keeps its promise, what it asks for."""

    unit: catalogue.Unit
    open: int
    overdue: int
    decided: int
    days: float | None  # median, from the papers to the decision
    kept: Share  # decided within the promised day
    denied: int
    merged: int  # notices of corrections it was part of, with others
    separate: int  # … alone
    overlooked: int  # corrections asked late, by a supervisor's leave: defects of the service (R-OT-1)


@dataclass(frozen=True)
class Moves:
    """Migrations that an office refused, and how many of them say why, by which article, and what can be done."""

    refused: int
    explained: int


@dataclass(frozen=True)
class Board:
    """The board as of now: bundles of the whole city, and departments of some units or of all."""

    bundles: Sequence[BundleLine]
    units: Sequence[UnitLine]
    merged: int
    separate: int
    moves: Moves
    city: bool

    @property
    def filed(self) -> int:
        return sum(line.filed for line in self.bundles)

    @property
    def completed(self) -> int:
        return sum(line.completed for line in self.bundles)

    @property
    def running(self) -> int:
        return sum(line.running for line in self.bundles)

    @property
    def overlooked(self) -> int:
        return sum(line.overlooked for line in self.units)

    @property
    def open(self) -> int:
        return sum(line.open for line in self.units)

    @property
    def overdue(self) -> int:
        return sum(line.overdue for line in self.units)

    @property
    def kept(self) -> Share:
        return Share(sum(line.kept.part for line in self.units), sum(line.kept.whole for line in self.units))

    @property
    def slowest(self) -> UnitLine | None:
        """Return the department with the longest median; of equals the one that keeps its promise least."""
        measured = [line for line in self.units if line.days is not None]
        return max(measured, key=lambda line: (line.days, -(line.kept.value or 0)), default=None)


# --- what is asked of the database ---

_BUNDLES = f"""
select f.code, count(*), count(*) filter (where r.closed_at is null), count(*) filter (where {COMPLETED}),
       percentile_cont(0.5) within group (
           order by (r.closed_at at time zone 'Asia/Shanghai')::date - (r.received_at at time zone 'Asia/Shanghai')::date
       ) filter (where {COMPLETED}),
       avg(coalesce(t.trips, 0) + (r.filed_by like 'staff:%%')::int) filter (where {COMPLETED})
  from cases_case r join cases_flowversion f on f.id = r.flow_id
  left join (select c.root_id, count(*) as trips
               from cases_caseaction a join cases_case c on c.region = a.region and c.id = a.case_id
              where a.act = 'served' and a.detail ->> 'how' = 'counter' and c.service = %s group by 1) t on t.root_id = r.id
 where r.service = %s and r.step = '' group by 1
"""

_WAITING = """
select t.unit, count(*), count(*) filter (where t.due_on < %s)
  from cases_task t join cases_case c on c.id = t.case_id
 where t.state = 'open' and c.service = %s group by 1
"""

_DECIDED = """
with late as (select distinct a.case_id from cases_caseaction a
               where a.act = 'escalated' and a.detail ->> 'kind' = 'promised')
select c.unit, count(*), count(*) filter (where late.case_id is null),
       count(*) filter (where c.outcome = 'denied'),
       percentile_cont(0.5) within group (
           order by c.decided_on - (c.received_at at time zone 'Asia/Shanghai')::date)
  from cases_case c left join late on late.case_id = c.id
 where c.service = %s and c.unit <> '' and c.decided_on is not null group by 1
"""

# a notice is what one applicant heard at one time; it is merged when several departments speak in it
_NOTICES = """
with asked as (select i.root_id, i.sent_at, c.unit from cases_correctionitem i join cases_case c on c.id = i.case_id
                where i.sent_at is not null and i.dropped_at is null and c.service = %s group by 1, 2, 3),
     notices as (select root_id, sent_at, count(*) as units from asked group by 1, 2)
select a.unit, count(*) filter (where n.units > 1), count(*) filter (where n.units = 1) from asked a
  join notices n using (root_id, sent_at) group by 1
union all
select '', count(*) filter (where units > 1), count(*) filter (where units = 1) from notices
"""

_OVERLOOKED = """
select c.unit, count(*) from cases_correctionitem i join cases_case c on c.id = i.case_id
 where i.overridden_by <> '' and i.dropped_at is null and c.service = %s group by 1
"""

_MOVES = """
select count(distinct c.id), count(distinct c.id) filter (where a.reason <> '' and a.law <> '' and a.remedy <> '')
  from cases_case c join cases_caseaction a on a.region = c.region and a.case_id = c.id
 where c.service = %s and c.matter = 'migration-in'
   and (a.act = 'not_accepted' or (a.act = 'decided' and a.outcome = 'denied'))
"""

_TYPED = f"""
select about, count(*), avg((detail ->> 'typed')::numeric),
       avg((detail ->> 'typed')::numeric) filter (where (detail ->> 'known')::boolean)
  from {audit.EVENTS} e
 where about = any(%s) and action = 'onething.filed' group by 1
"""


def _rows(query: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, list(params))
        return list(cursor.fetchall())


# --- the board ---


def by_bundle() -> list[BundleLine]:
    """Return each bundle of the city, those applied for most first."""
    counted = {code: rest for code, *rest in _rows(_BUNDLES, SERVICE, SERVICE)}
    bundles = queries.bundles()
    typed = {about: rest for about, *rest in _rows(_TYPED, [filed_about(one.code) for one in bundles])}
    told = before.of_pack()
    lines = []
    for one in bundles:
        filed, running, completed, days, trips = counted.get(one.code, (0, 0, 0, None, None))
        number, share, share_known = typed.get(filed_about(one.code), (0, None, None))
        lines.append(
            BundleLine(
                code=one.code,
                name=one.flow.name,
                before=told.get(one.code),
                filed=filed,
                running=running,
                completed=completed,
                matters=len(one.flow.steps),
                links=links(one),
                materials=materials(one),
                days=None if days is None else float(days),
                trips=None if trips is None else float(trips),
                typed=None if share is None else float(share),
                typed_known=None if share_known is None else float(share_known),
                counted=number,
            )
        )
    return sorted(lines, key=lambda line: (-line.filed, line.code))


def links(bundle: queries.Bundle) -> int:
    """Return how often one has to apply: once for all that its flow opens side by side or one after another."""
    return 1 if bundle.flow.is_bundle and bundle.flow.steps else 0


def materials(bundle: queries.Bundle) -> int:
    """Return how many papers one has to bring: each once, and none that is fetched."""
    return sum(not paper.free for paper in papers.listed(bundle.matters))


def filed_about(code: str) -> str:
    """Return what the record calls the applications for a bundle."""
    return f"bundle:{code}"


def by_unit(today: date, units: Sequence[str] | None = None) -> tuple[list[UnitLine], int, int]:
    """Return each department (of `units`, None: all), and the city's notices: merged, and of one department alone."""
    waiting = {unit: rest for unit, *rest in _rows(_WAITING, today, SERVICE)}
    decided = {unit: rest for unit, *rest in _rows(_DECIDED, SERVICE)}
    notices = {unit: rest for unit, *rest in _rows(_NOTICES, SERVICE)}
    merged, separate = notices.pop("", (0, 0))
    overlooked = dict(_rows(_OVERLOOKED, SERVICE))
    codes = sorted(set(waiting) | set(decided) | set(notices) | set(overlooked))
    known = catalogue.units_by_code([code for code in codes if units is None or code in units])
    lines = [
        _unit_line(
            known[code],
            waiting.get(code, (0, 0)),
            decided.get(code),
            notices.get(code, (0, 0)),
            overlooked.get(code, 0),
        )
        for code in codes
        if code in known
    ]
    return sorted(lines, key=lambda line: (-line.overdue, -line.open, line.unit.code)), merged, separate


def _unit_line(
    unit: catalogue.Unit, waiting: Sequence[int], decided: Any, notices: Sequence[int], overlooked: int
) -> UnitLine:
    number, kept, denied, days = decided or (0, 0, 0, None)
    return UnitLine(
        unit=unit,
        open=waiting[0],
        overdue=waiting[1],
        decided=number,
        days=None if days is None else float(days),
        kept=Share(kept, number),
        denied=denied,
        merged=notices[0],
        separate=notices[1],
        overlooked=overlooked,
    )


def board(today: date, units: Sequence[str] | None = None) -> Board:
    """Return the board for some units (None: the whole city)."""
    lines, merged, separate = by_unit(today, units)
    ((refused, explained),) = _rows(_MOVES, SERVICE)
    return Board(by_bundle(), lines, merged, separate, Moves(refused, explained), city=units is None)


# --- how each is counted ---

HOW: dict[str, Text] = {
    "filed": Text("已提交的“一件事”申请，每份计一件", "applications for a bundle, each once"),
    "completed": Text("已办结的申请，不含撤回、终止的", "bundles closed, without those taken back or ended"),
    "running": Text("尚未办结、撤回或终止的申请", "bundles not closed, taken back or ended"),
    "open": Text("各部门待办的环节", "steps that wait at a desk"),
    "overdue": Text(
        "待办环节中已过最先到期之日（承诺或法定）的", "of those, past the day that ends first, promised or lawful"
    ),
    "kept": Text(
        "承诺期限内决定的事项÷已决定的事项；期间有一次超过承诺期限即不计入",
        "matters decided with no promised day missed ÷ matters decided",
    ),
    "links": Text("办成这件事要申请几次；由流程得出", "how often one has to apply; from the flow"),
    "materials": Text(
        "各事项材料去重后须自备或补交的份数，系统调取的不计",
        "papers to bring, each once, without those that are fetched",
    ),
    "days": Text(
        "从提交到整件办结的自然日，取已办结申请的中位数",
        "natural days from sending to the end of the last matter, the median of bundles closed",
    ),
    "trips": Text(
        "窗口提交计一次，窗口领取结果各计一次，取已办结申请的平均数",
        "sent in at a counter, and each result fetched there; the mean of bundles closed",
    ),
    "typed": Text(
        "申请人自己填写的字段÷显示的字段，逐件计算后平均；已有数据带出且未改的不计为填写；目标20%以内，只对已登记的企业",
        "fields the applicant typed ÷ fields shown, worked out for each application, then the mean; goal for registered ones",
    ),
    "unit_days": Text(
        "从收到申请到作出决定的自然日，取中位数", "natural days from the papers to the decision, the median"
    ),
    "merged": Text(
        "一次告知中有两个以上部门提出补正的份数；单独：只有一个部门提出",
        "notices in which several departments ask; separate: one alone",
    ),
    "overlooked": Text(
        "首次审查就能看到、经主管确认才再次要求补正的处数，计为服务缺陷",
        "corrections that could have been asked the first time, asked later by a supervisor's leave: defects of the service",
    ),
    "moves": Text(
        "企业迁移中不予受理或不予准予的件数，及其中写明理由、依据和救济途径的",
        "migrations not accepted or denied, and those with reason, article and remedy",
    ),
}


def lines(found: Board) -> Iterator[tuple[str, str, object, Text]]:
    """Yield the board as rows (group, name, value, how it is counted), for the download and for whoever checks."""
    for name in ("filed", "completed", "running", "open", "overdue"):
        yield "总计", name, getattr(found, name), HOW[name]
    yield "总计", "kept", _percent(found.kept), HOW["kept"]
    yield "总计", "merged", found.merged, HOW["merged"]
    yield "总计", "separate", found.separate, HOW["merged"]
    yield "总计", "overlooked", found.overlooked, HOW["overlooked"]
    yield "总计", "moves_refused", found.moves.refused, HOW["moves"]
    yield "总计", "moves_explained", found.moves.explained, HOW["moves"]
    if found.slowest:
        yield "总计", "slowest", found.slowest.unit.name, HOW["unit_days"]
    for line in found.bundles:
        yield from _of_bundle(line)
    for each in found.units:
        group = f"部门·{each.unit.name}"
        for name in ("open", "overdue", "decided", "denied", "merged", "separate", "overlooked"):
            yield group, name, getattr(each, name), HOW.get(name, HOW["kept"])
        yield group, "days", each.days, HOW["unit_days"]
        yield group, "kept", _percent(each.kept), HOW["kept"]


def _of_bundle(line: BundleLine) -> Iterator[tuple[str, str, object, Text]]:
    group = f"事项·{line.name.zh}"
    for name in ("filed", "completed", "running"):
        yield group, name, getattr(line, name), HOW[name]
    for name in ("links", "materials", "days", "trips"):
        told = getattr(line.before, name) if line.before else None
        if told and told.number is not None:
            yield group, f"{name}_before", told.number, Text(f"引用：{told.source.zh}", f"quoted: {told.source.en}")
        yield group, f"{name}_now", getattr(line, name), HOW[name]
    yield group, "typed", None if line.typed is None else f"{100 * line.typed:.1f}%", HOW["typed"]
    yield group, "typed_known", None if line.typed_known is None else f"{100 * line.typed_known:.1f}%", HOW["typed"]


def _percent(share: Share) -> str | None:
    return None if share.value is None else f"{100 * share.value:.1f}%"
