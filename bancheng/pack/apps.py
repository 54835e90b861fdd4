"""Tells audit what the loading of a pack is called; the loader itself is a shell's, and no page imports it."""

from django.apps import AppConfig

from bancheng.lib.text import Text


class PackConfig(AppConfig):
    name = "bancheng.pack"

    def ready(self) -> None:
        from bancheng.kernel.audit import public as audit

        audit.labels({"pack.loaded": Text("载入城市资料包", "City pack loaded")})
