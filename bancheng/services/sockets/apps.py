"""The service as Django loads it, and what its accounts are."""

from django.apps import AppConfig


class SocketsConfig(AppConfig):
    name = "bancheng.services.sockets"
    label = "sockets"

    def ready(self) -> None:
        from bancheng.kernel.ledger import public as ledger
        from bancheng.services.sockets.rules import money

        for path, nature in money.NATURES.items():
            ledger.declare(path, nature)
