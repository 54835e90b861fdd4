"""What finance reads: the channels, the states of a refund, the four classes of a comparison."""

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


def differences(count: int) -> Text:
    """Return how many numbers do not fit."""
    return Text(f"{count}笔不符", f"{count} do not fit" if count > 1 else "1 does not fit")
