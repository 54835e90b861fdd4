"""letters as Django loads it: its files are sealed, its actions have names."""

from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "bancheng.kernel.letters"

    def ready(self) -> None:
        from bancheng.kernel.audit import public as audit
        from bancheng.kernel.identity import public as identity
        from bancheng.kernel.letters import operations, queries

        identity.register_sealed_column("letters.Letter", "file_sealed", queries.FILE, at_once=20)
        audit.labels(operations.LABELS)
