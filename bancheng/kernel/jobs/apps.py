"""Finds the jobs: every installed app's `jobs.py`."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "bancheng.kernel.jobs"
    label = "jobs"

    def ready(self) -> None:
        autodiscover_modules("jobs")
