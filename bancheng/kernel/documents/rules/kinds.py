"""The kinds of documents there are, what each is called, and how large one may be."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from bancheng.kernel.documents.rules.refusals import no
from bancheng.lib.text import Text

MEGABYTE = 2**20


class Kind(StrEnum):
    """What a document's bytes are; also the ending of its name."""

    PDF = "pdf"
    JPEG = "jpg"
    PNG = "png"
    WEBP = "webp"
    OFD = "ofd"  # GB/T 33190
    DOCX = "docx"
    XLSX = "xlsx"


PICTURES = frozenset({Kind.JPEG, Kind.PNG, Kind.WEBP})
PACKAGES = frozenset({Kind.OFD, Kind.DOCX, Kind.XLSX})
ALL = frozenset(Kind)

MEDIA_TYPES: dict[Kind, str] = {
    Kind.PDF: "application/pdf",
    Kind.JPEG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.WEBP: "image/webp",
    Kind.OFD: "application/ofd",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

SAYS: dict[Kind, Text] = {
    Kind.PDF: Text("PDF", "PDF"),
    Kind.JPEG: Text("JPG 图片", "JPEG picture"),
    Kind.PNG: Text("PNG 图片", "PNG picture"),
    Kind.WEBP: Text("WebP 图片", "WebP picture"),
    Kind.OFD: Text("OFD", "OFD"),
    Kind.DOCX: Text("Word（.docx）", "Word (.docx)"),
    Kind.XLSX: Text("Excel（.xlsx）", "Excel (.xlsx)"),
}


@dataclass(frozen=True)
class Limits:
    """How large a document may be; all bounds are included."""

    bytes: int = 20 * MEGABYTE
    pages: int = 200
    pixels: int = 100_000_000  # width × height
    unpacked: int = 200 * MEGABYTE  # of a package (OFD, DOCX, XLSX)


def named(kinds: Collection[Kind]) -> Text:
    """Return the names of `kinds` in the order of `Kind`."""
    found = [SAYS[kind] for kind in Kind if kind in kinds]
    return Text("、".join(each.zh for each in found), ", ".join(each.en for each in found))


def check_accepted(kind: Kind, accepted: Collection[Kind]) -> None:
    """Raise Refused("document_kind_not_accepted") unless `kind` is one of `accepted`."""
    if kind not in accepted:
        asked = named(accepted)
        raise no("document_kind_not_accepted", kind=SAYS[kind], kinds=asked)


def check_size(size: int, limits: Limits) -> None:
    """Raise Refused when a file of `size` bytes is empty or too large; a declared size is judged the same way."""
    if size <= 0:
        raise no("document_empty")
    if size > limits.bytes:
        raise no("document_too_large", size=_megabytes(size), limit=_megabytes(limits.bytes))


def check_pages(pages: int | None, limits: Limits) -> None:
    """Raise Refused when there is no page or too many; None is a kind that has no fixed pages."""
    if pages is not None and pages < 1:
        raise no("document_damaged")
    if pages is not None and pages > limits.pages:
        raise no("document_too_many_pages", pages=_same(pages), limit=_same(limits.pages))


def check_pixels(width: int, height: int, limits: Limits) -> None:
    """Raise Refused when a picture has no extent or more pixels than `limits` allow."""
    if width < 1 or height < 1:
        raise no("document_damaged")
    if width * height > limits.pixels:
        raise no("document_too_many_pixels", size=Text(f"{width}×{height}", f"{width}×{height}"))


def _megabytes(size: int) -> Text:
    return _same(f"{size / MEGABYTE:.1f}".removesuffix(".0"))


def _same(value: object) -> Text:
    return Text(str(value), str(value))
