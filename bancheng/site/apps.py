"""What happens once when the site starts: every service is plugged into the kernel."""

import importlib

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules

from bancheng.lib.text import Text

REPLAY = {  # a shell writes them, pages show them
    "replay.began": Text("开始回放一年", "Replay of a year began"),
    "replay.day": Text("回放了一天", "A day was replayed"),
    "replay.ended": Text("回放完毕", "Replay ended"),
}


class SiteConfig(AppConfig):
    name = "bancheng.site"

    def ready(self) -> None:
        """Connect hooks, register claims and schedules, and import every part's jobs so that a worker knows them."""
        from bancheng.kernel.audit import public as audit
        from bancheng.kernel.claims import public as claims
        from bancheng.kernel.jobs import public as jobs
        from bancheng.web import doors

        importlib.import_module("bancheng.site.checks")
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns about a missing one
        autodiscover_modules("jobs")
        audit.labels(REPLAY)
        for service in doors.services():
            for hook, listener in service.on.items():
                hook.connect(listener)
            for name, cron in service.schedule.items():
                jobs.schedule(name, cron)
            for claim, compute in service.claims.items():
                claims.register(claim, compute)
