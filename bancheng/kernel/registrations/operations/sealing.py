"""What certificates and letters have in common: a number of a series without gaps, a page set and sealed, the address where it is checked."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import content
from bancheng.kernel.registrations.models import Series


def series(*, region: str, registry: str, year: int, kind: str) -> Series:
    """Return a series with its last number, its row locked: who takes the next one waits for whoever does now."""
    named = {"region": region, "registry": registry, "year": year, "kind": kind}
    Series.objects.get_or_create(**named, defaults={"last": 0})
    return Series.objects.select_for_update().get(**named)


def address(code: str) -> str:
    """Return the page behind the code of a certificate or a letter."""
    return f"{settings.SITE_URL}/registry/c/{code}/"


def sealed(
    template: Path, said: Mapping[str, Any], *, unit: catalogue.Unit, code: str, reason: str, at: datetime
) -> dict[str, Any]:
    """Return the columns of a file: the page, set, sealed by its unit and put under the field key. Outside of a transaction.

    Raises Refused: no_seal, seal_unfit, certificate_unprintable; Unavailable.
    """
    sheet = certificates.sheet(
        template.read_bytes(),
        said,
        unit=unit.code,
        unit_name=unit.name,
        address=address(code),
        reason=reason,
        at=at,
    )
    return {
        "digest": hashlib.sha256(sheet.data).digest(),
        "size": len(sheet.data),
        "file_sealed": identity.seal(base64.b64encode(sheet.data).decode(), kind=content.FILE),
        "sample": sheet.sample,
        "seal_digest": sheet.seal_digest,
        "made_at": at,
        "stamped_at": sheet.stamped_at,
    }
