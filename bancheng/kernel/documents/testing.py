"""Documents for other parts' tests: small files of every kind (`pdf`, `jpeg`, `docx` …), and one that is stored (`stored`)."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bancheng.kernel.documents import operations
from bancheng.kernel.documents.queries import View

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
REGION = "411002"
HOLDER = bytes(32)
CASE = "case:1"
CONTENT_TYPES = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def stored(data: bytes | None = None, **over: Any) -> View:
    """Return a use of a document that is stored, scanned and audited by the real operation: a PDF of one page by default."""
    values: dict[str, Any] = {
        "region": REGION,
        "pieces": [pdf() if data is None else data],
        "name": "材料.pdf",
        "about": CASE,
        "material": "M1",
        "holder_hash": HOLDER,
        "by": "person:1",
        "at": AT,
    }
    return operations.store(**(values | over)).use


def pdf(
    pages: int = 1, *, text: str = "", catalog: str = "", trailer: str = "", objects: tuple[str, ...] = ()
) -> bytes:
    """Return a PDF; `catalog` and `trailer` are added to those dictionaries, `objects` from number 100 on."""
    kids = " ".join(f"{10_000 + n} 0 R" for n in range(pages))
    numbered = {
        1: f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        2: f"<< /Type /Pages /Kids [{kids}] /Count {pages} /MediaBox [0 0 200 200] >>",
        3: f"<< /Producer ({text}) >>",
        **{100 + n: body for n, body in enumerate(objects)},
        **{10_000 + n: "<< /Type /Page /Parent 2 0 R >>" for n in range(pages)},
    }
    made = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    table = b"xref\n0 1\n0000000000 65535 f \n"
    for number, body in numbered.items():
        table += b"%d 1\n%010d 00000 n \n" % (number, len(made))
        made += f"{number} 0 obj\n{body}\nendobj\n".encode()
    end = f"trailer << /Size {10_000 + pages} /Root 1 0 R /Info 3 0 R {trailer} >>\nstartxref\n{len(made)}\n%%EOF\n"
    return bytes(made + table + end.encode())


def png(width: int = 2, height: int = 2) -> bytes:
    """Return a PNG that says it is so large; only the first line is there."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\0\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 3)) + chunk(b"IEND", b"")


def jpeg(width: int = 2, height: int = 2, *, comment: bytes = b"") -> bytes:
    """Return a JPEG's structure with a few bytes of coded data."""

    def segment(marker: int, body: bytes) -> bytes:
        return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body

    size = b"\x08" + height.to_bytes(2, "big") + width.to_bytes(2, "big") + b"\x01\x01\x11\x00"
    return (
        b"\xff\xd8"
        + segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
        + (segment(0xFE, comment) if comment else b"")
        + segment(0xC0, size)
        + segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
        + b"\x12\xff\x00\x34\xff\xd0\x56"
        + b"\xff\xd9"
    )


def webp(width: int = 2, height: int = 2) -> bytes:
    """Return a WebP that says it is so large."""
    body = b"WEBPVP8X\x0a\0\0\0\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def package(parts: Mapping[str, bytes]) -> bytes:
    """Return a zip of `parts`."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), body, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def docx(**more: bytes) -> bytes:
    """Return what passes for a Word file; `more` parts by name."""
    return package({"[Content_Types].xml": CONTENT_TYPES, "word/document.xml": b"<w:document/>", **more})


def xlsx(**more: bytes) -> bytes:
    """Return what passes for an Excel file; `more` parts by name."""
    return package({"[Content_Types].xml": CONTENT_TYPES, "xl/workbook.xml": b"<workbook/>", **more})


def ofd(pages: int = 1, **more: bytes) -> bytes:
    """Return an OFD of so many empty pages (GB/T 33190)."""
    space = b'xmlns:ofd="http://www.ofdspec.org/2016"'
    listed = b"".join(b'<ofd:Page ID="%d" BaseLoc="Pages/Page_%d/Content.xml"/>' % (n + 1, n) for n in range(pages))
    return package(
        {
            "OFD.xml": b"<ofd:OFD %b><ofd:DocBody><ofd:DocRoot>/Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
            % space,
            "Doc_0/Document.xml": b"<ofd:Document %b><ofd:Pages>%b</ofd:Pages></ofd:Document>" % (space, listed),
            **more,
        }
    )
