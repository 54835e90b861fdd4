"""The entries of a session's money, each of them in balance. Amounts are whole fen.

What is prepaid is owed to the passer-by until the meter has spoken (R1.4): a liability of his session. It turns into income as far as the meter
says, the rest goes back, and nothing stays. What was used beyond the prepayment is our loss, never his debt (R1.5).
"""

from bancheng.kernel.ledger.public import Line, Nature, Normal, Unit


def session(session_id: object) -> str:
    """Return the account of what is owed to whoever paid for a session."""
    return f"sockets/session/{session_id}"


def clearing(channel: str) -> str:
    """Return the account of what a payment channel holds for us."""
    return f"sockets/clearing/{channel}"


def in_transit(channel: str) -> str:
    """Return the account of refunds a channel was told of and has not carried out yet."""
    return f"sockets/refunds/{channel}"


INCOME = "sockets/income/energy"
OVERRUN = "sockets/loss/overrun"

# Entries of one transaction lock the shared accounts in the order clearing, income, loss, refunds: nobody waits in a ring.
NATURES: dict[str, Nature] = {
    "sockets/clearing/": Nature(Unit.FEN, Normal.DEBIT),
    INCOME: Nature(Unit.FEN, Normal.CREDIT),
    OVERRUN: Nature(Unit.FEN, Normal.DEBIT),
    "sockets/refunds/": Nature(Unit.FEN, Normal.CREDIT, floor=0),
    "sockets/session/": Nature(Unit.FEN, Normal.CREDIT, floor=0),  # never owed less than nothing
}


def paid(session_id: object, *, channel: str, fen: int) -> list[Line]:
    """A payment came in: the channel holds it, the session owes it."""
    return [Line(clearing(channel), fen), Line(session(session_id), -fen)]


def cost(session_id: object, *, billed_fen: int, lost_fen: int) -> list[Line]:
    """The meter has spoken: income for all that was used, borne by the session as far as it was paid for, the excess by us."""
    lines = [Line(session(session_id), billed_fen), Line(OVERRUN, lost_fen), Line(INCOME, -billed_fen - lost_fen)]
    return [line for line in lines if line.amount]


def refund_planned(session_id: object, *, channel: str, fen: int) -> list[Line]:
    """A refund was written down: the session owes it no more, it is on its way."""
    return [Line(session(session_id), fen), Line(in_transit(channel), -fen)]


def refund_done(*, channel: str, fen: int) -> list[Line]:
    """The channel has paid it back."""
    return [Line(in_transit(channel), fen), Line(clearing(channel), -fen)]


def refund_failed(session_id: object, *, channel: str, fen: int) -> list[Line]:
    """The channel says it will never carry it out: it is owed again, and goes under a new number."""
    return [Line(in_transit(channel), fen), Line(session(session_id), -fen)]


def charge_back(*, channel: str, fen: int) -> list[Line]:
    """Two people decided that a charge goes back: income no more, on its way."""
    return [Line(INCOME, fen), Line(in_transit(channel), -fen)]


def charge_back_failed(*, channel: str, fen: int) -> list[Line]:
    """The channel will not carry it out: it is income again until people decide anew."""
    return [Line(in_transit(channel), fen), Line(INCOME, -fen)]
