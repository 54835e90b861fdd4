"""How words, dates and figures are shown in the reader's language: plain functions, which `templatetags/bc.py` gives to templates."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from bancheng.lib.days import SHANGHAI
from bancheng.lib.text import Text
from bancheng.web import roles

MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CHINESE = re.compile(r"[《（〔“]?[\u3000-\u303f\u4e00-\u9fff][\u3000-\u303f\u4e00-\u9fff\uff00-\uffefA-Za-z0-9·“”-]*")
ADDRESS = re.compile(r"https?://(?:&amp;|[A-Za-z0-9.:/?=#%_~+-])*[A-Za-z0-9/]")  # in escaped text


def english() -> bool:
    """Return whether the reader reads English."""
    return (get_language() or "").startswith("en")


def said(words: Any) -> str:
    """Return `words` in the reader's language: a Text, a "中文|English" string, or anything else as it stands."""
    if isinstance(words, Text):
        return words.of(get_language())
    if isinstance(words, str) and "|" in words:
        return roles.two(words).of(get_language())
    return "" if words is None else str(words)


def as_written(value: Any) -> SafeString:
    """Return what has no translation (laws, names, files) marked as Chinese on an English page, so that it is read aloud as such."""
    escaped = conditional_escape(said(value))
    return mark_safe(CHINESE.sub(r'<span lang="zh-Hans">\g<0></span>', escaped)) if get_language() == "en" else escaped


def linked(value: Any) -> SafeString:
    """Return text with its web addresses as links, also where Chinese stands right before or behind one."""
    escaped = conditional_escape(said(value))
    return mark_safe(ADDRESS.sub(r'<a href="\g<0>" rel="nofollow">\g<0></a>', escaped))


# Dates


def local(value: date | datetime) -> date | datetime:
    return value.astimezone(SHANGHAI) if isinstance(value, datetime) and value.tzinfo else value


def day_words(value: date | datetime, *, year: bool = True, weekday: bool = False) -> Text:
    """Return a date as prose writes it: 2026年11月30日（周一） / Mon 30 November 2026."""
    value = local(value)
    zh = f"{value.month}月{value.day}日"
    en = f"{value.day} {MONTHS[value.month - 1]}"
    if year:
        zh, en = f"{value.year}年{zh}", f"{en} {value.year}"
    if weekday:
        zh, en = f"{zh}（{WEEKDAYS[value.weekday()]}）", f"{WEEKDAYS_EN[value.weekday()]} {en}"
    return Text(zh, en)


def iso(value: date | datetime | time | None) -> str:
    """Return 2026-11-30 (tables, forms, codes), 2026-11-30 14:05 for an instant, an em dash for nothing."""
    if value is None:
        return "—"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    value = local(value)
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else f"{value:%Y-%m-%d}"


def clock(value: datetime | time | None) -> str:
    """Return 14:05."""
    if value is None:
        return "—"
    return f"{(local(value) if isinstance(value, datetime) else value):%H:%M}"


def left_words(until: date, today: date) -> Text:
    """Return how long is left, with the date beside it: 还有7天（11月30日到期）."""
    n = (until - today).days
    on = day_words(until, year=until.year != today.year)
    if n > 0:
        return Text(f"还有{n}天（{on.zh}到期）", f"{n} day{'s' if n != 1 else ''} left (ends {on.en})")
    if n == 0:
        return Text(f"今天到期（{on.zh}）", f"Ends today ({on.en})")
    return Text(f"已过期{-n}天（{on.zh}到期）", f"Ended {-n} day{'s' if n != -1 else ''} ago ({on.en})")


# Figures


def num(value: Any) -> str:
    """Return a number with thousands commas; an em dash for nothing."""
    if value is None or value == "":
        return "—"
    return f"{value:,}" if isinstance(value, int | float | Decimal) else str(value)


def percent(value: float | Decimal | None) -> str:
    """Return a share (0.306) as 30.6%."""
    return "—" if value is None else f"{value * 100:.1f}%"


def short(value: float | None) -> str:
    """Return a dashboard figure: 6.2万 / 62.0K, 1.3亿 / 130.0M; plain below ten thousand."""
    if value is None:
        return "—"
    steps = ((10**6, "M"), (10**3, "K")) if english() else ((10**8, "亿"), (10**4, "万"))
    for size, word in steps:
        if abs(value) >= size and abs(value) >= 10_000:
            return f"{value / size:.1f}{word}"
    return f"{value:,}"


def money(fen: int | None, style: str = "") -> str:
    """Return whole fen as money: 12.50元 in prose, ¥12.50 in columns (`|money:"column"`)."""
    if fen is None:
        return "—"
    sign = "-" if fen < 0 else ""
    amount = f"{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
    return f"{sign}¥{amount}" if style == "column" else f"{sign}{amount} yuan" if english() else f"{sign}{amount}元"
