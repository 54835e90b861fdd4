"""The city's notice that set the mechanism up (《关于推行证照到期前提醒工作机制的通知》), as its pack words it (F10.1).

It is a text of the pack and of nobody else: nothing is computed from it, so it is read from there and not kept twice.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from bancheng.lib.text import Text
from bancheng.pack.reader import Entry, Notes, document

FILE = "notice.toml"


@dataclass(frozen=True)
class Part:
    """One part of the notice: its heading and its points."""

    title: Text
    points: tuple[Text, ...]


@dataclass(frozen=True)
class Notice:
    """The notice: who gave it out, where its words come from, its parts."""

    title: Text
    issuer: Text
    source: Text
    lead: Text
    parts: tuple[Part, ...]


def read(folder: Path) -> Notice | None:
    """Return the notice in a pack's folder, or None where the city has none. Raises Faulty naming file and line."""
    path = folder / FILE
    if not path.exists():
        return None
    notes = Notes(folder)
    whole = document(path, notes=notes)
    head = {key: _both(whole, key) for key in ("title", "issuer", "source", "lead")}
    parts = [
        Part(_both(part, "title"), tuple(_both(point) for point in part.tables("point", required=True)))
        for part in whole.tables("part", required=True)
    ]
    notes.check()
    return Notice(**head, parts=tuple(parts))


def _both(entry: Entry, key: str = "") -> Text:
    words = entry.table(key, required=True) if key else entry
    return Text(words.text("zh"), words.text("en")) if words else Text("", "")


@cache
def of_pack() -> Notice | None:
    """Return the notice of the city's own pack; read once in the life of a process."""
    return read(Path(settings.PACK) / "services" / "expiry")
