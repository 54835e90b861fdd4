"""Every read: certificates with what they are worth at that second, and the file itself."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from bancheng.kernel.certificates import facts, models, pades, rules, seals
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.licences import public as licences
from bancheng.lib.refusal import Refused

FILE = "certificate"  # the kind under which files are sealed


def by_code(code: str, *, at: datetime) -> facts.Certificate:
    """Return the certificate of a code, typed or scanned, as of `at`; raises Refused("certificate_unknown")."""
    read = rules.read_code(code)
    row = _rows().filter(code=read).first() if read else None
    if row is None:
        raise Refused(
            "certificate_unknown",
            "没有这个核验码的电子证照，未能核验；请核对十六位核验码，或上传文件核验。",
            en="No certificate has this code, so nothing could be checked. Please compare its sixteen characters, or upload the file.",
            status=404,
        )
    return certificate(row, licences.get(row.licence_id, on=timezone.localdate(at), masked=False), at)


def examine(data: bytes, *, at: datetime) -> facts.Examined:
    """Return what a file turns out to be: the very one that was made (then its seal is checked too), an altered one, or none of ours.

    A file whose bytes we did not make is never taken apart: only the code that it says to bear is looked up.
    """
    row = _rows().filter(file_digest=hashlib.sha256(data).digest()).first()
    if row is not None:
        licence = licences.get(row.licence_id, on=timezone.localdate(at), masked=False)
        # judged as of its making: a seal's certificate may end before the licence does
        seal = pades.check(data, roots=seals.roots(), at=row.made_at)
        return facts.Examined(certificate(row, licence, at), same=True, seal=seal)
    code = rules.code_in(data)
    row = _rows().filter(code=code).first() if code else None
    if row is None:
        return facts.Examined(None, same=False, seal=None)
    licence = licences.get(row.licence_id, on=timezone.localdate(at), masked=False)
    return facts.Examined(certificate(row, licence, at), same=False, seal=None)


def held_by(hashes: Sequence[bytes], *, at: datetime) -> list[facts.Certificate]:
    """Return every certificate made for these holders of licences they still hold, newest first."""
    rows = _rows().filter(licence__holder_hash__in=list(hashes), licence_version__gte=F("holder_since"))
    held = {view.id: view for view in licences.held_by(hashes, on=timezone.localdate(at))}
    return [certificate(row, held[row.licence_id], at) for row in rows.order_by("-made_at") if row.licence_id in held]


def own(certificate_id: UUID, hashes: Sequence[bytes]) -> Any:
    """Return the row of a certificate of these holders, its file with it, or None: another's does not exist."""
    return (
        _rows()
        .defer(None)
        .filter(pk=certificate_id, licence__holder_hash__in=list(hashes), licence_version__gte=F("holder_since"))
        .first()
    )


def newest(licence_id: int) -> Any:
    """Return the row of the newest certificate of a licence, or None."""
    return _rows().filter(licence_id=licence_id).order_by("-number").first()


def key(licence_id: int) -> str:
    """Return the key of the job that makes a licence's certificate."""
    return f"certificate-{licence_id}"


def being_made(licence_id: int) -> bool:
    """Return whether a certificate of the licence is promised and not made yet."""
    return jobs.is_live(key(licence_id))


def file(row: models.Certificate) -> bytes:
    """Return the stored file; one that is not what was made is a fault and raises."""
    data = base64.b64decode(identity.open_sealed(bytes(row.file_sealed), kind=FILE))
    if hashlib.sha256(data).digest() != bytes(row.file_digest):
        raise RuntimeError(f"the stored file of certificate {row.pk} is not the one that was made")
    return data


def _rows() -> QuerySet[Any]:
    later = models.Certificate.objects.filter(licence=OuterRef("licence")).order_by("-number").values("number")[:1]
    return models.Certificate.objects.defer("file_sealed").annotate(
        newest=Subquery(later), holder_since=F("licence__holder_since")
    )


def certificate(row: Any, licence: licences.View, at: datetime) -> facts.Certificate:
    """Return what a row and its licence (unmasked) come to at `at`; the row is one of `_rows`."""
    standing = rules.standing(
        licence,
        said=bytes(row.said),
        newest=row.number == row.newest,
        same_holder=row.licence_version >= row.holder_since,
        day=timezone.localdate(at),
    )
    return facts.Certificate(
        id=row.pk,
        licence_id=row.licence_id,
        number=row.number,
        code=row.code,
        licence_type=licence.licence_type,
        licence_number=licence.number,
        unit=row.unit,
        holder_shown=row.holder_shown,
        issued_on=row.issued_on,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        sample=row.sample,
        file_size=row.file_size,
        file_digest=bytes(row.file_digest),
        made_at=row.made_at,
        stamped_at=row.stamped_at,
        standing=standing,
        at=at,
    )
