"""What a guide must say and must not say, and when a door is open. Pure; no table, no clock."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from bancheng.lib.text import Text

ONLINE = "online"  # facts.ChannelKind.ONLINE
MAY_FOLLOW = "可容缺"  # facts.Source.GAP
# R-RQ-6: in matters of public safety, environment, life and health no paper follows, unless the matter's own rule says so
NO_GAPS = frozenset({"national_security", "public_security", "life_health", "environment"})

# 河南省优化营商环境条例 第二十八条 (R-OT-3): a list that can grow at the counter is not a list
CATCH_ALLS = ("其他", "其它", "有关", "等材料", "等资料", "等文件", "等证明", "等证件", "等条件", "等要求")
VAGUE = re.compile(r"(相关|所需|必要)的?(材料|资料|文件|证明|证件|条件|规定)")
CATCH_ALLS_EN = re.compile(
    r"\b(etc|and so on|other (documents|materials|papers|conditions)|relevant (documents|materials))\b", re.I
)


class Period(Protocol):
    """The little that these rules ask of a length of time."""

    @property
    def n(self) -> int: ...
    @property
    def unit(self) -> str: ...


class Terms(Protocol):
    """The little that these rules ask of the terms on which a paper may follow."""

    @property
    def days(self) -> int: ...
    @property
    def law(self) -> str: ...


class Paper(Protocol):
    """The little that these rules ask of a material."""

    @property
    def name(self) -> str: ...
    @property
    def name_en(self) -> str: ...
    @property
    def main(self) -> bool: ...
    @property
    def source(self) -> str: ...
    @property
    def gap(self) -> Terms | None: ...


class Way(Protocol):
    """The little that these rules ask of a channel."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def name_en(self) -> str: ...
    @property
    def url(self) -> str: ...


class Guide(Protocol):
    """The little that these rules ask of a matter."""

    @property
    def basis(self) -> Sequence[object]: ...
    @property
    def conditions(self) -> Sequence[Text]: ...
    @property
    def statutory(self) -> Period | None: ...
    @property
    def promised(self) -> Period | None: ...
    @property
    def fee_fen(self) -> int | None: ...
    @property
    def fee_basis(self) -> str: ...
    @property
    def materials(self) -> Sequence[Paper]: ...
    @property
    def channels(self) -> Sequence[Way]: ...
    @property
    def outlets(self) -> Sequence[str]: ...
    @property
    def phone(self) -> str: ...
    @property
    def concerns(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class Fault:
    """What is wrong with a guide: the field it stands in, and a sentence."""

    field: str
    says: Text


def catch_all(words: str) -> str:
    """Return the catch-all found in `words`, or nothing. R-OT-3."""
    for phrase in CATCH_ALLS:
        if phrase in words:
            return phrase
    found = VAGUE.search(words) or CATCH_ALLS_EN.search(words)
    return found.group(0) if found else ""


def faults(matter: Guide) -> list[Fault]:
    """Return everything that keeps `matter` from being published.

    行政许可法 第三十条: matter, basis, conditions, procedure, time limit and the whole list of papers are public.
    河南省优化营商环境条例 第二十八条: no catch-all; nothing outside the guide may be asked for.
    优化营商环境条例 第三十六条: a promised limit is not longer than the statutory one (R-CLK-8).
    """
    return [*_open_lists(matter), *_missing(matter), *_limits(matter), *_gaps(matter)]


def _open_lists(matter: Guide) -> list[Fault]:
    found = []
    for field, texts in (
        ("materials", [text for one in matter.materials for text in (one.name, one.name_en)]),
        ("conditions", [text for one in matter.conditions for text in (one.zh, one.en)]),
    ):
        for text in texts:
            if phrase := catch_all(text):
                says = Text(
                    f"“{text}”里的“{phrase}”是兜底表述，请逐项写明（河南省优化营商环境条例第二十八条）。",
                    f"“{phrase}” in “{text}” is a catch-all; name each one (Henan regulation, art. 28).",
                )
                found.append(Fault(field, says))
    return found


def _missing(matter: Guide) -> list[Fault]:
    wants = (
        ("basis", matter.basis, Text("缺少法律依据。", "The legal basis is missing.")),
        ("statutory", matter.statutory, Text("缺少法定办结时限。", "The statutory time limit is missing.")),
        ("promised", matter.promised, Text("缺少承诺办结时限。", "The promised time limit is missing.")),
        ("materials", matter.materials, Text("缺少材料清单。", "The list of materials is missing.")),
        ("conditions", matter.conditions, Text("缺少办理条件。", "The conditions are missing.")),
        ("phone", matter.phone, Text("缺少咨询电话。", "The contact phone is missing.")),
    )
    found = [Fault(field, says) for field, value, says in wants if not value]
    if matter.fee_fen is None:
        found.append(Fault("fee", Text("缺少收费金额（免费写0）。", "The fee is missing (write 0 for none).")))
    elif matter.fee_fen and not matter.fee_basis:
        found.append(Fault("fee", Text("收费须写明收费依据。", "A fee must name its basis.")))
    if not matter.outlets and not any(one.kind == ONLINE for one in matter.channels):
        says = Text(
            "既没有办理网点，也没有网上入口，不能公布。",
            "It has neither an outlet nor an online door: it cannot be published.",
        )
        found.append(Fault("outlets", says))
    found.extend(_urls(matter.channels))
    return found


def _urls(channels: Sequence[Way]) -> list[Fault]:
    return [
        Fault(
            "channels",
            Text(f"“{one.name}”的网址应以https://开头。", f"The address of “{one.name_en}” must begin with https://."),
        )
        for one in channels
        if one.kind == ONLINE and not one.url.startswith("https://")
    ]


def _limits(matter: Guide) -> list[Fault]:
    legal, promised = matter.statutory, matter.promised
    if legal and promised and legal.unit == promised.unit and promised.n > legal.n:
        says = Text(
            f"承诺时限（{promised.n}）长于法定时限（{legal.n}）。",
            f"The promised limit ({promised.n}) is longer than the statutory one ({legal.n}).",
        )
        return [Fault("promised", says)]
    return []


def _gaps(matter: Guide) -> list[Fault]:
    """R-RQ-1, R-RQ-2, R-RQ-6: only a secondary paper follows, on terms that are public; in some matters none."""
    found = []
    for paper in matter.materials:
        if (paper.source == MAY_FOLLOW) != (paper.gap is not None):
            says = Text(
                f"“{paper.name}”可容缺的须写明gap（理由、期限、结果是否等待），不可容缺的不写。",
                f"“{paper.name_en}”: a paper that may follow has its terms in “gap”, and no other has.",
            )
            found.append(Fault("materials", says))
        elif paper.gap is not None and paper.main:
            says = Text(
                f"“{paper.name}”是主要材料，不能容缺（河南省优化营商环境条例第三十五条）。",
                f"“{paper.name_en}” is a main paper and may not follow (Henan regulation, art. 35).",
            )
            found.append(Fault("materials", says))
        elif paper.gap is not None and not paper.gap.days:
            says = Text(f"“{paper.name}”的补交期限至少一个工作日。", f"“{paper.name_en}”: one working day at least.")
            found.append(Fault("materials", says))
        elif paper.gap is not None and not paper.gap.law and NO_GAPS.intersection(matter.concerns):
            says = Text(
                f"涉及公共安全、生态环境、生命健康的事项，“{paper.name}”不能容缺；该事项的规定另有允许的，请写明依据。",
                f"“{paper.name_en}” may not follow in a matter of public safety, environment, life or health; where the "
                "matter's own rule allows it, name the rule.",
            )
            found.append(Fault("materials", says))
    return found


# --- opening hours: `工作日 09:00-12:00 13:00-17:00；周六 09:00-12:00`

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAYS_EN = {"工作日": "Working days", "休息日": "Rest days", "每天": "Every day"} | dict(
    zip(WEEKDAYS, WEEKDAYS_EN, strict=True)
)
SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$")


class BadHours(ValueError):
    """The hours cannot be read."""


@dataclass(frozen=True)
class Hours:
    """When a door is open: day words, each with its spans. A working day is what the calendar says (R4.6)."""

    parts: tuple[tuple[str, tuple[tuple[time, time], ...]], ...]

    def spans(self, day: date, *, is_working: Callable[[date], bool]) -> list[tuple[time, time]]:
        """Return the open spans of `day` in order."""
        return sorted(span for word, spans in self.parts if _covers(word, day, is_working) for span in spans)

    def open_at(self, at: datetime, *, is_working: Callable[[date], bool]) -> bool:
        """Return whether the door is open at `at` (local time of the city)."""
        return any(first <= at.time() < last for first, last in self.spans(at.date(), is_working=is_working))

    def next_open(self, at: datetime, *, is_working: Callable[[date], bool]) -> datetime | None:
        """Return the next moment after `at` at which the door opens, looking three weeks ahead."""
        for ahead in range(22):
            day = at.date() + timedelta(days=ahead)
            for first, _ in self.spans(day, is_working=is_working):
                opens = datetime.combine(day, first, tzinfo=at.tzinfo)
                if opens > at:
                    return opens
        return None

    @property
    def text(self) -> Text:
        """Return the hours in words."""
        zh, en = [], []
        for word, spans in self.parts:
            clock = [f"{first:%H:%M}—{last:%H:%M}" for first, last in spans]
            zh.append(f"{word}{'、'.join(clock)}")
            en.append(f"{DAYS_EN[word]} {', '.join(clock)}".replace("—", "–"))
        return Text("；".join(zh), "; ".join(en))


def hours(written: str) -> Hours:
    """Return the hours read from `written`.

    Raises BadHours.
    """
    parts = []
    for piece in re.split("[；;]", written):
        word, *clock = piece.split() or [""]
        if word not in DAYS_EN or not clock:
            raise BadHours(piece)
        parts.append((word, tuple(_span(one) for one in clock)))
    return Hours(tuple(parts))


def _span(written: str) -> tuple[time, time]:
    found = SPAN.match(written)
    if not found:
        raise BadHours(written)
    h1, m1, h2, m2 = map(int, found.groups())
    first, last = time(h1, m1), time(h2, m2)
    if first >= last:
        raise BadHours(written)
    return first, last


def _covers(word: str, day: date, is_working: Callable[[date], bool]) -> bool:
    match word:
        case "每天":
            return True
        case "工作日":
            return is_working(day)
        case "休息日":
            return not is_working(day)
        case _:
            return WEEKDAYS[day.weekday()] == word
