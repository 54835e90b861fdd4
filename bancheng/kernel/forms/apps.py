"""forms as Django loads it: which columns are sealed, what we know already, and what its actions are called."""

from django.apps import AppConfig

from bancheng.lib.text import Text


class FormsConfig(AppConfig):
    name = "bancheng.kernel.forms"

    def ready(self) -> None:
        from bancheng.kernel.audit import public as audit
        from bancheng.kernel.forms import prefilling, queries
        from bancheng.kernel.forms.facts import prefill_asked
        from bancheng.kernel.forms.operations import drafts
        from bancheng.kernel.identity import public as identity

        for model, field in (
            ("forms.Draft", "sealed"),
            ("forms.DraftChange", "before_sealed"),
            ("forms.DataQualityItem", "sealed"),
        ):
            identity.register_sealed_column(model, field, "form_values", at_once=200)
        identity.register_hashed_column("forms.Draft", "subject_hash")
        identity.register_hashed_column("forms.DataQualityItem", "subject_hash")
        identity.organisation_cancelled.connect(drafts.delete_of)
        prefill_asked.connect(prefilling.by_identity)
        prefill_asked.connect(prefilling.by_licences)
        audit.things_of.connect(queries.things_of)
        audit.labels(LABELS)


LABELS = {
    "forms.loaded": Text("载入数据项和表单", "Elements and forms loaded"),
    "forms.draft_opened": Text("开始填表", "Form begun"),
    "forms.draft_changed_matters": Text("增减办理事项", "Matters of a form changed"),
    "forms.draft_undone": Text("撤销上一步填写", "Last entry undone"),
    "forms.draft_submitted": Text("提交表单", "Form handed in"),
    "forms.draft_deleted": Text("删除草稿", "Draft deleted"),
    "forms.drafts_forgotten": Text("清除过期草稿", "Old drafts forgotten"),
    "forms.item_opened": Text("申请人更正数据", "Applicant corrected a datum"),
    "forms.item_accepted": Text("采纳数据更正", "Correction accepted"),
    "forms.item_declined": Text("不采纳数据更正", "Correction declined"),
}
