"""The service as Django loads it, and what its accounts are, and by what terms it is rated."""

from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from bancheng.kernel.ratings import public as ratings


class SocketsConfig(AppConfig):
    name = "bancheng.services.sockets"
    label = "sockets"

    def ready(self) -> None:
        from bancheng.kernel.identity import public as identity
        from bancheng.kernel.ledger import public as ledger
        from bancheng.kernel.ratings import public as ratings
        from bancheng.services.sockets.rules import money

        identity.register_sealed_column("sockets.Contact", "mobile_sealed", "mobile", hash_field="mobile_hash")
        identity.register_sealed_column("sockets.Contact", "secret_sealed", "sockets_secret")
        for path, nature in money.NATURES.items():
            ledger.declare(path, nature)
        ratings.declare_terms(_terms, service=self.label)


def _terms() -> "ratings.Terms | None":
    from bancheng.services.sockets import rating  # with the reader of packs, which not every process wants

    return rating.terms()
