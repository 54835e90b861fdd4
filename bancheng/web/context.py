"""What every page of the shell knows. Each answer is worked out only when a template asks for it."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from bancheng.web import faces, navigation


def sandbox_time() -> datetime | None:
    """Return what the demonstration's clock shows, or None when the clock is the real one."""
    if not settings.DEMO:
        return None
    return faces.sandbox_now()


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
        "tabs": SimpleLazyObject(navigation.tabs),
        "desk": SimpleLazyObject(lambda: navigation.desk(actor) if actor else ()),
        "sandbox": SimpleLazyObject(sandbox_time),
    }
