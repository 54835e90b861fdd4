"""What is kept sealed: identifiers, words that people wrote, what certificates and letters say, and their files (P-9, P-10)."""

import json
from collections.abc import Mapping
from typing import Any

from bancheng.kernel.identity import public as identity

WORDS = "registration_words"
SAID = "registration_certificate"
FILE = "registration_file"


def seal_words(text: str) -> bytes:
    """Return the sealed text; nothing for nothing."""
    return identity.seal(text, kind=WORDS) if text else b""


def words(blob: bytes | memoryview) -> str:
    """Return what was written. Raises SealBroken."""
    return identity.open_sealed(bytes(blob), kind=WORDS) if blob else ""


def seal_said(said: Mapping[str, Any]) -> bytes:
    """Return what a certificate or a letter says, sealed."""
    return identity.seal(json.dumps(said, ensure_ascii=False, sort_keys=True), kind=SAID)


def said(blob: bytes | memoryview) -> dict[str, Any]:
    """Return what a certificate or a letter says. Raises SealBroken."""
    found: dict[str, Any] = json.loads(identity.open_sealed(bytes(blob), kind=SAID))
    return found
