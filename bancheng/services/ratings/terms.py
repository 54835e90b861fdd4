"""What the city sets of ratings, and the words people may tick: read from its pack where they stand."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from bancheng.kernel.ratings import public as ratings
from bancheng.lib.text import Text
from bancheng.pack import ratings as written
from bancheng.pack.reader import Entry, Notes, document

FILE = "ratings.toml"


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
    found = Rules(written.terms(terms, city=True) if terms else ratings.Terms(), tags)
    notes.check()
    return found


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


def of_city() -> ratings.Terms | None:
    """Return the terms of every service that has none of its own; None where the city does not ask for ratings."""
    return of_pack().terms if offered() else None
