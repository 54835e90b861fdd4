"""Taking documents in, using them again, reading them, and forgetting what nobody needs.

The order is everything: a blob is durable before its row is written, and a row is gone before its blob is swept. So
whatever dies wherever, a row never names a blob that is not there; what remains is at most a blob without a row
(`Orphan`), which no row can come to name any more, for every blob has an address of its own.
"""

import hashlib
import logging
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, islice
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from bancheng.kernel.audit import public as audit
from bancheng.kernel.documents import looking, scanner, stores
from bancheng.kernel.documents.looking import Looked
from bancheng.kernel.documents.models import Document, Orphan, Use
from bancheng.kernel.documents.queries import NAME, View, ref, view
from bancheng.kernel.documents.rules import kinds, names
from bancheng.kernel.documents.rules.kinds import Kind, Limits
from bancheng.kernel.documents.rules.refusals import no
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.lib.identifiers import uuid7
from bancheng.lib.refusal import Refused, Unavailable
from bancheng.lib.text import Text

log = logging.getLogger("bancheng.documents")
CONTENT, KEY = "document", "document_key"  # the kinds under which identity seals a content's digest and its key
GRACE = timedelta(days=1)  # an orphan is swept when it still has no row a day later
BATCH = 1000


@dataclass(frozen=True)
class Stored:
    """What became of an upload: its use, whether the content was here before, and what was done to it on the way."""

    use: View
    known: bool  # for figures, never shown: it would tell what others have handed in
    notes: tuple[Text, ...]


@dataclass(frozen=True)
class Content:
    """A document on its way to a reader: send `headers` with it, whatever door it leaves by."""

    use: View
    pieces: Iterator[bytes]  # each proven before it is yielded; raises SealBroken where the blob was tampered with

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers that keep a browser from taking the content for anything else, or running any of it."""
        return {
            "Content-Type": self.use.media_type,
            "Content-Length": str(self.use.size),
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(self.use.name, safe='')}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        }


@dataclass(frozen=True)
class Swept:
    """What a sweep did: blobs removed, and blobs that wait for the next because they were seen for the first time."""

    removed: int
    waiting: int


def limits() -> Limits:
    """Return the limits of the settings."""
    return Limits(
        bytes=settings.DOCUMENT_MEGABYTES * kinds.MEGABYTE,
        pages=settings.DOCUMENT_PAGES,
        pixels=settings.DOCUMENT_MEGAPIXELS * 1_000_000,
        unpacked=settings.DOCUMENT_UNPACKED_MEGABYTES * kinds.MEGABYTE,
    )


def store(
    *,
    region: str,
    pieces: Iterable[bytes],
    name: str,
    about: str,
    material: str,
    holder_hash: bytes,
    by: str,
    at: datetime,
    accepted: Collection[Kind] = kinds.ALL,
    within: Limits | None = None,
    declared: int | None = None,
) -> Stored:
    """Take a file in as `material` of `about` ("case:…", "draft:…") and return its use.

    `pieces` is read once and to the limit only, `declared` is the size its sender claims; `accepted` are the kinds this
    material may be, `within` its own limits where they are not the house's. The same content in the same region is kept
    once; handed in twice for one material it is one use. Looking, scanning and writing the blob happen before the
    transaction: call it outside of one. Raises Refused (`rules.refusals.SENTENCES`), and nothing is kept then.
    """
    within = within or limits()
    data = looking.gather(pieces, declared=declared, limits=within)
    looked = looking.look(data, accepted=accepted, limits=within)
    del data
    _scan(looked.data, by=by, about=about, region=region, at=at)
    shown = names.clean(name, looked.kind)
    blob = None
    while True:
        blob = blob or _blob_if_needed(looked, region)
        with transaction.atomic():
            document = _row(looked, blob, region=region, at=at)
            if document is not None:  # None: forgotten between the two steps, so its content is written after all
                use, _ = _use(document, about, material, holder_hash, shown, by=by, at=at, action="documents.stored")
                break
    known = blob is None or document.address != blob.address
    if blob is not None and known:  # another was faster with the same content
        with suppress(Unavailable):  # then the sweep has it
            stores.configured().delete(blob.address)
    return Stored(view(use), known, (*looked.notes, *_renamed(name, shown)))


def _scan(data: bytes, *, by: str, about: str, region: str, at: datetime) -> None:
    """Ask the scanner, if one is set: what it finds is refused and recorded; while it is silent nothing is taken in."""
    clamd = scanner.configured()
    if clamd is None:
        return
    try:
        found = clamd.found(data)
    except Unavailable as silent:
        log.warning("%s", silent)
        raise no("document_not_checked") from None
    if found:
        audit.record("documents.infected", who=by, about=about, at=at, region=region, detail={"found": found[:100]})
        raise no("document_infected")


def _renamed(name: str, shown: str) -> tuple[Text, ...]:
    if not names.was_changed(name, shown):
        return ()
    return (Text(f"文件名改为 {shown}", f"The file is now called {shown}"),)


@dataclass(frozen=True)
class _Blob:
    """A blob that was just written, and the address of the lost one that it stands in for ("": of none)."""

    address: str
    key: str
    instead_of: str


def _content(looked: Looked, region: str) -> str:
    """Return what a content is known by: the region is in it, for what is kept once is kept once a region."""
    return f"{region} {hashlib.sha256(looked.data).hexdigest()}"


def _blob_if_needed(looked: Looked, region: str) -> _Blob | None:
    """Write the blob and return it, or None where the content is here already, row and blob."""
    place = stores.configured()
    content_hash = identity.find_hash(_content(looked, region), kind=CONTENT)
    known = Document.objects.filter(region=region, content_hash=content_hash).values_list("address", flat=True).first()
    try:
        if known and place.has(known):
            return None
        key, address = identity.ContentKey(), stores.new_address(content_hash)
        size = identity.ContentKey.sealed_size(len(looked.data))
        place.put(address, partial(key.seal, looked.data, name=address), size)
    except Unavailable as silent:
        log.error("%s", silent)
        raise no("document_not_kept") from None
    return _Blob(address, key.text, known or "")


def _row(looked: Looked, blob: _Blob | None, *, region: str, at: datetime) -> Document | None:
    """Return the content's row, locked; it names `blob` if it is new or has lost its own. None: neither row nor blob."""
    content = _content(looked, region)
    content_hash = identity.find_hash(content, kind=CONTENT)
    if blob is not None:
        row = Document(
            id=uuid7(at),
            region=region,
            content_sealed=identity.seal(content, kind=CONTENT),
            content_hash=content_hash,
            address=blob.address,
            key_sealed=identity.seal(blob.key, kind=KEY),
            kind=looked.kind.value,
            size=len(looked.data),
            pages=looked.pages,
            width=looked.width,
            height=looked.height,
            stored_at=at,
            unused_since=at,
        )
        # waits for another transaction that has the same content under way
        Document.objects.bulk_create([row], ignore_conflicts=True)
    document = Document.objects.select_for_update().filter(region=region, content_hash=content_hash).first()
    if document is not None and blob is not None and document.address == blob.instead_of:
        document.address, document.key_sealed = blob.address, identity.seal(blob.key, kind=KEY)
        document.save(update_fields=["address", "key_sealed"])
        log.error("document %s had lost its blob; it was handed in again and has one", document.pk)
    return document


def _use(
    document: Document, about: str, material: str, holder_hash: bytes, name: str, *, by: str, at: datetime, action: str
) -> tuple[Use, bool]:
    """Return the open use of a locked document for a material, and whether it is new; a new one leaves a line."""
    made, new = Use.objects.get_or_create(
        region=document.region,
        document=document,
        about=about,
        material=material,
        ended_at=None,
        defaults={
            "id": uuid7(at),
            "holder_hash": holder_hash,
            "name_sealed": identity.seal(name, kind=NAME),
            "by": by,
            "at": at,
        },
    )
    if not new:
        return made, False
    if document.unused_since is not None:
        document.unused_since = None
        document.save(update_fields=["unused_since"])
    _record(action, made, by=by, at=at, kind=document.kind, bytes=document.size, pages=document.pages)
    return made, True


def reuse(
    *,
    use_id: UUID,
    about: str,
    material: str,
    holder_hash: bytes,
    by: str,
    at: datetime,
    accepted: Collection[Kind] = kinds.ALL,
) -> View:
    """Use what a holder handed in before as `material` of another matter, and return the new use.

    Also what he has taken back since, until it is forgotten. Raises Refused: "no_such_document",
    "document_of_another", "document_kind_not_accepted".
    """
    with transaction.atomic():
        before = Use.objects.filter(pk=use_id).first()
        if before is None:
            raise no_such_document()
        document = Document.objects.select_for_update().filter(pk=before.document_id).first()
        if document is None:
            raise no_such_document()
        if bytes(before.holder_hash) != holder_hash:
            raise Refused(
                "document_of_another",
                "这份文件不是您提交的，不能用于本次办理；请重新上传。",
                en="This document was handed in by somebody else and cannot be used here; please upload your own.",
                status=403,
            )
        kinds.check_accepted(Kind(document.kind), accepted)
        name = identity.open_sealed(bytes(before.name_sealed), kind=NAME)
        use, _ = _use(document, about, material, holder_hash, name, by=by, at=at, action="documents.reused")
    return view(use)


def release(*, use_id: UUID, about: str, by: str, at: datetime) -> None:
    """End a use: its material is taken back. Ending it twice changes nothing. Raises Refused("no_such_document")."""
    with transaction.atomic():
        if not Use.objects.filter(pk=use_id, about=about).exists():
            raise no_such_document()
        _end(Use.objects.filter(pk=use_id), by=by, at=at)


def release_all(*, about: str, by: str, at: datetime, before: datetime | None = None) -> int:
    """End every use of `about`, as when a draft is deleted or a case's time in the archive is over; return how many.

    `before`: only what was handed in before that instant.
    """
    wanted = Use.objects.filter(about=about)
    with transaction.atomic():
        return _end(wanted if before is None else wanted.filter(at__lt=before), by=by, at=at)


def release_left(ids: Collection[UUID], *, by: str, at: datetime) -> None:
    """End these uses, in the caller's transaction."""
    _end(Use.objects.filter(pk__in=list(ids)), by=by, at=at)


def release_drafts(fact: forms.Forgotten) -> None:
    """End every use of drafts that are no more: nobody could come back for what was handed in with them."""
    with transaction.atomic():
        _end(Use.objects.filter(about__in=[f"draft:{one}" for one in fact.ids]), by=fact.by, at=fact.at)


def _end(wanted: QuerySet[Use], *, by: str, at: datetime) -> int:
    ids = sorted(set(wanted.filter(ended_at=None).values_list("document_id", flat=True)))
    documents = Document.objects.select_for_update().filter(pk__in=ids).order_by("pk")  # one order: no deadlock
    list(documents)
    open_uses = list(wanted.filter(ended_at=None, document__in=ids))
    for use in open_uses:
        use.ended_at = at
        use.save(update_fields=["ended_at"])
        _record("documents.released", use, by=by, at=at)
    still = Use.objects.filter(document=OuterRef("pk"), ended_at=None)
    Document.objects.filter(~Exists(still), pk__in=ids, unused_since=None).update(unused_since=at)
    return len(open_uses)


def read(*, use_id: UUID, about: str, by: str, at: datetime) -> Content:
    """Return a document's content for whoever works on `about`; the reading is recorded before a byte is given out.

    Whether `by` may see `about` is the door's check; a use of another matter is refused here. Raises
    Refused("no_such_document"), Refused("document_not_now") while the store is silent, BlobMissing and SealBroken.
    """
    use = Use.objects.filter(pk=use_id, about=about, ended_at=None).select_related("document").first()
    if use is None:
        raise no_such_document()
    document = use.document
    key = identity.ContentKey(identity.open_sealed(bytes(document.key_sealed), kind=KEY))
    try:
        pieces = key.open(stores.configured().get(document.address), name=document.address)
        first = next(pieces)  # what is wrong with the blob shows now, before the answer has begun
    except Unavailable as silent:
        log.error("%s", silent)
        raise no("document_not_now") from None
    _record("documents.read", use, by=by, at=at)
    return Content(view(use), chain([first], pieces))


def forget_unused(*, at: datetime, by: str = "clock", keep_days: int | None = None) -> int:
    """Forget every document that nothing has used for so many days; return how many.

    个人信息保护法 第十九条, 第四十七条: kept no longer than the purpose needs. With its row goes its key, so nothing can open
    the blob from then on; the blob itself is swept later. Run it as often as you like.
    """
    before = at - timedelta(days=settings.DOCUMENT_KEEP_DAYS if keep_days is None else keep_days)
    forgotten = 0
    while True:
        with transaction.atomic():
            due = list(Document.objects.select_for_update(skip_locked=True).filter(unused_since__lt=before)[:BATCH])
            if not due:
                return forgotten
            Use.objects.filter(document__in=due, ended_at__isnull=False).delete()
            audit.record_many(
                audit.Event("documents.forgotten", by, f"content:{each.pk}", at, each.region) for each in due
            )
            Document.objects.filter(pk__in=[each.pk for each in due]).delete()
        forgotten += len(due)


def sweep(*, at: datetime) -> Swept:
    """Remove blobs that have no row and had none at a sweep a day ago; `at` is the real time, whatever a demonstration shows.

    Only what was seen twice goes: between the two, a transaction that was writing its row has long ended, and a backup
    that copies blobs after the dump has what its rows name. Raises Unavailable when the store is silent.
    """
    place = stores.configured()
    addresses = place.addresses()
    while some := list(islice(addresses, BATCH)):
        claimed = set(Document.objects.filter(address__in=some).values_list("address", flat=True))
        strangers = [Orphan(address=each, seen_at=at) for each in some if each not in claimed]
        Orphan.objects.bulk_create(strangers, ignore_conflicts=True)
        Orphan.objects.filter(address__in=claimed).delete()
    removed = 0
    for address in Orphan.objects.filter(seen_at__lte=at - GRACE).values_list("address", flat=True):
        if not Document.objects.filter(address=address).exists():
            place.delete(address)
            removed += 1
        Orphan.objects.filter(address=address).delete()
    if isinstance(place, stores.Disk):
        place.remove_unfinished(before=(at - GRACE).timestamp())
    return Swept(removed, Orphan.objects.count())


def _record(action: str, use: Use, *, by: str, at: datetime, **detail: object) -> None:
    """Append a line about a use: for which case and material. A file's name is in none, it may hold a person's.

    About the use and not the content, which may be another holder's too: each sees who read his own.
    """
    audit.record_many([line(action, use, by=by, at=at, **detail)])


def line(action: str, use: Use, *, by: str, at: datetime, **detail: object) -> audit.Event:
    """Return the line that says what became of a use."""
    told = {"for": use.about, "material": use.material, "content": str(use.document_id), **detail}
    return audit.Event(action=action, who=by, about=ref(use.pk), at=at, region=use.region, detail=told)


def no_such_document() -> Refused:
    """Return the refusal of a document that is not there, or not of the matter it is asked for."""
    return Refused(
        "no_such_document", "没有找到这份文件，可能已经撤回；请刷新页面。", en="No such document; it may have been taken back.",
        status=404,
    )  # fmt: skip
