"""Certificates after recording: numbered without gaps, batch by batch, then set and sealed; the same bytes for ever.

`allot` locks one series and nothing else; `make` works outside of a transaction, as sealing takes a tenth of a second.
"""

import secrets
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from bancheng.kernel.audit import public as audit
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import content, offices, rendering
from bancheng.kernel.registrations.facts import Registry
from bancheng.kernel.registrations.models import (
    Application,
    Certificate,
    CertificateFile,
    CertificateHolder,
    Series,
    Wanted,
)
from bancheng.kernel.registrations.operations import logging, sealing
from bancheng.kernel.registrations.rules import numbers
from bancheng.kernel.registrations.rules.numbers import Gives
from bancheng.kernel.registrations.rules.words import Act, State
from bancheng.lib.identifiers import uuid7

BATCH = 500


def certify(*, region: str, registry: str, at: datetime) -> int:
    """Number and make all certificates that a registry's recordings call for; return how many were made.

    Run it as often as you like: a number belongs to one certificate, a certificate has one file. Raises Refused: no_seal, seal_unfit,
    certificate_unprintable; Unavailable.
    """
    while allot(region=region, registry=registry, at=at):
        pass
    made = sum(make(certificate_id=one, at=at) for one in _waiting(region, registry))
    for application in _complete(region, registry):
        _certified(application, at)
    return made


def _waiting(region: str, registry: str) -> list[UUID]:
    """Return what is numbered and has no file, by number."""
    of_certificates = Series.objects.filter(region=region, registry=registry, kind__in=[kind.value for kind in Gives])
    return [
        one
        for series in of_certificates.order_by("year", "kind")
        for one in _waiting_of(series).values_list("pk", flat=True)
    ]


def _waiting_of(series: Series) -> QuerySet[Certificate]:
    named = {"region": series.region, "registry": series.registry, "year": series.year, "kind": series.kind}
    return Certificate.objects.filter(**named, seq__gt=series.made, file=None, end=None).order_by("seq")


def allot(*, region: str, registry: str, at: datetime) -> int:
    """Give numbers to a batch of wanted certificates, in the order in which they were recorded; return how many."""
    office = offices.of_unit(registry)
    with transaction.atomic():
        wanted = (
            Wanted.objects.filter(region=region, application__registry=registry)
            .select_related("application")
            .order_by("pk")
        )
        count = 0
        for kind in Gives:
            count += _allot_kind(office, region, kind, wanted.filter(kind=kind.value), at)
        return count


def _allot_kind(office: Registry, region: str, kind: Gives, wanted, at: datetime) -> int:  # type: ignore[no-untyped-def]  # a queryset
    if not wanted.exists():
        return 0
    year = timezone.localtime(at).year
    series = sealing.series(region=region, registry=office.unit, year=year, kind=kind.value)
    batch = list(wanted[:BATCH])  # read behind the lock: who waited for it sees what is left
    made = Certificate.objects.bulk_create(
        _numbered(each, office, kind, year, series.last + place, at) for place, each in enumerate(batch, 1)
    )
    CertificateHolder.objects.bulk_create(
        CertificateHolder(region=region, certificate=one, holder_hash=bytes(each))
        for one, wanted_one in zip(made, batch, strict=True)
        for each in dict.fromkeys(map(bytes, wanted_one.holders))
    )
    Wanted.objects.filter(pk__in=[each.pk for each in batch]).delete()
    series.last += len(batch)
    first = _waiting_of(series).only("seq").first()  # behind the lock; none: somebody else took this batch and made it
    series.made = first.seq - 1 if first else series.last
    series.save(update_fields=["last", "made"])
    return len(batch)


def _numbered(wanted: Wanted, office: Registry, kind: Gives, year: int, seq: int, at: datetime) -> Certificate:
    return Certificate(
        id=uuid7(at),
        region=wanted.region,
        application=wanted.application,
        registry=office.unit,
        kind=kind.value,
        year=year,
        seq=seq,
        number=numbers.certificate(kind, province=office.province, place=office.place, year=year, seq=seq),
        code=certificates.make_code(secrets.randbits(80)),
        subject=wanted.subject,
        lots=wanted.lots,
        unit=wanted.unit,
        said_sealed=bytes(wanted.said_sealed),
        allotted_at=at,
    )


def make(*, certificate_id: UUID, at: datetime) -> bool:
    """Set and seal the file of a numbered certificate; return whether this call did. Raises as `certify`."""
    row = Certificate.objects.select_related("application").get(pk=certificate_id)
    if CertificateFile.objects.filter(certificate=row).exists():
        return False
    found = _file(row, at)
    try:
        with transaction.atomic():
            found.save(force_insert=True)
            detail = {"number": row.number, "sample": found.sample}
            about = logging.about(row.application_id)
            audit.record(
                "registrations.made", who=identity.MACHINE.ref, about=about, at=at, region=row.region, detail=detail
            )
    except IntegrityError:  # another worker was quicker: what it made is as good
        return False
    return True


def _file(row: Certificate, at: datetime) -> CertificateFile:
    said = content.said(row.said_sealed)
    unit = catalogue.units_by_code([row.registry])[row.registry]
    page = rendering.said_of(row, said, unit_en=unit.name_en)
    made = sealing.sealed(rendering.TEMPLATE, page, unit=unit, code=row.code, reason=str(said["reason"]), at=at)
    return CertificateFile(certificate=row, region=row.region, **made)


def _complete(region: str, registry: str) -> list[UUID]:
    """Return the recorded applications all of whose certificates have their files."""
    found = Application.objects.filter(region=region, registry=registry, state=State.RECORDED.value)
    found = found.filter(certificates__isnull=False, wanted=None).exclude(
        certificates__file=None, certificates__end=None
    )
    return list(found.distinct().values_list("pk", flat=True))


def _certified(application_id: UUID, at: datetime) -> None:
    with logging.acting(application_id) as row:
        if row.state != State.RECORDED or row.certificates.filter(file=None, end=None).exists():
            return
        made = list(row.certificates.order_by("kind", "seq").values_list("number", flat=True))
        logging.move(row, Act.CERTIFIED, by=logging.SYSTEM, at=at)
        logging.line(row, Act.CERTIFIED, by=logging.SYSTEM, at=at, certificates=made)


def note_delivered(*, application_id: UUID, by: str, at: datetime) -> None:
    """Note that a certificate reached whom it is for: fetched by him, or taken by his bank's system. Once."""
    with logging.acting(application_id) as row:
        if row.state == State.CERTIFIED:
            logging.move(row, Act.DELIVERED, by=by, at=at)
            logging.line(row, Act.DELIVERED, by=by, at=at)


def archive(*, application_id: UUID, keeper: str, by: str, at: datetime) -> None:
    """Note that the papers are filed away, and who keeps them. Raises Refused: no_such_application, application_moved_on."""
    with logging.acting(application_id) as row:
        logging.move(row, Act.ARCHIVED, by=by, at=at)
        logging.line(row, Act.ARCHIVED, by=by, at=at, keeper=keeper)
