"""Relying on a licence: the recorded reuse by a service (R-E-3) and the short-lived code a holder shows."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.signing import BadSignature, Signer
from django.db import connection, transaction
from django.utils import timezone

from bancheng.kernel.audit import public as audit
from bancheng.kernel.licences import rules
from bancheng.kernel.licences.models import Licence, LicenceReuse
from bancheng.kernel.licences.queries import View, view
from bancheng.kernel.licences.rules import Status
from bancheng.lib import rows
from bancheng.lib.refusal import Refused

CODE_LASTS = timedelta(minutes=2)
CODE_SALT = "licences.code"


@dataclass(frozen=True)
class Snapshot:
    """What was relied on: keep `hash` with the case; the licence itself is asked again each time."""

    licence: View  # unmasked: the holder has authorised this use
    hash: bytes
    reuse_id: int
    at: datetime


@dataclass(frozen=True)
class Shown:
    """What a verifier learns from a code: masked facts, the status of this second, nothing else."""

    licence_type: str
    number: str  # only the last four characters
    unit: str
    holder_name: str
    valid_from: date | None
    valid_to: date | None
    status: Status
    usable: bool
    at: datetime


def reuse(
    *,
    licence_id: int,
    by: str,
    case: str,
    purpose: str,
    authorisation: str,
    at: datetime,
    holder_hash: bytes | None = None,
    version: int | None = None,
) -> Snapshot:
    """Record that `by` relies on a licence for a case, and return its content at that second.

    R-E-3. The row is locked against a change in the same second. `version` is that of the caller's cached copy,
    `holder_hash` the person the case is about. `purpose` names the article, `authorisation` the holder's consent (or
    the article that needs none). Raises Refused: "no_such_licence", "licence_of_another", "licence_not_usable"
    (revoked, expired …, also when a cached copy still says valid), "licence_not_yet", "licence_copy_old" (the copy is
    of an earlier version), "reuse_incomplete".
    """
    versions = {licence_id: version}
    (snapshot,) = reuse_many(
        versions, by=by, case=case, purpose=purpose, authorisation=authorisation, at=at, holder_hash=holder_hash
    )
    return snapshot


def reuse_many(
    versions: Mapping[int, int | None],
    *,
    by: str,
    case: str,
    purpose: str,
    authorisation: str,
    at: datetime,
    holder_hash: bytes | None = None,
) -> list[Snapshot]:
    """Record that `by` relies on several licences for a case, each by its id with the version of the caller's copy; as `reuse`, all or none.

    Two statements, however many; the licences are locked in one order.
    """
    _check_stated(by, case, purpose, authorisation)
    with transaction.atomic():
        found = [(licence, _usable(licence, versions[licence.pk], at)) for licence in _lock(versions, holder_hash)]
        used = [
            LicenceReuse(
                region=licence.region,
                licence=licence,
                asked_by=by,
                case=case,
                purpose=purpose,
                authorisation=authorisation,
                snapshot_hash=snapshot_hash(licence),
                status=now.status.value,
                version=now.version,
                at=at,
            )
            for licence, now in found
        ]
        LicenceReuse.objects.bulk_create(used)
        audit.record_many(
            audit.Event(
                "licences.reused",
                who=by,
                about=f"licence:{one.licence_id}",
                at=at,
                region=one.region,
                detail={"case": case, "purpose": purpose, "version": one.version},
            )
            for one in used
        )
    return [Snapshot(now, bytes(one.snapshot_hash), one.pk, at) for one, (_, now) in zip(used, found, strict=True)]


def _usable(licence: Licence, version: int | None, at: datetime) -> View:
    """Return what a licence says now; refuse it when it may not be used."""
    day = timezone.localdate(at)
    now = view(licence, on=day, masked=False)
    _check_current(now, version, day)
    return now


def _check_stated(by: str, case: str, purpose: str, authorisation: str) -> None:
    if not (by and case and purpose and authorisation):
        raise Refused(
            "reuse_incomplete",
            "调用证照须写明调用人、办件、法定用途和持证人授权；未作记录，请补全后再试。",
            en="State who asks, for which case, the legal purpose and the holder's leave; nothing was recorded.",
            status=422,
        )


def _lock(ids: Collection[int], holder_hash: bytes | None) -> list[Licence]:
    """Return the licences, locked until the transaction ends; refuse them when one is another person's."""
    with connection.cursor() as cursor:
        found = rows.read(cursor, Licence, "WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [list(ids)])
    if len(found) < len(ids):
        raise Refused("no_such_licence", "没有找到这份证照，请核对编号。", en="No such licence.", status=404)
    if holder_hash is not None and any(bytes(licence.holder_hash) != holder_hash for licence in found):
        raise Refused(
            "licence_of_another",
            "该证照的持证人与本办件当事人不一致，未调用；请核对后再试。",
            en="This licence belongs to somebody else; it was not used.",
            status=403,
        )
    return found


def _check_current(now: View, version: int | None, day: date) -> None:
    """Refuse a licence that may not be used on `day`, and a copy of an earlier version."""
    rules.check_usable(now.status, valid_from=now.valid_from, day=day)
    if version is not None and version != now.version:
        raise Refused(
            "licence_copy_old",
            "该证照已变更，手中的副本不再有效；未作记录，请重新调取。",
            en="The licence has changed and your copy is out of date; nothing was recorded. Please fetch it again.",
        )


def snapshot_hash(licence: Licence) -> bytes:
    """Return the SHA-256 of everything a licence says, in one fixed order."""
    said = [
        licence.region,
        licence.licence_type,
        licence.number,
        licence.unit,
        licence.holder_kind,
        bytes(licence.holder_hash).hex(),
        licence.holder_name,
        licence.issued_on.isoformat(),
        licence.valid_from.isoformat() if licence.valid_from else "",
        licence.valid_to.isoformat() if licence.valid_to else "",
        licence.status,
        licence.version,
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).digest()


def show_code(licence_id: int, at: datetime) -> str:
    """Return the text of a QR code (出示二维码) that proves the licence for two minutes.

    Whether it is the holder who asks is the door's check.
    """
    if not Licence.objects.filter(pk=licence_id).exists():
        raise Refused("no_such_licence", "没有找到这份证照，请核对编号。", en="No such licence.", status=404)
    return Signer(salt=CODE_SALT).sign(f"{licence_id:x}.{int(at.timestamp()):x}")


def verify_code(code: str, at: datetime) -> Shown:
    """Return the masked facts behind a shown code, with the status of this second.

    Raises Refused("code_unknown") or Refused("code_too_old").
    """
    try:
        licence_id, shown_at = (int(part, 16) for part in Signer(salt=CODE_SALT).unsign(code).split("."))
    except (BadSignature, ValueError) as error:
        raise Refused(
            "code_unknown",
            "这个二维码不是本平台出示的，未作核验；请持证人重新出示。",
            en="This code was not issued here. Please ask the holder to show it again.",
            status=422,
        ) from error
    age = int(at.timestamp()) - shown_at
    if not 0 <= age <= CODE_LASTS.total_seconds():
        raise Refused(
            "code_too_old",
            "这个二维码已超过两分钟，未作核验；请持证人重新出示。",
            en="This code is older than two minutes. Please ask the holder to show it again.",
        )
    day = timezone.localdate(at)
    now = view(Licence.objects.get(pk=licence_id), on=day, masked=True)
    return Shown(
        licence_type=now.licence_type,
        number=f"…{now.number[-4:]}" if len(now.number) > 4 else "…",
        unit=now.unit,
        holder_name=now.holder_name,
        valid_from=now.valid_from,
        valid_to=now.valid_to,
        status=now.status,
        usable=now.status is Status.VALID and (now.valid_from is None or now.valid_from <= day),
        at=at,
    )
