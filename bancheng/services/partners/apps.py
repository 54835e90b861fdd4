"""partners as Django loads it."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "bancheng.services.partners"
    label = "partners"
