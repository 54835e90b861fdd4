"""Reads the section of a city pack: sample estates with what happened to them, the leading group's plan and meetings, the texts of the notices.

    estates.toml   developers, buyers, estates with buildings, and their acts in order
    group.toml     the plan of implementation and the meetings; the plan is read where it stands
    templates.toml

Everything is checked first, with file and line. An act that was recorded is not recorded again; the pack never changes the book otherwise.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from bancheng.kernel.catalogue.public import Changes
from bancheng.pack import texts
from bancheng.pack.reader import Notes
from bancheng.services.landshares import group, samples, seeding
from bancheng.services.landshares.texts import KINDS


def load(folder: Path, *, region: str, by: str, at: datetime) -> Mapping[str, Changes]:
    """Bring the section into the tables, inside the pack's transaction. Raises Faulty naming file and line."""
    notes = Notes(folder)
    found = samples.read(folder, notes) if (folder / "estates.toml").exists() else ()
    said = group.read(folder, notes) if (folder / "group.toml").exists() else group.NOTHING
    notes.check()
    changes = {"estates": seeding.seed(found, region=region, at=at)}
    changes["meetings"] = group.write(said.meetings, region=region, by=by, at=at)
    if (folder / "templates.toml").exists():
        changes["notices"] = texts.load(folder, KINDS, by=by, at=at)
    return changes
