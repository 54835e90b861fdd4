"""Words in both languages wherever Django takes a lazy string: labels, hints, choices, validation errors."""

from django.utils.functional import lazy
from django.utils.translation import get_language

from bancheng.lib.text import Text


def _in_language(zh: str, en: str) -> str:
    return Text(zh, en).of(get_language())


_lazy = lazy(_in_language, str)


def say(zh: str, en: str) -> str:
    """Return a string that turns into the reader's language when it is shown: `label=say("手机号", "Mobile number")`."""
    return _lazy(zh, en)
