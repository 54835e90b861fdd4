"""What the city sets of ratings, and the words people may tick: read from its pack where they stand."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.ratings import public as ratings
from bancheng.lib.text import Text
from bancheng.pack.reader import Entry, Notes, document

FILE = "ratings.toml"
CLOCKS = {"contact": "C-93.contact", "fix": "C-93.fix", "complex": "C-93.complex"}


@dataclass(frozen=True)
class Tag:
    """A word that may be ticked."""

    code: str
    name: Text
    good: bool


@dataclass(frozen=True)
class Rules:
    """The city's terms and tags."""

    terms: ratings.Terms
    tags: tuple[Tag, ...]


def read(folder: Path) -> Rules:
    """Return what the pack sets. Raises Faulty naming file and line."""
    notes = Notes(folder)
    whole = document(folder / FILE, notes=notes)
    terms = whole.table("terms", required=True)
    tags = tuple(_tag(entry) for entry in whole.tables("tag"))
    whole.finish()
    found = Rules(_terms(terms) if terms else ratings.Terms(), tags)
    notes.check()
    return found


def _terms(entry: Entry) -> ratings.Terms:
    lengths = {name: _length(entry, name, rule) for name, rule in CLOCKS.items()}
    found = ratings.Terms(
        open_days=entry.whole("open_days") or 0,
        change_days=entry.whole("change_days") or 0,
        least_shown=entry.whole("least_shown") or 0,
        contact=lengths["contact"],
        fix=lengths["fix"],
        complex=lengths["complex"],
    )
    entry.finish()
    return found


def _length(entry: Entry, name: str, rule: str) -> clocks.Length:
    """Return what the city gives for a clock: in working days, and no more than the table."""
    most = clocks.rule(rule).length
    length = entry.length(name) or most
    if length.unit is not most.unit or length.n > most.n:
        zh, en = f"“{name}”应按工作日，且不超过{most.text.zh}。", f"“{name}” counts working days, {most.n} at most."
        entry.wrong(name, zh, en)
    return length


def _tag(entry: Entry) -> Tag:
    tag = Tag(entry.text("code", longest=40), Text(entry.text("name"), entry.text("name_en")), entry.flag("good"))
    entry.finish()
    return tag


def folder() -> Path:
    """Return the section of the city's own pack."""
    return Path(settings.PACK) / "services" / "ratings"


def offered() -> bool:
    """Return whether the city asks for ratings: its pack has the section."""
    return (folder() / FILE).exists()


@cache
def of_pack() -> Rules:
    """Return what the city's own pack sets; read once in the life of a process."""
    return read(folder())
