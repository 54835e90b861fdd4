"""What every page of the shell knows. Each answer is worked out only when a template asks for it."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.web import navigation


def sandbox_time() -> datetime | None:
    """Return what the demonstration's clock shows, or None when it shows the real time."""
    if not (settings.DEMO and getattr(settings, "SANDBOX_CLOCK", False)):
        return None
    shown = clocks.now()
    return shown if abs(shown - clocks.real_now()) > timedelta(minutes=1) else None


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the shell's words for a template: language, letter size, place, navigation, the sandbox clock."""
    match = request.resolver_match
    here = match.view_name if match else ""
    actor = getattr(request, "actor", None)
    return {
        "lang": "en" if (get_language() or "").startswith("en") else "zh",
        "size": getattr(request, "size", ""),
        "trace": getattr(request, "trace", ""),
        "here": here,
        "actor": actor,
        "demo": settings.DEMO,
        "tabs": SimpleLazyObject(lambda: navigation.tabs(actor or identity.NOBODY)),
        "desk": SimpleLazyObject(lambda: navigation.desk(actor) if actor else ()),
        "sandbox": SimpleLazyObject(sandbox_time),
    }
