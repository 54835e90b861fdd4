"""certificates as Django loads it: it listens to licences, seals its files, names its actions, and refuses a production without seals."""

from django.apps import AppConfig

from bancheng.lib.text import Text


class CertificatesConfig(AppConfig):
    name = "bancheng.kernel.certificates"
    label = "certificates"

    def ready(self) -> None:
        from bancheng.kernel.audit import public as audit
        from bancheng.kernel.certificates import operations, queries, seals
        from bancheng.kernel.identity import public as identity
        from bancheng.kernel.licences import public as licences

        seals.check_fit_for_production()
        licences.issued.connect(operations.promise_first)
        licences.changed.connect(operations.promise_next)
        identity.register_sealed_column("certificates.Certificate", "file_sealed", queries.FILE, at_once=20)
        audit.labels(LABELS)


LABELS = {
    "certificates.asked": Text("申请制作电子证照", "Certificate asked for"),
    "certificates.made": Text("制发电子证照", "Certificate made"),
    "certificates.fetched": Text("下载电子证照", "Certificate downloaded"),
}
