"""What finance reads: the channels, the states of a refund, the four classes of a comparison, entries and accounts of the ledger."""

from bancheng.kernel.payments.public import Channel, Match, RefundState
from bancheng.lib.text import Text

CHANNELS: dict[str, Text] = {
    Channel.WECHAT: Text("微信支付", "WeChat Pay"),
    Channel.ALIPAY: Text("支付宝", "Alipay"),
}
REFUNDS: dict[str, Text] = {
    RefundState.PLANNED: Text("等待上一笔退款办完", "waits for the one before it"),
    RefundState.SUBMITTED: Text("正在申请", "being asked for"),
    RefundState.UNKNOWN: Text("渠道没有答复，正在查询", "no answer, being asked about"),
    RefundState.PROCESSING: Text("渠道处理中", "the channel is at it"),
    RefundState.SUCCESS: Text("已退回", "back"),
    RefundState.ABNORMAL: Text("渠道退不回去，需人工处理", "the channel cannot send it back: a person's work"),
    RefundState.CLOSED: Text("渠道已关闭", "closed by the channel"),
}
MATCHES: dict[str, Text] = {
    Match.EQUAL: Text("一致", "equal"),
    Match.OURS_ONLY: Text("只有我方有", "ours only"),
    Match.THEIRS_ONLY: Text("只有渠道有", "theirs only"),
    Match.AMOUNT: Text("金额不符", "the amount differs"),
}
ENTRIES: dict[str, Text] = {
    "sockets.paid": Text("收到预付款", "Prepayment"),
    "sockets.paid_too_late": Text("收到迟到或重复的付款", "A late or second payment"),
    "sockets.cost": Text("结算电费", "Settled"),
    "sockets.refund_planned": Text("登记退款", "Refund noted"),
    "sockets.refund_done": Text("退款完成", "Refund carried out"),
    "sockets.refund_failed": Text("退款未成，重新挂账", "Refund failed, owed again"),
    "sockets.charge_back": Text("退还电费", "Charge given back"),
    "sockets.charge_back_done": Text("退还电费完成", "Charge back carried out"),
    "sockets.charge_back_failed": Text("退还电费未成", "Charge back failed"),
}
ACCOUNTS: dict[str, Text] = {
    "session": Text("应付用电人", "Owed to the payer"),
    "clearing": Text("渠道应收", "Held by the channel"),
    "income": Text("电费收入", "Energy income"),
    "loss": Text("超用损失", "Loss by overrun"),
    "refunds": Text("在途退款", "Refunds on their way"),
}


def channel(code: str) -> Text:
    """Return a channel in words; one that is none, as it is written."""
    return CHANNELS.get(code, Text(code, code))


def differences(count: int) -> Text:
    """Return how many numbers do not fit."""
    return Text(f"{count}笔不符", f"{count} do not fit" if count > 1 else "1 does not fit")
