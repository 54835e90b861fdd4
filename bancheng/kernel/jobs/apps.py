"""Finds the jobs: every installed app's `jobs.py`, and the SCHEDULE that stands in it."""

from importlib import import_module

from django.apps import AppConfig, apps
from django.utils.module_loading import module_has_submodule


class JobsConfig(AppConfig):
    name = "bancheng.kernel.jobs"
    label = "jobs"

    def ready(self) -> None:
        from bancheng.kernel.jobs import registry

        for app in apps.get_app_configs():
            if app.module is not None and module_has_submodule(app.module, "jobs"):
                module = import_module(f"{app.name}.jobs")
                for name, cron in getattr(module, "SCHEDULE", {}).items():
                    registry.schedule(name, cron)
