"""What is refused in more than one place."""

from bancheng.lib.refusal import Refused


def absent(code: str, zh: str, en: str) -> Refused:
    """Return the refusal for what is not there, or is another's: nobody can tell which."""
    return Refused(
        code, f"没有找到{zh}，请从列表进入。", en=f"There is no such {en}; open it from the list.", status=404
    )


def not_yours(zh: str, en: str) -> Refused:
    """Return the refusal for whoever may look and not act."""
    return Refused(
        "not_your_step",
        f"这一步由{zh}办理，没有改动。",
        en=f"This is done by {en}; nothing was changed.",
        status=403,
    )


def words(given: str, *, most: int = 1000) -> str:
    """Return what was written. Raises Refused("say_what") where nothing was, or too much."""
    said = given.strip()
    if said and len(said) <= most:
        return said
    raise Refused(
        "say_what",
        f"请用文字说明，不超过{most}个字，没有保存。",
        en=f"Say it in words, {most} characters at most; nothing was kept.",
        status=422,
    )
