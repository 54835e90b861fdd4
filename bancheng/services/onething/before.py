"""What a bundle took before it was one thing, as the city's pack quotes it: it is told, not counted, and says from where."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from django.conf import settings

from bancheng.lib.text import Text
from bancheng.pack.reader import Entry, Notes, document

FILE = "before.toml"


@dataclass(frozen=True)
class Quoted:
    """A number that somebody else gave: None where nobody did."""

    number: int | None
    source: Text
    tag: str  # S: the source document; D: our own reckoning from the guides, open to dispute


@dataclass(frozen=True)
class Before:
    """One bundle before: how many links, papers, days and trips it was for the applicant."""

    bundle: str
    links: Quoted
    names: tuple[str, ...]  # of the links, where the source names them
    materials: Quoted
    days: Quoted
    trips: Quoted

    @property
    def all(self) -> list[tuple[Quoted, Text]]:
        """Return each number with what it counts, for whoever asks where it comes from."""
        return [
            (self.links, Text("环节", "links")),
            (self.materials, Text("材料", "papers")),
            (self.days, Text("天数", "days")),
            (self.trips, Text("跑动", "trips")),
        ]


def read(folder: Path) -> dict[str, Before]:
    """Return what the pack tells, by bundle; nothing where it has no such file. Raises Faulty naming file and line."""
    path = folder / FILE
    if not path.exists():
        return {}
    notes = Notes(folder)
    found = [_before(entry) for entry in document(path, notes=notes).tables("bundle", required=True)]
    notes.check()
    return {one.bundle: one for one in found}


def _before(entry: Entry) -> Before:
    return Before(
        entry.text("code"),
        _quoted(entry, "links"),
        entry.texts("names"),
        *(_quoted(entry, key) for key in ("materials", "days", "trips")),
    )


def _quoted(entry: Entry, key: str) -> Quoted:
    one = entry.table(key)
    if one is None:
        return Quoted(None, Text("", ""), "")
    return Quoted(one.whole("n"), Text(one.text("source"), one.text("source_en")), one.text("tag"))


@cache
def of_pack() -> dict[str, Before]:
    """Return what the city's own pack tells; read once in the life of a process."""
    return read(Path(settings.PACK) / "services" / "onething")


def load(folder: Path, *, region: str, by: str, at: datetime) -> None:
    """Check the file with the rest of the pack; nothing is written, it is read where it stands."""
    read(folder)
