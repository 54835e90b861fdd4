"""What is typed into the pages, read strictly: what cannot be read is refused and nothing is kept."""

from datetime import date
from decimal import Decimal, InvalidOperation

from django.http import HttpRequest

from bancheng.lib.refusal import Refused

LEAST, MOST_DIGITS = Decimal("0.01"), 13


def words(request: HttpRequest, *names: str, most: int | None = None) -> dict[str, str]:
    """Return what was posted in the fields of these names, `most` characters of each; "" where there is no such field."""
    return {name: word(request, name, most=most) for name in names}


def word(request: HttpRequest, name: str, *, most: int | None = None) -> str:
    """Return what was posted in one field, without the space around it."""
    return request.POST.get(name, "").strip()[:most]


def day(typed: str) -> date:
    """Return a day written 2026-11-30. Raises Refused("not_a_day")."""
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise Refused("not_a_day", "日期应写成2026-11-30，没有保存。", en="A day is written 2026-11-30; nothing was kept.", status=422) from None  # fmt: skip


def whole(typed: str) -> int:
    """Return a whole number that is not negative. Raises Refused("not_a_number")."""
    if typed.strip().isascii() and typed.strip().isdigit() and len(typed.strip()) < 16:
        return int(typed)
    raise Refused("not_a_number", "请填写整数，没有保存。", en="Give a whole number; nothing was kept.", status=422)


def fen(typed: str) -> int:
    """Return an amount of yuan in fen. Raises Refused("odd_amount")."""
    found = _hundredths(typed.replace(",", ""))
    if found is None:
        raise Refused("odd_amount", "金额请填元，最多两位小数，如1280.50，没有保存。", en="An amount is in yuan with two digits at most, such as 1280.50; nothing was kept.", status=422)  # fmt: skip
    return found


def dm2(typed: str) -> int:
    """Return an area typed in m² as whole dm² (0.01 m²). Raises Refused("odd_area"): never a float (B7.8)."""
    found = _hundredths(typed)
    if found is None:
        raise Refused("odd_area", "面积请填平方米，最多两位小数，如89.50，没有保存。", en="An area is in square metres with two digits at most, such as 89.50; nothing was kept.", status=422)  # fmt: skip
    return found


def _hundredths(typed: str) -> int | None:
    """Return a number of at least 0.01 in whole hundredths; None for what is none, 1e9999999 among them."""
    try:
        found = Decimal(typed.strip()) if len(typed) < 20 else Decimal("NaN")
    except InvalidOperation:
        return None
    if not found.is_finite() or found < LEAST or found.adjusted() > MOST_DIGITS:
        return None
    hundredths = found * 100
    return int(hundredths) if hundredths == hundredths.to_integral_value() else None
