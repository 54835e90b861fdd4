"""The kinds of notice of shared power; their texts stand in the pack."""

from bancheng.lib.text import Text
from bancheng.pack.texts import INBOX, PUSH_THEN_SMS, Kind

KINDS: dict[str, Kind] = {
    "sockets.started": Kind(Text("已通电", "Power is on"), PUSH_THEN_SMS),
    "sockets.low": Kind(Text("余额剩20%", "A fifth of the money is left"), PUSH_THEN_SMS),
    "sockets.tripped": Kind(Text("保护断电", "Cut off by a protection"), PUSH_THEN_SMS),
    "sockets.emptied": Kind(Text("预付用完", "Prepayment used up"), PUSH_THEN_SMS),
    "sockets.ended": Kind(Text("用电结束", "Session ended"), PUSH_THEN_SMS),
    "sockets.refund_sent": Kind(Text("退款已提交", "Refund on its way"), PUSH_THEN_SMS),
    "sockets.refunded": Kind(Text("退款已到账", "Refund arrived"), PUSH_THEN_SMS),
    "sockets.refund_failed": Kind(Text("退款未成功", "Refund did not succeed"), PUSH_THEN_SMS),
    "sockets.outage": Kind(Text("计划停电", "Planned outage"), INBOX),
    "sockets.moved": Kind(Text("站点迁移", "Site moved"), INBOX),
    "sockets.offline": Kind(Text("插座离线", "Sockets offline"), INBOX),
    "sockets.assigned": Kind(Text("派给您的工单", "A ticket for you"), INBOX),
    "sockets.meter_due": Kind(Text("电表检定将到期", "Meter verifications run out"), INBOX),
}
