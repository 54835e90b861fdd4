"""The words of a case: its states, what is done to it, what comes of a step. Codes are the same for every service."""

from enum import StrEnum

from bancheng.lib.text import Text


class State(StrEnum):
    """The shared vocabulary: services may call a state otherwise on their pages, its code stays."""

    SUBMITTED = "submitted"
    REVIEWING = "reviewing"
    CORRECTING = "correcting"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    HANDLING = "handling"
    PAUSED = "paused"
    DECIDED = "decided"
    SERVED = "served"
    CLOSED = "closed"
    FOLLOWING_UP = "following_up"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"
    WAIVED = "waived"
    TRANSFERRED = "transferred"


class Act(StrEnum):
    """What the log records."""

    SUBMITTED = "submitted"
    TAKEN = "taken"
    GIVEN_BACK = "given_back"
    CORRECTION_ASKED = "correction_asked"
    CORRECTION_SENT = "correction_sent"
    CORRECTED = "corrected"
    ANSWER_LATE = "answer_late"
    ACCEPTED = "accepted"
    DEEMED_ACCEPTED = "deemed_accepted"
    NOT_ACCEPTED = "not_accepted"
    GAP_PROMISED = "gap_promised"
    GAP_SUPPLIED = "gap_supplied"
    GAP_BROKEN = "gap_broken"
    PROMISED = "promised"
    DONE = "done"
    RETRIED = "retried"
    PAUSED = "paused"
    RESUMED = "resumed"
    EXTENDED = "extended"
    ESCALATED = "escalated"
    DECIDED = "decided"
    ISSUED = "issued"
    REVOKED = "revoked"
    SERVED = "served"
    CLOSED = "closed"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"
    WAIVED = "waived"
    TRANSFERRED = "transferred"
    HANDED_OVER = "handed_over"
    UNDONE = "undone"


class Kind(StrEnum):
    """What a step of a flow is."""

    REVIEW = "review"  # 审查: accept, send back once, or not accept
    WORK = "work"
    VISIT = "visit"  # on the spot, jointly where several departments come
    DECIDE = "decide"
    SERVE = "serve"  # 送达
    FOLLOW_UP = "follow_up"  # after closing, by a clock of its own (K24)
    MATTER = "matter"  # a case of its own, with its own authority, clock, decision and remedy (R14.2)


class Outcome(StrEnum):
    """What came of a step."""

    DONE = "done"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    GRANTED = "granted"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"
    WAIVED = "waived"
    TRANSFERRED = "transferred"
    UNTRUE = "untrue"  # of a verification: what was promised is not so
    REVOKED = "revoked"  # … and was not mended: the grant is taken back


GOOD = frozenset({Outcome.DONE, Outcome.ACCEPTED, Outcome.GRANTED})

STATES: dict[State, Text] = {
    State.SUBMITTED: Text("已提交", "Submitted"),
    State.REVIEWING: Text("待审查", "Being reviewed"),
    State.CORRECTING: Text("待补正", "To be corrected"),
    State.ACCEPTED: Text("已受理", "Accepted"),
    State.NOT_ACCEPTED: Text("不予受理", "Not accepted"),
    State.HANDLING: Text("办理中", "Being handled"),
    State.PAUSED: Text("已暂停", "Paused"),
    State.DECIDED: Text("已决定", "Decided"),
    State.SERVED: Text("已送达", "Served"),
    State.CLOSED: Text("已办结", "Closed"),
    State.FOLLOWING_UP: Text("回访或履行监督", "Followed up"),
    State.ARCHIVED: Text("已归档", "Archived"),
    State.WITHDRAWN: Text("已撤回", "Withdrawn"),
    State.TERMINATED: Text("已终止", "Terminated"),
    State.WAIVED: Text("视为放弃", "Deemed waived"),
    State.TRANSFERRED: Text("已转办", "Handed over"),
}

ACTS: dict[Act, Text] = {
    Act.SUBMITTED: Text("提交申请", "Application submitted"),
    Act.TAKEN: Text("领取办理", "Taken up"),
    Act.GIVEN_BACK: Text("退回待领", "Given back"),
    Act.CORRECTION_ASKED: Text("提出补正事项", "Correction asked"),
    Act.CORRECTION_SENT: Text("一次性告知补正", "Told once of all corrections"),
    Act.CORRECTED: Text("提交补正", "Corrected"),
    Act.ANSWER_LATE: Text("补正逾期，仍可补正", "The answer is late; it is still taken"),
    Act.ACCEPTED: Text("受理", "Accepted"),
    Act.DEEMED_ACCEPTED: Text("逾期未告知，视为受理", "Accepted by silence"),
    Act.NOT_ACCEPTED: Text("不予受理", "Not accepted"),
    Act.GAP_PROMISED: Text("容缺受理", "Accepted with gaps"),
    Act.GAP_SUPPLIED: Text("补齐容缺材料", "Gap supplied"),
    Act.GAP_BROKEN: Text("容缺承诺未履行", "Gap promise broken"),
    Act.PROMISED: Text("作出告知承诺", "Conditions promised"),
    Act.DONE: Text("完成环节", "Step done"),
    Act.RETRIED: Text("重新申请该事项", "Matter applied for again"),
    Act.PAUSED: Text("暂停计时", "Paused"),
    Act.RESUMED: Text("恢复计时", "Resumed"),
    Act.EXTENDED: Text("延长期限", "Extended"),
    Act.ESCALATED: Text("逾期督办", "Escalated"),
    Act.DECIDED: Text("作出决定", "Decided"),
    Act.ISSUED: Text("制发证照", "Licence issued"),
    Act.REVOKED: Text("撤销许可", "Grant taken back"),
    Act.SERVED: Text("送达结果", "Result served"),
    Act.CLOSED: Text("办结", "Closed"),
    Act.ARCHIVED: Text("归档", "Archived"),
    Act.WITHDRAWN: Text("申请人撤回", "Withdrawn by the applicant"),
    Act.TERMINATED: Text("终止办理", "Terminated"),
    Act.WAIVED: Text("视为放弃", "Deemed waived"),
    Act.TRANSFERRED: Text("移送其他机关", "Transferred to another authority"),
    Act.HANDED_OVER: Text("转其他单位办理", "Handed over to another unit"),
    Act.UNDONE: Text("撤销上一步", "Undone"),
}

OUTCOMES: dict[Outcome, Text] = {
    Outcome.DONE: Text("已完成", "Done"),
    Outcome.ACCEPTED: Text("已受理", "Accepted"),
    Outcome.NOT_ACCEPTED: Text("不予受理", "Not accepted"),
    Outcome.GRANTED: Text("准予", "Granted"),
    Outcome.DENIED: Text("不予准予", "Denied"),
    Outcome.WITHDRAWN: Text("已撤回", "Withdrawn"),
    Outcome.TERMINATED: Text("已终止", "Terminated"),
    Outcome.WAIVED: Text("视为放弃", "Deemed waived"),
    Outcome.TRANSFERRED: Text("已转办", "Handed over"),
    Outcome.UNTRUE: Text("承诺不实", "Not as promised"),
    Outcome.REVOKED: Text("未改正，撤销许可", "Not mended: grant taken back"),
}
