"""What the readers of a pack share: where each fact was read, and how codes, phones and hours are written."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from bancheng.kernel.catalogue import public as catalogue
from bancheng.lib import identifiers
from bancheng.lib.text import Text
from bancheng.pack.reader import Entry, Notes

CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
SHORT_NUMBER = re.compile(r"1\d{2,4}|9\d{4,5}|[48]00-?\d{3}-?\d{4}")

Fact = TypeVar("Fact")


@dataclass
class Reading:
    """What was read: facts, and the entry each stands in."""

    notes: Notes
    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)

    def take(self, kind: str, entries: Iterable[Entry], make: Callable[[Entry], Fact]) -> tuple[Fact, ...]:
        """Return the facts made of `entries`, noting codes that stand twice and keys nobody knows."""
        facts = []
        for entry in entries:
            fact = make(entry)
            code = getattr(fact, "code", "")
            if first := self.entries.get((kind, code)):
                where = f"{self.notes.name(first.path)}:{first.line}"
                entry.wrong("code", f"“{code}”重复，先见于{where}。", f"“{code}” stands twice, first in {where}.")
            elif code:
                self.entries[kind, code] = entry
            entry.finish()
            facts.append(fact)
        return tuple(facts)

    def refers(self, kind: str, code: str, field_name: str, value: str, known: Collection[str], what: Text) -> None:
        """Note that `value` names something that is not there."""
        if value and value not in known and (entry := self.entries.get((kind, code))):
            entry.wrong(field_name, f"{what.zh}“{value}”不存在。", f"There is no {what.en} “{value}”.")


def code(entry: Entry) -> str:
    code = entry.text("code", longest=64)
    if code and not CODE.fullmatch(code):
        entry.wrong(
            "code",
            "代码用小写英文字母、数字和连字符，以字母开头。",
            "A code is lower-case letters, digits and hyphens, beginning with a letter.",
        )
    return code


def phone(entry: Entry, key: str, *, required: bool = True) -> str:
    """Return a landline, a mobile or a short number (B4.6)."""
    written = entry.text(key, required=required)
    if not written or SHORT_NUMBER.fullmatch(written):
        return written
    for check in (identifiers.check_landline, identifiers.check_mobile):
        try:
            return check(written)
        except identifiers.Invalid:
            continue
    entry.wrong(
        key,
        f"“{key}”不是电话号码，应如0374-2960000、13812345678或12345。",
        f"“{key}” is not a phone number such as 0374-2960000, 13812345678 or 12345.",
    )
    return written


def hours(entry: Entry, key: str) -> str:
    """Return opening hours as written, when they can be read."""
    written = entry.text(key)
    if written:
        try:
            catalogue.hours(written)
        except catalogue.BadHours:
            entry.wrong(
                key,
                f"“{key}”应如“工作日 09:00-12:00 13:00-17:00；周六 09:00-12:00”。",
                f"“{key}” must be like “工作日 09:00-12:00 13:00-17:00；周六 09:00-12:00”.",
            )
    return written


def checked(entry: Entry, key: str, check: Callable[[str], str]) -> str:
    written = entry.text(key)
    if not written:
        return ""
    try:
        return check(written)
    except identifiers.Invalid as no:
        entry.wrong(key, f"{no.says}。", f"{no.en}.")
        return written
