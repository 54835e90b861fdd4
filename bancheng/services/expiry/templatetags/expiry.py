"""Words of the service for its templates. `{% load expiry %}`"""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import get_language

from bancheng.kernel.licences import public as licences
from bancheng.lib.text import Text
from bancheng.services.expiry import words
from bancheng.services.expiry.rules import State

register = template.Library()


@register.filter
def count_word(unit: str) -> str:
    """Return 个工作日 or 天 in the reader's language."""
    return words.UNITS[unit].of(get_language())


@register.filter
def task_kind(kind: str) -> Text:
    return words.KINDS[kind]


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
def unit_of(code: str, units: Mapping[str, Any]) -> Any:
    return units.get(code)
