"""The service as Django loads it, and what its accounts are."""

from django.apps import AppConfig


class SocketsConfig(AppConfig):
    name = "bancheng.services.sockets"
    label = "sockets"

    def ready(self) -> None:
        from bancheng.kernel.identity import public as identity
        from bancheng.kernel.ledger import public as ledger
        from bancheng.services.sockets.rules import money

        identity.register_sealed_column("sockets.Contact", "mobile_sealed", "mobile", hash_field="mobile_hash")
        identity.register_sealed_column("sockets.Contact", "secret_sealed", "sockets_secret")
        for path, nature in money.NATURES.items():
            ledger.declare(path, nature)
