"""catalogue as Django loads it."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "bancheng.kernel.catalogue"

    def ready(self) -> None:
        from bancheng.kernel.catalogue import edition
        from bancheng.kernel.identity import public as identity

        identity.bring_along(edition.LOOK, edition.saw)  # who is signed in looks at it with his session
