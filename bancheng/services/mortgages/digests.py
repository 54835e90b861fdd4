"""What a scan is known by: SHA-256, and SM3 (GB/T 32905), over the very bytes."""

import hashlib
from collections.abc import Iterable, Iterator

from cryptography.hazmat.primitives import hashes


class Digesting:
    """Lets pieces through and adds them up: read once by whoever stores them, known by their digests afterwards."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self._sha256, self._sm3 = hashlib.sha256(), hashes.Hash(hashes.SM3())
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._sha256.update(piece)
            self._sm3.update(piece)
            self.size += len(piece)
            yield piece

    def finish(self) -> tuple[str, str]:
        """Return SHA-256 and SM3 in hex of what went through; call it once, at the end."""
        return self._sha256.hexdigest(), self._sm3.finalize().hex()


def of(pieces: Iterable[bytes]) -> tuple[str, str, int]:
    """Return SHA-256, SM3 and the size of a whole."""
    through = Digesting(pieces)
    for _ in through:
        pass
    return *through.finish(), through.size
