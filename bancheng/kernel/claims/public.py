"""The face of claims: load a city's claims, register what recomputes them, prove, and read the board."""

from bancheng.kernel.claims.operations import Checked, Proof, Proving, checks, load, prove, register
from bancheng.kernel.claims.periods import Period, fix_period, fixed_period
from bancheng.kernel.claims.queries import Board, ClaimView, Group, Line, Point, all_claims, board, claim, trend
from bancheng.kernel.claims.reading import BadPack, Pack, read
from bancheng.kernel.claims.rules import (
    KINDS,
    SAYS,
    TOPICS,
    Cannot,
    Comparison,
    Kind,
    Relation,
    Result,
    Topic,
    Value,
    shown,
)

__all__ = [
    "KINDS",
    "SAYS",
    "TOPICS",
    "BadPack",
    "Board",
    "Cannot",
    "Checked",
    "ClaimView",
    "Comparison",
    "Group",
    "Kind",
    "Line",
    "Pack",
    "Period",
    "Point",
    "Proof",
    "Proving",
    "Relation",
    "Result",
    "Topic",
    "Value",
    "all_claims",
    "board",
    "checks",
    "claim",
    "fix_period",
    "fixed_period",
    "load",
    "prove",
    "read",
    "register",
    "shown",
    "trend",
]
