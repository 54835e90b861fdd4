"""The agreement of a bank with the registry (F13.7): when it is in force, what that lets the bank file, when its end is told before."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.mortgages.rules.channels import KINDS, NEW, Kind


class State(StrEnum):
    PROPOSED = "proposed"
    SIGNED = "signed"
    TURNED_DOWN = "turned_down"
    ENDED = "ended"


STATES: dict[State, Text] = {
    State.PROPOSED: Text("待银行签署", "Waits for the bank"),
    State.SIGNED: Text("已签署", "Signed by both"),
    State.TURNED_DOWN: Text("银行未签署", "Turned down"),
    State.ENDED: Text("提前终止", "Ended before its day"),
}

# state -> what may follow, and who moves it there
NEXT: dict[State, dict[State, str]] = {
    State.PROPOSED: {State.SIGNED: "the bank signs", State.TURNED_DOWN: "the bank does not"},
    State.SIGNED: {State.ENDED: "the registry takes custody back on a breach"},
    State.TURNED_DOWN: {},
    State.ENDED: {},
}


def check_move(now: State, then: State) -> None:
    """Raises Refused("agreement_moved_on")."""
    if then not in NEXT[now]:
        raise Refused(
            "agreement_moved_on",
            f"这份协议已是“{STATES[now].zh}”，没有改动，请刷新后再看。",
            en=f"This agreement is “{STATES[now].en}” by now; nothing was changed. Look again.",
        )


def in_force(state: State, first: date, last: date, today: date) -> bool:
    """Return whether an agreement is in force on a day, first and last included."""
    return state is State.SIGNED and first <= today <= last


def check_may_file(kind: Kind, scope: Sequence[Kind] | None, last: date | None) -> None:
    """Let a bank file `kind` by the agreement in force, whose `scope` is None where there is none; `last`: when the last one ended.

    B13.9: what is new waits for a new agreement; a payoff is cancelled, and a part let go, all the same: the owner has not signed it.
    Raises Refused: agreement_over, agreement_lacks_this.
    """
    if kind not in NEW:
        return
    if scope is None:
        when = f"已于{last}到期" if last else "尚未签署"
        when_en = f"ran out on {last}" if last else "is not signed yet"
        raise Refused(
            "agreement_over",
            f"《不动产抵押登记与金融机构合作协议》{when}，本网点暂停新的申报，没有提交；续签后即可申报，还款后的注销照常办理。",
            en=f"The agreement with the registry {when_en}: nothing new is filed from here. Renew it; payoffs are cancelled as ever.",
        )
    if kind not in scope:
        raise Refused(
            "agreement_lacks_this",
            f"合作协议没有约定由本行办理{KINDS[kind].zh}，没有提交；请与登记中心补签。",
            en=f"The agreement does not let your bank file this: {KINDS[kind].en}. Nothing was filed; amend it with the registry.",
        )


def reminder(last: date, today: date, days_before: Sequence[int]) -> int | None:
    """Return which of `days_before` is due: the smallest that is not less than what is left; None before the first and after the end."""
    left = (last - today).days
    due = [days for days in days_before if days >= left]
    return min(due) if due and left >= 0 else None
