"""The service as Django loads it."""

from django.apps import AppConfig


class SocketsConfig(AppConfig):
    name = "bancheng.services.sockets"
    label = "sockets"
