"""expiry as Django loads it: which columns are sealed or hashed."""

from django.apps import AppConfig


class ExpiryConfig(AppConfig):
    name = "bancheng.services.expiry"

    def ready(self) -> None:
        from bancheng.kernel.identity import public as identity
        from bancheng.services.expiry.operations.ledger import FILE

        identity.register_sealed_column("expiry.Batch", "sealed", FILE, at_once=1)  # whole workbooks
        identity.register_sealed_column("expiry.BadRow", "sealed", FILE)
        identity.register_hashed_column("expiry.Watch", "holder_hash")
