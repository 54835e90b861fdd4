"""What is said, and how it travels: kinds of notice and the pack's templates (F10.6, F10.11)."""

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

KINDS: dict[str, tuple[Text, tuple[notices.Rung, ...], int]] = {
    "expiry.window": (Text("续办申请提醒", "Time to apply for renewal"), PUSH_THEN_SMS, 5),
    "expiry.expiring": (Text("证照即将到期", "Licence about to expire"), PUSH_THEN_SMS, 5),
    "expiry.lapsed": (Text("证照已到期未续", "Licence ran out"), INBOX, 0),
    "expiry.tasks": (Text("一对一提醒名单", "One-on-one list"), INBOX, 0),
    "expiry.overdue": (Text("提醒任务逾期", "Tasks overdue"), INBOX, 0),
    "expiry.agency": (Text("不作决定将视为准予延续", "Silence will renew"), INBOX, 0),
    "expiry.batch": (Text("台账有退回的行", "Rows returned"), INBOX, 0),
    "expiry.quarter": (Text("季度梳理到期", "Quarterly review due"), INBOX, 0),
    "expiry.silent": (Text("未报送单位", "Silent units"), INBOX, 0),
}
SLOTS = ("sms", "push_title", "push_body", "inbox_title", "inbox_body")


def load(folder: Path, *, by: str, at: datetime) -> catalogue.Changes:
    """Define the kinds and publish the pack's templates whose text changed; the same pack again publishes nothing.

    Raises Faulty with file and line, and Refused("template_unfit") for a text that may not be sent (B10.7).
    """
    for code, (name, ladder, digest_from) in KINDS.items():
        notices.define_kind(code=code, name=name, ladder=ladder, digest_from=digest_from, by=by, at=at)
    notes = Notes(folder)
    whole = document(folder / "templates.toml", notes=notes)
    variables = _variables(whole.values.get("variables", {}))
    added, same = [], 0
    for entry in whole.tables("template", required=True):
        kind, text = entry.text("kind"), _draft(entry, variables)
        if kind not in KINDS:
            entry.wrong("kind", f"没有“{kind}”这种通知。", f"There is no notice of kind “{kind}”.")
        elif notices.published_draft(kind=kind, variant=text.variant) == text:
            same += 1
        elif not notes.problems:
            notices.publish(template_id=notices.draft(kind=kind, text=text, by=by, at=at), by=by, at=at)
            added.append(f"{kind}/{text.variant}")
    notes.check()
    return catalogue.Changes(added=tuple(added), unchanged=same)


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
