"""Handing documents on: what was handed in for one matter becomes material of another, many files in one go.

A use is never turned into another (the database sees to it): the old ones end and new ones begin, in as many statements for forty
files as for one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from bancheng.kernel.audit import public as audit
from bancheng.kernel.documents.models import Use
from bancheng.kernel.documents.operations import line, no_such_document, release_left
from bancheng.lib import rows, unnest
from bancheng.lib.identifiers import uuid7

# their contents are locked in one order: no deadlock with whoever takes or releases the same
OPEN = """
JOIN (
    SELECT id AS content FROM documents_document WHERE id IN (
        SELECT document_id FROM documents_use WHERE about = %(of)s AND ended_at IS NULL AND (%(whole)s OR id = ANY(%(ids)s))
    ) ORDER BY id FOR UPDATE
) AS locked ON content = document_id
WHERE about = %(of)s AND ended_at IS NULL AND (%(whole)s OR id = ANY(%(ids)s))
"""
USE = {
    "id": "uuid", "region": "text", "document_id": "uuid", "about": "text", "material": "text", "holder_hash": "bytea",
    "name_sealed": "bytea", "by": "text", "at": "timestamptz",
}  # fmt: skip
MOVE = f"""
WITH ended AS (
    UPDATE documents_use SET ended_at = %s WHERE id = ANY(%s) AND ended_at IS NULL RETURNING id
), begun AS (
    {unnest.insert("documents_use", USE)}
    ON CONFLICT (region, about, material, document_id) WHERE ended_at IS NULL DO NOTHING RETURNING id
)
SELECT (SELECT count(*) FROM ended), ARRAY(SELECT id FROM begun)
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
    with connection.cursor() as cursor:
        found = rows.read(cursor, Use, OPEN, {"of": of, "ids": ids, "whole": whole})
    old = {use.pk: use for use in found}
    if any(use_id not in old or bytes(old[use_id].holder_hash) != holder_hash for use_id in ids):
        raise no_such_document()
    made = _begun([(old[use_id], material) for use_id, material in wanted], about, becomes or holder_hash, by, at)
    with connection.cursor() as cursor:
        cursor.execute(MOVE, [at, ids, *unnest.arrays(made, USE)])
        ended, begun = cursor.fetchone()
    if ended < len(set(ids)):  # taken back at this moment
        raise no_such_document()
    audit.record_many(
        [
            *(line("documents.reused", use, by=by, at=at) for use in made if use.pk in begun),
            *(line("documents.released", old[use_id], by=by, at=at) for use_id in dict.fromkeys(ids)),
        ]
    )
    if left := old.keys() - set(ids):
        release_left(left, by=by, at=at)


def _begun(wanted: Sequence[tuple[Use, str]], about: str, holder_hash: bytes, by: str, at: datetime) -> list[Use]:
    """Return the new uses, one of each content and material; not written yet."""
    once = {(before.document_id, material): before for before, material in reversed(wanted)}
    made = []
    for n, ((document_id, material), before) in enumerate(reversed(once.items())):
        moment = at + timedelta(microseconds=n)  # they stay in their order
        made.append(
            Use(
                id=uuid7(moment),
                region=before.region,
                document_id=document_id,
                about=about,
                material=material,
                holder_hash=holder_hash,
                name_sealed=bytes(before.name_sealed),
                by=by,
                at=moment,
            )
        )
    return made
