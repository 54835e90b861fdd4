"""Looking into a file: what it is, how many pages or pixels it has, and whether anything in it must be refused.

The rules say what is allowed (`rules/`); here a package is unpacked, piece by piece and to a bound, and a PDF is read by
a process of its own. One copy of the content is held, as `bytes`; what a picture is cut to is a second for a moment.
"""

import io
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from xml.parsers import expat

from bancheng.kernel.documents import pdf
from bancheng.kernel.documents.rules import kinds, packages, pictures, sniffing
from bancheng.kernel.documents.rules.kinds import Kind, Limits
from bancheng.kernel.documents.rules.refusals import no
from bancheng.lib.text import Text

PIECE = 2**16
LONGEST_XML = 8 * 2**20
# whatever zipfile says of a list or a part that is not as it should be
BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError, OSError, KeyError
)  # fmt: skip

CUT = Text("图片之后的多余内容已去掉", "What stood behind the picture's end was cut off")


@dataclass(frozen=True)
class Looked:
    """A file that may be kept: `data` is what is kept of it, `notes` tell what was done to it."""

    kind: Kind
    data: bytes
    pages: int | None = None
    width: int | None = None
    height: int | None = None
    notes: tuple[Text, ...] = ()


def gather(pieces: Iterable[bytes], *, declared: int | None, limits: Limits) -> bytes:
    """Return the pieces as one, having read no more than the limit and one piece.

    A declared size over the limit is refused before anything is read. Raises Refused.
    """
    if declared is not None:
        kinds.check_size(declared, limits)
    gathered = io.BytesIO()
    for piece in pieces:
        gathered.write(piece)
        if gathered.tell() > limits.bytes:
            kinds.check_size(max(declared or 0, gathered.tell()), limits)
    kinds.check_size(gathered.tell(), limits)
    return gathered.getvalue()  # the buffer itself, not a copy: nobody else holds it


def look(data: bytes, *, accepted: Collection[Kind], limits: Limits) -> Looked:
    """Return what `data` is. Raises Refused, and nothing else, whatever the bytes are."""
    kinds.check_size(len(data), limits)
    sniffing.check_malware_test(data)
    kind = sniffing.kind_of(data)
    if kind is None:
        return _package(data, accepted, limits)
    kinds.check_accepted(kind, accepted)
    return _pdf(data, limits) if kind is Kind.PDF else _picture(kind, data, limits)


def _picture(kind: Kind, data: bytes, limits: Limits) -> Looked:
    found = pictures.measure(kind, data)
    kinds.check_pixels(found.width, found.height, limits)
    whole = found.end >= len(data)
    kept = data if whole else data[: found.end]
    return Looked(kind, kept, 1, found.width, found.height, notes=() if whole else (CUT,))


def _pdf(data: bytes, limits: Limits) -> Looked:
    sniffing.check_pdf_frame(data)
    pages = pdf.count_pages(data, most=limits.pages)
    kinds.check_pages(pages, limits)
    return Looked(Kind.PDF, data, pages)


def _package(data: bytes, accepted: Collection[Kind], limits: Limits) -> Looked:
    packages.check_frame(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            kind = packages.check_parts([_part(info) for info in package.infolist()], most=limits.unpacked)
            kinds.check_accepted(kind, accepted)
            _unpack_all(package, limits.unpacked)
            pages = _ofd_pages(package) if kind is Kind.OFD else None
    except BROKEN:
        raise no("document_damaged") from None
    kinds.check_pages(pages, limits)
    return Looked(kind, data, pages)


def _part(info: zipfile.ZipInfo) -> packages.Part:
    return packages.Part(info.orig_filename, info.file_size, info.header_offset, bool(info.flag_bits & 1))


def _unpack_all(package: zipfile.ZipFile, most: int) -> None:
    """Unpack every part once, keeping nothing: the checksums hold, nothing exceeds the bound, no part is the test string."""
    left, overlap = most, len(sniffing.EICAR) - 1
    for info in package.infolist():
        before = b""
        for piece in _pieces(package, info):
            left -= len(piece)
            if left < 0:
                raise no("document_bomb")
            sniffing.check_malware_test(before + piece)
            before = piece[-overlap:]


def _pieces(package: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with package.open(info) as part:
        while piece := part.read(PIECE):
            yield piece


class _Xml:
    """Counts elements and gathers one element's text; a document type, and with it every entity, is refused."""

    def __init__(self, data: bytes, *, count: str = "", gather: str = "") -> None:
        self.found = 0
        self.texts: list[str] = []
        self._count, self._gather, self._open = count, gather, False
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(data, True)
        except expat.ExpatError:
            raise no("document_damaged") from None

    def _refuse(self, *_: object) -> None:
        raise no("document_damaged")

    def _start(self, name: str, _: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        self.found += local == self._count
        self._open = bool(self._gather) and local == self._gather
        if self._open:
            self.texts.append("")

    def _end(self, _: str) -> None:
        self._open = False

    def _text(self, text: str) -> None:
        if self._open:
            self.texts[-1] += text


def _ofd_pages(package: zipfile.ZipFile) -> int:
    """Count the pages of every document that OFD.xml names (GB/T 33190 7.4, 7.5)."""
    roots = _Xml(_read(package, "OFD.xml"), gather="DocRoot").texts
    return sum(_Xml(_read(package, root.strip().lstrip("/")), count="Page").found for root in roots)


def _read(package: zipfile.ZipFile, name: str) -> bytes:
    info = package.getinfo(name)
    if info.file_size > LONGEST_XML:
        raise no("document_bomb")
    return package.read(info)
