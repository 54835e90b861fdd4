"""What the leader's page reckons with and nobody counts, as the city's pack says it: each number with its source."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from bancheng.lib.text import Text
from bancheng.pack.reader import Notes, document

FILE = "assumptions.toml"
TAGS: dict[str, Text] = {
    "S": Text("引自案例", "from the case"),
    "L": Text("法定", "by law"),
    "D": Text("本平台推算", "our own reckoning"),
}


@dataclass(frozen=True)
class Assumption:
    """A number that was told, not counted."""

    code: str
    number: int
    tag: str
    source: Text

    @property
    def says(self) -> Text:
        """Return what kind of source it is."""
        return TAGS[self.tag]


def read(folder: Path) -> Mapping[str, Assumption]:
    """Return what the pack tells, by code; nothing where it has no such file. Raises Faulty naming file and line."""
    path = folder / FILE
    if not path.exists():
        return {}
    notes = Notes(folder)
    found = []
    for entry in document(path, notes=notes).tables("assumption", required=True):
        one = Assumption(
            entry.text("code"), entry.whole("n") or 0, entry.text("tag"), Text(entry.text("source"), entry.text("source_en"))
        )  # fmt: skip
        if one.tag not in TAGS:
            entry.wrong("tag", "tag 应为 S、L 或 D。", "The tag is S, L or D.")
        entry.finish()
        found.append(one)
    notes.check()
    return {one.code: one for one in found}


@cache
def of_pack() -> Mapping[str, Assumption]:
    """Return what the city's own pack tells; read once in the life of a process."""
    return read(Path(settings.PACK) / "services" / "sockets")
