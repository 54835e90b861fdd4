"""Care: from an alarm to the second check, outages that are announced, and what hosts ask."""

from datetime import datetime, timedelta
from enum import StrEnum

from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

NOTICE = timedelta(days=7)
OFFLINE_MINUTES = 10  # then the host is told


class TicketKind(StrEnum):
    """What a ticket is about."""

    TRIP = "trip"
    WELDED = "welded"
    METER_ODD = "meter_odd"
    METER_DUE = "meter_due"
    NOT_STARTED = "not_started"
    OFFLINE = "offline"
    STRANGE = "strange"
    REFUND = "refund"
    REPORTED = "reported"
    LOSS = "loss"
    LEFT_OPEN = "left_open"


KINDS: dict[TicketKind, Text] = {
    TicketKind.TRIP: Text("保护跳闸", "Protection tripped"),
    TicketKind.WELDED: Text("继电器粘连", "Relay welded"),
    TicketKind.METER_ODD: Text("电表示值异常", "Odd register"),
    TicketKind.METER_DUE: Text("电表检定到期", "Meter verification due"),
    TicketKind.NOT_STARTED: Text("付款后未通电", "Paid and not switched on"),
    TicketKind.OFFLINE: Text("设备离线", "Device offline"),
    TicketKind.STRANGE: Text("设备报文异常", "Strange messages of a device"),
    TicketKind.REFUND: Text("退款未完成", "Refund stuck"),
    TicketKind.REPORTED: Text("场地方报修", "Reported by the host"),
    TicketKind.LOSS: Text("站点线损异常", "Loss of a site out of bounds"),
    TicketKind.LEFT_OPEN: Text("用电单超时未了结", "Sessions left open for too long"),
}


class TicketState(StrEnum):
    """How far a ticket is."""

    OPEN = "open"
    ASSIGNED = "assigned"
    FIXED = "fixed"
    CLOSED = "closed"


STATES: dict[TicketState, Text] = {
    TicketState.OPEN: Text("待派单", "Waits to be assigned"),
    TicketState.ASSIGNED: Text("处理中", "Being worked on"),
    TicketState.FIXED: Text("已修复，待复核", "Fixed, waits for the second check"),
    TicketState.CLOSED: Text("已办结", "Closed"),
}

# state -> what may follow, and who moves it there
NEXT: dict[TicketState, dict[TicketState, str]] = {
    TicketState.OPEN: {TicketState.ASSIGNED: "dispatcher", TicketState.CLOSED: "its cause is gone"},
    TicketState.ASSIGNED: {TicketState.FIXED: "who it was assigned to", TicketState.OPEN: "given back"},
    TicketState.FIXED: {TicketState.CLOSED: "a second person", TicketState.ASSIGNED: "not in order"},
    TicketState.CLOSED: {},
}


class RequestState(StrEnum):
    """What became of a host's wish."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"


REQUESTS: dict[RequestState, Text] = {
    RequestState.ASKED: Text("待答复", "Waits for an answer"),
    RequestState.ACCEPTED: Text("已采纳，安排勘察", "Accepted, a visit is arranged"),
    RequestState.DECLINED: Text("未采纳", "Declined"),
}


def check_step(now: TicketState, to: TicketState) -> None:
    """Raise Refused unless a ticket may go from `now` to `to`."""
    if to not in NEXT[now]:
        raise Refused(
            "ticket_state",
            f"这张工单现在是“{STATES[now].zh}”，不能这样处理，没有改动；请刷新后查看。",
            en=f"The ticket is “{STATES[now].en}” and cannot go there; nothing was changed. Look at it again.",
        )


def check_field_work(kind: TicketKind) -> None:
    """Raise Refused when nobody has to go there: a refund is seen to by finance, and its ticket ends with it."""
    if kind is TicketKind.REFUND:
        raise Refused(
            "ticket_of_finance",
            "退款由财务处理，不派给设备运维，没有派出；退款办完后工单自动办结。",
            en="Finance sees to refunds; it was not assigned. The ticket closes when the refund is done.",
        )


def check_second(fixed_by: str, by: str) -> None:
    """Raise Refused when somebody would check his own work."""
    if fixed_by == by:
        raise Refused(
            "own_work",
            "修复人不能复核自己的工单，没有恢复供电；请另一人现场复核。",
            en="Nobody checks his own work: it was not put back on sale. Let another person look at it.",
        )


def check_notice(*, since: datetime, before: datetime, announced_at: datetime, urgent: bool, reason: str) -> None:
    """Raise Refused unless users hear of an outage in time.

    电力供应与使用条例 第二十八条: a planned outage is told to the users seven days before; one for an emergency at once, with its reason.
    """
    if before <= since:
        raise Refused(
            "outage_backwards",
            "停电结束时间应晚于开始时间，没有保存；请改后再提交。",
            en="An outage ends after it begins; nothing was kept. Correct the times.",
            status=422,
        )
    if not reason.strip():
        raise Refused("reason_missing", "请写明停电原因，没有保存。", en="Say why; nothing was kept.", status=422)
    if not urgent and since < announced_at + NOTICE:
        raise Refused(
            "outage_too_soon",
            "计划停电应提前7天通知用户，没有发布；请改期，确属抢修的请勾选“紧急”。",
            en="A planned outage is announced seven days before; nothing was published. Choose a later day, or mark a real emergency.",
            law="电力供应与使用条例 第二十八条",
            status=422,
        )
