"""registry as Django loads it."""

from django.apps import AppConfig


class RegistryPagesConfig(AppConfig):
    name = "bancheng.services.registry"
    label = "registry"
