"""The states of a session and what moves it: one table, read aloud by its test.

供电营业规则 and 电力供应与使用条例 第二十六条、第二十七条 ask that use is metered by a verified meter and charged at the approved price: a session
ends at a register, never at an estimate, but where no register comes for a day it ends in the user's favour.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bancheng.lib.text import Text


class State(StrEnum):
    """Where a session stands."""

    CREATED = "created"
    PAYING = "paying"
    PAID = "paid"
    STARTING = "starting"
    START_FAILED = "start_failed"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    STOPPING = "stopping"
    UNCONFIRMED = "unconfirmed"
    PROVISIONAL = "provisional"
    METERED = "metered"
    SETTLED = "settled"
    REFUNDING = "refunding"
    ATTENTION = "attention"
    CLOSED = "closed"
    EXPIRED = "expired"


class Event(StrEnum):
    """What happens to a session. Times out: found by the scan, by `WAITS`."""

    PREPAY_ACCEPTED = "prepay_accepted"  # the order is written
    PAID = "paid"  # verified success, by callback or query
    PAY_TIMED_OUT = "pay_timed_out"
    COMMAND_SENT = "command_sent"
    STARTED = "started"  # relay closed and a first plausible reading
    NOT_STARTED = "not_started"  # refused, or timed out and seen open
    START_TIMED_OUT = "start_timed_out"  # nobody knows where the relay stands
    LOST = "lost"  # the gateway's last will
    BACK = "back"  # its birth, the session still on
    STOP = "stop"  # by anyone, trip, quota, idle, time
    OPEN = "open"  # relay open, no current, two equal readings
    STOP_TIMED_OUT = "stop_timed_out"
    SILENT = "silent"
    SILENT_FOR_A_DAY = "silent_for_a_day"
    SETTLE = "settle"
    REFUND_PLANNED = "refund_planned"
    NOTHING_LEFT = "nothing_left"  # settled, and nothing goes back
    REFUNDED = "refunded"  # every refund has succeeded
    REFUND_STUCK = "refund_stuck"  # abnormal, or not final for too long


class Action(StrEnum):
    """What a move does besides moving, all of it in the transaction that moves."""

    RESERVE = "reserve"  # the socket is this session's
    POST_PAYMENT = "post_payment"
    PROMISE_START = "promise_start"  # the command, in the outbox
    ASK_THEN_CLOSE_ORDER = "ask_then_close_order"
    FREE_SOCKET = "free_socket"
    OPEN_SEGMENT = "open_segment"
    PROMISE_STOP = "promise_stop"
    KEEP_CAUSE = "keep_cause"  # the first one
    BLOCK_SOCKET = "block_socket"
    TELL = "tell"
    REFUND_ALL = "refund_all"
    REFUND_SURE_PART = "refund_sure_part"  # paid less the worst case
    REFUND_REST = "refund_rest"
    REFUND_PAYMENT = "refund_payment"  # this payment whole, with a number of its own
    KEEP_FINAL = "keep_final"  # the final register
    KEEP_LAST_VERIFIED = "keep_last_verified"
    POST_COST = "post_cost"
    CALL_FINANCE = "call_finance"
    FLAG = "flag"  # stored, marked, never applied


class Cause(StrEnum):
    """Why a session ended; the first one counts."""

    USER = "user"
    QUOTA = "quota"
    MAX_TIME = "max_time"
    LEASE = "lease"
    IDLE = "idle"
    TRIP = "trip"
    UNPLUGGED = "unplugged"
    OPERATOR = "operator"
    METER = "meter"
    NOT_STARTED = "not_started"
    POWER_CUT = "power_cut"


CAUSES: dict[Cause, Text] = {
    Cause.USER: Text("您结束了用电", "You ended it"),
    Cause.QUOTA: Text("预付金额用完", "The prepaid amount was used up"),
    Cause.MAX_TIME: Text("达到最长用电时间", "The longest time was reached"),
    Cause.LEASE: Text("设备离线到时自动断电", "The socket was offline and switched itself off in time"),
    Cause.IDLE: Text("长时间没有用电，自动结束", "Nothing was used for a while, so it ended by itself"),
    Cause.TRIP: Text("安全保护动作，已断电", "A protection cut the power"),
    Cause.UNPLUGGED: Text("插头拔出，自动结束", "The plug was pulled out"),
    Cause.OPERATOR: Text("值班调度断电", "A dispatcher switched it off"),
    Cause.METER: Text("电表读数异常，已停止计费", "The meter reads strangely, so charging stopped"),
    Cause.NOT_STARTED: Text("插座没有接通", "The socket did not switch on"),
    Cause.POWER_CUT: Text("停电", "A power cut"),
}

STATES: dict[State, Text] = {
    State.CREATED: Text("准备支付", "About to pay"),
    State.PAYING: Text("等待支付", "Waiting for payment"),
    State.PAID: Text("已支付，正在接通", "Paid, switching on"),
    State.STARTING: Text("正在接通", "Switching on"),
    State.START_FAILED: Text("没有接通，全额退款", "Not switched on, refunded in full"),
    State.ACTIVE: Text("用电中", "In use"),
    State.SUSPENDED: Text("用电中，设备暂时离线", "In use, socket offline for now"),
    State.STOPPING: Text("正在断电", "Switching off"),
    State.UNCONFIRMED: Text("待结算，正在联系设备", "To be settled, reaching the socket"),
    State.PROVISIONAL: Text("待结算，已先退一部分", "To be settled, a part is refunded already"),
    State.METERED: Text("已抄表，正在结算", "Metered, being settled"),
    State.SETTLED: Text("已结算", "Settled"),
    State.REFUNDING: Text("已结算，余额退款中", "Settled, the rest is on its way back"),
    State.ATTENTION: Text("退款遇到问题，人工处理中", "The refund is stuck, people are on it"),
    State.CLOSED: Text("已完成", "Finished"),
    State.EXPIRED: Text("未支付，已取消", "Not paid, cancelled"),
}


@dataclass(frozen=True)
class Move:
    """Where an event leads, and what is done on the way."""

    to: State
    actions: tuple[Action, ...] = ()


FINAL = frozenset({State.CLOSED, State.EXPIRED})

# what an event means that comes too late, or twice, whatever the state: a payment goes back whole, the rest is flagged
SECOND_PAYMENT = (Action.REFUND_PAYMENT,)
TOO_LATE = (Action.FLAG,)

TABLE: dict[State, dict[Event, Move]] = {
    State.CREATED: {
        Event.PREPAY_ACCEPTED: Move(State.PAYING, (Action.RESERVE,)),
        Event.PAY_TIMED_OUT: Move(State.EXPIRED, (Action.FREE_SOCKET,)),
    },
    State.PAYING: {
        Event.PAID: Move(State.PAID, (Action.POST_PAYMENT, Action.PROMISE_START)),
        Event.PAY_TIMED_OUT: Move(State.EXPIRED, (Action.ASK_THEN_CLOSE_ORDER, Action.FREE_SOCKET)),
    },
    State.PAID: {
        Event.COMMAND_SENT: Move(State.STARTING),
        Event.STARTED: Move(State.ACTIVE, (Action.OPEN_SEGMENT, Action.TELL)),
        Event.NOT_STARTED: Move(State.START_FAILED, (Action.REFUND_ALL, Action.BLOCK_SOCKET, Action.TELL)),
        Event.START_TIMED_OUT: Move(State.STARTING, (Action.PROMISE_STOP,)),
        Event.STOP: Move(State.STARTING, (Action.KEEP_CAUSE, Action.PROMISE_STOP)),
    },
    State.STARTING: {
        Event.STARTED: Move(State.ACTIVE, (Action.OPEN_SEGMENT, Action.TELL)),
        Event.NOT_STARTED: Move(State.START_FAILED, (Action.REFUND_ALL, Action.BLOCK_SOCKET, Action.TELL)),
        Event.START_TIMED_OUT: Move(State.STARTING, (Action.PROMISE_STOP,)),
        Event.STOP: Move(State.STARTING, (Action.KEEP_CAUSE, Action.PROMISE_STOP)),
    },
    State.START_FAILED: {Event.REFUND_PLANNED: Move(State.REFUNDING)},
    State.ACTIVE: {
        Event.LOST: Move(State.SUSPENDED, (Action.TELL,)),
        Event.STOP: Move(State.STOPPING, (Action.KEEP_CAUSE, Action.PROMISE_STOP)),
    },
    State.SUSPENDED: {
        Event.BACK: Move(State.ACTIVE),
        Event.STOP: Move(State.STOPPING, (Action.KEEP_CAUSE, Action.PROMISE_STOP)),
    },
    State.STOPPING: {
        Event.OPEN: Move(State.METERED, (Action.KEEP_FINAL, Action.FREE_SOCKET)),
        Event.STOP: Move(State.STOPPING),
        Event.STOP_TIMED_OUT: Move(State.UNCONFIRMED, (Action.BLOCK_SOCKET,)),
    },
    State.UNCONFIRMED: {
        Event.OPEN: Move(State.METERED, (Action.KEEP_FINAL, Action.FREE_SOCKET)),
        Event.STOP: Move(State.UNCONFIRMED),
        Event.SILENT: Move(State.PROVISIONAL, (Action.REFUND_SURE_PART, Action.TELL)),
    },
    State.PROVISIONAL: {
        Event.OPEN: Move(State.METERED, (Action.KEEP_FINAL, Action.FREE_SOCKET)),
        Event.STOP: Move(State.PROVISIONAL),
        Event.SILENT_FOR_A_DAY: Move(State.METERED, (Action.KEEP_LAST_VERIFIED,)),
    },
    State.METERED: {Event.SETTLE: Move(State.SETTLED, (Action.POST_COST, Action.TELL))},
    State.SETTLED: {
        Event.REFUND_PLANNED: Move(State.REFUNDING, (Action.REFUND_REST,)),
        Event.NOTHING_LEFT: Move(State.CLOSED),
    },
    State.REFUNDING: {
        Event.REFUNDED: Move(State.CLOSED, (Action.TELL,)),
        Event.REFUND_STUCK: Move(State.ATTENTION, (Action.CALL_FINANCE, Action.TELL)),
    },
    State.ATTENTION: {
        Event.REFUNDED: Move(State.CLOSED, (Action.TELL,)),
        Event.REFUND_PLANNED: Move(State.REFUNDING),
        Event.REFUND_STUCK: Move(State.ATTENTION),
    },
    State.CLOSED: {},
    State.EXPIRED: {},
}


def move(state: State, event: Event) -> Move:
    """Return what `event` does in `state`. What the table does not name changes nothing: a second payment goes back, the rest is flagged."""
    found = TABLE[state].get(event)
    if found:
        return found
    return Move(state, SECOND_PAYMENT if event is Event.PAID else TOO_LATE)


# --- how long a state may last, and what then happens ---


@dataclass(frozen=True)
class Wait:
    """After `seconds` in a state, `event`."""

    seconds: int
    event: Event


RESERVE_SECONDS = 180
START_SECONDS = 15  # B1.3
NOT_AFTER_SECONDS = 30  # a start command acts no later
STOP_SECONDS = 30
UNCONFIRMED_SECONDS = 600
DAY_SECONDS = 24 * 3600
LEASE_SPARE_SECONDS = 60  # the lease ends so long after the longest time: the device's own limit comes first
LOOK_SECONDS = 30  # a session in use is looked at so often
IDLE_SECONDS = 600
GRID_SECONDS = 180  # a trip by the grid that has not come back by then ends the session
GIVE_UP_SECONDS = NOT_AFTER_SECONDS + 5  # no start can act any more
REFUND_SECONDS = DAY_SECONDS  # R1.8: success within a day, else a person

WAITS: Mapping[State, Wait] = {
    State.CREATED: Wait(RESERVE_SECONDS, Event.PAY_TIMED_OUT),
    State.PAYING: Wait(RESERVE_SECONDS, Event.PAY_TIMED_OUT),
    State.PAID: Wait(START_SECONDS, Event.START_TIMED_OUT),
    State.STARTING: Wait(START_SECONDS, Event.START_TIMED_OUT),
    State.STOPPING: Wait(STOP_SECONDS, Event.STOP_TIMED_OUT),
    State.UNCONFIRMED: Wait(UNCONFIRMED_SECONDS, Event.SILENT),
    State.PROVISIONAL: Wait(DAY_SECONDS, Event.SILENT_FOR_A_DAY),
    State.REFUNDING: Wait(REFUND_SECONDS, Event.REFUND_STUCK),
}

# whose socket is nobody else's; the partial unique index of the database is made of these
HOLDS_SOCKET = (
    State.CREATED,
    State.PAYING,
    State.PAID,
    State.STARTING,
    State.ACTIVE,
    State.SUSPENDED,
    State.STOPPING,
    State.UNCONFIRMED,
    State.PROVISIONAL,
)
STOPPABLE = frozenset({State.PAID, State.STARTING, State.ACTIVE, State.SUSPENDED})
MAY_BE_ON = STOPPABLE | {State.STOPPING}  # a relay that says it is on for one that is being stopped is waited for
USING = frozenset({State.ACTIVE, State.SUSPENDED, State.STOPPING, State.UNCONFIRMED, State.PROVISIONAL})
SWITCHED_ON = frozenset({State.ACTIVE, State.SUSPENDED})
ENDING = frozenset({State.STOPPING, State.UNCONFIRMED, State.PROVISIONAL})
