"""Every change: a certificate promised, asked for, made, fetched."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from bancheng.kernel.audit import public as audit
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.certificates import facts, queries, rendering, rules, sealing, seals
from bancheng.kernel.certificates.models import Certificate
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.licences import public as licences
from bancheng.lib.identifiers import mask_name, uuid7
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

MAKE = "certificates.make"


# -- promised


def promise_first(fact: licences.Fact | licences.Batch) -> None:
    """Promise the certificate of a licence that was issued here. A list that was taken in promises nothing: a holder asks."""
    if isinstance(fact, licences.Fact) and seals.has(fact.unit):
        _promise(fact.id)


def promise_next(fact: licences.Fact | licences.Batch) -> None:
    """Promise a new version for a licence that changed here and has a certificate already."""
    if (
        isinstance(fact, licences.Fact)
        and fact.status is licences.Status.VALID
        and seals.has(fact.unit)
        and Certificate.objects.filter(licence_id=fact.id).exists()
    ):
        _promise(fact.id)


def ask(*, licence_id: int, by: str, at: datetime) -> None:
    """Promise the certificate that a holder asks for; whose licence it is, the door has checked.

    Raises Refused: "no_such_licence", "no_seal", "certificate_not_now" (the licence is not valid), "certificate_made" (there
    is one that says what the licence says).
    """
    with transaction.atomic():
        licence = licences.get(licence_id, on=timezone.localdate(at), masked=False)
        if licence.status is not licences.Status.VALID:
            raise _not_now(licence.status)
        seals.check_has(licence.unit)
        if _present(licence):
            raise Refused(
                "certificate_made",
                "这份证照已有内容一致的电子证照，未重复制作，请直接下载。",
                en="This licence has an up-to-date certificate already; none was made again. Please download it.",
            )
        _promise(licence_id)
        audit.record("certificates.asked", who=by, about=f"licence:{licence_id}", at=at, region=licence.region)


def _promise(licence_id: int) -> None:
    jobs.later(MAKE, key=queries.key(licence_id), licence_id=licence_id)


def _not_now(status: licences.Status) -> Refused:
    says = licences.SAYS[status]
    return Refused(
        "certificate_not_now",
        f"该证照{says.zh}，不能制作电子证照；未作改动，请与发证单位联系。",
        en=f"This licence is {says.en}, so no certificate can be made; nothing was changed. Please ask its unit.",
    )


# -- made


def make(*, licence_id: int, at: datetime) -> UUID | None:
    """Make the certificate of what the licence says now, and return its id; None when the licence is not valid (any more).

    Run it as often as you like: of one content there is one certificate. It sets and seals outside a transaction, because
    that takes a tenth of a second and a time-stamp longer. Raises Refused("no_seal" or "certificate_unprintable"), Unavailable.
    """
    licence = licences.get(licence_id, on=timezone.localdate(at), masked=False)
    if licence.status is not licences.Status.VALID:
        return None
    if found := _present(licence):
        return found
    number = 1 + Certificate.objects.filter(licence_id=licence_id).count()  # rows are never removed
    row = _drawn_up(licence, number, at)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            audit.record(
                "certificates.made",
                who=identity.MACHINE.ref,
                about=f"certificate:{row.pk}",
                at=at,
                region=row.region,
                detail={"licence": licence_id, "number": number, "unit": row.unit, "sample": row.sample},
            )
            facts.made.fire(queries.by_code(row.code, at=at))
    except IntegrityError:  # another worker was quicker: what it made is as good, or its own job makes the next
        return _present(licences.get(licence_id, on=timezone.localdate(at), masked=False))
    return row.pk


def _present(licence: licences.View) -> UUID | None:
    """Return the newest certificate of a licence when it says what the licence says."""
    last = queries.newest(licence.id)
    same = last is not None and bytes(last.said) == rules.content(licence).digest
    return last.pk if last is not None and same and last.licence_version >= last.holder_since else None


def _drawn_up(licence: licences.View, number: int, at: datetime) -> Certificate:
    """Return the row with its file set, sealed and put under the field key; nothing is written yet."""
    content, code = rules.content(licence), rules.make_code(secrets.randbits(80))
    unit = _unit_name(licence.unit)
    keys = seals.of_unit(licence.unit, name=unit)
    words = rendering.Words(
        licence_name=_type_name(licence.licence_type),
        unit_name=unit,
        address=settings.CERTIFICATE_URL + code,
        code=code,
        number=number,
        sample=keys.sample,
        picture=keys.picture,
    )
    page = rendering.render(content, words, at=at)
    sealed = sealing.seal(page, keys, unit=licence.unit, unit_name=unit, at=at)
    person = licence.holder_kind is licences.Kind.PERSON
    return Certificate(
        id=uuid7(at),
        region=licence.region,
        licence_id=licence.id,
        number=number,
        licence_version=licence.version,
        code=code,
        unit=licence.unit,
        holder_shown=mask_name(licence.holder_name) if person else licence.holder_name,
        issued_on=licence.issued_on,
        valid_from=licence.valid_from,
        valid_to=licence.valid_to,
        said=content.digest,
        file_digest=hashlib.sha256(sealed.data).digest(),
        file_size=len(sealed.data),
        file_sealed=identity.seal(base64.b64encode(sealed.data).decode(), kind=queries.FILE),
        sample=keys.sample,
        seal_digest=sealing.digest_of(keys),
        made_at=at,
        stamped_at=sealed.stamped_at,
    )


def _unit_name(code: str) -> str:
    found = catalogue.units_by_code([code]).get(code)
    return found.name if found else code


def _type_name(code: str) -> Text:
    names = {kind.code: Text(kind.name, kind.name_en) for kind in catalogue.licence_types()}
    return names.get(code, Text(code, code))


# -- fetched


def fetch(
    *, certificate_id: UUID, hashes: Sequence[bytes], by: str, at: datetime
) -> tuple[facts.Certificate, bytes] | None:
    """Return a certificate of these holders with its file, the same to the byte each time; None: it is another's, or none.

    Who fetched it is recorded: the file names its holder.
    """
    with transaction.atomic():
        row = queries.own(certificate_id, hashes)
        if row is None:
            return None
        licence = licences.get(row.licence_id, on=timezone.localdate(at), masked=False)
        audit.record("certificates.fetched", who=by, about=f"certificate:{row.pk}", at=at, region=row.region)
        return queries.certificate(row, licence, at), queries.file(row)
