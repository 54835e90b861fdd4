"""What is said of corrections, and how it travels: the kinds of notice and the pack's templates."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.notices import public as notices
from bancheng.lib.text import Text
from bancheng.pack.reader import Entry, Notes, document

PUSH_THEN_SMS = (notices.Rung("push", timedelta(hours=2)), notices.Rung("sms", timedelta(hours=24)))
INBOX: tuple[notices.Rung, ...] = ()  # read where one works, or where one looks: no phone rings

KINDS: dict[str, tuple[Text, tuple[notices.Rung, ...]]] = {
    "corrections.accepted": (Text("数据已更正", "Datum corrected"), INBOX),
    "corrections.declined": (Text("数据更正未采纳", "Correction declined"), PUSH_THEN_SMS),
    "corrections.waiting": (Text("数据更正待核实", "Corrections to check"), INBOX),
}
SLOTS = ("sms", "push_title", "push_body", "inbox_title", "inbox_body")


def load(folder: Path, *, region: str, by: str, at: datetime) -> Mapping[str, catalogue.Changes]:
    """Define the kinds and publish the pack's templates whose text changed; the same pack again publishes nothing.

    Raises Faulty with file and line, and Refused("template_unfit") for a text that may not be sent.
    """
    for code, (name, ladder) in KINDS.items():
        notices.define_kind(code=code, name=name, ladder=ladder, digest_from=0, by=by, at=at)
    notes = Notes(folder)
    whole = document(folder / "templates.toml", notes=notes)
    variables = _variables(whole.values.get("variables", {}))
    added, same = [], 0
    for entry in whole.tables("template", required=True):
        kind, text = entry.text("kind"), _draft(entry, variables)
        if kind not in KINDS:
            entry.wrong("kind", f"没有“{kind}”这种通知。", f"There is no notice of kind “{kind}”.")
        elif notices.published_draft(kind=kind, variant="") == text:
            same += 1
        elif not notes.problems:
            notices.publish(template_id=notices.draft(kind=kind, text=text, by=by, at=at), by=by, at=at)
            added.append(kind)
    notes.check()
    return {"notices": catalogue.Changes(added=tuple(added), unchanged=same)}


def _variables(values: Mapping[str, Any]) -> dict[str, notices.Variable]:
    return {name: notices.Variable(notices.Type(each["type"]), each["longest"]) for name, each in values.items()}


def _draft(entry: Entry, variables: Mapping[str, notices.Variable]) -> notices.Draft:
    texts = {slot: _both(entry, slot) for slot in SLOTS}
    page = entry.text("page")
    said = [page, *(text for slot in texts.values() for text in slot.values())]
    used = {name: variable for name, variable in variables.items() if any(f"{{{name}}}" in text for text in said)}
    return notices.Draft(texts, used, page=page, variant="", dated=entry.values.get("dated", True))


def _both(entry: Entry, slot: str) -> dict[str, str]:
    words = entry.table(slot, required=True)
    return {"zh": words.text("zh"), "en": words.text("en")} if words else {"zh": "", "en": ""}
