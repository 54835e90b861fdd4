"""one-thing as Django loads it."""

from django.apps import AppConfig


class OnethingConfig(AppConfig):
    name = "bancheng.services.onething"
