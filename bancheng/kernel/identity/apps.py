"""identity as Django loads it."""

from django.apps import AppConfig

from bancheng.lib.text import Text


class IdentityConfig(AppConfig):
    name = "bancheng.kernel.identity"

    def ready(self) -> None:
        from bancheng.kernel.audit import public as audit
        from bancheng.kernel.identity import hashed_columns, sealed_columns, signals

        audit.labels(LABELS)

        sealed_columns.register("identity.Person", "citizen_id_sealed", "citizen_id", hash_field="citizen_id_hash")
        sealed_columns.register("identity.Person", "mobile_sealed", "mobile", hash_field="mobile_hash")
        sealed_columns.register("identity.Person", "special_sealed", "special_group")
        hashed_columns.register("identity.Organisation", "uscc_hash")
        signals.connect()


LABELS = {
    "identity.signed_in": Text("登录", "Signed in"),
    "identity.signed_out": Text("退出", "Signed out"),
    "identity.account_opened": Text("开通账号", "Account opened"),
    "identity.account_closed": Text("停用账号", "Account closed"),
    "identity.account_reopened": Text("恢复账号", "Account opened again"),
    "identity.role_asked": Text("提出授权，待第二人确认", "Role asked for, waiting for a second person"),
    "identity.role_granted": Text("授予角色", "Role given"),
    "identity.role_revoked": Text("撤回角色", "Role taken back"),
    "identity.role_expired": Text("授权到期", "Role expired"),
    "identity.revealed": Text("查看完整号码", "Whole number seen"),
    "identity.person_registered": Text("登记自然人", "Person registered"),
    "identity.person_changed": Text("更新自然人信息", "Person changed"),
    "identity.organisation_registered": Text("登记组织", "Organisation registered"),
    "identity.organisation_closed": Text("组织注销登记", "Organisation closed"),
    "identity.agent_linked": Text("登记代办委托", "Agent appointed"),
    "identity.agency_ended": Text("终止代办委托", "Agency ended"),
    "identity.consent_given": Text("同意使用信息", "Consent given"),
    "identity.proven": Text("核验身份", "Identity proven"),
    "identity.consent_withdrawn": Text("撤回同意", "Consent withdrawn"),
}
