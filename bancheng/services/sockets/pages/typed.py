"""What is typed into the pages of shared power, read strictly: what cannot be read is refused and nothing is kept."""

from datetime import datetime
from decimal import Decimal, InvalidOperation

from bancheng.lib.days import SHANGHAI
from bancheng.lib.refusal import Refused
from bancheng.web.typed import day, fen  # as on all pages

__all__ = ("day", "degrees", "fen", "instant", "micro_yuan", "register")


def instant(typed: str) -> datetime:
    """Return a time of the city as a browser's field sends it. Raises Refused("not_a_time")."""
    try:
        return datetime.strptime(typed.strip()[:16], "%Y-%m-%dT%H:%M").replace(tzinfo=SHANGHAI)
    except ValueError:
        raise Refused(
            "not_a_time",
            "请填写完整的日期和时间，没有保存。",
            en="Give a day and a time; nothing was kept.",
            status=422,
        ) from None


def degrees(typed: str) -> Decimal:
    """Return a coordinate, to six digits behind the point. Raises Refused("not_a_point")."""
    found = _decimal(typed)
    if found is None or not 0 <= found < 1000:
        raise Refused(
            "not_a_point",
            "坐标应为度数，如113.827，没有保存。",
            en="Coordinates are degrees such as 113.827; nothing was kept.",
            status=422,
        )
    return found.quantize(Decimal("0.000001"))


def micro_yuan(typed: str) -> int:
    """Return a price in micro-yuan. Raises Refused("odd_price")."""
    found = _whole(typed, 1_000_000)
    if found is None:
        raise Refused(
            "odd_price",
            "电价请填数字，如0.62，没有保存。",
            en="A price is a number such as 0.62; nothing was kept.",
            status=422,
        )
    return found


def register(typed: str) -> int | None:
    """Return a register in kWh as steps of 10 Wh; None for what is none."""
    return _whole(typed, 100)


def _whole(typed: str, steps: int) -> int | None:
    """Return a number in whole steps of 1/`steps`; None for what is none."""
    found = _decimal(typed)
    return int(found * steps) if found is not None and found * steps == int(found * steps) else None


def _decimal(typed: str) -> Decimal | None:
    try:
        found = Decimal(typed.strip()) if len(typed) < 16 else Decimal("NaN")
    except InvalidOperation:
        return None
    return found if found.is_finite() and found.adjusted() < 16 else None  # 1e9999999 is no amount
