"""Words of the service for its templates. `{% load certificates %}`"""

from typing import Any

from django import template

from bancheng.kernel.certificates import public as certificates
from bancheng.lib.text import Text

register = template.Library()


@register.filter
def in_fours(code: str) -> str:
    """Return a code as it is printed: 7K3M-9QXD-AB12-WXYZ."""
    return certificates.shown_code(code)


@register.filter
def kilobytes(size: int) -> int:
    return -(-size // 1024)


@register.filter
def standing(value: Any) -> Text:
    return certificates.SAYS[certificates.Standing(value)]
