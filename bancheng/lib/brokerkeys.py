"""Who may speak to the broker: one line a gateway, `name:hash`, in mosquitto's own format, so that either broker reads the same file.

A password is made here, shown once and kept by nobody: the file holds PBKDF2-SHA512 of it. The passwords are long and random, so the few
rounds mosquitto takes by default are enough, and a thousand gateways that come back in one second are let in at once.
"""

import base64
import fcntl
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bancheng.lib.refusal import Garbled
from bancheng.lib.socketwire import NAME

ROUNDS = 101
SALT_BYTES = 12


def hashed(password: str, *, salt: bytes | None = None, rounds: int = ROUNDS) -> str:
    """Return what is kept of a password: $7$rounds$salt$hash."""
    salt = salt if salt is not None else os.urandom(SALT_BYTES)
    made = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
    return f"$7${rounds}${base64.b64encode(salt).decode()}${base64.b64encode(made).decode()}"


def matches(password: str, kept: str) -> bool:
    """Return whether `kept` was made of `password`; what cannot be read matches nothing."""
    try:
        empty, kind, rounds, salt, _ = kept.split("$")
        if (empty, kind) != ("", "7") or not 0 < int(rounds) <= 1_000_000:
            return False
        made = hashed(password, salt=base64.b64decode(salt), rounds=int(rounds))
    except ValueError:
        return False
    return hmac.compare_digest(made, kept)


class Book:
    """The file of who may come in."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: tuple[int, int] = (0, 0)
        self._known: Mapping[str, str] = {}

    def enrol(self, names: Iterable[str]) -> dict[str, str]:
        """Give each a new password, which replaces the one it had, and return them; raise Garbled for what is no name."""
        made = {name: secrets.token_urlsafe(24) for name in names}
        if bad := [name for name in made if not NAME.fullmatch(name)]:
            raise Garbled(f"no name of a gateway: {bad[0]!r}")
        with self._changing() as known:
            known |= {name: hashed(password) for name, password in made.items()}
        return made

    def revoke(self, names: Iterable[str]) -> int:
        """Let these in no longer; return how many there were."""
        with self._changing() as known:
            return sum(known.pop(name, None) is not None for name in list(names))

    def names(self) -> list[str]:
        """Return who may come in."""
        return sorted(self._lines())

    def knows(self, name: str) -> bool:
        """Return whether somebody may come in under this name."""
        return name in self._lines()

    def admits(self, name: str, password: str) -> bool:
        """Return whether this is the password of `name` now; the file is read again when it has changed."""
        kept = self._lines().get(name)
        return kept is not None and matches(password, kept)

    def _lines(self) -> Mapping[str, str]:
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            return {}
        if self._read != (stat.st_mtime_ns, stat.st_ino):
            self._read = (stat.st_mtime_ns, stat.st_ino)
            lines = self.path.read_text(encoding="utf-8").splitlines()
            self._known = dict(line.split(":", 1) for line in lines if ":" in line)
        return self._known

    @contextmanager
    def _changing(self) -> Iterator[dict[str, str]]:
        """Yield all lines to change; they are put back whole, while nobody else changes them."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.path.with_name(f"{self.path.name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = dict(self._lines())
            yield known
            new = self.path.with_name(f"{self.path.name}.new")
            new.touch(mode=0o600)
            new.write_text("".join(f"{name}:{kept}\n" for name, kept in sorted(known.items())), encoding="utf-8")
            new.replace(self.path)
