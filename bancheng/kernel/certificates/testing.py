"""Certificates for other parts' tests: a real one (`made`), or many that only look like one (`drawn`)."""

import base64
import hashlib
from datetime import datetime

from bancheng.kernel.certificates import operations, queries, rules
from bancheng.kernel.certificates.facts import Certificate
from bancheng.kernel.certificates.models import Certificate as Row
from bancheng.kernel.identity import public as identity
from bancheng.kernel.licences import public as licences
from bancheng.lib.identifiers import mask_name, uuid7


def made(licence_id: int, *, at: datetime) -> Certificate:
    """Return the certificate of a licence, set and sealed as in life."""
    operations.make(licence_id=licence_id, at=at)
    return queries.by_code(queries.newest(licence_id).code, at=at)


def drawn(licence_id: int, *, at: datetime) -> Certificate:
    """Return a stored certificate whose file is a few bytes: for tests of lists."""
    licence = licences.get(licence_id, on=at.date(), masked=False)
    last = queries.newest(licence_id)
    number = last.number + 1 if last else 1
    data = f"%PDF-1.7 {licence_id} {number}".encode()
    code = rules.make_code(int.from_bytes(hashlib.sha256(data).digest()[:10], "big"))
    Row.objects.create(
        id=uuid7(at),
        region=licence.region,
        licence_id=licence_id,
        number=number,
        licence_version=licence.version,
        code=code,
        unit=licence.unit,
        holder_shown=mask_name(licence.holder_name),
        issued_on=licence.issued_on,
        valid_from=licence.valid_from,
        valid_to=licence.valid_to,
        said=rules.content(licence).digest,
        file_digest=hashlib.sha256(data).digest(),
        file_size=len(data),
        file_sealed=identity.seal(base64.b64encode(data).decode(), kind=queries.FILE),
        sample=True,
        seal_digest=bytes(32),
        made_at=at,
    )
    return queries.by_code(code, at=at)
