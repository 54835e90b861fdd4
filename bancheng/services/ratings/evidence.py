"""What a unit proves its appeal with: files, kept by the kernel's documents, seen by its own desk and by who reviews (R-RT-4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from bancheng.kernel.documents import public as documents
from bancheng.kernel.identity import public as identity
from bancheng.kernel.ratings import public as ratings
from bancheng.lib.refusal import Refused

ACCEPTED = frozenset({documents.Kind.PDF, documents.Kind.OFD, *documents.PICTURES})
MOST = 5
MATERIAL = "复核证据"


@dataclass(frozen=True)
class File:
    """One file as it comes in: its name, the size it claims, its bytes."""

    name: str
    size: int | None
    pieces: Iterable[bytes]


def _about(occasion_id: UUID) -> str:
    return f"appeal:{occasion_id}"


def keep(found: ratings.Occasion, files: Sequence[File], *, by: identity.Actor, at: datetime) -> list[UUID]:
    """Keep the files of an appeal and return their uses. Outside of a transaction, as documents.store asks.

    Raises Refused: too_many_files, and what documents.store raises; then none is kept.
    """
    if len(files) > MOST:
        raise Refused(
            "too_many_files",
            f"证据文件最多{MOST}个，没有提交，请合并成一个PDF后再选。",
            en=f"{MOST} files at most; nothing was sent. Put them into one PDF.",
            status=422,
        )
    kept: list[UUID] = []
    try:
        for n, file in enumerate(files):
            stored = documents.store(
                region=found.region,
                pieces=file.pieces,
                name=file.name,
                about=_about(found.id),
                material=MATERIAL,
                holder_hash=identity.staff_hash(by.user_id or 0),
                by=by.ref,
                at=at + timedelta(microseconds=n),  # in the order in which they were chosen
                accepted=ACCEPTED,
                declared=file.size,
            )
            kept.append(stored.use.id)
    except Refused:
        let_go(found, kept, by=by, at=at)
        raise
    return kept


def let_go(found: ratings.Occasion, uses: Iterable[UUID], *, by: identity.Actor, at: datetime) -> None:
    """Take files back whose appeal was not taken in."""
    for use_id in uses:
        documents.release(use_id=use_id, about=_about(found.id), by=by.ref, at=at)


def of(found: ratings.Occasion) -> list[documents.View]:
    """Return the files of an appeal: one statement."""
    return documents.uses(about=_about(found.id))


def read(found: ratings.Occasion, use_id: UUID, *, by: identity.Actor, at: datetime) -> documents.Content:
    """Return a file for whoever the door lets see the appeal; the look is on record. Raises Refused("no_such_document")."""
    return documents.read(use_id=use_id, about=_about(found.id), by=by.ref, at=at)
