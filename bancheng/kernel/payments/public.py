"""The face of payments: ask for money, hear that it came, send it back, compare the channels' bills."""

from bancheng.kernel.payments.channels import payer
from bancheng.kernel.payments.hooks import (
    BillCompared,
    OrderView,
    Paid,
    RefundMoved,
    RefundView,
    bill_compared,
    paid,
    refund_moved,
)
from bancheng.kernel.payments.operations.bills import compare_again, settle_day
from bancheng.kernel.payments.operations.calls import take_call
from bancheng.kernel.payments.operations.findings import decide, find
from bancheng.kernel.payments.operations.orders import close, order, query
from bancheng.kernel.payments.operations.refunds import refund
from bancheng.kernel.payments.queries import (
    REFUND_TIMES,
    ChannelStatus,
    DayView,
    FindingView,
    Sheet,
    days,
    findings,
    order_of,
    refunds_of,
    sheet,
    status,
    stuck,
)
from bancheng.kernel.payments.rules import Channel, Match, OrderState, RefundState

__all__ = [
    "REFUND_TIMES",
    "BillCompared",
    "Channel",
    "ChannelStatus",
    "DayView",
    "FindingView",
    "Match",
    "OrderState",
    "OrderView",
    "Paid",
    "RefundMoved",
    "RefundState",
    "RefundView",
    "Sheet",
    "bill_compared",
    "close",
    "compare_again",
    "days",
    "decide",
    "find",
    "findings",
    "order",
    "order_of",
    "paid",
    "payer",
    "query",
    "refund",
    "refund_moved",
    "refunds_of",
    "settle_day",
    "sheet",
    "status",
    "stuck",
    "take_call",
]
