"""Handing documents on: what was handed in for one matter becomes material of another, many files in one go.

A use is never turned into another (the database sees to it): the old ones end and new ones begin, in as many statements for forty
files as for one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.documents.models import Document, Use
from bancheng.kernel.documents.operations import line, no_such_document
from bancheng.kernel.documents.queries import View, view
from bancheng.lib.identifiers import uuid7


def hand_over(
    wanted: Sequence[tuple[UUID, str]],
    *,
    of: str,
    about: str,
    holder_hash: bytes,
    by: str,
    at: datetime,
    becomes: bytes | None = None,
) -> list[View]:
    """Let open uses of the matter `of` stand as materials of `about`, and return them in the order of `wanted` (use, material).

    Two files of one content are one use of a material. `holder_hash` is whose they must be; they go on being his, or are
    `becomes`'s when he handed them in for somebody. Raises Refused("no_such_document") when one is not there, of another matter or
    another holder's: then nothing is handed over.
    """
    if not wanted:
        return []
    with transaction.atomic():
        ids = [use_id for use_id, _ in wanted]
        found = Use.objects.filter(pk__in=ids, about=of, ended_at=None).select_related("document")
        old = {use.pk: use for use in found}
        if any(use_id not in old or bytes(old[use_id].holder_hash) != holder_hash for use_id in ids):
            raise no_such_document()
        documents = {use.document_id for use in old.values()}
        # one order: no deadlock with whoever takes or releases the same contents
        list(Document.objects.select_for_update().filter(pk__in=documents).order_by("pk"))
        made = _begun([(old[use_id], material) for use_id, material in wanted], about, becomes or holder_hash, by, at)
        Use.objects.bulk_create(made)
        Use.objects.filter(pk__in=ids).update(ended_at=at)
        audit.record_many(
            [
                *(line("documents.reused", use, by=by, at=at) for use in made),
                *(line("documents.released", use, by=by, at=at) for use in old.values()),
            ]
        )
    return [view(use) for use in made]


def _begun(wanted: Sequence[tuple[Use, str]], about: str, holder_hash: bytes, by: str, at: datetime) -> list[Use]:
    """Return the new uses, without what stands there already; not written yet."""
    there = {(use.material, use.document_id) for use in Use.objects.filter(about=about, ended_at=None)}
    made: list[Use] = []
    for n, (before, material) in enumerate(wanted):
        if (material, before.document_id) in there:
            continue
        there.add((material, before.document_id))
        moment = at + timedelta(microseconds=n)  # they stay in their order
        made.append(
            Use(
                id=uuid7(moment),
                region=before.region,
                document=before.document,
                about=about,
                material=material,
                holder_hash=holder_hash,
                name_sealed=bytes(before.name_sealed),
                by=by,
                at=moment,
            )
        )
    return made
