"""Tells identity which columns are sealed or hashed, so that keys can be changed."""

from django.apps import AppConfig

from bancheng.lib.text import Text


class NoticesConfig(AppConfig):
    name = "bancheng.kernel.notices"
    label = "notices"

    def ready(self) -> None:
        from bancheng.kernel.audit import public as audit
        from bancheng.kernel.identity import public as identity

        audit.labels(LABELS)

        identity.register_sealed_column("notices.Message", "mobile_sealed", "mobile", hash_field="mobile_hash")
        identity.register_hashed_column("notices.Message", "holder_hash")
        identity.register_hashed_column("notices.OptOut", "holder_hash")
        identity.register_hashed_column("notices.OptOut", "mobile_hash")


LABELS = {
    "notices.accepted": Text("收下一批通知", "Notices taken in together"),
    "notices.exhausted": Text("各渠道均未送到", "No channel reached the reader"),
    "notices.unfit": Text("通知内容不合模板，未发送", "Notice does not fit its template, not sent"),
    "notices.kind_defined": Text("设定通知种类", "Kind of notice defined"),
    "notices.template_drafted": Text("起草通知模板", "Template drafted"),
    "notices.template_published": Text("发布通知模板", "Template published"),
    "notices.stopped": Text("退订通知", "Notices stopped"),
    "notices.started": Text("恢复接收通知", "Notices started again"),
}
