"""What is said, and how it travels: the kinds of notice and the pack's templates."""

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

DIGEST_FROM = 3  # so many at once on one phone become one message (N-8); of the inbox none is put together

KINDS: dict[str, tuple[Text, tuple[notices.Rung, ...]]] = {
    "onething.filed": (Text("申请已提交", "Application sent"), INBOX),
    "onething.correction": (Text("一次性补正告知", "Corrections, told once"), PUSH_THEN_SMS),
    "onething.accepted": (Text("事项已受理", "Matter accepted"), INBOX),
    "onething.result": (Text("事项有结果", "Result of a matter"), PUSH_THEN_SMS),
    "onething.done": (Text("一件事全部办结", "All done"), PUSH_THEN_SMS),
    "onething.withdrawn": (Text("已撤回", "Taken back"), INBOX),
    "onething.gap": (Text("容缺材料快到期", "Promised papers due"), PUSH_THEN_SMS),
    "onething.visit": (Text("联合核查预约", "Joint visit booked"), PUSH_THEN_SMS),
    "onething.visit_moved": (Text("联合核查改期", "Joint visit moved"), PUSH_THEN_SMS),
    "onething.visit_off": (Text("联合核查取消", "Joint visit called off"), PUSH_THEN_SMS),
    "onething.moved": (Text("办件转办", "Handed over to another office"), INBOX),
    "onething.verified": (Text("承诺核查结果", "Promise verified"), INBOX),
    "onething.untrue": (Text("承诺不实，限期改正", "Promise untrue: to be mended"), PUSH_THEN_SMS),
    "onething.revoked": (Text("许可被撤销", "Grant taken back"), PUSH_THEN_SMS),
    "onething.new": (Text("新办件", "New case"), INBOX),
    "onething.late": (Text("办件超期", "Case overdue"), INBOX),
    "onething.visit_staff": (Text("联合核查安排", "Joint visit to make"), INBOX),
    "onething.visit_off_staff": (Text("联合核查取消", "Joint visit called off"), INBOX),
}
SLOTS = ("sms", "push_title", "push_body", "inbox_title", "inbox_body")


def load(folder: Path, *, region: str, by: str, at: datetime) -> Mapping[str, catalogue.Changes]:
    """Define the kinds and publish the pack's templates whose text changed; the same pack again publishes nothing.

    Raises Faulty with file and line, and Refused("template_unfit") for a text that may not be sent.
    """
    for code, (name, ladder) in KINDS.items():
        together = DIGEST_FROM if ladder else 0
        notices.define_kind(code=code, name=name, ladder=ladder, digest_from=together, by=by, at=at)
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
    variant = entry.text("variant", required=False)
    return notices.Draft(
        texts, used, page=page, variant=variant, dated=entry.flag("dated") if "dated" in entry.values else True
    )


def _both(entry: Entry, slot: str) -> dict[str, str]:
    words = entry.table(slot, required=True)
    return {"zh": words.text("zh"), "en": words.text("en")} if words else {"zh": "", "en": ""}
