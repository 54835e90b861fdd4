"""payments as Django loads it: what its actions are called."""

from django.apps import AppConfig

from bancheng.lib.text import Text


class PaymentsConfig(AppConfig):
    name = "bancheng.kernel.payments"

    def ready(self) -> None:
        from bancheng.kernel.audit import public as audit
        from bancheng.kernel.identity import public as identity
        from bancheng.kernel.payments import jobs
        from bancheng.kernel.payments.operations.calls import RAW

        assert jobs
        identity.register_sealed_column("payments.Callback", "raw_sealed", RAW)
        audit.labels(LABELS)


LABELS = {
    "payments.ordered": Text("生成支付单", "Payment ordered"),
    "payments.paid": Text("收到付款", "Payment received"),
    "payments.paid_late": Text("关闭后收到付款", "Payment received after closing"),
    "payments.closed": Text("支付单关闭", "Payment order closed"),
    "payments.refund_planned": Text("登记退款", "Refund planned"),
    "payments.refund_moved": Text("退款进展", "Refund moved on"),
    "payments.finding_put": Text("提出异常退款的处理", "Finding of an abnormal refund put forward"),
    "payments.finding_agreed": Text("同意异常退款的处理", "Finding of an abnormal refund agreed to"),
    "payments.finding_declined": Text("不同意异常退款的处理", "Finding of an abnormal refund declined"),
    "payments.reconciled": Text("渠道账单对账", "Channel's bill compared"),
}
