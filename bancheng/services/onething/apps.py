"""one-thing as Django loads it: which columns are hashed and sealed."""

from django.apps import AppConfig


class OnethingConfig(AppConfig):
    name = "bancheng.services.onething"

    def ready(self) -> None:
        from bancheng.kernel.identity import public as identity

        identity.register_hashed_column("onething.CounterDraft", "holder_hash")
        identity.register_hashed_column("onething.RegisterQuestion", "holder_hash")
        identity.register_sealed_column("onething.RegisterCheck", "holder_sealed", "uscc", hash_field="holder_hash")
