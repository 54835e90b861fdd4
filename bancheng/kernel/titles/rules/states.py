"""What may follow what (§7): one table a kind of right, read aloud by whoever moves it there."""

from bancheng.kernel.titles.rules.words import RightKind, State

ENDS: dict[State, str] = {}
NEXT: dict[RightKind, dict[State, dict[State, str]]] = {
    RightKind.MORTGAGE: {
        State.EFFECTIVE: {
            State.RELEASED: "the bank lets a lot go, or a court sold it",
            State.CANCELLED: "nothing is covered any more",
        },
        State.RELEASED: ENDS,
        State.CANCELLED: ENDS,
    },
    RightKind.PRE_MORTGAGE: {  # at the buyer's registration it becomes a mortgage, effective as it was
        State.EFFECTIVE: {State.RELEASED: "the bank lets the lot go", State.CANCELLED: "bank and buyer cancel it"},
        State.RELEASED: ENDS,
        State.CANCELLED: ENDS,
    },
    RightKind.SEIZURE: {
        State.WAITING: {
            State.EFFECTIVE: "whoever came before is lifted, expired or narrowed",
            State.LIFTED: "its court gives up its place",
            State.LAPSED: "the lot was sold by the court before it",
        },
        State.EFFECTIVE: {
            State.WAITING: "an order served earlier is entered",
            State.LIFTED: "its court lifts it",
            State.EXPIRED: "its term is over",
            State.EXHAUSTED: "its court sold the lot",
            State.LAPSED: "all its lots were sold by other courts",
        },
        State.LIFTED: ENDS,
        State.EXPIRED: ENDS,
        State.EXHAUSTED: ENDS,
        State.LAPSED: ENDS,
    },
    RightKind.CLAIM: {
        State.CONTRACT: {
            State.NOTICED: "the buyer has his advance notice registered",
            State.FULFILLED: "the unit is registered to the buyer",
            State.CANCELLED: "the contract is cancelled, or a court sold the unit",
            State.RELEASED: "a court sold the unit",
        },
        State.NOTICED: {
            State.CONTRACT: "a person confirms that 90 days are over; the contract still protects",
            State.FULFILLED: "the unit is registered to the buyer",
            State.CANCELLED: "the notice is cancelled, or a court sold the unit",
            State.RELEASED: "a court sold the unit",
        },
        State.FULFILLED: ENDS,
        State.CANCELLED: ENDS,
        State.RELEASED: ENDS,
    },
    RightKind.OBJECTION: {
        State.EFFECTIVE: {
            State.LAPSED: "15 days without a lawsuit",
            State.WITHDRAWN: "who objected withdraws",
            State.DECIDED: "a court decided",
            State.RELEASED: "a court sold the lot",
            State.CANCELLED: "a court sold all its lots",
        },
        State.LAPSED: ENDS,
        State.WITHDRAWN: ENDS,
        State.DECIDED: ENDS,
        State.RELEASED: ENDS,
        State.CANCELLED: ENDS,
    },
}


def check_move(kind: RightKind, before: State, after: State) -> None:
    """Raise ValueError, when a right of a kind would go where it cannot: a slip of the code, not of a person."""
    if before is not after and after not in NEXT[kind].get(before, ENDS):
        raise ValueError(f"a {kind.value} does not go from {before.value} to {after.value}")
