"""forms as Django loads it: which columns are sealed, what we know already, and what its actions are called."""

from django.apps import AppConfig

from bancheng.lib.text import Text


class FormsConfig(AppConfig):
    name = "bancheng.kernel.forms"

    def ready(self) -> None:
        from bancheng.kernel.audit import public as audit
        from bancheng.kernel.forms import prefilling, queries
        from bancheng.kernel.forms.hooks import prefill_asked
        from bancheng.kernel.forms.operations import forgetting, sharing
        from bancheng.kernel.identity import public as identity

        for model, field in (
            ("forms.Draft", "sealed"),
            ("forms.DraftChange", "before_sealed"),
            ("forms.DataQualityItem", "sealed"),
            ("forms.SharedFact", "sealed"),
        ):
            identity.register_sealed_column(model, field, "form_values", at_once=200)
        identity.register_hashed_column("forms.Draft", "subject_hash")
        identity.register_hashed_column("forms.DataQualityItem", "subject_hash")
        identity.register_hashed_column("forms.SharedFact", "holder_hash")
        identity.organisation_cancelled.connect(forgetting.delete_of)
        identity.organisation_cancelled.connect(sharing.forget_of)
        identity.consent_withdrawn.connect(forgetting.erase_prefilled)
        prefill_asked.connect(prefilling.by_identity)
        prefill_asked.connect(prefilling.by_licences)
        prefill_asked.connect(prefilling.by_shared)
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
    "forms.draft_filled_in": Text("填入已有信息", "Known data filled in"),
    "forms.prefill_erased": Text("清除填入的已有信息", "Filled-in data erased"),
    "forms.facts_shared": Text("部门共享数据", "Data shared by a unit"),
    "forms.item_changed": Text("源头数据已更正", "Source corrected"),
    "forms.item_opened": Text("申请人更正数据", "Applicant corrected a datum"),
    "forms.item_accepted": Text("采纳数据更正", "Correction accepted"),
    "forms.item_declined": Text("不采纳数据更正", "Correction declined"),
}
