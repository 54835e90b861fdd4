"""Words of the service for its templates. `{% load expiry %}`"""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import get_language

from bancheng.kernel.licences import public as licences
from bancheng.lib.text import Text
from bancheng.services.expiry import words
from bancheng.services.expiry.rules import Stage, State

register = template.Library()


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
