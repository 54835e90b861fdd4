"""The house's own key: it signs what partners get from us, and anybody may read its public half at `/.well-known/bancheng-keys`.

`BANCHENG_EXCHANGE_KEYS` holds seeds of Ed25519 (32 bytes in hex), the newest first: that one signs. Those behind it stay published
until nobody can hold an answer of theirs any more, so that a change of keys breaks nobody.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from bancheng.lib import httpsig, sigalgs, signing


@dataclass(frozen=True)
class HouseKey:
    """One key of ours."""

    id: str
    private: bytes = field(repr=False)
    public: bytes


@lru_cache(maxsize=8)
def _read(said: str) -> tuple[HouseKey, ...]:
    return tuple(_key(bytes.fromhex(one.strip())) for one in said.split(",") if one.strip())


def _key(private: bytes) -> HouseKey:
    public = Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    return HouseKey(f"house-{hashlib.sha256(public).hexdigest()[:12]}", private, public)


def keys() -> tuple[HouseKey, ...]:
    """Return our keys, the one that signs first."""
    return _read(settings.EXCHANGE_KEYS)


def answer_headers(*, status: int, body: bytes, asked: str) -> dict[str, str]:
    """Return the headers that prove an answer ours; `asked` is the Signature of the request."""
    key = keys()[0]
    return httpsig.sign_answer(
        status=status, body=body, asked=asked, key_id=key.id, key=key.private, at=signing.seconds()
    )


def request_headers(message: httpsig.Message) -> dict[str, str]:
    """Return the headers that prove a request ours."""
    key = keys()[0]
    return httpsig.sign(
        message,
        key_id=key.id,
        key=key.private,
        at=signing.seconds(),
        nonce=secrets.token_urlsafe(12),
        algorithm=sigalgs.ED25519,
    )


def detached(body: bytes) -> tuple[str, str]:
    """Return the key's id and our signature of `body` in base64. Ed25519: the same bytes give the same signature."""
    key = keys()[0]
    return key.id, base64.b64encode(sigalgs.sign(sigalgs.ED25519, key.private, body)).decode()


def published() -> dict[str, Any]:
    """Return our public keys as JSON Web Keys (RFC 8037)."""
    return {
        "keys": [
            {
                "kid": key.id,
                "kty": "OKP",
                "crv": "Ed25519",
                "use": "sig",
                "x": base64.urlsafe_b64encode(key.public).rstrip(b"=").decode(),
            }
            for key in keys()
        ]
    }
