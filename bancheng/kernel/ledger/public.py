"""The face of the ledger: declare accounts, post entries once, hold and release, read, verify."""

from bancheng.kernel.ledger.operations import Entry, declare, hold, post, release, reverse
from bancheng.kernel.ledger.queries import (
    Mismatch,
    Moved,
    Standing,
    balance,
    balances,
    entries_about,
    standing,
    statement,
    sums_below,
    verify,
)
from bancheng.kernel.ledger.rules import Line, Nature, Normal, Unit

__all__ = [
    "Entry",
    "Line",
    "Mismatch",
    "Moved",
    "Nature",
    "Normal",
    "Standing",
    "Unit",
    "balance",
    "balances",
    "declare",
    "entries_about",
    "hold",
    "post",
    "release",
    "reverse",
    "standing",
    "statement",
    "sums_below",
    "verify",
]
