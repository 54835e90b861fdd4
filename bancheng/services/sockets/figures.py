"""The board's figures, recomputed from the sessions each time. Nobody's session stands here, and nobody who paid is known (P-6).

A use counts once it is settled, on the day it is: what was scanned and not paid, or paid and not switched on, is counted apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from bancheng.kernel.payments import public as payments
from bancheng.lib.days import start_of
from bancheng.lib.share import Share
from bancheng.lib.text import Text
from bancheng.services.sockets import assumed
from bancheng.services.sockets.assumed import Assumption
from bancheng.services.sockets.rules import places, words
from bancheng.services.sockets.rules.places import Scenario
from bancheng.services.sockets.rules.protection import PROTECTIONS

QUICK_SECONDS = 5  # stop to the refund accepted by the channel
SHOWN_MONTHS = 13
WH_PER_KWH = 1000


@dataclass(frozen=True)
class Totals:
    """What was used, paid and sent back."""

    uses: int
    wh: int
    cost_fen: int
    lost_fen: int
    paid_fen: int
    refunded_fen: int
    seconds: float | None  # median from payment to power

    @property
    def kwh(self) -> str:
        return words.decimal(self.wh, 3, least=2)

    @property
    def kwh_per_use(self) -> str:
        return words.decimal(self.wh // self.uses, 3) if self.uses else "—"


@dataclass(frozen=True)
class Refunds:
    """Refunds: how soon the channel took them, and what became of them."""

    planned: int
    arrived: int
    stuck: int
    median_s: float | None
    quick: Share  # taken within five seconds of the end, of those a channel has taken

    @property
    def quick_of(self) -> str:
        """Return how many of how many."""
        return f"{self.quick.part:,} ÷ {self.quick.whole:,}"


@dataclass(frozen=True)
class SiteLine:
    """A site with its use."""

    code: str
    name: Text
    scenario: Text
    uses: int
    wh: int
    cost_fen: int

    @property
    def kwh(self) -> str:
        return words.decimal(self.wh, 3, least=2)


@dataclass(frozen=True)
class Saved:
    """What passers-by were spared, reckoned from an assumption."""

    code: str
    name: Text
    unit: Text
    value: int
    formula: str
    assumption: Assumption


@dataclass(frozen=True)
class Board:
    """The board as of now."""

    sites: int
    totals: Totals
    refunds: Refunds
    months: Sequence[tuple[str, int, int]]  # month, uses, Wh
    hours: Sequence[tuple[int, int]]
    scenarios: Sequence[tuple[Text, int, int]]
    lines: Sequence[SiteLine]
    trips: Sequence[tuple[Text, int]]
    not_started: int
    unpaid: int
    saved: Sequence[Saved]

    @property
    def by_uses(self) -> list[tuple[str, int]]:
        return [(month, uses) for month, uses, _ in self.months]

    @property
    def by_kwh(self) -> list[tuple[str, float]]:
        return [(month, wh / WH_PER_KWH) for month, _, wh in self.months]

    @property
    def by_hour(self) -> list[tuple[str, int]]:
        return [(f"{hour}:00", uses) for hour, uses in self.hours]


_SETTLED = "s.region = %(region)s and s.settled_at >= %(since)s and s.settled_at < %(before)s"

_TOTALS = f"""
select count(*), coalesce(sum(used_wh), 0), coalesce(sum(cost_fen), 0), coalesce(sum(lost_fen), 0), coalesce(sum(paid_fen), 0),
       coalesce(sum(refunded_fen), 0),
       percentile_cont(0.5) within group (order by extract(epoch from started_at - paid_at)) filter (where started_at is not null)
  from sockets_session s where {_SETTLED}
"""
# a refund that came after the session was closed anyhow (late, twice) has no end to be counted from
_REFUNDS = f"""
with told as (
    select r.state, extract(epoch from p.submitted_at - s.stopped_at) as seconds
      from sockets_refund r join sockets_session s on s.id = r.session_id left join {payments.REFUND_TIMES} p on p.id = r.refund_id
     where {_SETTLED} and r.kind = 'rest')
select count(*), count(*) filter (where state = 'success'), count(*) filter (where state = 'abnormal'),
       percentile_cont(0.5) within group (order by seconds), count(seconds), count(*) filter (where seconds <= %(quick)s)
  from told
"""
_MONTHS = f"""
select to_char(s.settled_at at time zone 'Asia/Shanghai', 'YYYY-MM'), count(*), coalesce(sum(used_wh), 0)
  from sockets_session s where {_SETTLED} group by 1 order by 1 desc limit {SHOWN_MONTHS}
"""
_HOURS = f"""
select extract(hour from s.started_at at time zone 'Asia/Shanghai')::int, count(*)
  from sockets_session s where {_SETTLED} and s.started_at is not null group by 1 order by 1
"""
_SITES = f"""
select t.code, t.name, t.name_en, t.scenario, count(s.id), coalesce(sum(s.used_wh), 0), coalesce(sum(s.cost_fen), 0)
  from sockets_site t left join sockets_session s on s.site_id = t.id and {_SETTLED}
 where t.region = %(region)s and (t.state = 'live' or s.id is not null)
 group by 1, 2, 3, 4 order by 5 desc, 1
"""
_TRIPS = f"""
select s.cause_code, count(*) from sockets_session s where {_SETTLED} and s.cause = 'trip' group by 1 order by 2 desc, 1
"""
_NOTHING = """
select count(*) filter (where cause = 'not_started'), count(*) filter (where state = 'expired') from sockets_session s
 where s.region = %(region)s and s.created_at >= %(since)s and s.created_at < %(before)s
"""


def _rows(query: str, **given: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return list(cursor.fetchall())


def board(region: str, *, since: datetime, before: datetime) -> Board:
    """Return the board of what was settled between two instants: seven statements, however much there is."""
    given = {"region": region, "since": since, "before": before}
    ((uses, wh, cost, lost, paid, back, seconds),) = _rows(_TOTALS, **given)
    totals = Totals(
        uses, int(wh), int(cost), int(lost), int(paid), int(back), None if seconds is None else float(seconds)
    )
    ((not_started, unpaid),) = _rows(_NOTHING, **given)
    lines = _lines(given)
    return Board(
        sites=len(lines),
        totals=totals,
        refunds=_refunds(given),
        months=[(month, uses, int(wh)) for month, uses, wh in reversed(_rows(_MONTHS, **given))],
        hours=[(hour, uses) for hour, uses in _rows(_HOURS, **given)],
        scenarios=_scenarios(lines),
        lines=lines,
        trips=[
            (PROTECTIONS[code].name if code in PROTECTIONS else Text(code, code), n)
            for code, n in _rows(_TRIPS, **given)
        ],
        not_started=not_started,
        unpaid=unpaid,
        saved=saved(totals.uses),
    )


def _refunds(given: Mapping[str, Any]) -> Refunds:
    ((planned, arrived, stuck, median, taken, quick),) = _rows(_REFUNDS, **given, quick=QUICK_SECONDS)
    return Refunds(planned, arrived, stuck, None if median is None else float(median), Share(quick, taken))


def _lines(given: Mapping[str, Any]) -> list[SiteLine]:
    return [
        SiteLine(code, Text(name, name_en or name), places.SCENARIOS[Scenario(scenario)], uses, int(wh), int(fen))
        for code, name, name_en, scenario, uses, wh, fen in _rows(_SITES, **given)
    ]


def _scenarios(lines: Sequence[SiteLine]) -> list[tuple[Text, int, int]]:
    found: dict[Text, list[int]] = {}
    for one in lines:
        sums = found.setdefault(one.scenario, [0, 0])
        sums[0], sums[1] = sums[0] + one.uses, sums[1] + one.wh
    return sorted(((name, uses, wh) for name, (uses, wh) in found.items()), key=lambda one: -one[1])


SPARED: dict[str, tuple[Text, Text]] = {
    "papers": (Text("免交资料（估算）", "Papers spared (estimate)"), Text("份", "papers")),
    "yuan": (Text("节省接线投资（估算）", "Wiring spared (estimate)"), Text("元", "yuan")),
}


def saved(uses: int) -> list[Saved]:
    """Return what so many uses were spared, by the pack's assumptions."""
    told = assumed.of_pack()
    return [
        Saved(code, name, unit, uses * told[code].number, f"{uses:,} × {told[code].number:,}", told[code])
        for code, (name, unit) in SPARED.items()
        if code in told
    ]


def whole_period(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the instants of a period of days, both included."""
    return start_of(first), start_of(date.fromordinal(last.toordinal() + 1))


HOW: dict[str, Text] = {
    "uses": Text("已结算的用电，每次扫码计一户次", "uses settled, each scan once"),
    "kwh": Text("结算电量之和，来自电表示数，每10瓦时一步", "sum of the energy settled, from the meters' registers, in steps of 10 Wh"),
    "cost": Text("按电表和分时电价计算，每次四舍五入到分一次；超出预付的部分由供电公司承担", "by the meter and the price of the hour, rounded to a fen once a use; what goes beyond a prepayment is the power company's"),
    "refunded": Text("退回原支付账户的余额", "what went back to the account it was paid from"),
    "quick": Text("从结束用电到支付渠道受理退款不超过5秒的÷渠道已受理的；回放的一年里渠道是模拟的", "taken by the channel within 5 seconds of the end ÷ taken at all; in a replayed year the channels are simulated"),
    "started": Text("从付款到接通电源的秒数，取中位数", "seconds from the payment to power, the median"),
    "trips": Text("因安全保护动作结束的用电，按动作的保护分", "uses ended by a protection, by which one"),
    "not_started": Text("付款后没有接通、全额退款的", "paid and not switched on, refunded whole"),
    "unpaid": Text("扫码后没有付款、自动取消的", "scanned and not paid, cancelled by itself"),
}  # fmt: skip


def lines(found: Board) -> Iterator[tuple[str, str, object, Text]]:
    """Yield the board as rows (group, name, value, how it is counted)."""
    none = Text("", "")
    yield "总计", "sites", found.sites, none
    yield "总计", "uses", found.totals.uses, HOW["uses"]
    yield "总计", "kwh", found.totals.kwh, HOW["kwh"]
    yield "总计", "cost_yuan", words.decimal(found.totals.cost_fen, 2, least=2), HOW["cost"]
    yield "总计", "refunded_yuan", words.decimal(found.totals.refunded_fen, 2, least=2), HOW["refunded"]
    yield "总计", "refunds_within_5_s", f"{found.refunds.quick.part}/{found.refunds.quick.whole}", HOW["quick"]
    yield "总计", "not_started", found.not_started, HOW["not_started"]
    yield "总计", "unpaid", found.unpaid, HOW["unpaid"]
    for one in found.saved:
        yield "估算", one.code, f"{one.value}（{one.formula}）", one.assumption.source
    for name, count in found.trips:
        yield "保护动作", name.zh, count, HOW["trips"]
    for month, uses, wh in found.months:
        yield f"月份·{month}", "uses", uses, HOW["uses"]
        yield f"月份·{month}", "kwh", words.decimal(wh, 3, least=2), HOW["kwh"]
    for line in found.lines:
        yield f"站点·{line.name.zh}", "uses", line.uses, HOW["uses"]
        yield f"站点·{line.name.zh}", "kwh", line.kwh, HOW["kwh"]
        yield f"站点·{line.name.zh}", "cost_yuan", words.decimal(line.cost_fen, 2, least=2), HOW["cost"]
