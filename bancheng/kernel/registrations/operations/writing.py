"""Letters after a decision: numbered in the office's own series of the year, then set and sealed; the same bytes for ever.

A worker that is killed between the two leaves a letter with its number and no file; the job, done again, makes the file of that very letter.
"""

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from bancheng.kernel.audit import public as audit
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import book, content, offices, rendering, shipped
from bancheng.kernel.registrations.models import Application, Letter, LetterFile, Line
from bancheng.kernel.registrations.operations import logging, sealing
from bancheng.kernel.registrations.rules import letters, numbers
from bancheng.kernel.registrations.rules.words import Act
from bancheng.kernel.titles import public as titles
from bancheng.lib import dated
from bancheng.lib.days import day_of
from bancheng.lib.identifiers import uuid7
from bancheng.lib.text import Text

SERIES = "letter"


def write(*, application_id: UUID, line: int, at: datetime) -> bool:
    """Write the letter that a line of a log calls for; return whether this call made its file.

    Run it as often as you like: a line has one letter, a letter one number and one file. Raises Refused: no_seal, seal_unfit,
    certificate_unprintable; Unavailable.
    """
    return make(number(application_id=application_id, line=line, at=at), at=at)


def number(*, application_id: UUID, line: int, at: datetime) -> Letter:
    """Return the letter of a line, given the next number of its year when it has none yet."""
    mine = Letter.objects.filter(application=application_id, line=line)
    if found := mine.first():
        return found
    row = Application.objects.get(pk=application_id)
    called = row.lines.get(seq=line)
    said, year = content.seal_said(letters.said(source(row, called))), day_of(called.at).year
    with transaction.atomic():
        series = sealing.series(region=row.region, registry=row.registry, year=year, kind=SERIES)
        if found := mine.first():  # read behind the lock: another worker was quicker
            return found
        series.last += 1
        series.save(update_fields=["last"])
        made = _numbered(row, called, year, series.last, said, at)
        made.save(force_insert=True)
    return made


def _numbered(row: Application, called: Line, year: int, seq: int, said: bytes, at: datetime) -> Letter:
    office = offices.of_unit(row.registry)
    return Letter(
        id=uuid7(at),
        region=row.region,
        application=row,
        line=called.seq,
        registry=row.registry,
        kind=called.act,
        year=year,
        seq=seq,
        number=numbers.letter(province=office.province, place=office.place, year=year, seq=seq),
        code=certificates.make_code(secrets.randbits(80)),
        said_sealed=said,
        dated=day_of(called.at),
        allotted_at=at,
    )


def source(row: Application, called: Line) -> letters.Source:
    """Return what the letter of a line is written from: all of it stands in the log and is never changed."""
    on, due_on = day_of(called.at), called.detail.get("due_on")
    return letters.Source(
        act=Act(called.act),
        to=_to(row),
        number=row.number,
        kind=shipped.kind(row.kind).name,
        filed_on=day_of(row.filed_at),
        units=_units(book.lots_of(row)),
        words=content.words(called.words_sealed),
        law=called.law,
        due_on=date.fromisoformat(due_on) if due_on else None,
        remedy=dated.in_force(shipped.remedies(), on).value,
    )


def _to(row: Application) -> list[str]:
    """Return who applied: those who agreed to it and the unit that filed for itself; else whoever filed, or is named."""
    applicants = row.parties.filter(Q(asked=True) | (Q(unit=row.unit) & ~Q(unit=""))).order_by("seq")
    names = list(dict.fromkeys(applicants.values_list("name", flat=True)))
    if not names and row.unit:
        names = [unit.zh for unit in catalogue.unit_names([row.unit]).values()]
    return names or list(dict.fromkeys(row.parties.order_by("seq").values_list("name", flat=True))) or ["申请人"]


def _units(lots: Sequence[str]) -> Text:
    first, more = titles.spaced(lots[0]), len(lots) - 1
    if not more:
        return Text(f"不动产单元{first}", f"unit {first}")
    return Text(f"不动产单元{first}等{more + 1}个", f"unit {first} and {more} more")


def make(row: Letter, *, at: datetime) -> bool:
    """Set and seal the file of a numbered letter; return whether this call did. Raises as `write`."""
    if LetterFile.objects.filter(letter=row).exists():
        return False
    unit = catalogue.units_by_code([row.registry])[row.registry]
    page = rendering.letter_said_of(row, content.said(row.said_sealed), unit_en=unit.name_en)
    reason = f"制发{letters.TITLES[Act(row.kind)].zh}"
    made = sealing.sealed(rendering.LETTER, page, unit=unit, code=row.code, reason=reason, at=at)
    found = LetterFile(letter=row, region=row.region, **made)
    try:
        with transaction.atomic():
            found.save(force_insert=True)
            audit.record(
                "registrations.letter_made",
                who=identity.MACHINE.ref,
                about=logging.about(row.application_id),
                at=at,
                region=row.region,
                detail={"number": row.number, "kind": row.kind, "sample": found.sample},
            )
    except IntegrityError:  # another worker was quicker: what it made is as good
        return False
    return True
