"""claims as Django loads it: what its actions are called."""

from django.apps import AppConfig

from bancheng.lib.text import Text


class ClaimsConfig(AppConfig):
    name = "bancheng.kernel.claims"

    def ready(self) -> None:
        from bancheng.kernel.audit import public as audit

        audit.labels(
            {
                "claims.loaded": Text("载入案例条目", "Claims loaded"),
                "claims.period_fixed": Text("确定统计期", "Period of the figures fixed"),
            }
        )
