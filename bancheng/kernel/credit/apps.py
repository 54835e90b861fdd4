"""credit as Django loads it: which column is hashed, and what its actions are called."""

from django.apps import AppConfig

from bancheng.lib.text import Text


class CreditConfig(AppConfig):
    name = "bancheng.kernel.credit"

    def ready(self) -> None:
        from bancheng.kernel.audit import public as audit
        from bancheng.kernel.identity import public as identity

        identity.register_hashed_column("credit.Mark", "holder_hash")
        audit.labels(LABELS)


LABELS = {
    "credit.noted": Text("记入失信记录", "Held against somebody"),
    "credit.repaired": Text("失信记录修复", "Record repaired"),
}
