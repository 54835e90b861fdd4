"""Loads a city: everything is checked, then everything is written, in one transaction."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.catalogue.public import Changes
from bancheng.kernel.forms import public as forms
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.pack import checks, guides
from bancheng.pack import flows as handling
from bancheng.pack import forms as asking
from bancheng.pack.reader import Faulty, Notes, Problem
from bancheng.pack.reading import Reading


class Section(Protocol):
    """Reads one folder of the pack and writes it: a service's `load`.

    Called inside the pack's transaction, after the catalogue is written. Raises Faulty or Refused; returns changes.
    """

    def __call__(self, folder: Path, *, region: str, by: str, at: datetime) -> Mapping[str, Changes] | None: ...


@dataclass(frozen=True)
class LoadReport:
    """What one loading did, or with `dry_run` would have done."""

    region: str
    name: str
    name_en: str
    digest: str  # SHA-256 over the pack's files
    changes: Mapping[str, Changes]  # "units", "expiry.items", …
    dry_run: bool = False

    @property
    def nothing(self) -> bool:
        """Return whether not one row was touched."""
        return all(changes.nothing for changes in self.changes.values())

    def lines(self, language: str = "zh") -> list[str]:
        """Return the report for a terminal, one line for each kind."""
        said = []
        for kind, changes in self.changes.items():
            counts = (len(changes.added), len(changes.changed), len(changes.retired), changes.unchanged)
            zh = "{}：新增{}，改动{}，停用{}，未变{}".format(kind, *counts)
            en = "{}: {} added, {} changed, {} retired, {} unchanged".format(kind, *counts)
            said.append(Text(zh, en).of(language))
            for sign, codes in (("+", changes.added), ("~", changes.changed), ("-", changes.retired)):
                said.extend(f"  {sign} {code}" for code in codes[:SHOWN])
                if len(codes) > SHOWN:
                    said.append(f"  {sign} … {len(codes) - SHOWN}")
        return said


SHOWN = 20  # codes named one by one in a report


def load_city(
    folder: Path,
    *,
    by: str,
    at: datetime,
    sections: Mapping[str, Section | None] | None = None,
    dry_run: bool = False,
    step: Callable[[Text], None] = lambda text: None,
) -> LoadReport:
    """Load the pack in `folder` and return what changed; a second time it changes nothing.

    `sections` are the folders that services read, by their path in the pack ("services/expiry"); one that is not in the
    pack is left alone, and None leaves one that is there unread. With `dry_run` everything is done and undone. `step` hears what is being done.
    Raises Faulty with every problem found; then nothing is written.
    """
    folder, sections = folder.resolve(), sections or {}
    notes = Notes(folder)
    step(Text("读取和核对资料包", "Reading and checking the pack"))
    reading = Reading(notes)
    whole = checks.read(folder, notes=notes, sections=sections, reading=reading)
    asked = asking.read(folder, notes=notes, catalogue=whole)
    guides.check_applies(reading, whole.matters if whole else (), asked)
    handled = handling.read(folder, notes=notes, catalogue=whole, asked=asked)
    with transaction.atomic():
        changes: dict[str, Changes] = {}
        if whole is not None and not notes.problems:
            step(Text("写入目录", "Writing the catalogue"))
            changes |= catalogue.load(whole, by=by, at=at)
            changes |= forms.load(asked, region=whole.city.region, by=by, at=at)
            changes |= {"flows": cases.load_flows(handled, region=whole.city.region, by=by, at=at)}
            changes |= _load_sections(folder, sections, notes, region=whole.city.region, by=by, at=at, step=step)
        notes.check()  # raised inside the transaction: nothing stays
        assert whole is not None
        city = whole.city
        report = LoadReport(city.region, city.name, city.name_en, digest(folder), changes, dry_run)
        if dry_run:
            transaction.set_rollback(True)
        else:
            _record(report, by=by, at=at)
    return report


def _load_sections(
    folder: Path,
    sections: Mapping[str, Section | None],
    notes: Notes,
    *,
    region: str,
    by: str,
    at: datetime,
    step: Callable[[Text], None],
) -> dict[str, Changes]:
    done: dict[str, Changes] = {}
    for path, load in sections.items():
        if load is None or not (folder / path).is_dir():
            continue
        step(Text(f"载入{path}", f"Loading {path}"))
        try:
            with transaction.atomic():
                found = load(folder / path, region=region, by=by, at=at) or {}
        except Faulty as faulty:
            notes.problems.extend(_from_root(problem, path) for problem in faulty.problems)
        except Refused as no:
            notes.add(folder / path, 1, no.says, no.en)
        else:
            done |= {f"{path.removeprefix('services/')}.{kind}": changes for kind, changes in found.items()}
    return done


def _from_root(problem: Problem, section: str) -> Problem:
    """Return the problem with its file named from the pack's root, whichever root the section read with."""
    if problem.file.startswith(f"{section}/"):
        return problem
    return replace(problem, file=f"{section}/{problem.file}")


def _record(report: LoadReport, *, by: str, at: datetime) -> None:
    counts = {
        kind: [len(changes.added), len(changes.changed), len(changes.retired), changes.unchanged]
        for kind, changes in report.changes.items()
    }
    detail = {"digest": report.digest, "counts": counts}
    audit.record("pack.loaded", who=by, about=f"pack:{report.region}", at=at, region=report.region, detail=detail)


def digest(folder: Path) -> str:
    """Return the SHA-256 over names and contents of the pack's files, in the order of their names."""
    whole = hashlib.sha256()
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        data = path.read_bytes()
        whole.update(f"{path.relative_to(folder).as_posix()}\0{len(data)}\0".encode())
        whole.update(data)
    return whole.hexdigest()
