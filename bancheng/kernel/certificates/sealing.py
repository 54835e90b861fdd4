"""A page under a unit's seal: what certificates are, and what other parts make of papers of their own."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from bancheng.kernel.certificates import pades, rendering, seals
from bancheng.kernel.certificates.seals import Keys
from bancheng.lib.refusal import Refused


@dataclass(frozen=True)
class Sheet:
    """A sealed page: its bytes, whether the test authority sealed it, whose certificate did, when a time-stamp says so."""

    data: bytes
    sample: bool
    seal_digest: bytes
    stamped_at: datetime | None


def sheet(
    template: bytes, said: Mapping[str, Any], *, unit: str, unit_name: str, address: str, reason: str, at: datetime
) -> Sheet:
    """Return a page of another part, set with `said` behind `sealed.typ` and sealed by `unit`; `address` is where it is checked.

    Outside of a transaction: it takes a tenth of a second, with a time-stamp longer. Raises Refused: no_seal, seal_unfit,
    certificate_unprintable; Unavailable.
    """
    keys = seals.of_unit(unit, name=unit_name)
    given = {
        **said,
        "unit": unit_name,
        "sample": keys.sample,
        "picture": list(keys.picture),
        "qr": rendering.qr(address),
        "address": address,
    }
    page = rendering.typeset(template, given, at=at)
    sealed = seal(page, keys, unit=unit, unit_name=unit_name, at=at, reason=reason)
    return Sheet(sealed.data, keys.sample, digest_of(keys), sealed.stamped_at)


def seal(
    page: bytes, keys: Keys, *, unit: str, unit_name: str, at: datetime, reason: str = "制发电子证照"
) -> pades.Sealed:
    """Return a page sealed and checked as others will check it. Raises Refused("seal_unfit"), Unavailable."""
    sealed = pades.seal(page, keys, unit_name=unit_name, at=at, tsa_url=settings.TSA_URL, reason=reason)
    found = pades.check(sealed.data, roots=seals.roots(), at=at)
    if found is None or not found.holds:
        raise Refused(
            "seal_unfit",
            f"单位（{unit}）的电子印章通不过核验（证书过期、用途不符或不受信任），未制作盖章文件；请平台运维检查印章文件。",
            en=f"The seal of the unit ({unit}) does not stand the check (its certificate has ended, is for another use or is "
            "not trusted), so nothing was sealed. The operators have to look at the seal's file.",
        )
    return sealed


def digest_of(keys: Keys) -> bytes:
    """Return the SHA-256 of the certificate that seals."""
    return hashlib.sha256(keys.chain[0]).digest()


def check(data: bytes, *, at: datetime) -> Any:
    """Return what the seal of a file is worth as of `at` (`facts.Seal`), None when there is none to be read."""
    return pades.check(data, roots=seals.roots(), at=at)
