"""Letters for other parts' tests of lists: stored ones whose file is a few bytes."""

import base64
import hashlib
from uuid import UUID

from bancheng.kernel.cases import public as cases
from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.identity import public as identity
from bancheng.kernel.letters import queries
from bancheng.kernel.letters.models import Letter
from bancheng.lib.days import day_of
from bancheng.lib.identifiers import uuid7


def drawn(case_id: UUID, *, kind: str) -> UUID:
    """Return a stored letter of a case's first line, made once."""
    if found := queries.id_of(case_id, 1):
        return found
    view = cases.view(case_id)
    assert view is not None
    one = view.of(case_id)
    assert one is not None
    data = f"%PDF-1.7 {case_id}".encode()
    digest = hashlib.sha256(data).digest()
    row = Letter.objects.create(
        id=uuid7(one.received_at),
        region=view.region,
        root=view.case.id,
        case=case_id,
        seq=1,
        kind=kind,
        code=certificates.make_code(int.from_bytes(digest[:10], "big")),
        number=one.number,
        title=one.title.zh,
        title_en=one.title.en,
        unit=one.unit,
        holder_shown=view.applicant_name,
        dated=day_of(one.received_at),
        file_digest=digest,
        file_size=len(data),
        file_sealed=identity.seal(base64.b64encode(data).decode(), kind=queries.FILE),
        sample=True,
        seal_digest=bytes(32),
        made_at=one.received_at,
    )
    return row.pk
