"""mortgages as Django loads it: who is named in a filing stands sealed, whoever complained is known by a hash."""

from django.apps import AppConfig


class MortgagesConfig(AppConfig):
    name = "bancheng.services.mortgages"
    label = "mortgages"

    def ready(self) -> None:
        from bancheng.kernel.identity import public as identity

        identity.register_sealed_column("mortgages.Filing", "parties_sealed", "mortgages_parties")
        identity.register_hashed_column("mortgages.Complaint", "holder_hash")
