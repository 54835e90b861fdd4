"""What the platform itself fills into every message: the way to stop it, where to complain, the inbox."""

import hmac

from django.conf import settings

from bancheng.lib import signing

HOTLINE = "12345"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LONGEST_ID = 2**63 - 1


def stop_token(message_id: int) -> str:
    """Return the token that stops messages like this one without signing in: short, because an SMS is."""
    return f"{_base36(message_id)}-{_mac(message_id)}"


def message_of(token: str) -> int | None:
    """Return the id inside a stop token, or None when it was not made here."""
    number, _, mac = token.partition("-")
    if not (number.isascii() and number.isalnum() and len(number) <= 13 and mac.isascii()):
        return None
    message_id = int(number, 36)
    return message_id if hmac.compare_digest(_mac(message_id), mac) else None


def built_in(message_id: int, *, count: int = 1) -> dict[str, str]:
    """Return the values of texts.BUILT_IN for one message, or for a digest of `count`."""
    return {
        "stop": f"{settings.SITE_URL}/t/{stop_token(message_id)}",
        "hotline": HOTLINE,
        "inbox": f"{settings.SITE_URL}/mine/",
        "count": str(count),
    }


def longest() -> dict[str, str]:
    """Return the longest these values can be, for previews."""
    return built_in(LONGEST_ID, count=9999)


def _mac(message_id: int) -> str:
    return signing.token(secret=settings.SECRET_KEY.encode(), text=f"stop:{message_id}", length=12)


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = DIGITS[digit] + digits
    return digits or "0"
