"""What blocks what (§6): one table that can be read aloud. Rows are what rests on a lot, columns what is to be done to it.

The strictest of the rows that apply wins. Releasing a mortgage, lifting a seizure and withdrawing an application are never blocked: they
are no columns. An owner's own mortgage follows the developer's column, with the owner's seizures in place of the developer's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bancheng.kernel.titles.rules.words import Act, Standing, Verdict


class Cell(StrEnum):
    """What a cell says, with the condition it names."""

    YES = "✓"
    PERMIT = "✓ permit"  # with a presale permit
    REGISTERED = "✓ registered"  # after the house's first registration
    BUYER = "✓ buyer"  # to that buyer only
    NOTIFY = "N"
    FINAL = "✓ final"  # in the final adjustment only
    UNDERTAKING = "N undertaking"  # with the acquirer's written undertaking (实施细则 第八十四条)
    CONVERTS = "→"
    QUEUES = "W"
    LEFT_OUT = "X"
    SCOPE = "✗ X"  # refused when named, left out when the scope finds it
    NOTICED = "noticed"  # with or after the advance notice
    CONSENT = "C"
    COURT = "✗ court"  # not without that court
    NO = "✗"
    WAIT = "✗ wait"
    DASH = "–"


COLUMNS = tuple(Act)
TABLE = {
    # presale | developer's mortgage | owner's mortgage | pre-mortgage | first registration | transfer | seizure against developer
    # | seizure against buyer or owner | re-split, final adjustment | replan, merge, close
    Standing.FREE: "✓ permit|✓|–|✗|✓|✓ registered|✓|–|✓|✓",
    Standing.CONTRACT: "✗|X|✗|noticed|✓|✓ buyer|X|✓|N|C",
    Standing.NOTICE: "✗|✗ X|✗|✓|✓|✓ buyer|X|✓|N|C",
    Standing.MORTGAGE: "C|✓|✓|C|→|C|N|N|✓|C",
    Standing.PRE_MORTGAGE: "✗|✗|✗|✓|✓|→|X|N|✓|C",
    Standing.SEIZURE: "✗|✗|✗|✗|✓|✗ court|W|W|N|✗ court",
    Standing.PRE_SEIZURE: "✗|✗|✗|✗|✓|→|X|W|N|✗ court",
    Standing.OBJECTION: "N undertaking|N|N|N|✓|N undertaking|✓|✓|✓|C",
    Standing.PENDING: "✗ wait|✗ wait|✗ wait|✗ wait|✗ wait|✗ wait|✓|✓|✗ wait|✗ wait",
    Standing.CORRECTION: "✗|✗|✗|✗|✗|✗|✓|✓|✗|✗",
    Standing.HELD: "✗|✗|✓|–|–|✓|✗|✓|✓ final|✗",
}
MATRIX = {
    standing: dict(zip(COLUMNS, (Cell(cell) for cell in row.split("|")), strict=True))
    for standing, row in TABLE.items()
}
STRICTEST = (
    Verdict.REFUSED,
    Verdict.CONSENT,
    Verdict.LEFT_OUT,
    Verdict.QUEUES,
    Verdict.NOTIFY,
    Verdict.CONVERTS,
    Verdict.ALLOWED,
    Verdict.NOT_MET,
)


@dataclass(frozen=True)
class Given:
    """What the act brings along: consents by the number of the right, the claim it fulfils, the court that orders it, and so on."""

    consents: frozenset[str] = frozenset()
    claim: str = ""
    by_scope: bool = False
    noticed: bool = False
    undertaking: bool = False
    by_court: str = ""
    final: bool = False
    permit: bool = True
    registered: bool = True


def verdict(act: Act, standing: Standing, number: str, given: Given) -> Verdict:
    """Return what the matrix says to `act` on a lot on which `number` rests as `standing`."""
    cell = MATRIX[standing][act]
    if cell in PLAIN:
        return PLAIN[cell]
    met = {
        Cell.PERMIT: given.permit,
        Cell.REGISTERED: given.registered,
        Cell.BUYER: bool(number) and given.claim == number,
        Cell.FINAL: given.final,
        Cell.UNDERTAKING: given.undertaking,
        Cell.NOTICED: given.noticed,
        Cell.CONSENT: number in given.consents,
        Cell.COURT: bool(number) and (given.by_court == number or number in given.consents),
        Cell.SCOPE: given.by_scope,
    }[cell]
    then, otherwise = CONDITIONAL[cell]
    return then if met else otherwise


PLAIN = {
    Cell.YES: Verdict.ALLOWED,
    Cell.NOTIFY: Verdict.NOTIFY,
    Cell.CONVERTS: Verdict.CONVERTS,
    Cell.QUEUES: Verdict.QUEUES,
    Cell.LEFT_OUT: Verdict.LEFT_OUT,
    Cell.NO: Verdict.REFUSED,
    Cell.WAIT: Verdict.REFUSED,
    Cell.DASH: Verdict.NOT_MET,
}
CONDITIONAL = {
    Cell.PERMIT: (Verdict.ALLOWED, Verdict.REFUSED),
    Cell.REGISTERED: (Verdict.ALLOWED, Verdict.REFUSED),
    Cell.BUYER: (Verdict.ALLOWED, Verdict.REFUSED),
    Cell.FINAL: (Verdict.NOTIFY, Verdict.REFUSED),
    Cell.UNDERTAKING: (Verdict.NOTIFY, Verdict.REFUSED),
    Cell.NOTICED: (Verdict.ALLOWED, Verdict.REFUSED),
    Cell.CONSENT: (Verdict.NOTIFY, Verdict.CONSENT),
    Cell.COURT: (Verdict.NOTIFY, Verdict.REFUSED),
    Cell.SCOPE: (Verdict.LEFT_OUT, Verdict.REFUSED),
}


def strictest(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the strictest of several verdicts; nothing rests: allowed."""
    return min(verdicts, key=STRICTEST.index, default=Verdict.ALLOWED)
