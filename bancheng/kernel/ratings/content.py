"""Words and contacts as they are kept: sealed, so that neither a copy of the database nor an administrator reads them (P-9, P-10)."""

from bancheng.kernel.identity import public as identity

WORDS = "rating_words"
CONTACT = "rating_contact"
AGENT = "rating_agent"


def seal_words(text: str) -> bytes:
    """Return the sealed text; nothing for nothing."""
    return identity.seal(text, kind=WORDS) if text else b""


def words(blob: bytes | memoryview) -> str:
    """Return what was said. Raises SealBroken."""
    return identity.open_sealed(bytes(blob), kind=WORDS) if blob else ""


def seal_contact(text: str) -> bytes:
    """Return the sealed contact; nothing for nothing."""
    return identity.seal(text, kind=CONTACT) if text else b""


def seal_agent(ref: str) -> bytes:
    """Return who rated for another, sealed; nothing when nobody did."""
    return identity.seal(ref, kind=AGENT) if ref else b""


def agent(blob: bytes | memoryview) -> str:
    """Return who rated for another. Raises SealBroken."""
    return identity.open_sealed(bytes(blob), kind=AGENT) if blob else ""
