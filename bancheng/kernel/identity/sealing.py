"""Sealed values: SM4-GCM under rotating keys, found by a keyed hash (decision 0006).

A blob is version (1 byte), key id (4), nonce (12), ciphertext and tag (16). The kind and the header are authenticated, so a
mobile cannot be passed off as an ID number and a blob cannot be moved under another key. Texts are padded to 16 bytes: the
length of a name or a flag says little. Each kind has its own keys, derived from the master keys by HKDF-SHA256.
"""

import hashlib
import os
from collections.abc import Iterator
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

VERSION = b"\x01"
KEY_ID = slice(1, 5)
NONCE = slice(5, 17)
TAG = 16
NONCES_AT_ONCE = 1024


class SealBroken(Exception):
    """A sealed value that cannot be opened: tampered with, of another kind, or under a key that is no longer given."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code


def _derive(master: bytes, purpose: str, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=b"bancheng", info=purpose.encode()).derive(master)


def _masters(listed: str) -> list[bytes]:
    masters = [bytes.fromhex(word) for word in listed.replace(",", " ").split()]
    if not masters or min(map(len, masters)) < 16:
        raise RuntimeError("BANCHENG_FIELD_KEYS must be hex keys of 16 bytes or more, newest first, comma between")
    return masters


def hash_keys() -> list[str]:
    """Return the hash keys in hex: the present one first; the former ones stand there for `rehash` alone."""
    keys: list[str] = settings.FIELD_HASH_KEY.replace(",", " ").split()
    return keys


def key_id(master: bytes) -> bytes:
    """Return the four bytes that name a master key in every blob it sealed."""
    return _derive(master, "key id", 4)


class Sealer:
    """Seals, opens and hashes values of one kind with no set-up per value. Threads may share one."""

    def __init__(self, kind: str, *, keys: str = "", hash_key: str = "") -> None:
        masters = _masters(keys or settings.FIELD_KEYS)
        self.kind = kind
        self.newest = key_id(masters[0])
        self._ciphers = {key_id(master): algorithms.SM4(_derive(master, f"seal {kind}", 16)) for master in masters}
        self._cipher = self._ciphers[self.newest]
        self._header = VERSION + self.newest
        self._bound = kind.encode() + self._header
        secret = bytes.fromhex(hash_key or hash_keys()[0])
        self._hash = hashlib.blake2b(key=_derive(secret, f"hash {kind}", 32), digest_size=32)
        self._nonces: Iterator[bytes] = iter(())

    def seal(self, text: str) -> bytes:
        """Return `text` sealed under the newest key."""
        data = text.encode()
        nonce = self._nonce()
        cipher = Cipher(self._cipher, modes.GCM(nonce)).encryptor()
        cipher.authenticate_additional_data(self._bound)
        sealed = cipher.update(data + b"\0" * (-len(data) % 16)) + cipher.finalize()
        return b"".join((self._header, nonce, sealed, cipher.tag))

    def open(self, blob: bytes | memoryview) -> str:
        """Return the text inside `blob`. Raises SealBroken."""
        blob = bytes(blob)
        if blob[:1] != VERSION or len(blob) < NONCE.stop + TAG:
            raise SealBroken("not_sealed", f"this is not a sealed {self.kind}")
        algorithm = self._ciphers.get(blob[KEY_ID])
        if algorithm is None:
            raise SealBroken("key_missing", f"the key {blob[KEY_ID].hex()} that sealed this {self.kind} is not given")
        cipher = Cipher(algorithm, modes.GCM(blob[NONCE], blob[-TAG:])).decryptor()
        cipher.authenticate_additional_data(self.kind.encode() + blob[: KEY_ID.stop])
        try:
            data = cipher.update(blob[NONCE.stop : -TAG]) + cipher.finalize()
        except InvalidTag:
            raise SealBroken("tampered", f"this sealed {self.kind} was changed, or is of another kind") from None
        return data.rstrip(b"\0").decode()

    def hash(self, text: str) -> bytes:
        """Return the 32 bytes by which `text`, as `lib.identifiers` normalised it, is found."""
        keyed = self._hash.copy()
        keyed.update(text.encode())
        return keyed.digest()

    def sealed_by_newest(self, blob: bytes) -> bool:
        """Return whether `blob` needs no re-sealing."""
        return blob[KEY_ID] == self.newest

    def _nonce(self) -> bytes:
        nonce = next(self._nonces, None)
        if nonce is None:  # one system call for many values
            many = os.urandom(12 * NONCES_AT_ONCE)
            self._nonces = iter([many[at : at + 12] for at in range(0, len(many), 12)])
            nonce = next(self._nonces)
        return nonce


@lru_cache(maxsize=64)
def _made(kind: str, keys: str, hash_key: str, _process: int) -> Sealer:
    return Sealer(kind, keys=keys, hash_key=hash_key)


def sealer(kind: str) -> Sealer:
    """Return this process's sealer of `kind` under the keys of the settings.

    The process is in the cache's key: a forked worker must not go on with its parent's nonces.
    """
    return _made(kind, settings.FIELD_KEYS, hash_keys()[0], os.getpid())


def seal(text: str, *, kind: str) -> bytes:
    """Return `text` sealed as a value of `kind` ("citizen_id", "uscc", "mobile", "name", …)."""
    return sealer(kind).seal(text)


def open_sealed(blob: bytes, *, kind: str) -> str:
    """Return the text inside `blob`. Raises SealBroken. Showing it to anybody is `reveal`, never this."""
    return sealer(kind).open(blob)


def find_hash(text: str, *, kind: str) -> bytes:
    """Return the 32 bytes by which a normalised `text` of `kind` is found."""
    return sealer(kind).hash(text)
