"""Letters of the office: those of an application, one by number or code, the file itself, a file that somebody shows."""

import base64
import hashlib
import re
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from bancheng.kernel.audit import public as audit
from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.registrations import content
from bancheng.kernel.registrations.facts import ExaminedLetter, LetterView, LineView
from bancheng.kernel.registrations.models import Letter, LetterFile
from bancheng.kernel.registrations.operations import logging
from bancheng.kernel.registrations.rendering import LETTER_MARK
from bancheng.kernel.registrations.rules import letters, numbers
from bancheng.kernel.registrations.rules.words import Act
from bancheng.lib.refusal import Refused


def _rows() -> QuerySet[Letter]:
    return Letter.objects.select_related("file").defer("file__file_sealed", "said_sealed")


def view(row: Letter) -> LetterView:
    """Return a letter; nobody's name and no reason is in it, so that it may be shown to whoever has its code."""
    file = getattr(row, "file", None)
    return LetterView(
        id=row.pk,
        application=row.application_id,
        line=row.line,
        registry=row.registry,
        kind=Act(row.kind),
        number=row.number,
        code=row.code,
        dated=row.dated,
        digest=bytes(file.digest) if file else None,
        sample=file.sample if file else False,
    )


def of_application(application_id: UUID, lines: Sequence[LineView]) -> tuple[LetterView, ...]:
    """Return the letters that the log of an application called for; asks nothing where it called for none."""
    if not any(line.act in letters.TITLES for line in lines):
        return ()
    return tuple(view(row) for row in _rows().filter(application=application_id).order_by("line"))


def of_applications(ids: Collection[UUID]) -> dict[UUID, list[LetterView]]:
    """Return the letters of several applications, by application: one statement."""
    found: dict[UUID, list[LetterView]] = {}
    for row in _rows().filter(application__in=list(ids)).order_by("line"):
        found.setdefault(row.application_id, []).append(view(row))
    return found


def being_made(application_id: UUID, lines: Sequence[LineView], made: Sequence[LetterView]) -> bool:
    """Return whether a letter is promised and its file not made yet."""
    have = {each.line for each in made if each.digest}
    owed = [line.seq for line in lines if line.act in letters.TITLES and line.seq not in have]
    return any(jobs.is_live(logging.letter_key(application_id, seq)) for seq in owed)


def by_number(number: str) -> LetterView | None:
    """Return the letter of a number, however its brackets and spaces were typed; None when no letter has it."""
    read = numbers.read(number)
    row = _rows().filter(number=read).first() if read else None
    return view(row) if row else None


def by_code(code: str) -> LetterView | None:
    """Return the letter of a code, typed or scanned; None when none has it."""
    read = certificates.read_code(code)
    row = _rows().filter(code=read).first() if read else None
    return view(row) if row else None


def fetch(letter_id: UUID, *, application_id: UUID, by: str, at: datetime) -> tuple[LetterView, bytes]:
    """Return a letter of an application with its file, the same to the byte each time; who fetched it is recorded.

    Whose application it is, the door has asked. Raises Refused: no_such_letter, letter_being_made.
    """
    row = _rows().filter(pk=letter_id, application=application_id).first()
    if row is None:
        raise no_such_letter()
    file = LetterFile.objects.filter(letter=row).first()
    if file is None:
        raise Refused(
            "letter_being_made",
            f"{row.number}正在制作并盖章，请一分钟后再试；决定自作出时已经记录在案。",
            en=f"{row.number} is being made and sealed; try again in a minute. The decision is on record.",
            status=409,
        )
    audit.record(
        "registrations.letter_fetched",
        who=by,
        about=logging.about(row.application_id),
        at=at,
        region=row.region,
        detail={"number": row.number},
    )
    return view(row), base64.b64decode(identity.open_sealed(bytes(file.file_sealed), kind=content.FILE))


def no_such_letter() -> Refused:
    """Return the refusal for a letter that is not there, or not the reader's."""
    return Refused(
        "no_such_letter",
        "没有找到这份文书，请核对编号。",
        en="There is no such letter; check its number.",
        status=404,
    )


def examine(data: bytes) -> ExaminedLetter | None:
    """Return what a file turns out to be, None when it is no letter of ours. A stranger's bytes are never taken apart."""
    file = LetterFile.objects.filter(digest=hashlib.sha256(data).digest()).defer("file_sealed").first()
    if file is not None:
        seal = certificates.check_seal(data, at=file.stamped_at or file.made_at)
        return ExaminedLetter(view(_rows().get(pk=file.letter_id)), same=True, seal_holds=bool(seal and seal.holds))
    found = re.search(LETTER_MARK.encode() + rb"([0-9A-Z]{16})", data)
    claimed = by_code(found[1].decode()) if found else None
    return ExaminedLetter(claimed, same=False, seal_holds=False) if claimed else None
