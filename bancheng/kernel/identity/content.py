"""Large content, sealed piece by piece under a key of its own (decision 0014).

A blob is a mark (4 bytes) and pieces of 256 KB, each SM4-GCM ciphertext and tag (16). The key is random and seals one
content, so a counter is nonce enough; it stands sealed in the content's row (`seal(key.text, kind=…)`), where rotation
reaches it, and no blob is ever written again for a new master key. Number, whether it is the last, and the blob's own
name are authenticated: pieces cannot be cut off, moved or put into another blob.
"""

import os
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bancheng.kernel.identity.sealing import TAG, SealBroken

MARK = b"BCD\x01"
PIECE = 256 * 1024
KEY = 16


class ContentKey:
    """The key of one content. What it seals is the same bytes each time: never seal two contents with one."""

    def __init__(self, text: str = "") -> None:
        """Take the key back from its `text`, or make a new one."""
        self._key = bytes.fromhex(text) if text else os.urandom(KEY)
        self._cipher = algorithms.SM4(self._key)

    @property
    def text(self) -> str:
        """Return the key in hex, to be sealed beside the content."""
        return self._key.hex()

    @staticmethod
    def sealed_size(size: int) -> int:
        """Return how many bytes the blob of a content of `size` bytes has."""
        return len(MARK) + size + TAG * max(1, -(-size // PIECE))

    def seal(self, data: bytes, *, name: str) -> Iterator[bytes]:
        """Yield the blob called `name`, piece by piece; one piece is held beside `data`."""
        yield MARK
        last = max(1, -(-len(data) // PIECE)) - 1
        for number in range(last + 1):
            cipher = Cipher(self._cipher, modes.GCM(_nonce(number))).encryptor()
            cipher.authenticate_additional_data(_bound(number == last, name))
            sealed = cipher.update(data[number * PIECE : (number + 1) * PIECE]) + cipher.finalize()
            yield sealed + cipher.tag

    def open(self, blob: Iterable[bytes], *, name: str) -> Iterator[bytes]:
        """Yield the content of `blob`, each piece once it is proven. Raises SealBroken, also for an end that is missing."""
        number, begun, held = 0, False, bytearray()
        for piece in blob:
            held += piece
            if not begun and len(held) >= len(MARK):
                begun = held.startswith(MARK)
                if not begun:
                    break
                del held[: len(MARK)]
            while begun and len(held) > PIECE + TAG:  # more follows, so this one is not the last
                yield self._opened(bytes(held[: PIECE + TAG]), number, False, name)
                del held[: PIECE + TAG]
                number += 1
        if not begun:
            raise SealBroken("not_sealed", "this is not a sealed content")
        yield self._opened(bytes(held), number, True, name)

    def _opened(self, sealed: bytes, number: int, last: bool, name: str) -> bytes:
        if len(sealed) < TAG:
            raise SealBroken("tampered", "this sealed content ends too early")
        cipher = Cipher(self._cipher, modes.GCM(_nonce(number), sealed[-TAG:])).decryptor()
        cipher.authenticate_additional_data(_bound(last, name))
        try:
            return bytes(cipher.update(sealed[:-TAG]) + cipher.finalize())
        except InvalidTag:
            raise SealBroken("tampered", "this sealed content was changed, cut, or is another's") from None


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _bound(last: bool, name: str) -> bytes:
    """Return what is authenticated with a piece, beside its number, which is its nonce."""
    return MARK + bytes((last,)) + name.encode()
