"""Signed requests between machines that share a secret.

HMAC-SHA256 over method, path (with its query), time, nonce and the digest of the body, in three headers. Both sides of
every gateway use this one module. A request is good for five minutes and once: the receiver remembers the nonces of
that window (`Nonces`, or anything that answers "seen before?").
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping

from bancheng.lib.refusal import Garbled

WINDOW_SECONDS = 300

TIME = "X-Bancheng-Time"
NONCE = "X-Bancheng-Nonce"
SIGNATURE = "X-Bancheng-Signature"


def sign(*, secret: bytes, method: str, path: str, body: bytes, at: int, nonce: str) -> dict[str, str]:
    """Return the headers that prove `body` comes from a holder of `secret`; `at` is in whole seconds since 1970."""
    return {TIME: str(at), NONCE: nonce, SIGNATURE: _mac(secret, method, path, str(at), nonce, body)}


def seconds() -> int:
    """Return the real seconds since 1970: a signature needs them even where a demonstration moves our clock."""
    return int(time.time())  # noqa: TID251


def signed(*, secret: bytes, method: str, path: str, body: bytes = b"") -> dict[str, str]:
    """Return the headers for a request that leaves now."""
    return sign(secret=secret, method=method, path=path, body=body, at=seconds(), nonce=secrets.token_hex(12))


def verify(
    *,
    secret: bytes,
    method: str,
    path: str,
    body: bytes,
    headers: Mapping[str, str],
    now: int,
    seen: Callable[[str], bool],
) -> None:
    """Accept a request signed by `sign` at most five minutes from `now` and not `seen` before; raise Garbled otherwise.

    `seen(nonce)` is asked last, so that a forged request cannot use up a nonce; it remembers what it is asked.
    """
    given = {name.lower(): value for name, value in headers.items()}
    at, nonce, signature = (given.get(name.lower(), "") for name in (TIME, NONCE, SIGNATURE))
    if not (at and nonce and signature):
        raise Garbled("unsigned request")
    if not (at.isascii() and at.isdigit() and len(at) <= 12 and nonce.isascii() and len(nonce) <= 64):
        raise Garbled("malformed signature headers")
    if not hmac.compare_digest(_mac(secret, method, path, at, nonce, body).encode(), signature.encode()):
        raise Garbled("wrong signature")
    if abs(now - int(at)) > WINDOW_SECONDS:
        raise Garbled("signature out of its time window")
    if seen(nonce):
        raise Garbled("request replayed")


def token(*, secret: bytes, text: str, length: int = 32) -> str:
    """Return a keyed name for `text` that tells nothing of it, `length` hexadecimal digits long."""
    return hmac.new(secret, b"token\n" + text.encode(), hashlib.sha256).hexdigest()[:length]


class Nonces:
    """The nonces one process has seen in the last window; calling it remembers and answers "seen before?"."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen: dict[str, float] = {}

    def __call__(self, nonce: str) -> bool:
        now = self._clock()
        if nonce in self._seen:
            return True
        self._seen[nonce] = now
        # insertion order is time order: forget from the front what no longer passes the time window on either side
        while self._seen and (first := next(iter(self._seen))) and now - self._seen[first] > 2 * WINDOW_SECONDS:
            del self._seen[first]
        return False


def _mac(secret: bytes, method: str, path: str, at: str, nonce: str, body: bytes) -> str:
    said = "\n".join((method.upper(), path, at, nonce, hashlib.sha256(body).hexdigest()))
    return hmac.new(secret, said.encode(), hashlib.sha256).hexdigest()
