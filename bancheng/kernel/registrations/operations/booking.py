"""Recording: the instant from which the right exists (民法典 第二百一十四条). One transaction: the book, the case, the certificates it ends.

The numbers of new certificates are allotted afterwards by a job (decision 0030): a counter without gaps has no place in here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.registrations import book, content, printing, recording
from bancheng.kernel.registrations.models import Application, Certificate, CertificateEnd, Wanted
from bancheng.kernel.registrations.operations import judging, logging, stopping
from bancheng.kernel.registrations.operations.handling import BOOKER, check_officer
from bancheng.kernel.registrations.rules import checks, words
from bancheng.kernel.registrations.rules.words import Act, Standing
from bancheng.kernel.titles import public as titles
from bancheng.lib import rows
from bancheng.lib.days import day_of

CERTIFY = "registrations.certify"
LIVE = """
WHERE subject = ANY(%s::text[]) AND NOT EXISTS (
    SELECT FROM registrations_certificateend AS over WHERE over.certificate_id = registrations_certificate.id
) ORDER BY id
"""


@dataclass(frozen=True)
class Booked:
    """What recording wrote: the entries of the book and the number of the right."""

    application: UUID
    number: str
    entries: tuple[str, ...]
    right: str


def book_in(*, application_id: UUID, by: identity.Actor, at: datetime) -> Booked:
    """Record a reviewed application in the book; who accepted or reviewed it does not record it (four eyes).

    Everything is judged once more, and the book has the last word in the same transaction: what a court seized meanwhile is refused with
    its case number (B13.5). Raises Refused: no_such_application, not_your_registry, suspended, four_eyes, application_moved_on, lot_blocked
    and whatever else the checks and the book refuse.
    """
    with logging.acting(application_id) as row:
        check_officer(row, by, (BOOKER,))
        stopping.check_still(row)
        stopping.check_announced(row, today=day_of(at))
        logging.check(row, Act.RECORDED)
        words.check_apart(by.ref, [row.accepted_by, row.reviewed_by], act=Act.RECORDED)
        checks.refuse(judging.on_recording(row, today=day_of(at)))
        book.unpend(row, at=at)
        recorded = recording.record(row, by=by.ref, at=at)
        _write(row, recorded, by=by.ref, at=at)
    return Booked(row.pk, row.number, tuple(row.entries), row.right)


def _write(row: Application, recorded: titles.Recorded, *, by: str, at: datetime) -> None:
    right = recorded.right or str(row.payload.get("right", ""))
    entries = list(recorded.entries)
    logging.move(
        row, Act.RECORDED, by=by, at=at, recorded_at=at, recorded_by=by, right=right, entries=entries, due_on=None
    )
    logging.end_clocks(row, acted=True, by=by, at=at)
    logging.close(row)
    sheets = printing.sheets(row, recorded)
    replaced = {each.subject for each in sheets}
    end_certificates(row, printing.subjects(row), replaced, by=by, at=at)
    sheets += _converted(row, by=by, at=at)
    want(row, sheets, at=at)
    logging.line(row, Act.RECORDED, by=by, at=at, entries=entries, right=right)


def _converted(row: Application, *, by: str, at: datetime) -> list[printing.Sheet]:
    """Return new proofs of pre-mortgages that a transfer made mortgages; the old ones end (担保解释 第五十二条)."""
    if row.kind != "transfer":
        return []
    found = []
    for each in titles.rights_on(row.region, book.lots_of(row)):
        subject = f"right:{each.right}"
        if each.kind == titles.RightKind.MORTGAGE and any(_is_pre(one) for one in live([subject])):
            end_certificates(row, [subject], {subject}, by=by, at=at)
            found.append(printing.proof(row, titles.right(row.region, each.right)))
    return found


def _is_pre(certificate: Certificate) -> bool:
    return bool(content.said(certificate.said_sealed).get("pre"))


def live(subjects: Sequence[str]) -> list[Certificate]:
    """Return the certificates of these subjects that have not ended."""
    with connection.cursor() as cursor:  # every act of the book asks this
        return rows.read(cursor, Certificate, LIVE, [list(subjects)])


def end_certificates(row: Application, subjects: Sequence[str], replaced: set[str], *, by: str, at: datetime) -> None:
    """End what this recording made untrue, in the same instant (R13.8): replaced where a new one follows, revoked where none does."""
    Wanted.objects.filter(region=row.region, subject__in=subjects).exclude(application=row).delete()
    for certificate in live(subjects):
        standing = Standing.REPLACED if certificate.subject in replaced else Standing.REVOKED
        end_one(certificate, standing, row, by=by, at=at)


def end_one(certificate: Certificate, standing: Standing, row: Application | None, *, by: str, at: datetime) -> None:
    """End one certificate; whoever holds it is told by who listens."""
    CertificateEnd.objects.create(
        certificate=certificate,
        region=certificate.region,
        standing=standing.value,
        by_application=row,
        at=at,
    )
    logging.line(
        certificate.application,
        Act.CERTIFICATE_ENDED,
        by=by,
        at=at,
        told={"holder": certificate.unit},
        number=certificate.number,
        standing=standing.value,
    )


def want(row: Application, sheets: Sequence[printing.Sheet], *, at: datetime) -> None:
    """Note which certificates are to be numbered and made, and promise the work."""
    Wanted.objects.bulk_create(
        Wanted(
            region=row.region,
            application=row,
            seq=place,
            kind=sheet.kind.value,
            subject=sheet.subject,
            lots=list(sheet.lots),
            holders=list(sheet.holders),
            unit=sheet.unit,
            said_sealed=content.seal_said(sheet.said | {"reason": printing.title_of(sheet.kind, row.kind)}),
            at=at,
        )
        for place, sheet in enumerate(sheets, 1)
    )
    if sheets:
        jobs.later(CERTIFY, key=f"registrations-certify-{row.registry}", region=row.region, registry=row.registry)


def follow_book(fact: titles.Changed) -> None:
    """End the certificates of what the book changed without the office: a court's auction, a correction, a parcel taken back (R13.8)."""
    if fact.key.startswith(book.RECORDING):
        return
    subjects = [*(f"right:{number}" for number in fact.rights), *(f"lot:{code}" for code in fact.lots)]
    for certificate in live(subjects):
        if _is_untrue(certificate):
            end_one(certificate, Standing.REVOKED, None, by=logging.SYSTEM, at=fact.at)


def _is_untrue(certificate: Certificate) -> bool:
    what, _, name = certificate.subject.partition(":")
    return _over(certificate.region, name) if what == "right" else _changed_hands(certificate, name)


def _over(region: str, number: str) -> bool:
    found = book.right(region, number)
    return found is None or not any(each.open for each in found.lots)


def _changed_hands(certificate: Certificate, code: str) -> bool:
    lot = book.lot(certificate.region, code)
    now = {bytes(each.party.hash) for each in lot.holder.members} if lot and lot.holder else set()
    return now != set(map(bytes, certificate.holders.values_list("holder_hash", flat=True)))
