"""The face of payments: ask for money, hear that it came, send it back, compare the channels' bills."""

from bancheng.kernel.payments.channels import payer
from bancheng.kernel.payments.hooks import (
    BillCompared,
    Moving,
    OrderView,
    Paid,
    RefundMoved,
    RefundView,
    bill_compared,
    moving,
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
from bancheng.kernel.payments.rules import ENDS, Channel, Match, OrderState, RefundState

__all__ = [
    "ENDS",
    "REFUND_TIMES",
    "BillCompared",
    "Channel",
    "ChannelStatus",
    "DayView",
    "FindingView",
    "Match",
    "Moving",
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
    "moving",
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
