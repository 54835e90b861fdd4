"""registrations as Django loads it."""

from django.apps import AppConfig


class RegistrationsConfig(AppConfig):
    name = "bancheng.kernel.registrations"
