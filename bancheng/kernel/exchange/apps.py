"""exchange as Django loads it: which columns are sealed, and what its actions are called."""

from django.apps import AppConfig

from bancheng.lib.text import Text


class ExchangeConfig(AppConfig):
    name = "bancheng.kernel.exchange"

    def ready(self) -> None:
        from bancheng.kernel.audit import public as audit
        from bancheng.kernel.exchange.operations import answering, batches, partners, webhooks
        from bancheng.kernel.identity import public as identity

        identity.register_sealed_column("exchange.PartnerKey", "secret_sealed", partners.KEY_KIND)
        identity.register_sealed_column("exchange.Subscription", "secret_sealed", webhooks.SECRET_KIND)
        identity.register_sealed_column("exchange.BatchItem", "asked_sealed", batches.ITEM_KIND)
        identity.register_sealed_column("exchange.Answer", "body_sealed", answering.ANSWER_KIND)
        audit.labels(LABELS)


LABELS = {
    "exchange.partner_opened": Text("开通合作系统", "Partner opened"),
    "exchange.partner_closed": Text("停用合作系统", "Partner closed"),
    "exchange.key_made": Text("生成合作系统密钥", "Partner key made"),
    "exchange.agreed": Text("登记合作协议", "Agreement entered"),
    "exchange.key_offered": Text("提交合作系统公钥", "Public key handed in"),
    "exchange.key_proven": Text("证明持有私钥", "Secret key proven"),
    "exchange.key_withdrawn": Text("撤回公钥登记", "Offered key withdrawn"),
    "exchange.key_revoked": Text("吊销合作系统密钥", "Partner key revoked"),
    "exchange.scope_given": Text("授权合作系统", "Scope given to a partner"),
    "exchange.scope_taken": Text("收回合作系统授权", "Scope taken from a partner"),
    "exchange.subscribed": Text("登记事件推送地址", "Webhook made"),
    "exchange.unsubscribed": Text("撤销事件推送地址", "Webhook ended"),
    "exchange.replayed": Text("从头补发事件", "Events brought again"),
    "exchange.day_answered": Text("银行答复对账", "Reconciliation answered"),
    "exchange.day_unanswered": Text("对账逾期未答复", "Reconciliation not answered"),
    "exchange.difference_closed": Text("结清对账差异", "Difference closed"),
    "exchange.halted": Text("推送多次失败，暂停待处理", "Webhook halted, waits for a person"),
    "exchange.retried": Text("重新投递事件", "Delivery tried again"),
    "exchange.passed": Text("跳过一次投递", "Delivery passed over"),
}
