"""Said at start: a sandbox clock and production do not go together."""

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from bancheng.kernel.clocks.models import SandboxClock


@register(Tags.security)
def no_sandbox_setting(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Fail when production is told to demonstrate or to honour a sandbox clock."""
    if settings.PRODUCTION and (settings.DEMO or getattr(settings, "SANDBOX_CLOCK", False)):
        return [Error("a sandbox clock cannot be honoured in production", hint="Turn DEMO off.", id="clocks.E001")]
    return []


@register(Tags.database)
def no_sandbox_row(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Warn when a production database carries a demonstration's clock: it is not looked at, but it came from
    somewhere."""
    if databases and settings.PRODUCTION and SandboxClock.objects.exists():
        return [
            Warning("this production database holds a sandbox clock, which is ignored", id="clocks.W001"),
        ]
    return []
