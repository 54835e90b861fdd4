"""What becomes of the name a file came with: shown to people, trusted by nobody."""

import re

from bancheng.kernel.documents.rules.kinds import Kind

LONGEST = 100
UNNAMED = "文件"
# control characters, line separators, and what turns the direction of writing (“gpj.exe” shown as “exe.jpg”)
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff\ud800-\udfff]")
_FORBIDDEN = re.compile('[<>:"|?*%;]')
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")


def clean(name: str, kind: Kind) -> str:
    """Return `name` without path, unseen and reserved characters, ending as its bytes demand.

    The last part of a path is the name; one of which nothing is left is called 文件.
    """
    last = _UNSEEN.sub("", re.split(r"[/\\]", name)[-1])
    stem = " ".join(_FORBIDDEN.sub("", last).split())
    stem = _ENDING.sub("", stem).strip(" .")
    return f"{stem[:LONGEST].strip(' .') or UNNAMED}.{kind.value}"


def was_changed(name: str, shown: str) -> bool:
    """Return whether more than the ending of `name` was changed to get `shown`."""
    return _ENDING.sub("", name.strip()) != _ENDING.sub("", shown)
