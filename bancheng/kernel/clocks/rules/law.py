"""What statutes say of time, as dated rows: units, lengths, causes of pause and the silence that acts.

The rows themselves are data (`data/*.toml`, read by `shipped`); this module gives them their types and asks them
questions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bancheng.lib.dated import Row, in_force
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text


class Unit(StrEnum):
    """R-CLK-1: what a period counts in."""

    WD = "wd"  # 工作日
    ND = "nd"  # 自然日
    MONTH = "month"
    HOUR = "hour"


LONGEST = {Unit.WD: 2_600, Unit.ND: 7_400, Unit.MONTH: 240, Unit.HOUR: 8_760}  # the law's longest is twenty years
ZH = {Unit.WD: "个工作日", Unit.ND: "日", Unit.MONTH: "个月", Unit.HOUR: "小时"}
EN = {Unit.WD: "working day", Unit.ND: "day", Unit.MONTH: "month", Unit.HOUR: "hour"}


@dataclass(frozen=True)
class Length:
    """How long a period is; nought means on the spot, that is within the same day."""

    n: int
    unit: Unit

    def __post_init__(self) -> None:
        if not 0 <= self.n <= LONGEST[self.unit]:
            raise ValueError(f"a period of {self.n} {self.unit} is not one the law knows")

    @property
    def text(self) -> Text:
        """Return "5个工作日" and "5 working days"."""
        plural = "" if self.n == 1 else "s"
        return Text(f"{self.n}{ZH[self.unit]}", f"{self.n} {EN[self.unit]}{plural}")


@dataclass(frozen=True)
class Rule:
    """One row of the clock table: a period some law gives (R-CLK-1: the unit belongs to the rule, not to the
    case)."""

    id: str  # "C-02.decide"
    name: Text
    length: Length
    law: str
    source: str  # L read in the statute, S a secondary page says so, M from memory: a default to configure
    extension: Length | None = None  # the most it may be extended by, once
    side: str = "agency"  # whose time runs: "agency" or "party"
    back: bool = False  # counted back from an event, not forward from a start
    rolls: bool = True  # whether an end on a rest day moves to the first working day after it
    causes: frozenset[str] = frozenset()  # R-CLK-4: the closed list of what may pause it
    given: bool = False  # ends on a day the matter itself names (a licence's last day), not so long after a start
    warn: int | None = None  # working days before its end on which it is told as near; None: as all others


@dataclass(frozen=True)
class Effect:
    """R-CLK-7: what the law makes of silence once a clock has run out."""

    code: str
    rules: tuple[str, ...]  # the clocks whose end brings it about
    name: Text
    outcome: str  # accepted | renewed | waived | no_evidence
    law: str


@dataclass(frozen=True)
class Units:
    """How one statute counts its days: all of them as working days, or only certain lengths."""

    all_working: bool
    working: frozenset[int]


def unit_of(statute: str, days: int, *, on: date, units: Mapping[str, Sequence[Row[Units]]]) -> Unit:
    """Return whether `days` in `statute`, as in force `on`, are working days or natural days (R-CLK-3).

    行政许可法 第八十二条: all working days. 行政复议法 第八十八条: 3, 5, 7 and 10. 行政处罚法 第八十五条: 2, 3, 5
    and 7.
    Raises LookupError for a statute that is not in the table, or not in force yet.
    """
    row = in_force(units[statute], on).value
    return Unit.WD if row.all_working or days in row.working else Unit.ND


def check_cause(rule: Rule, cause: str, *, causes: Mapping[str, Text]) -> None:
    """Raise Refused("pause_not_allowed") unless `cause` is on the rule's closed list (R-CLK-4)."""
    if cause in rule.causes:
        return
    zh = "、".join(causes[code].zh for code in causes if code in rule.causes)
    en = ", ".join(causes[code].en for code in causes if code in rule.causes)
    name = causes.get(cause, Text(cause, cause))
    raise Refused(
        "pause_not_allowed",
        f"“{name.zh}”不能使“{rule.name.zh}”的期限暂停，期限照常计算；"
        + (f"法定可暂停的情形只有：{zh}。" if zh else "法律没有规定可以暂停的情形。"),
        en=f"{name.en.capitalize()} does not pause the period “{rule.name.en}”, which keeps running; "
        + (f"the law lets only these pause it: {en}." if en else "the law lets nothing pause it."),
        law=rule.law,
    )
