"""Where a picture ends and how large it is, read from its own structure; nothing is decoded.

A file may be a picture and something else behind it: a second picture, a film (the telephones' live photographs), an
archive. What follows a picture's end is cut off; the picture alone is kept.
"""

import re
from dataclasses import dataclass

from bancheng.kernel.documents.rules.kinds import Kind
from bancheng.kernel.documents.rules.refusals import no

MOST_PARTS = 100_000
PNG = b"\x89PNG\r\n\x1a\n"
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF markers; the three others in the range are tables
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_MARKER = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")  # in coded data: neither a stuffed byte nor a restart


@dataclass(frozen=True)
class Picture:
    """A picture's extent in pixels and its end in bytes."""

    width: int
    height: int
    end: int


def measure(kind: Kind, data: bytes) -> Picture:
    """Return the extent and the end of the picture in `data`. Raises Refused("document_damaged")."""
    walk = {Kind.PNG: _png, Kind.JPEG: _jpeg, Kind.WEBP: _webp}[kind]
    return walk(data)


def _big(data: bytes, at: int, length: int) -> int:
    return int.from_bytes(data[at : at + length], "big")


def _little(data: bytes, at: int, length: int) -> int:
    return int.from_bytes(data[at : at + length], "little")


def _png(data: bytes) -> Picture:
    """Walk the chunks from IHDR to IEND."""
    if data[8:16] != b"\0\0\0\rIHDR":
        raise no("document_damaged")
    at, pixels = 8, False
    for _ in range(MOST_PARTS):
        name, end = data[at + 4 : at + 8], at + 12 + _big(data, at, 4)
        if len(name) < 4 or end > len(data):
            break
        pixels = pixels or name == b"IDAT"
        if name == b"IEND" and pixels:
            return Picture(_big(data, 16, 4), _big(data, 20, 4), end)
        at = end
    raise no("document_damaged")


def _jpeg(data: bytes) -> Picture:
    """Walk the segments from SOI to EOI; after SOS the coded data is searched for the next marker."""
    at, width, height, scans = 2, 0, 0, 0
    for _ in range(MOST_PARTS):
        found = _MARKER.match(data, at)
        if not found:
            break
        marker, at = found[1][0], found.end()
        if marker == 0xD9:
            if not (width and height and scans):
                break
            return Picture(width, height, at)
        if marker in _ALONE:
            continue
        length = _big(data, at, 2)
        if length < 2 or at + length > len(data):
            break
        if marker in _SIZES:
            height, width = _big(data, at + 3, 2), _big(data, at + 5, 2)
        at += length
        if marker == 0xDA:
            scans += 1
            following = _MARKER.search(data, at)
            if not following:
                break
            at = following.start()
    raise no("document_damaged")


def _webp(data: bytes) -> Picture:
    """Read the size out of the first chunk; RIFF's own length is the end."""
    end = 8 + _little(data, 4, 4)
    first, body = data[12:16], data[20:30]
    if end > len(data) or end < 30 or len(body) < 10:
        raise no("document_damaged")
    if first == b"VP8X":
        return Picture(1 + _little(body, 4, 3), 1 + _little(body, 7, 3), end)
    if first == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        return Picture(_little(body, 6, 2) & 0x3FFF, _little(body, 8, 2) & 0x3FFF, end)
    if first == b"VP8L" and body[0] == 0x2F:
        bits = _little(body, 1, 4)
        return Picture(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), end)
    raise no("document_damaged")
