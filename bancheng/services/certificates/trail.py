"""Whose certificates the record tells of."""

from django.urls import reverse

from bancheng.kernel.audit import public as audit
from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.text import Text


def things_of(holders: audit.Holders) -> list[audit.Thing]:
    """Return the certificates of these holders, as events about them are named."""
    return [
        audit.Thing(
            f"certificate:{found.id}",
            Text(
                f"电子证照（{found.licence_number}，第{found.number}版）",
                f"Certificate ({found.licence_number}, version {found.number})",
            ),
            reverse("certificates:licence", args=[found.licence_id]),
        )
        for found in certificates.held_by(holders.hashes, at=clocks.now())
    ]
