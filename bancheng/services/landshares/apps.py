"""landshares as Django loads it."""

from django.apps import AppConfig


class LandSharesConfig(AppConfig):
    name = "bancheng.services.landshares"
    label = "landshares"
