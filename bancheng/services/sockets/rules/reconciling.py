"""What has to agree every day: money by money, energy by energy, and nothing left lying.

会计法 第十七条: books are compared with what they stand for, and with one another. 电力供应与使用条例 第二十七条: charged is what the meter recorded, so
sessions are compared with the sockets' registers and these with the site's master meter. Whole numbers and fractions only.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from bancheng.kernel.payments.public import Match
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.sockets.rules.readings import KEPT_DAYS, MS_PER_HOUR, STEP_WH, WRAP, delta_10wh
from bancheng.services.sockets.rules.sessions import State

LEAST_LOSS, MOST_LOSS = Fraction(0), Fraction(3, 100)  # of what the master meter counted
IDLE_10WH = 1  # a socket may count one step while nobody uses it


class Part(StrEnum):
    """What is compared with what."""

    CHANNEL = "channel"
    LEDGER = "ledger"
    METER = "meter"
    LOSS = "loss"
    OPEN = "open"


PARTS: dict[Part, Text] = {
    Part.CHANNEL: Text("渠道账单与收退款", "The channel's file and our payments and refunds"),
    Part.LEDGER: Text("收退款、结算与总账", "Payments, refunds and settlements and the ledger"),
    Part.METER: Text("用电单与插座电表", "Sessions and the sockets' meters"),
    Part.LOSS: Text("插座电表与站点总表", "The sockets' meters and the site's master meter"),
    Part.OPEN: Text("超时未了结", "Open for too long"),
}

CAUGHT_UP = 7  # days back that are compared by themselves when they were missed


def check_day(day: date, *, today: date) -> None:
    """Raise Refused unless a day is over and its readings, and those of its eve, are still kept."""
    if day >= today:
        raise Refused(
            "day_not_over",
            "这一天还没有结束，不能对账；请选昨天或更早的日期。",
            en="That day is not over, so it cannot be reconciled. Choose yesterday or before.",
            status=422,
        )
    if day <= today - timedelta(days=KEPT_DAYS - 1):
        raise Refused(
            "day_too_old",
            "这一天的电表读数已过保存期，不能再对账，原来的结果没有改动。",
            en="The readings of that day are kept no more, so it cannot be reconciled again; what stood was not changed.",
            status=422,
        )


# how long a session may stay in a state before somebody looks (a refund that is stuck is told by payments too)
OLDEST: dict[State, timedelta] = {
    State.PAYING: timedelta(minutes=10),
    State.STARTING: timedelta(minutes=1),
    State.UNCONFIRMED: timedelta(minutes=10),
    State.REFUNDING: timedelta(hours=1),
    State.ATTENTION: timedelta(0),
}


# --- money ---


@dataclass(frozen=True)
class Difference:
    """A key whose amounts differ, or that one side lacks; fen."""

    key: str
    match: Match
    ours_fen: int | None
    theirs_fen: int | None


def compare(ours: Iterable[tuple[str, int]], theirs: Iterable[tuple[str, int]]) -> tuple[int, list[Difference]]:
    """Return how many keys agree, and those that do not, in order. A key that comes twice counts with its sum."""
    left, right = _sums(ours), _sums(theirs)
    found = [
        Difference(key, _match(left.get(key), right.get(key)), left.get(key), right.get(key))
        for key in sorted(left.keys() | right.keys())
    ]
    odd = [one for one in found if one.match is not Match.EQUAL]
    return len(found) - len(odd), odd


def _sums(pairs: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for key, fen in pairs:
        found[key] = found.get(key, 0) + fen
    return found


def _match(ours: int | None, theirs: int | None) -> Match:
    if theirs is None:
        return Match.OURS_ONLY
    if ours is None:
        return Match.THEIRS_ONLY
    return Match.EQUAL if ours == theirs else Match.AMOUNT


# --- energy ---


@dataclass(frozen=True)
class Span:
    """Where a register began and ended, in steps of 10 Wh; it may run over its end and begin again."""

    from_10wh: int
    to_10wh: int

    @property
    def energy_10wh(self) -> int:
        """Return what was counted."""
        return delta_10wh(self.from_10wh, self.to_10wh)


def within(day: Span, session: Span) -> int:
    """Return how much of a session's energy was counted between the day's first and last register.

    A session over midnight counts on both days with what the register says of each.
    """
    since = _from(day, session.from_10wh)
    return max(0, min(since + session.energy_10wh, day.energy_10wh) - max(since, 0))


def _from(day: Span, register: int) -> int:
    """Return where a register stands, counted from the day's first: below 0 when it was before."""
    off = delta_10wh(day.from_10wh, register)
    return off if off < WRAP // 2 else off - WRAP


def idle_10wh(day: Span, sessions: Iterable[Span]) -> int:
    """Return what a socket counted while nobody was charged for it; below 0 when something was charged twice."""
    return day.energy_10wh - sum(within(day, one) for one in sessions)


def idle_is_odd(idle: int) -> bool:
    """Return whether so much cannot be the register's own step."""
    return not -IDLE_10WH <= idle <= IDLE_10WH


def day_is_odd(day: Span, *, most_w: int, hours: int = 25) -> bool:
    """Return whether a register rose by more in a day than can have flowed: it was reset or exchanged, and somebody looks."""
    return day.energy_10wh * STEP_WH * MS_PER_HOUR * 10 > 12 * most_w * hours * MS_PER_HOUR


@dataclass(frozen=True)
class Loss:
    """A site's day: what its master meter counted, and its sockets together, in steps of 10 Wh."""

    master_10wh: int
    sockets_10wh: int
    sockets: int

    @property
    def share(self) -> Fraction | None:
        """Return the share that was lost on the way; None when nothing was counted."""
        return Fraction(self.master_10wh - self.sockets_10wh, self.master_10wh) if self.master_10wh else None

    @property
    def is_odd(self) -> bool:
        """Return whether it lies outside 0 to 3 %, beyond what the steps of the registers can explain."""
        lost, steps = self.master_10wh - self.sockets_10wh, self.sockets + 1
        return not LEAST_LOSS * self.master_10wh - steps <= lost <= MOST_LOSS * self.master_10wh + steps


def kwh(steps: int) -> str:
    """Return steps of 10 Wh as kWh, as people read them."""
    sign = "-" if steps < 0 else ""
    return f"{sign}{abs(steps) // 100:,}.{abs(steps) % 100:02d}"


def percent(share: Fraction | None) -> str:
    """Return a share in percent with two decimals, half up; "–" when there is none."""
    if share is None:
        return "–"
    hundredths = (share * 20_000 + 1) // 2
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}%"


def is_too_old(state: State, lasted: timedelta) -> bool:
    """Return whether a session has been in `state` for longer than it may."""
    return state in OLDEST and lasted > OLDEST[state]


# --- the master meters ---

MOST_ROWS = 5_000  # in one go


@dataclass(frozen=True)
class Frozen:
    """What a master meter said at the end of a day."""

    meter: str
    day: date
    e_10wh: int


def check_masters(rows: Sequence[Frozen], known: Container[str]) -> None:
    """Raise Refused unless all registers are of known meters and can be: too_many_rows, no_such_master, bad_register."""
    if len(rows) > MOST_ROWS:
        raise Refused(
            "too_many_rows",
            f"一次最多{MOST_ROWS:,}行，没有保存；请分批提交。",
            en=f"At most {MOST_ROWS:,} rows at once; nothing was kept. Send them in parts.",
            status=422,
        )
    for row in rows:
        if row.meter not in known:
            raise Refused(
                "no_such_master",
                f"没有编号为{row.meter}的总表，一行也没有保存；请核对表号。",
                en=f"There is no master meter {row.meter}; no row was kept. Check its number.",
                status=422,
            )
        if not 0 <= row.e_10wh < WRAP:
            raise Refused(
                "bad_register",
                f"{row.meter}的示数不在0至999999.99之间，一行也没有保存。",
                en=f"The register of {row.meter} is not between 0 and 999,999.99; no row was kept.",
                status=422,
            )


def check_same(row: Frozen, stands: int | None) -> None:
    """Raise Refused when another register of that meter and day is on record."""
    if stands not in (None, row.e_10wh):
        raise Refused(
            "master_differs",
            f"{row.meter}在{row.day}已有另一个示数，一行也没有保存；已登记的示数不改，请先核实。",
            en=f"{row.meter} has another register on {row.day}; no row was kept. What is on record stays: find out which is right.",
        )


# --- in words ---


def money_says(one: Difference) -> Text:
    """Return a difference of money in words; amounts in fen."""
    ours, theirs = _fen(one.ours_fen), _fen(one.theirs_fen)
    return Text(f"我方{ours}，对方{theirs}", f"ours {ours}, theirs {theirs}")


def _fen(fen: int | None) -> str:
    if fen is None:
        return "–"
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def idle_says(idle: int) -> Text:
    """Return energy that nobody was charged for, or that was charged twice, in words."""
    if idle > 0:
        return Text(f"无人用电时电表走了{kwh(idle)}千瓦时", f"the meter counted {kwh(idle)} kWh while nobody used it")
    return Text(f"用电单比电表多{kwh(-idle)}千瓦时", f"sessions sum to {kwh(-idle)} kWh more than the meter")


def odd_day_says(day: Span) -> Text:
    """Return a register that cannot have risen so, in words."""
    return Text(
        f"示数从{kwh(day.from_10wh)}到{kwh(day.to_10wh)}，不可能是一天的用电",
        f"its register went from {kwh(day.from_10wh)} to {kwh(day.to_10wh)}, which no day can use",
    )


def loss_says(loss: Loss) -> Text:
    """Return a site's loss in words."""
    return Text(
        f"总表{kwh(loss.master_10wh)}千瓦时，插座合计{kwh(loss.sockets_10wh)}千瓦时，损耗{percent(loss.share)}",
        f"master meter {kwh(loss.master_10wh)} kWh, sockets {kwh(loss.sockets_10wh)} kWh, lost {percent(loss.share)}",
    )


def total(spans: Sequence[Span]) -> int:
    """Return the energy of several spans."""
    return sum(one.energy_10wh for one in spans)
