"""What a file's bytes are, and what they must not be: name and header are never asked."""

import re

from bancheng.kernel.documents.rules.kinds import Kind
from bancheng.kernel.documents.rules.pictures import PNG
from bancheng.kernel.documents.rules.refusals import no
from bancheng.lib.refusal import Refused

HEAD = 1024
TAIL = 65_557  # the longest end a zip can have: 22 bytes and a comment
PACKAGE = b"PK\x03\x04"
# the string every scanner knows, in two parts so that this file is no finding itself (eicar.org)
EICAR = b"".join((rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$", b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"))

_REFUSED: tuple[tuple[bytes, str], ...] = (
    (b"PK", "document_archive"),
    (b"Rar!\x1a\x07", "document_archive"),
    (b"7z\xbc\xaf\x27\x1c", "document_archive"),
    (b"\x1f\x8b", "document_archive"),
    (b"BZh", "document_archive"),
    (b"\xfd7zXZ", "document_archive"),
    (b"\x28\xb5\x2f\xfd", "document_archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "document_old_office"),
    (b"MZ", "document_program"),
    (b"\x7fELF", "document_program"),
    (b"\xfe\xed\xfa", "document_program"),
    (b"\xcf\xfa\xed\xfe", "document_program"),
    (b"\xca\xfe\xba\xbe", "document_program"),
    (b"#!", "document_program"),
)
_HEIC = re.compile(rb".{4}ftyp(heic|heix|heim|heis|hevc|mif1|msf1|avif)", re.DOTALL)
_ACTIVE = re.compile(rb"<\s*(!doctype|html|head|body|svg|script|iframe|\?xml|\?php|%)|javascript:", re.IGNORECASE)
_ARCHIVES = re.compile(rb"Rar!\x1a\x07[\x00\x01]|7z\xbc\xaf\x27\x1c\x00")


def kind_of(data: bytes) -> Kind | None:
    """Return what `data` is by its first bytes, or None for a package whose parts must be asked.

    Raises Refused with the sentence that fits what it is instead.
    """
    if data.startswith(b"%PDF-"):
        return Kind.PDF
    if data.startswith(PNG):
        return Kind.PNG
    if data.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return Kind.WEBP
    if data.startswith(PACKAGE):
        return None
    raise _what_else(data)


def _what_else(data: bytes) -> Refused:
    for start, code in _REFUSED:
        if data.startswith(start):
            return no(code)
    head = data[:HEAD]
    if _HEIC.match(head):
        return no("document_heic")
    if b"%PDF-" in head:  # a reader would open it as PDF all the same, whatever stands in front
        return no("document_two_in_one")
    if _ACTIVE.search(head.replace(b"\0", b"")):  # without NULs: UTF-16 reads like ASCII
        return no("document_active")
    return no("document_unknown_kind")


def check_malware_test(data: bytes) -> None:
    """Raise Refused("document_infected") for the scanners' test string, wherever it stands: no scanner is needed for it."""
    if EICAR in data:
        raise no("document_infected")


def check_pdf_frame(data: bytes) -> None:
    """Raise Refused unless `data` begins and ends as PDF, with nothing but blanks behind it and no archive within."""
    end = data.rfind(b"%%EOF", -2 * HEAD)
    if end < 0:
        raise no("document_two_in_one" if b"%%EOF" in data else "document_damaged")
    if data[end + 5 :].strip(b"\0\t\n\f\r "):
        raise no("document_two_in_one")
    if holds_archive(data):
        raise no("document_two_in_one")


def holds_archive(data: bytes) -> bool:
    """Return whether an unpacker would find an archive in `data`: a zip is found from its end, others by their mark."""
    first = max(0, len(data) - TAIL)
    at = data.find(b"PK\x05\x06", first)
    while at >= 0:
        listed = int.from_bytes(data[at + 12 : at + 16], "little")
        comment = int.from_bytes(data[at + 20 : at + 22], "little")
        start = max(0, at - listed)
        if at + 22 + comment == len(data) or (listed and data[start : start + 4] == b"PK\x01\x02"):
            return True
        at = data.find(b"PK\x05\x06", at + 1)
    return _ARCHIVES.search(data) is not None
