"""mortgages as Django loads it."""

from django.apps import AppConfig


class MortgagesConfig(AppConfig):
    name = "bancheng.services.mortgages"
    label = "mortgages"
