"""identity as Django loads it."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "bancheng.kernel.identity"

    def ready(self) -> None:
        from bancheng.kernel.identity import sealed_columns, signals

        sealed_columns.register("identity.Person", "citizen_id_sealed", "citizen_id", hash_field="citizen_id_hash")
        sealed_columns.register("identity.Person", "mobile_sealed", "mobile", hash_field="mobile_hash")
        sealed_columns.register("identity.Person", "special_sealed", "special_group")
        signals.connect()
