"""licences as Django loads it: which columns are sealed, and what its actions are called."""

from django.apps import AppConfig

from bancheng.lib.text import Text


class LicencesConfig(AppConfig):
    name = "bancheng.kernel.licences"

    def ready(self) -> None:
        from bancheng.kernel.audit import public as audit
        from bancheng.kernel.identity import public as identity
        from bancheng.kernel.licences import operations

        kinds = ("citizen_id", "uscc", "passport")  # as the licence's identifier_kind says
        identity.register_sealed_column("licences.Licence", "holder_sealed", *kinds, hash_field="holder_hash")
        identity.register_sealed_column("licences.Licence", "mobile_sealed", "mobile", hash_field="mobile_hash")
        identity.organisation_cancelled.connect(operations.cancel_of)
        audit.labels(LABELS)


LABELS = {
    "licences.issued": Text("证照入库", "Licence entered"),
    "licences.renewed": Text("证照延续", "Licence renewed"),
    "licences.suspended": Text("证照暂停", "Licence suspended"),
    "licences.reinstated": Text("证照恢复", "Licence reinstated"),
    "licences.replaced": Text("证照变更为新证号", "Licence replaced by another number"),
    "licences.revoked": Text("证照撤销", "Licence revoked"),
    "licences.cancelled": Text("证照注销", "Licence cancelled"),
    "licences.expired": Text("证照到期", "Licence expired"),
    "licences.merged": Text("合并发证单位台账", "Unit's list merged"),
    "licences.reused": Text("调用证照", "Licence used"),
}
