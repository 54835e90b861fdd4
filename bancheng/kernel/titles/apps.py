"""titles as Django loads it."""

from django.apps import AppConfig


class TitlesConfig(AppConfig):
    name = "bancheng.kernel.titles"
