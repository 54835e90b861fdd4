"""Words of the service for its templates. `{% load expiry %}`"""

import re
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from bancheng.kernel.licences import public as licences
from bancheng.lib.text import Text
from bancheng.services.expiry import words
from bancheng.services.expiry.rules import Stage, State

register = template.Library()
CHINESE = re.compile(r"[《（〔“]?[\u3000-\u303f\u4e00-\u9fff][\u3000-\u303f\u4e00-\u9fff\uff00-\uffefA-Za-z0-9·“”-]*")


@register.filter
def as_written(value: Any) -> SafeString:
    """Return what has no translation (laws, names, files) marked as Chinese on an English page, so that it is read aloud as such."""
    shown = value.of(get_language()) if isinstance(value, Text) else str(value)
    escaped = conditional_escape(shown)
    if get_language() != "en":
        return escaped
    return mark_safe(CHINESE.sub(r'<span lang="zh-Hans">\g<0></span>', escaped))


@register.filter
def window(item: Any) -> Text:
    """Return when an item's renewal may be applied for, counted back from the last day: 到期前90至15个工作日."""
    return words.window(item.opens, item.closes, item.counts_in)


@register.filter
def count_word(unit: str) -> str:
    """Return 个工作日 or 天 in the reader's language."""
    return words.UNITS[unit].of(get_language())


@register.filter
def task_kind(kind: str) -> Text:
    return words.KINDS[kind]


@register.filter
def call_stage(stage: str) -> Text:
    """Return which of the two calls a one-on-one task is; nothing for the other kinds."""
    return words.CALLS[Stage(stage)] if stage else Text("", "")


@register.filter
def task_result(result: str) -> Text:
    return words.RESULTS[result]


@register.filter
def watch_state(state: str) -> tuple[str, Text]:
    return words.STATES[State(state)]


@register.filter
def licence_status(status: Any) -> Text:
    return licences.SAYS[licences.Status(status)]


@register.filter
def audience(code: str) -> Text:
    return words.AUDIENCES.get(code, Text(code, code))


@register.filter
def fraction(share: Any) -> Text:
    """Return a share's two numbers, to stand below it: 18中的3."""
    return Text(f"{share.whole:,}中的{share.part:,}", f"{share.part:,} of {share.whole:,}")


@register.filter
def han(number: int) -> str:
    """Return 一 to 十 as headings of Chinese documents count."""
    return "一二三四五六七八九十"[number - 1]


@register.filter
def unit_of(code: str, units: Mapping[str, Any]) -> Any:
    return units.get(code)
