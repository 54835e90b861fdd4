"""Certificates: those of an application or a holder, one by number or code, a file that somebody shows."""

import base64
import hashlib
import re
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from bancheng.kernel.audit import public as audit
from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import content
from bancheng.kernel.registrations.facts import CertificateView, Examined
from bancheng.kernel.registrations.models import Certificate, CertificateFile, CertificateHolder
from bancheng.kernel.registrations.operations import logging
from bancheng.kernel.registrations.rendering import MARK
from bancheng.kernel.registrations.rules import numbers
from bancheng.kernel.registrations.rules.numbers import Gives
from bancheng.kernel.registrations.rules.words import Standing
from bancheng.lib.refusal import Refused


def _rows() -> QuerySet[Certificate]:
    return Certificate.objects.select_related("file", "end").defer("file__file_sealed")


def view(row: Certificate, *, open_said: bool = False) -> CertificateView:
    """Return a certificate; what it says only where the reader may know it."""
    file = getattr(row, "file", None)
    end = getattr(row, "end", None)
    return CertificateView(
        id=row.pk,
        region=row.region,
        application=row.application_id,
        registry=row.registry,
        kind=Gives(row.kind),
        number=row.number,
        code=row.code,
        subject=row.subject,
        lots=tuple(row.lots),
        unit=row.unit,
        standing=Standing(end.standing) if end else Standing.ISSUED,
        allotted_at=row.allotted_at,
        ended_at=end.at if end else None,
        digest=bytes(file.digest) if file else None,
        size=file.size if file else 0,
        sample=file.sample if file else False,
        made_at=file.made_at if file else None,
        said=content.said(row.said_sealed) if open_said else {},
    )


def of_applications(ids: Collection[UUID]) -> list[CertificateView]:
    """Return the certificates that applications led to: one statement."""
    return [view(row) for row in _rows().filter(application__in=list(ids)).order_by("kind", "year", "seq")]


def of_holders(hashes: Collection[bytes]) -> list[CertificateView]:
    """Return the certificates of these people and organisations, newest first."""
    held = CertificateHolder.objects.filter(holder_hash__in=list(hashes)).values("certificate")
    return [view(row) for row in _rows().filter(pk__in=held).order_by("-allotted_at", "-seq")]


def is_of(certificate_id: UUID, hashes: Collection[bytes]) -> bool:
    """Return whether one of these holds a certificate."""
    return CertificateHolder.objects.filter(certificate=certificate_id, holder_hash__in=list(hashes)).exists()


def of_unit(unit: str) -> QuerySet[Certificate]:
    """Return the certificates of a bank, newest first. Show its rows by `views`."""
    return _rows().filter(unit=unit).order_by("-allotted_at", "-seq")


def views(rows: Collection[Certificate]) -> list[CertificateView]:
    """Return certificates as lists show them."""
    return [view(row) for row in rows]


def by_number(number: str, *, open_said: bool = False) -> CertificateView | None:
    """Return the certificate of a number, however its brackets and spaces were typed; None when no certificate has it."""
    read = numbers.read(number)
    row = _rows().filter(number=read).first() if read else None
    return view(row, open_said=open_said) if row else None


def by_code(code: str) -> CertificateView | None:
    """Return the certificate of a code, typed or scanned; None when none has it."""
    read = certificates.read_code(code)
    row = _rows().filter(code=read).first() if read else None
    return view(row) if row else None


def by_id(certificate_id: UUID, *, open_said: bool = False) -> CertificateView | None:
    """Return one certificate; None when there is none."""
    row = _rows().filter(pk=certificate_id).first()
    return view(row, open_said=open_said) if row else None


def of_right(number: str, *, region: str) -> CertificateView | None:
    """Return the certificate that proves a right now; None when none does."""
    row = _rows().filter(region=region, subject=f"right:{number}", end=None).order_by("-allotted_at").first()
    return view(row, open_said=True) if row else None


def right_of(text: str) -> str:
    """Return the right that a text names: a proof's number is that of its right, anything else is taken as it stands."""
    found = by_number(text)
    return found.right if found and found.right else text.strip()


def fetch(certificate_id: UUID, *, by: str, at: datetime) -> tuple[CertificateView, bytes]:
    """Return a certificate with its file, the same to the byte each time; whose it is, the door has asked. Who fetched it is recorded.

    Raises Refused: no_such_certificate, certificate_being_made.
    """
    row = _rows().filter(pk=certificate_id).first()
    if row is None:
        raise no_such_certificate()
    file = CertificateFile.objects.filter(certificate=row).first()
    if file is None:
        raise Refused(
            "certificate_being_made",
            f"{row.number}已登簿，电子证照正在制作，请一分钟后再试；权利自登簿时生效，不受影响。",
            en=f"{row.number} is being made; try again in a minute. The right exists since it was recorded.",
            status=409,
        )
    detail = {"number": row.number}
    audit.record(
        "registrations.fetched",
        who=by,
        about=logging.about(row.application_id),
        at=at,
        region=row.region,
        detail=detail,
    )
    return view(row), base64.b64decode(identity.open_sealed(bytes(file.file_sealed), kind=content.FILE))


def no_such_certificate() -> Refused:
    """Return the refusal for a certificate that is not there, or not the reader's."""
    return Refused(
        "no_such_certificate",
        "没有找到这份证书，请核对编号。",
        en="There is no such certificate; check its number.",
        status=404,
    )


def examine(data: bytes) -> Examined | None:
    """Return what a file turns out to be, None when it is no certificate of ours. A stranger's bytes are never taken apart."""
    file = CertificateFile.objects.filter(digest=hashlib.sha256(data).digest()).defer("file_sealed").first()
    if file is not None:
        row = _rows().get(pk=file.certificate_id)
        seal = certificates.check_seal(data, at=file.stamped_at or file.made_at)
        return Examined(view(row), same=True, seal_holds=bool(seal and seal.holds))
    found = re.search(MARK.encode() + rb"([0-9A-Z]{16})", data)
    claimed = by_code(found[1].decode()) if found else None
    return Examined(claimed, same=False, seal_holds=False) if claimed else None
