"""How an event becomes a hash, a batch a root and the roots a chain. Pure, so that anyone can recompute it.

The tree is that of RFC 6962 (leaves and nodes are hashed with different first bytes, an odd node moves up as it is),
so no inner node can be passed off as an event.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

GENESIS = bytes(32)  # what the first batch names as the batch before it
HASH_SIZE = 32
# made once: json.dumps with options makes an encoder for each call and costs three times as much
canonical = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Row(NamedTuple):
    """One stored event as it is hashed: microseconds since 1970, the detail as PostgreSQL prints jsonb."""

    id: int
    region: str
    at_us: int
    action: str
    who: str
    about: str
    detail: str


def leaf(row: Row) -> bytes:
    """Return the hash of one event: SHA-256 over 0x00 and the row as a JSON list without blanks."""
    return sha256(b"\x00" + canonical(row).encode()).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle root of `leaves`; an empty batch is never sealed."""
    level = list(leaves)
    while len(level) > 1:
        paired = [sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def chain(*, previous: bytes, seq: int, count: int, root: bytes, sealed_at_us: int) -> bytes:
    """Return the hash that ties a batch to the one before it."""
    head = b"\x02" + previous + canonical([seq, count, sealed_at_us]).encode()
    return sha256(head + root).digest()


def split(leaves: bytes) -> list[bytes]:
    """Return the stored leaves of a batch one by one."""
    return [leaves[i : i + HASH_SIZE] for i in range(0, len(leaves), HASH_SIZE)]
