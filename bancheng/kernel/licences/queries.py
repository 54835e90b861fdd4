"""Every read: frozen views, masked unless the caller shows a holder his own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Count, F

from bancheng.kernel.licences.facts import held_back
from bancheng.kernel.licences.models import Licence, LicenceReuse, LicenceVersion
from bancheng.kernel.licences.rules import Kind, Status, status_on
from bancheng.lib import rows
from bancheng.lib.identifiers import mask_name
from bancheng.lib.refusal import Refused


@dataclass(frozen=True)
class View:
    """One licence as of the day asked for; no identifier or mobile is here.

    A person's name is masked for everybody but himself.
    """

    id: int
    region: str
    licence_type: str
    number: str
    unit: str
    holder_kind: Kind
    holder_name: str
    issued_on: date
    valid_from: date | None
    valid_to: date | None  # the last valid day; None is 长期
    status: Status
    version: int
    updated_at: datetime
    on_promise: bool = False  # granted on a promise of its conditions (告知承诺)


@dataclass(frozen=True)
class Earlier:
    """What a licence said until `replaced_at`."""

    version: int
    valid_from: date | None
    valid_to: date | None
    issued_on: date
    status: Status
    source_batch: str
    replaced_at: datetime


@dataclass(frozen=True)
class Use:
    """Somebody relied on a licence."""

    licence_id: int
    asked_by: str
    case: str
    purpose: str
    authorisation: str
    status: Status
    version: int
    snapshot_hash: bytes
    at: datetime


@dataclass(frozen=True)
class Tally:
    """How many licences of a type a unit has in a state."""

    unit: str
    licence_type: str
    status: Status
    licences: int


def get(licence_id: int, *, on: date, masked: bool = True) -> View:
    """Return one licence as of `on`; raises Refused("no_such_licence")."""
    licence = Licence.objects.filter(pk=licence_id).first()
    if licence is None:
        raise Refused("no_such_licence", "没有找到这份证照，请核对编号。", en="No such licence.", status=404)
    return view(licence, on=on, masked=masked)


def find(*, region: str, licence_type: str, number: str, on: date) -> View | None:
    """Return the masked licence of that number, or None."""
    licence = Licence.objects.filter(region=region, licence_type=licence_type, number=number).first()
    return view(licence, on=on, masked=True) if licence else None


def ids_of(*, region: str, unit: str, licence_type: str) -> list[int]:
    """Return the ids of a unit's licences of one type."""
    found = Licence.objects.filter(region=region, unit=unit, licence_type=licence_type)
    return list(found.order_by("pk").values_list("pk", flat=True))


def held_by(hashes: Sequence[bytes], *, on: date) -> list[View]:
    """Return the licences of the holders with these hashes, soonest end first, unmasked: for the holder himself."""
    with connection.cursor() as cursor:
        return held_by_question(hashes, on=on).alone(cursor)


def held_by_question(hashes: Sequence[bytes], *, on: date) -> rows.Question[list[View]]:
    """Return the question that `held_by` asks, to be asked with others'."""
    asked = rows.question(Licence, "WHERE holder_hash = ANY(%s) ORDER BY valid_to, id", [list(hashes)])
    return asked.then(lambda found: [view(licence, on=on, masked=False) for licence in found])


@dataclass(frozen=True)
class Contact:
    """Whom to call about a licence. Opening `mobile_sealed` is identity.reveal's, which logs who looked."""

    name: str
    mobile_sealed: bytes | None


def contact(licence_id: int) -> Contact:
    """Return whom to call about a licence; raises Refused("no_such_licence")."""
    licence = Licence.objects.filter(pk=licence_id).only("contact_name", "holder_name", "mobile_sealed").first()
    if licence is None:
        raise Refused("no_such_licence", "没有找到这份证照，请核对编号。", en="No such licence.", status=404)
    sealed = licence.mobile_sealed
    return Contact(licence.contact_name or licence.holder_name, None if sealed is None else bytes(sealed))


def history(licence_id: int) -> list[Earlier]:
    """Return what the licence said before, oldest first; what it says now is `get`."""
    found = LicenceVersion.objects.filter(licence_id=licence_id).order_by("version")
    return [
        Earlier(
            row.version,
            row.valid_from,
            row.valid_to,
            row.issued_on,
            Status(row.status),
            row.source_batch,
            row.replaced_at,
        )
        for row in found
    ]


def uses(hashes: Sequence[bytes], *, limit: int = 200) -> list[Use]:
    """Return who relied on the licences of these holders while they held them, latest first."""
    found = LicenceReuse.objects.filter(
        licence__holder_hash__in=list(hashes), version__gte=F("licence__holder_since")
    ).order_by("-at", "-pk")[:limit]
    return [
        Use(
            row.licence_id,
            row.asked_by,
            row.case,
            row.purpose,
            row.authorisation,
            Status(row.status),
            row.version,
            bytes(row.snapshot_hash),
            row.at,
        )
        for row in found
    ]


def tallies(*, unit: str = "", region: str = "") -> list[Tally]:
    """Return the counts by unit, type and stored state; empty arguments mean every one."""
    licences = Licence.objects.all()
    if unit:
        licences = licences.filter(unit=unit)
    if region:
        licences = licences.filter(region=region)
    found = (
        licences.order_by("unit", "licence_type", "status")
        .values_list("unit", "licence_type", "status")
        .annotate(n=Count("pk"))
    )
    return [Tally(of, kind, Status(status), n) for of, kind, status, n in found]


def view(licence: Licence, *, on: date, masked: bool) -> View:
    """Return the frozen view of a row as of `on`; only a person's name is masked, a firm's is public.

    A term that ran out has ended even before the night has marked it, unless somebody holds it back (行政许可法 第五十条).
    """
    stored = Status(licence.status)
    status = status_on(stored, valid_to=licence.valid_to, day=on)
    if status is not stored and held_back([licence.pk], on):
        status = stored
    masked = masked and licence.holder_kind == Kind.PERSON
    return View(
        id=licence.pk,
        region=licence.region,
        licence_type=licence.licence_type,
        number=licence.number,
        unit=licence.unit,
        holder_kind=Kind(licence.holder_kind),
        holder_name=mask_name(licence.holder_name) if masked else licence.holder_name,
        issued_on=licence.issued_on,
        valid_from=licence.valid_from,
        valid_to=licence.valid_to,
        status=status,
        version=licence.version,
        updated_at=licence.updated_at,
        on_promise=licence.on_promise,
    )
