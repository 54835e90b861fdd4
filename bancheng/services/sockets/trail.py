"""What the events of a session are called in the record."""

from bancheng.kernel.audit import public as audit
from bancheng.lib.text import Text
from bancheng.services.sockets.rules.sessions import Event

EVENTS: dict[Event, Text] = {
    Event.PREPAY_ACCEPTED: Text("预约插座，等待支付", "Socket reserved, payment awaited"),
    Event.PAID: Text("收到预付款", "Prepayment came in"),
    Event.PAY_TIMED_OUT: Text("未支付，释放插座", "Not paid, socket freed"),
    Event.COMMAND_SENT: Text("已发送通电指令", "Start command sent"),
    Event.STARTED: Text("已通电，开始计量", "Switched on, metering"),
    Event.NOT_STARTED: Text("未能通电", "Not switched on"),
    Event.START_TIMED_OUT: Text("通电超时，撤销指令", "Start timed out, called off"),
    Event.LOST: Text("设备离线", "Gateway lost"),
    Event.BACK: Text("设备恢复在线", "Gateway back"),
    Event.STOP: Text("结束用电", "Ended"),
    Event.OPEN: Text("已断电，读到最终示数", "Switched off, final register read"),
    Event.STOP_TIMED_OUT: Text("断电未获确认", "Switching off not confirmed"),
    Event.SILENT: Text("设备无应答，先退确定的余额", "Silent; what is sure goes back"),
    Event.SILENT_FOR_A_DAY: Text(
        "一天无应答，按最后核实读数结算", "Silent for a day; settled on the last verified reading"
    ),
    Event.SETTLE: Text("结算电费", "Settled"),
    Event.REFUND_PLANNED: Text("登记退款", "Refund noted"),
    Event.NOTHING_LEFT: Text("预付金额用完，无余额", "All used, nothing left"),
    Event.REFUNDED: Text("余额已全部退回", "All of the rest is back"),
    Event.REFUND_STUCK: Text("退款受阻，转人工", "Refund stuck, handed to people"),
}

audit.labels({f"sockets.session_{event}": words for event, words in EVENTS.items()})
audit.labels(
    {
        "sockets.told_off_again": Text(
            "用电已结束而插座仍通电，再次断电", "On for a use that is over; told to open again"
        )
    }
)
