"""Where a request comes from."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Return the address of whoever asks: what the outermost of our proxies saw (`BANCHENG_PROXIES`), else the line's other end; "" for none.

    What stands further left in X-Forwarded-For was written by the caller himself and is not looked at.
    """
    said = request.META.get("REMOTE_ADDR", "")
    if count := settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        seen = request.headers.get("X-Forwarded-For", "").split(",")
        said = seen[-count] if len(seen) >= count else ""
    try:
        return str(ip_address(said.strip()))
    except ValueError:
        return ""
