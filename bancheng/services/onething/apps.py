"""one-thing as Django loads it: which columns are hashed."""

from django.apps import AppConfig


class OnethingConfig(AppConfig):
    name = "bancheng.services.onething"

    def ready(self) -> None:
        from bancheng.kernel.identity import public as identity

        identity.register_hashed_column("onething.CounterDraft", "holder_hash")
