"""What an entry must be, before anything is written. Whole units only: fen of money, dm² (0.01 m²) of land."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from hashlib import sha256

from bancheng.lib.refusal import Refused

MOST = 2**62  # units in one line; far above what a city holds, far below where a sum of 64 bits would wrap


class Unit(StrEnum):
    """What is counted. An entry has one unit, an account for ever the one it was opened with."""

    FEN = "fen"
    DM2 = "dm2"


class Normal(IntEnum):
    """The side on which an account grows: what is owned and spent by debits (+), what is owed and earned by credits (−)."""

    DEBIT = 1
    CREDIT = -1


@dataclass(frozen=True)
class Nature:
    """What the accounts below a path are; `floor` is the least they may hold on their normal side, None: no bound."""

    unit: Unit
    normal: Normal
    floor: int | None = None


@dataclass(frozen=True)
class Line:
    """One side of a movement: + debits the account, − credits it."""

    account: str
    amount: int


class Natures:
    """What was declared, by path. The longest path that fits decides."""

    def __init__(self) -> None:
        self._declared: dict[str, Nature] = {}

    def declare(self, path: str, nature: Nature) -> None:
        """Say what the account `path` is, or all below it when it ends in "/". Saying the same again is harmless; otherwise ValueError."""
        if self._declared.setdefault(path, nature) != nature:
            raise ValueError(f"{path!r} was declared as {self._declared[path]}")

    def of(self, path: str) -> Nature:
        """Return the nature of an account. Raises LookupError: nobody declared it, which is a slip of the code."""
        known = path
        while known:
            if nature := self._declared.get(known):
                return nature
            known = known[: known.rfind("/", 0, -1) + 1]
        raise LookupError(f"no account {path!r} was declared")


def merged(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return one line an account, in the order of their paths, without those that come to nothing."""
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.account] = sums.get(line.account, 0) + line.amount
    return tuple(Line(account, amount) for account, amount in sorted(sums.items()) if amount)


def check(lines: Sequence[Line], unit: Unit, natures: Mapping[str, Nature]) -> None:
    """Raise ValueError unless `lines`, merged, are an entry in `unit`: two accounts or more, whole amounts, sum zero.

    会计法 第十五条: an entry that does not balance is no entry; it is a slip of the code that posts it, not of a person.
    """
    if len(lines) < 2:
        raise ValueError("an entry moves something between two accounts at least")
    for line in lines:
        if type(line.amount) is not int or not -MOST <= line.amount <= MOST:
            raise ValueError(f"{line.account}: {line.amount!r} is no whole number of units")
        if natures[line.account].unit is not unit:
            raise ValueError(f"{line.account} is not counted in {unit.value}")
    if total := sum(line.amount for line in lines):
        raise ValueError(f"the lines sum to {total}, not to zero")


def reversed_(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return the lines that undo `lines`."""
    return tuple(Line(line.account, -line.amount) for line in lines)


def fingerprint(*, unit: str, kind: str, about: str, lines: Iterable[Line]) -> bytes:
    """Return 32 bytes that two entries share when they say the same; who, when and the note are not part of it."""
    said = [unit, kind, about, sorted((line.account, line.amount) for line in lines)]
    return sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).digest()


def key_taken() -> Refused:
    """Return the refusal of a key that stands with other content."""
    return Refused(
        "ledger_key_taken",
        "同一编号的账目已经记过，内容不同；本次没有记账，请核对后用新的编号再记。",
        en="An entry with this key stands, and says something else; nothing was posted. Check it and post under a new key.",
        status=409,
    )


def short() -> Refused:
    """Return the refusal of a movement that would take an account below its floor."""
    return Refused(
        "ledger_short",
        "账户余额不足，没有记账，任何账户都没有变动。",
        en="The account does not hold enough; nothing was posted and no account changed.",
        status=409,
    )


def reversed_already() -> Refused:
    """Return the refusal to undo an entry twice."""
    return Refused(
        "ledger_reversed_already",
        "这笔账目已经冲正过，没有再次冲正。",
        en="This entry was reversed before; it was not reversed again.",
        status=409,
    )


def no_entry() -> Refused:
    """Return the refusal to act on an entry that is not there."""
    return Refused(
        "ledger_no_entry", "没有这笔账目，未作任何改动。", en="There is no such entry; nothing was changed.", status=404
    )


def no_hold() -> Refused:
    """Return the refusal to release what is not held."""
    return Refused(
        "ledger_no_hold", "没有这笔冻结，未作任何改动。", en="There is no such hold; nothing was changed.", status=404
    )
