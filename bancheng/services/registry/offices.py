"""The city's registries, read from its pack where they stand: unit, how certificates are numbered, whose land is in the book."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from django.conf import settings

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.registrations import public as registrations
from bancheng.pack import texts as pack_texts
from bancheng.pack.reader import Entry, Notes, document
from bancheng.services.registry import texts

FILE = "registries.toml"


def read(folder: Path) -> tuple[registrations.Registry, ...]:
    """Return the registries of a pack. Raises Faulty naming file and line."""
    notes = Notes(folder)
    whole = document(folder / FILE, notes=notes)
    found = tuple(_registry(entry) for entry in whole.tables("registry", required=True))
    whole.finish()
    notes.check()
    return found


def _registry(entry: Entry) -> registrations.Registry:
    found = registrations.Registry(
        entry.text("unit"),
        entry.text("province", longest=2),
        entry.text("place", longest=20),
        entry.texts("areas", required=True),
    )
    entry.finish()
    return found


def folder() -> Path:
    """Return the section of the city's own pack."""
    return Path(settings.PACK) / "services" / "registry"


@cache
def of_city() -> tuple[registrations.Registry, ...]:
    """Return the registries of the city, none where its pack has no such section; read once in the life of a process."""
    return read(folder()) if (folder() / FILE).exists() else ()


def load(folder: Path, *, region: str, by: str, at: datetime) -> Mapping[str, catalogue.Changes]:
    """Check the registries and publish the texts of the notices. Raises Faulty with file and line, Refused("template_unfit")."""
    read(folder)
    return {"notices": pack_texts.load(folder, texts.KINDS, by=by, at=at)}
