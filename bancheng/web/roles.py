"""The words for who may open a door."""

from collections.abc import Sequence

from bancheng.kernel.identity import public as identity
from bancheng.lib.manifest import CITIZEN, PARTNER, PUBLIC, STAFF
from bancheng.lib.text import Text

PSEUDO: dict[str, Text] = {
    PUBLIC: Text("任何人", "Anyone"),
    CITIZEN: Text("已登录的个人", "Signed-in person"),
    STAFF: Text("工作人员", "Any staff account"),
    PARTNER: Text("合作系统", "Partner system"),
}


def role(code: str) -> Text:
    """Return the words for a role; a code nobody has worded yet stands for itself."""
    if code in PSEUDO:
        return PSEUDO[code]
    known = identity.ROLES.get(code)
    return known.name if known else Text(code, code)


def words(who: Sequence[str]) -> Text:
    """Return the roles of `who` as one phrase, "A、B或C"."""
    if not who:
        return Text("无人", "Nobody")
    names = [role(code) for code in who]
    zh, en = [name.zh for name in names], [name.en for name in names]
    if len(names) == 1:
        return names[0]
    return Text("、".join(zh[:-1]) + "或" + zh[-1], ", ".join(en[:-1]) + " or " + en[-1])


def two(text: str | Text) -> Text:
    """Return a manifest's words in both languages: a `Text`, or "中文|English" in one string."""
    if isinstance(text, Text):
        return text
    zh, _, en = text.partition("|")
    return Text(zh, en or zh)
