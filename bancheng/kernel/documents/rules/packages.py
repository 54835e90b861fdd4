"""What a package (a zip: OFD, DOCX, XLSX) must be before a part of it is unpacked."""

from collections.abc import Sequence
from dataclasses import dataclass

from bancheng.kernel.documents.rules.kinds import Kind
from bancheng.kernel.documents.rules.refusals import no

MOST_PARTS = 10_000
LONGEST_LIST = 2 * 2**20
_END = b"PK\x05\x06"
_FAR_END = b"PK\x06\x07"
# the parts that make a package what it is
_MARKS: dict[Kind, frozenset[str]] = {
    Kind.OFD: frozenset({"OFD.xml"}),
    Kind.DOCX: frozenset({"[Content_Types].xml", "word/document.xml"}),
    Kind.XLSX: frozenset({"[Content_Types].xml", "xl/workbook.xml"}),
}
_RUNS = (".exe", ".dll", ".scr", ".com", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".jar", ".hta", ".lnk", ".msi")


@dataclass(frozen=True)
class Part:
    """One entry of a package's list, as the list has it."""

    name: str
    size: int  # unpacked, as promised: the unpacking holds it to that
    offset: int
    encrypted: bool


def check_frame(data: bytes) -> None:
    """Raise Refused unless the package ends with its own list, of a length one can read, and nothing follows."""
    at = len(data) - 22
    if at < 0 or data[at : at + 4] != _END or data[at + 20 :] != b"\0\0":
        raise no("document_two_in_one" if _END in data[-65_557:] else "document_damaged")
    if data[max(0, at - 20) : at].startswith(_FAR_END):  # zip64: for more than 4 GB
        raise no("document_damaged")
    length, start = (int.from_bytes(data[at + first : at + first + 4], "little") for first in (12, 16))
    if length > LONGEST_LIST:
        raise no("document_bomb")
    if start + length != at:  # readers that count from the front and from the end would see two packages
        raise no("document_two_in_one")


def check_parts(parts: Sequence[Part], *, most: int) -> Kind:
    """Return the kind of package that has `parts`, at most `most` bytes unpacked in all.

    Raises Refused: encrypted, a bomb, two in one, paths that lead out, macros and programs, an archive of anything else.
    """
    names = [part.name for part in parts]
    if not parts or min(part.offset for part in parts) != 0 or len(set(names)) != len(names):
        raise no("document_two_in_one")
    if len(parts) > MOST_PARTS or sum(part.size for part in parts) > most:
        raise no("document_bomb")
    kinds = [kind for kind, marks in _MARKS.items() if marks <= set(names)]
    if not kinds:
        raise no("document_archive")
    if len(kinds) > 1:
        raise no("document_two_in_one")
    if any(part.encrypted for part in parts) or "Encryptions.xml" in names:
        raise no("document_encrypted")
    for name in names:
        _check_name(name)
    return kinds[0]


def _check_name(name: str) -> None:
    if name.startswith("/") or "\\" in name or "\0" in name or ":" in name or ".." in name.split("/"):
        raise no("document_two_in_one")
    lowered = name.lower()
    if lowered.endswith(_RUNS) or "vbaproject" in lowered or "/activex/" in lowered:
        raise no("document_runs")
