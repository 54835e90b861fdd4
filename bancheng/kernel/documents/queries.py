"""What was handed in, for whom and how large; contents are read by `operations.read` alone, which leaves a line."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from bancheng.kernel.documents import scanner, stores
from bancheng.kernel.documents.models import Use
from bancheng.kernel.documents.rules.kinds import MEDIA_TYPES, Kind
from bancheng.kernel.identity import public as identity
from bancheng.lib import rows
from bancheng.lib.refusal import Unavailable

NAME = "document_name"  # the kind under which identity seals a file's name


def ref(use_id: UUID) -> str:
    """Return what the record's lines about a use are about."""
    return f"document:{use_id}"


@dataclass(frozen=True)
class View:
    """One use of a document. Its name may hold anything a person writes: it belongs on his own and his case's pages."""

    id: UUID
    document: UUID
    region: str
    about: str
    material: str
    name: str
    kind: Kind
    size: int
    pages: int | None
    width: int | None
    height: int | None
    by: str
    at: datetime
    ended_at: datetime | None

    @property
    def ref(self) -> str:
        """Return what the record's lines about this use are about, for `audit.timeline` and `audit.things_of`."""
        return ref(self.id)

    @property
    def media_type(self) -> str:
        """Return the media type of what its bytes are."""
        return MEDIA_TYPES[self.kind]


@dataclass(frozen=True)
class Status:
    """Where blobs are kept and who looks for malware; a fault is "" when there is none."""

    store: str
    store_fault: str
    scanner: str  # "": none is set, only the scanners' test string is refused
    scanner_fault: str


def uses(*, about: Collection[str] | str, ended: bool = False, only: Collection[UUID] | None = None) -> list[View]:
    """Return what was handed in for `about` (one, or several at once), oldest first; what was taken back only if `ended`.

    `only`: no more than these of them.
    """
    with connection.cursor() as cursor:
        return uses_question(about=about, ended=ended, only=only).alone(cursor)


USES = """JOIN documents_document content ON content.id = document_id
WHERE about = ANY(%s) AND (%s OR ended_at IS NULL) AND (%s::uuid[] IS NULL OR documents_use.id = ANY(%s)) ORDER BY at, documents_use.id"""
CONTENT = {name: f"content.{name}" for name in ("kind", "size", "pages", "width", "height")}


def uses_question(
    *, about: Collection[str] | str, ended: bool = False, only: Collection[UUID] | None = None
) -> rows.Question[list[View]]:
    """Return the question that `uses` asks, to be asked with others'."""
    wanted = [about] if isinstance(about, str) else list(about)
    ids = None if only is None else list(only)
    asked = rows.question(Use, USES, [wanted, ended, ids, ids], **CONTENT)
    return asked.then(lambda found: [_view(use, use) for use in found])


def weight(*, about: str, but: str = "") -> tuple[int, int]:
    """Return how many files stand with `about` and how many bytes they are in all, but for the material `but`: one statement."""
    found = Use.objects.filter(about=about, ended_at=None).exclude(material=but)
    totals = found.aggregate(files=Count("id"), size=Coalesce(Sum("document__size"), 0))
    return int(totals["files"]), int(totals["size"])


def brought_by(*, holder_hash: bytes, region: str = "", limit: int = 100) -> list[View]:
    """Return what a holder has handed in and may use again, newest first, each document once."""
    found = Use.objects.filter(holder_hash=holder_hash).select_related("document").order_by("document", "-at")
    if region:
        found = found.filter(region=region)
    latest = _views(found.distinct("document"))
    return sorted(latest, key=lambda each: each.at, reverse=True)[:limit]


def find(use_id: UUID) -> View | None:
    """Return one use, or None."""
    use = Use.objects.filter(pk=use_id).select_related("document").first()
    return view(use) if use else None


def view(use: Use) -> View:
    """Return what may be shown of a use."""
    return _view(use, use.document)


def _view(use: Use, document: Any) -> View:
    return View(
        id=use.pk,
        document=use.document_id,
        region=use.region,
        about=use.about,
        material=use.material,
        name=identity.open_sealed(bytes(use.name_sealed), kind=NAME),
        kind=Kind(document.kind),
        size=document.size,
        pages=document.pages,
        width=document.width,
        height=document.height,
        by=use.by,
        at=use.at,
        ended_at=use.ended_at,
    )


def _views(found: Iterable[Use]) -> list[View]:
    return [view(use) for use in found]


def status() -> Status:
    """Ask store and scanner whether they can be used now; for the operator's page."""
    store, clamd = stores.configured(), scanner.configured()
    return Status(
        store=store.says,
        store_fault=_fault(store),
        scanner=clamd.where if clamd else "",
        scanner_fault=_fault(clamd) if clamd else "",
    )


def _fault(peer: stores.Store | scanner.Clamd) -> str:
    try:
        peer.check()
    except Unavailable as silent:
        return str(silent)
    return ""
