"""The house's template tags."""

from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from bancheng.lib.text import Text

register = template.Library()


@register.simple_tag
def t(zh: str, en: str, **values: Any) -> SafeString:
    """Return the sentence in the reader's language, `{name}` filled from the keyword arguments, all escaped."""
    sentence = Text(zh, en).of(get_language())
    return format_html(sentence, **values) if values else conditional_escape(sentence)
