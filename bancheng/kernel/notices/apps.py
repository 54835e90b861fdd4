"""Tells identity which columns are sealed, so that keys can be rotated."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "bancheng.kernel.notices"
    label = "notices"

    def ready(self) -> None:
        from bancheng.kernel.identity import public as identity

        identity.register_sealed_column("notices.Message", "mobile_sealed", "mobile", hash_field="mobile_hash")
