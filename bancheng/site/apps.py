"""What happens once when the site starts: every service is plugged into the kernel."""

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules


def _face(part: str, name: str) -> Callable[[str, Any], Any]:
    """Return a kernel part's function; a part that is not installed yet takes note of nothing."""
    if importlib.util.find_spec(f"bancheng.kernel.{part}.public") is None:
        return lambda key, value: None
    module = importlib.import_module(f"bancheng.kernel.{part}.public")
    return getattr(module, name, lambda key, value: None)


class SiteConfig(AppConfig):
    name = "bancheng.site"

    def ready(self) -> None:
        """Connect hooks, register claims and schedules, and import every part's jobs so that a worker knows them."""
        from bancheng.web import doors

        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns about a missing one
        autodiscover_modules("jobs")
        for service in doors.services():
            for hook, listener in service.on.items():
                hook.connect(listener)
            for part, name, rows in (("claims", "register", service.claims), ("jobs", "schedule", service.schedule)):
                register = _face(part, name)
                for key, value in rows.items():
                    register(key, value)
