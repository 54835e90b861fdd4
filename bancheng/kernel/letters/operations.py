"""Every change: letters promised, written, fetched."""

import base64
import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.letters import queries, rendering, rules, words
from bancheng.kernel.letters.models import Letter
from bancheng.lib.days import day_of
from bancheng.lib.identifiers import mask_name, uuid7
from bancheng.lib.text import Text

MAKE = "letters.make"


def promise(view: cases.View, *, since: datetime) -> int:
    """Promise the letters that the logs of a bundle call for since then; return how many. A line has one letter, however often asked.

    Called by a job that reads the log, so that acting itself costs nothing for it; a unit without a seal owes its letter on paper.
    """
    wanted = [
        {"key": queries.key(one.id, line.seq), "case": str(one.id), "seq": line.seq}
        for one, line in _called_for(view)
        if line.at >= since and certificates.has(_unit(view, one, line))
    ]
    return jobs.later_many(MAKE, wanted) if wanted else 0


def owed(view: cases.View) -> list[tuple[cases.Matter, rules.Kind]]:
    """Return the letters that a bundle's logs call for and that are not written yet: one statement."""
    made = queries.lines_of(view.case.id)
    return [
        (one, kind)
        for one, line in _called_for(view)
        if (one.id, line.seq) not in made and (kind := rules.kind_of(one.flow, line.act, line.step, line.outcome))
    ]


def _called_for(view: cases.View) -> Iterator[tuple[cases.Matter, cases.Line]]:
    """Yield the lines that call for a letter; a merged notice of corrections is one letter, the bundle's (R14.3)."""
    for one in (view.case, *view.matters):
        for line in one.lines:
            kind = rules.kind_of(one.flow, line.act, line.step, line.outcome)
            merged = kind is rules.Kind.CORRECTION and bool(view.matters) and one is not view.case
            if kind and not merged and not line.undone and (kind is rules.Kind.CORRECTION or not one.flow.is_bundle):
                yield one, line


def _unit(view: cases.View, one: cases.Matter, line: cases.Line) -> str:
    """Return which unit writes: the matter's own; for a notice of several departments the bundle's leading unit, of one that one.

    行政许可法 第二十六条: one department takes applications in for several and tells their opinions on. Without a leading unit, with no
    seal of its own, or of a bundle of before, the first in the order of the flow that asks.
    """
    if one.unit:
        return one.unit
    asking = [each.unit for each in view.matters if each.step in line.detail.get("steps", ())]
    lead = one.flow.lead
    if len(set(asking)) > 1 and lead and certificates.has(lead):
        return lead
    return next(iter(asking), "")


def make(*, case_id: UUID, seq: int, at: datetime) -> UUID | None:
    """Write the letter that a line of a log calls for, and return its id; None when the line was taken back.

    Run it as often as you like: of one line there is one letter. It sets and seals outside of a transaction. Raises Refused: no_seal,
    seal_unfit, certificate_unprintable; Unavailable.
    """
    if found := queries.id_of(case_id, seq):
        return found
    view = cases.view(case_id)
    wanted = (
        next(((one, line) for one, line in _called_for(view) if one.id == case_id and line.seq == seq), None)
        if view
        else None
    )
    if view is None or wanted is None:
        return None
    row = _written(view, *wanted, at)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            detail: dict[str, Any] = {"kind": row.kind, "unit": row.unit, "letter": str(row.pk), "sample": row.sample}
            audit.record(
                "letters.made",
                who=identity.MACHINE.ref,
                about=f"case:{case_id}",
                at=at,
                region=row.region,
                detail=detail,
            )
    except IntegrityError:  # another worker was quicker: what it wrote is as good
        return queries.id_of(case_id, seq)
    return row.pk


def _written(view: cases.View, one: cases.Matter, line: cases.Line, at: datetime) -> Letter:
    """Return the row with its file set, sealed and put under the field key; nothing is stored yet."""
    kind = rules.kind_of(one.flow, line.act, line.step, line.outcome)
    assert kind is not None  # `_called_for` has asked
    writer = _unit(view, one, line)
    units = catalogue.units_by_code([writer, *(each.unit for each in (view.case, *view.matters) if each.unit)])
    unit = units[writer]
    dated = day_of(line.at)
    guides = catalogue.matters(codes=[one.matter]) if one.matter else []
    papers = {paper.name: paper.name_en for guide in guides for paper in guide.materials}
    said = words.said(kind, words.Source(view, one, line, dated, units, papers), unit)
    code = certificates.make_code(secrets.randbits(80))
    sheet = certificates.sheet(
        rendering.TEMPLATE.read_bytes(),
        rendering.said_of(said, code),
        unit=unit.code,
        unit_name=unit.name,
        address=settings.CERTIFICATE_URL + code,
        reason=said.title.zh,
        at=at,
    )
    person = view.applicant_kind == "person"
    return Letter(
        id=uuid7(at),
        region=view.region,
        root=view.case.id,
        case=one.id,
        seq=line.seq,
        kind=kind.value,
        code=code,
        number=one.number,
        title=one.title.zh,
        title_en=one.title.en,
        unit=unit.code,
        holder_shown=mask_name(view.applicant_name) if person else view.applicant_name,
        dated=dated,
        file_digest=hashlib.sha256(sheet.data).digest(),
        file_size=len(sheet.data),
        file_sealed=identity.seal(base64.b64encode(sheet.data).decode(), kind=queries.FILE),
        sample=sheet.sample,
        seal_digest=sheet.seal_digest,
        made_at=at,
        stamped_at=sheet.stamped_at,
    )


def fetch(*, letter_id: UUID, root: UUID, by: str, at: datetime) -> tuple[queries.View, bytes] | None:
    """Return a letter of a bundle with its file, the same to the byte each time; None: it is another's, or none.

    Whose bundle it is, the door has checked; who fetched it is recorded.
    """
    with transaction.atomic():
        row = Letter.objects.filter(pk=letter_id, root=root).first()
        if row is None:
            return None
        detail = {"letter": str(row.pk), "kind": row.kind}
        audit.record("letters.fetched", who=by, about=f"case:{row.case}", at=at, region=row.region, detail=detail)
        return queries.view(row), queries.file(row)


LABELS = {
    "letters.made": Text("制发文书", "Letter written and sealed"),
    "letters.fetched": Text("下载文书", "Letter downloaded"),
}
