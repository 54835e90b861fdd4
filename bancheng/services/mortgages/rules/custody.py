"""Custody of the paper (F13.8, R13.7): what may happen to a bundle, how its chain holds together, how a month's sample is drawn.

档案法 第二十四条: who hands work on archives to another stays answerable, agrees scope, quality and standard, and supervises.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text


class State(StrEnum):
    OWED = "owed"
    KEPT = "kept"
    LENT = "lent"
    HANDED_OVER = "handed_over"
    LOST = "lost"


STATES: dict[State, Text] = {
    State.OWED: Text("待归档", "To be filed"),
    State.KEPT: Text("在库", "On its shelf"),
    State.LENT: Text("借出", "Lent"),
    State.HANDED_OVER: Text("已移交登记机构", "Handed to the registry"),
    State.LOST: Text("遗失", "Lost"),
}


class Act(StrEnum):
    """What happens to a bundle; each is a line of its chain."""

    CREATED = "created"
    MOVED = "moved"
    LENT = "lent"
    RETURNED = "returned"
    INSPECTED = "inspected"
    KEEPER = "keeper"
    HANDED_OVER = "handed_over"
    LOST = "lost"
    FOUND = "found"


ACTS: dict[Act, Text] = {
    Act.CREATED: Text("归档上架", "Filed on its shelf"),
    Act.MOVED: Text("移架", "Moved"),
    Act.LENT: Text("借出", "Lent"),
    Act.RETURNED: Text("归还", "Returned"),
    Act.INSPECTED: Text("抽检", "Inspected"),
    Act.KEEPER: Text("保管人交接", "Another keeper"),
    Act.HANDED_OVER: Text("移交登记机构", "Handed to the registry"),
    Act.LOST: Text("报告遗失", "Reported lost"),
    Act.FOUND: Text("找回", "Found again"),
}

# state -> act -> the state it leads to
NEXT: dict[State, dict[Act, State]] = {
    State.OWED: {Act.CREATED: State.KEPT, Act.LOST: State.LOST},
    State.KEPT: {
        Act.MOVED: State.KEPT,
        Act.LENT: State.LENT,
        Act.INSPECTED: State.KEPT,
        Act.KEEPER: State.KEPT,
        Act.HANDED_OVER: State.HANDED_OVER,
        Act.LOST: State.LOST,
    },
    State.LENT: {Act.RETURNED: State.KEPT, Act.INSPECTED: State.LENT, Act.LOST: State.LOST},
    State.HANDED_OVER: {},
    State.LOST: {Act.FOUND: State.KEPT, Act.INSPECTED: State.LOST},
}
TWO_SIGN = frozenset({Act.KEEPER, Act.HANDED_OVER})  # both who gives and who takes


class Cause(StrEnum):
    """Why a finding is open."""

    PAGES = "pages"
    SCAN = "scan"
    MISSING = "missing"
    LATE_INDEX = "late_index"
    LATE_ANSWER = "late_answer"
    OVERDUE_LOAN = "overdue_loan"
    LOST = "lost"


CAUSES: dict[Cause, Text] = {
    Cause.PAGES: Text("页数与目录不符", "Pages differ from the list"),
    Cause.SCAN: Text("重新扫描与存底不符", "A scan taken anew differs"),
    Cause.MISSING: Text("抽检时不在架", "Not on its shelf when inspected"),
    Cause.LATE_INDEX: Text("逾期未归档", "Not filed in time"),
    Cause.LATE_ANSWER: Text("调阅逾期未答复", "A look-up not answered in time"),
    Cause.OVERDUE_LOAN: Text("借出逾期未还", "Not returned in time"),
    Cause.LOST: Text("遗失", "Lost"),
}


class Result(StrEnum):
    """What an inspection found of one bundle."""

    MATCH = "match"
    PAGES = "pages"
    SCAN = "scan"
    MISSING = "missing"


RESULTS: dict[Result, Text] = {
    Result.MATCH: Text("相符", "As listed"),
    Result.PAGES: CAUSES[Cause.PAGES],
    Result.SCAN: CAUSES[Cause.SCAN],
    Result.MISSING: CAUSES[Cause.MISSING],
}


def after(now: State, act: Act) -> State:
    """Return the state after `act`. Raises Refused("bundle_cannot")."""
    if act not in NEXT[now]:
        raise Refused(
            "bundle_cannot",
            f"这卷档案现在是“{STATES[now].zh}”，不能登记“{ACTS[act].zh}”，没有改动。",
            en=f"The bundle is “{STATES[now].en}”, so this cannot be entered: {ACTS[act].en}. Nothing was changed.",
        )
    return NEXT[now][act]


def check_signatures(act: Act, giver: str, taker: str) -> None:
    """Raises Refused("two_sign") where one person gives and takes."""
    if act in TWO_SIGN and (not taker or giver == taker):
        raise Refused(
            "two_sign",
            "交接要由移交人和接收人分别签认，没有登记。",
            en="Who gives and who takes sign each for himself; nothing was entered.",
        )


def link(
    previous: str, bundle: str, seq: int, act: str, at: datetime, by: str, other: str, told: Mapping[str, Any]
) -> str:
    """Return the hash of one line of a bundle's chain: SHA-256 over what stands in it and the hash of the line before."""
    line = [previous, bundle, seq, act, at.astimezone(UTC).isoformat(timespec="microseconds"), by, other, dict(told)]
    written = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def sample(bundles: Sequence[str], *, seed: str, size: int) -> list[str]:
    """Return `size` of `bundles`, drawn by `seed`: whoever has list and seed draws the same, whoever lacks the seed foresees none."""
    return sorted(bundles, key=lambda one: hashlib.sha256(f"{seed}:{one}".encode()).digest())[:size]


def population_hash(bundles: Sequence[str]) -> str:
    """Return what a list of bundles is known by, so that a draw can be proven to be from it."""
    return hashlib.sha256("\n".join(sorted(bundles)).encode()).hexdigest()


def sample_size(number: int, *, percent: int, least: int) -> int:
    """Return how many of `number` are drawn: `percent`, rounded up, no fewer than `least`, no more than there are."""
    return min(number, max(least, -(-number * percent // 100)))


def found(*, there: bool, pages: int, listed: int, scans_differ: bool) -> Result:
    """Return what an inspection found: the gravest of what is wrong."""
    if not there:
        return Result.MISSING
    if pages != listed:
        return Result.PAGES
    return Result.SCAN if scans_differ else Result.MATCH


def check_pages(counted: int, listed: int) -> None:
    """B13.8. Raises Refused("pages_differ")."""
    if counted != listed:
        raise Refused(
            "pages_differ",
            f"清点{counted}页，目录共{listed}页，没有归档；请逐件核对后再报，缺页的请补齐。",
            en=f"{counted} pages counted, {listed} listed; the bundle was not filed. Check each document and complete it.",
            status=422,
        )


def month_of(day: date) -> date:
    """Return the first day of a month."""
    return day.replace(day=1)
