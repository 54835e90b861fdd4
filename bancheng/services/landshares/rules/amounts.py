"""Areas as people write them, in square metres, and as the book keeps them, in whole dm² (0.01 m²). No float comes near either."""

import re

WRITTEN = re.compile(r"(0|[1-9][0-9]{0,11})(?:\.([0-9]{1,2}))?")
DM2 = 100  # in a square metre, at the precision of the certificate


def read(text: str) -> int | None:
    """Return the dm² of an area written in square metres with two decimals at most; None for anything else (B7.8)."""
    found = WRITTEN.fullmatch(text.strip())
    return int(found[1]) * DM2 + int((found[2] or "").ljust(2, "0")) if found else None


def shown(dm2: int | None) -> str:
    """Return an area in square metres, always with two decimals: 1,234.56; a dash for none."""
    if dm2 is None:
        return "—"
    return f"{'-' if dm2 < 0 else ''}{abs(dm2) // DM2:,}.{abs(dm2) % DM2:02d}"


def plain(dm2: int) -> str:
    """Return an area as a file has it: 1234.56."""
    return shown(dm2).replace(",", "")
