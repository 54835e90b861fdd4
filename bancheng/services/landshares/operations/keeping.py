"""Keeps the papers of a form that is handed in at a parcel's steps: scanned, sealed and durable before the application names them.

What nothing came of is let go: at once when the office refuses the form, by the night when the house died in between.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from bancheng.kernel.documents import public as documents
from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import public as registrations
from bancheng.lib.identifiers import uuid7
from bancheng.lib.refusal import Refused
from bancheng.services.landshares.models import Upload
from bancheng.services.landshares.queries import doors

ACCEPTED = frozenset({documents.Kind.PDF, documents.Kind.OFD, *documents.PICTURES})
WAITS = timedelta(days=1)  # longer than any form takes from its first paper to its application


@dataclass(frozen=True)
class Given:
    """A paper as it was given: its file's name and its bytes."""

    name: str
    data: bytes

    @property
    def digest(self) -> str:
        """Return by what it is known."""
        return hashlib.sha256(self.data).hexdigest()


def keep(
    given: Sequence[tuple[str, Given]], *, key: str, scope: str, by: identity.Actor, at: datetime
) -> tuple[Upload, list[registrations.Paper]]:
    """Take the papers of a form in, each with what it is, and return them as an application names them. Outside of a transaction.

    Raises Refused as `documents.store` does; nothing is kept then.
    """
    upload = Upload.objects.create(id=uuid7(at), region=doors.region(), key=key, scope=scope, at=at)
    try:
        return upload, [_kept(material, one, upload, by, at) for material, one in given]
    except Refused:
        let_go(upload, by=by.ref, at=at)
        raise


def _kept(material: str, one: Given, upload: Upload, by: identity.Actor, at: datetime) -> registrations.Paper:
    use = documents.store(
        region=doors.region(),
        pieces=[one.data],
        name=one.name,
        about=upload.about,
        material=material,
        holder_hash=identity.staff_hash(by.account),
        by=by.ref,
        at=at,
        accepted=ACCEPTED,
        declared=len(one.data),
    ).use
    return registrations.Paper(material, use.name, one.digest, use.pages or 1, use.id)


def let_go(upload: Upload, *, by: str, at: datetime) -> None:
    """End the use of papers that no application took."""
    with transaction.atomic():
        documents.release_all(about=upload.about, by=by, at=at)
        upload.delete()


def forget(*, at: datetime) -> int:
    """Settle what the house left unsettled when it died: papers that no application took go; return how many forms did. Run it as often as you like."""
    gone = 0
    for upload in list(Upload.objects.filter(region=doors.region(), at__lt=at - WAITS).order_by("pk")):
        if _taken(upload):
            upload.delete()
        else:
            let_go(upload, by=identity.MACHINE.ref, at=at)
            gone += 1
    return gone


def _taken(upload: Upload) -> bool:
    application = registrations.by_key(upload.key, region=upload.region, scope=upload.scope)
    if application is None:
        return False
    named = {paper.use for paper in registrations.view(application).papers}
    return any(use.id in named for use in documents.uses(about=upload.about))
