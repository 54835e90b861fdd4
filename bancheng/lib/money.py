"""Amounts of money as the wire of a payment channel writes them: yuan with two digits, kept as whole fen."""

from decimal import Decimal, InvalidOperation


def yuan(fen: int) -> str:
    """Return an amount in yuan with two digits, as "12.30"."""
    return f"{fen // 100}.{fen % 100:02d}"


def fen(written: str) -> int:
    """Return the fen of an amount in yuan that is not negative and has at most two digits behind the point. Raises ValueError."""
    try:
        found = Decimal(written) * 100
    except InvalidOperation:
        raise ValueError(written) from None
    if not found.is_finite() or found != int(found) or found < 0:
        raise ValueError(written)
    return int(found)
