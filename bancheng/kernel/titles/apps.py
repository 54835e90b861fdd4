"""titles as Django loads it: what the ledger's accounts of land are, which columns are sealed, what its actions are called."""

from django.apps import AppConfig

from bancheng.lib.text import Text


class TitlesConfig(AppConfig):
    name = "bancheng.kernel.titles"

    def ready(self) -> None:
        from bancheng.kernel.audit import public as audit
        from bancheng.kernel.identity import public as identity
        from bancheng.kernel.ledger import public as ledger

        kinds = ("citizen_id", "uscc", "passport")
        identity.register_sealed_column("titles.Party", "number_sealed", *kinds, hash_field="number_hash")
        ledger.declare("land/", ledger.Nature(ledger.Unit.DM2, ledger.Normal.DEBIT, floor=0))
        audit.labels(LABELS)


LABELS = {"titles.plan_drafted": Text("编制量化计划表", "Share plan drafted")}
