"""Handing documents on: what was handed in for one matter becomes material of another, many files in one go.

A use is never turned into another (the database sees to it): the old ones end and new ones begin, by one statement for forty files as for
one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from bancheng.kernel.audit import public as audit
from bancheng.kernel.documents.models import Use
from bancheng.kernel.documents.operations import line, no_such_document, release_left
from bancheng.lib.identifiers import uuid7

# All are there, or nothing is moved. Their contents are locked in one order: no deadlock with whoever takes or releases the same; what was
# taken back while we waited is not ended by us. Of two files of one content as one material the first is kept.
MOVE = """
WITH given AS (
    SELECT * FROM unnest(%(ids)s::uuid[], %(made)s::uuid[], %(materials)s::text[], %(moments)s::timestamptz[])
        AS given (taken, made, material, moment)
), there AS (
    SELECT id AS taken, document_id FROM documents_use
    WHERE id = ANY(%(ids)s) AND about = %(of)s AND holder_hash = %(holder_hash)s AND ended_at IS NULL
), locked AS (
    SELECT id AS content FROM documents_document
    WHERE id IN (SELECT document_id FROM there) AND (SELECT count(*) FROM there) = (SELECT count(DISTINCT taken) FROM given)
    ORDER BY id FOR UPDATE
), ended AS (
    UPDATE documents_use SET ended_at = %(at)s FROM locked
    WHERE document_id = content AND id IN (SELECT taken FROM there) AND ended_at IS NULL
    RETURNING id, region, document_id, about, material, name_sealed
), begun AS (
    INSERT INTO documents_use (id, region, document_id, about, material, holder_hash, name_sealed, by, at)
    SELECT made, region, document_id, %(about)s, given.material, %(becomes)s, name_sealed, %(by)s, moment
    FROM given JOIN ended ON ended.id = given.taken ORDER BY moment
    ON CONFLICT (region, about, material, document_id) WHERE ended_at IS NULL DO NOTHING
    RETURNING id, region, document_id, about, material
)
SELECT 'begun', id, region, document_id, about, material FROM begun
UNION ALL SELECT 'ended', id, region, document_id, about, material FROM ended
UNION ALL SELECT 'left', id, region, document_id, about, material FROM documents_use
    WHERE %(whole)s AND about = %(of)s AND ended_at IS NULL AND NOT id = ANY(%(ids)s)
"""


def hand_over(
    wanted: Sequence[tuple[UUID, str]],
    *,
    of: str,
    about: str,
    holder_hash: bytes,
    by: str,
    at: datetime,
    becomes: bytes | None = None,
    whole: bool = False,
) -> None:
    """Let open uses of the matter `of` stand as materials of `about`, in the order of `wanted` (use, material); in the caller's transaction.

    Two files of one content are one use of a material. `holder_hash` is whose they must be; they go on being his, or are
    `becomes`'s when he handed them in for somebody. `whole`: nothing is left behind, what is not wanted is released. Raises
    Refused("no_such_document") when one is not there, of another matter or another holder's: then nothing is handed over.
    """
    if not (wanted or whole):
        return
    ids = [use_id for use_id, _ in wanted]
    moments = [at + timedelta(microseconds=n) for n in range(len(wanted))]  # they stay in their order
    given: dict[str, Any] = {
        "ids": ids,
        "made": (made := [uuid7(moment) for moment in moments]),
        "materials": [material for _, material in wanted],
        "moments": moments,
        "of": of,
        "about": about,
        "holder_hash": holder_hash,
        "becomes": becomes or holder_hash,
        "by": by,
        "at": at,
        "whole": whole,
    }
    begun, ended, left = _moved(given)
    if len(ended) < len(set(ids)):
        raise no_such_document()
    audit.record_many(
        [
            *(line("documents.reused", begun[use_id], by=by, at=at) for use_id in made if use_id in begun),
            *(line("documents.released", ended[use_id], by=by, at=at) for use_id in dict.fromkeys(ids)),
        ]
    )
    if left:
        release_left(left, by=by, at=at)


def _moved(given: dict[str, Any]) -> tuple[dict[UUID, Use], ...]:
    """Move them and return, by their ids, the uses that have begun, that have ended, and that were left behind."""
    found: dict[str, dict[UUID, Use]] = {"begun": {}, "ended": {}, "left": {}}
    with connection.cursor() as cursor:
        cursor.execute(MOVE, given)
        for what, use_id, region, document_id, about, material in cursor.fetchall():
            use = Use(id=use_id, region=region, document_id=document_id, about=about, material=material)
            found[what][use_id] = use
    return tuple(found.values())
