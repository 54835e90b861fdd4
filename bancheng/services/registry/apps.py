"""registry as Django loads it: the pages of the registration office, which tells the kernel which registries the city has."""

from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bancheng.kernel.registrations import public as registrations


class RegistryPagesConfig(AppConfig):
    name = "bancheng.services.registry"
    label = "registry"

    def ready(self) -> None:
        from bancheng.kernel.registrations import public as registrations

        registrations.declare_registries(_registries)


def _registries() -> "Sequence[registrations.Registry]":
    from bancheng.services.registry import offices  # with the reader of packs, which not every process wants

    return offices.of_city()
