"""ledger as Django loads it: what its actions are called."""

from django.apps import AppConfig

from bancheng.lib.text import Text


class LedgerConfig(AppConfig):
    name = "bancheng.kernel.ledger"

    def ready(self) -> None:
        from bancheng.kernel.audit import public as audit

        audit.labels(LABELS)


LABELS = {"ledger.reversed": Text("账目冲正", "Entry reversed")}
