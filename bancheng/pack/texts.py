"""What a service says, and how it travels: its kinds of notice and the templates of its folder in the pack."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bancheng.kernel.catalogue.public import Changes
from bancheng.kernel.notices import public as notices
from bancheng.lib.text import Text
from bancheng.pack.reader import Entry, Notes, document

PUSH_THEN_SMS = (notices.Rung("push", timedelta(hours=2)), notices.Rung("sms", timedelta(hours=24)))
INBOX: tuple[notices.Rung, ...] = ()  # read where one works, or where one looks: no phone rings
SLOTS = ("sms", "push_title", "push_body", "inbox_title", "inbox_body")


@dataclass(frozen=True)
class Kind:
    """One kind of notice: its name, the channels it takes, and how many for one phone at once become one message."""

    name: Text
    ladder: tuple[notices.Rung, ...]
    digest_from: int = 0  # 0: never


def load(folder: Path, kinds: Mapping[str, Kind], *, by: str, at: datetime) -> Changes:
    """Define `kinds` and publish the templates in `folder` whose text changed; the same again publishes nothing.

    Raises Faulty with file and line, and Refused("template_unfit") for a text that may not be sent (B10.7).
    """
    for code, kind in kinds.items():
        notices.define_kind(code=code, name=kind.name, ladder=kind.ladder, digest_from=kind.digest_from, by=by, at=at)
    notes = Notes(folder)
    whole = document(folder / "templates.toml", notes=notes)
    variables = _variables(whole.values.get("variables", {}))
    added, same = [], 0
    for entry in whole.tables("template", required=True):
        code, text = entry.text("kind"), _draft(entry, variables)
        if code not in kinds:
            entry.wrong("kind", f"没有“{code}”这种通知。", f"There is no notice of kind “{code}”.")
        elif notices.published_draft(kind=code, variant=text.variant) == text:
            same += 1
        elif not notes.problems:
            notices.publish(template_id=notices.draft(kind=code, text=text, by=by, at=at), by=by, at=at)
            added.append(f"{code}/{text.variant}" if text.variant else code)
    notes.check()
    return Changes(added=tuple(added), unchanged=same)


def _variables(values: Mapping[str, Any]) -> dict[str, notices.Variable]:
    return {name: notices.Variable(notices.Type(each["type"]), each["longest"]) for name, each in values.items()}


def _draft(entry: Entry, variables: Mapping[str, notices.Variable]) -> notices.Draft:
    texts = {slot: _both(entry, slot) for slot in SLOTS}
    rows = [(Text(row.text("zh"), row.text("en")), row.text("value")) for row in entry.tables("rows")]
    page = entry.text("page")
    said = [text for slot in texts.values() for text in slot.values()] + [value for _, value in rows] + [page]
    used = {name: variable for name, variable in variables.items() if any(f"{{{name}}}" in text for text in said)}
    return notices.Draft(
        texts,
        used,
        rows,
        page=page,
        variant=entry.text("variant", required=False),
        dated=entry.values.get("dated", True),
    )


def _both(entry: Entry, slot: str) -> dict[str, str]:
    words = entry.table(slot, required=True)
    return {"zh": words.text("zh"), "en": words.text("en")} if words else {"zh": "", "en": ""}
