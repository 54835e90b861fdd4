"""Charges that people give back: two of them decide, and never more than was charged.

会计法 第二十五条: who carries something out is not who approves it. 消费者权益保护法 第五十二条: what was charged and should not have been goes back.
"""

from enum import StrEnum

from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

LEAST_REASON = 4


class HandState(StrEnum):
    """How far it is."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"
    DONE = "done"
    FAILED = "failed"  # the channel closed it


STATES: dict[HandState, Text] = {
    HandState.PROPOSED: Text("待第二人批准", "Waits for a second person"),
    HandState.APPROVED: Text("已批准，退款中", "Approved, on its way"),
    HandState.DECLINED: Text("未批准", "Declined"),
    HandState.DONE: Text("已完成", "Done"),
    HandState.FAILED: Text("渠道未退成，已冲回", "Not carried out by the channel, taken back"),
}

# state -> what may follow, and who moves it there
NEXT: dict[HandState, dict[HandState, str]] = {
    HandState.PROPOSED: {HandState.APPROVED: "a second person", HandState.DECLINED: "a second person"},
    HandState.APPROVED: {
        HandState.DONE: "the channel, or two people who looked it up there",
        HandState.FAILED: "the channel, or two people who looked it up there",
    },
    HandState.DECLINED: {},
    HandState.DONE: {},
    HandState.FAILED: {},
}
COUNTS = (HandState.APPROVED, HandState.DONE)  # of what was given back


def check_reason(reason: str) -> None:
    """Raise Refused unless it says on what ground."""
    if len(reason.strip()) < LEAST_REASON:
        raise Refused(
            "reason_missing",
            "请写明依据（如投诉单号、复检结果），没有保存。",
            en="Say on what ground (a complaint's number, what a test of the meter showed); nothing was kept.",
            status=422,
        )


def check_amount(fen: int, *, charged_fen: int, given_back_fen: int) -> None:
    """Raise Refused unless so much was charged and has not been given back (B1.8)."""
    left = charged_fen - given_back_fen
    if left <= 0:
        raise Refused(
            "nothing_charged",
            "这次用电没有可退还的电费，没有保存。",
            en="Nothing that was charged is left to give back; nothing was kept.",
            status=422,
        )
    if not 0 < fen <= left:
        most = f"{left // 100}.{left % 100:02d}"
        raise Refused(
            "bad_amount",
            f"退还金额应大于0且不超过尚未退还的电费{most}元，没有保存。",
            en=f"What goes back is above 0 and at most the {most} yuan that were charged and not given back; nothing was kept.",
            status=422,
        )


def check_second(proposed_by: str, by: str) -> None:
    """Raise Refused when somebody would decide what he put forward."""
    if proposed_by == by:
        raise Refused(
            "own_proposal",
            "自己提出的退还要由另一人批准，没有改动。",
            en="What you put forward yourself is decided by another person; nothing was changed.",
        )


def check_open(state: HandState) -> None:
    """Raise Refused when it was decided already."""
    if state is not HandState.PROPOSED:
        raise Refused(
            "hand_refund_decided",
            f"这笔退还现在是“{STATES[state].zh}”，没有改动；请刷新后查看。",
            en=f"It is “{STATES[state].en}” already; nothing was changed. Look at it again.",
        )
