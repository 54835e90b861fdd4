"""What a partner may do, what became of a delivery, and how long things are kept. Pure."""

from datetime import timedelta
from enum import StrEnum

from bancheng.lib.text import Text

OWN, EVERY = "", "*"  # of a scope's unit: what the partner itself handed in; every unit


class Act(StrEnum):
    """What a scope allows."""

    SUBMIT = "submit"
    READ = "read"
    HANDLE = "handle"
    DECIDE = "decide"
    EVENTS = "events"
    COLLECT = "collect"


ACTS: dict[Act, Text] = {
    Act.SUBMIT: Text("代为申报", "Submit applications"),
    Act.READ: Text("查询办件", "Read cases"),
    Act.HANDLE: Text("审查和办理", "Review and handle"),
    Act.DECIDE: Text("作出决定", "Decide"),
    Act.EVENTS: Text("接收事件", "Receive events"),
    Act.COLLECT: Text("代领结果", "Collect results"),
}
OF_UNITS = frozenset({Act.HANDLE, Act.DECIDE})  # done for one unit that is named
ROLE = {Act.HANDLE: "case_officer", Act.DECIDE: "approver"}  # what the engine asks of whoever does it


class State(StrEnum):
    """Of a delivery."""

    WAITING = "waiting"
    DONE = "done"
    PASSED = "passed"


STATES: dict[State, Text] = {
    State.WAITING: Text("待投递", "Waiting"),
    State.DONE: Text("已送达", "Delivered"),
    State.PASSED: Text("已跳过", "Passed over"),
}

# what is not taken is tried again after each of these, then every six hours until three days are over, then a person looks at it
LADDER = tuple(timedelta(seconds=n) for n in (10, 60, 300, 1800, 7200))
LATER, WHOLE = timedelta(hours=6), timedelta(hours=72)
TRIES = 1 + len(LADDER) + -(-(WHOLE - sum(LADDER, timedelta())) // LATER)
OVERLAP = timedelta(days=14)  # of an old key and its successor
ANSWERS_KEPT = timedelta(hours=48)
BANK_ANSWERS_KEPT = timedelta(days=90)
OFFER_DAYS = timedelta(days=7)  # until then a key that was handed in is proven and confirmed
MOST_ITEMS = 500  # of a batch
ANSWER_WITHIN = timedelta(hours=36)  # of a reconciliation file, from its making
CLEAR_WITHIN_DAYS = 3  # a difference
EVENTS_KEPT = timedelta(days=90)
NONCES_KEPT = timedelta(hours=1)  # longer than a signature's window on either side


def wait_after(tries: int) -> timedelta:
    """Return how long to wait after so many vain tries."""
    return LADDER[tries - 1] if 0 < tries <= len(LADDER) else LATER
