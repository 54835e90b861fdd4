"""Commands to devices: their states, and when one is said again."""

from enum import StrEnum

from bancheng.lib.socketwire import Result


class CommandState(StrEnum):
    """Where a command stands."""

    NEW = "new"
    SENT = "sent"
    ACKED = "acked"  # the device says done; the relay is proved by what it says next
    DONE = "done"
    REFUSED = "refused"
    EXPIRED = "expired"  # nobody answered in its time
    UNKNOWN = "unknown"  # it was sent, and nobody knows: the state is read, never guessed


NEXT: dict[CommandState, dict[CommandState, str]] = {
    CommandState.NEW: {
        CommandState.SENT: "the broker has it",
        CommandState.EXPIRED: "too late to send",
        CommandState.REFUSED: "the session ended first",
    },
    CommandState.SENT: {
        CommandState.SENT: "said again",
        CommandState.ACKED: "the device obeys",
        CommandState.DONE: "the relay proves it",
        CommandState.REFUSED: "the device says why not",
        CommandState.UNKNOWN: "its time is over without an answer",
    },
    CommandState.ACKED: {CommandState.DONE: "the relay proves it", CommandState.UNKNOWN: "nothing proves it"},
    CommandState.UNKNOWN: {
        CommandState.ACKED: "the answer came late",
        CommandState.DONE: "the relay proves it",
        CommandState.REFUSED: "the answer came late",
    },
    CommandState.DONE: {},
    CommandState.REFUSED: {},
    CommandState.EXPIRED: {},
}
OVER = frozenset(state for state, then in NEXT.items() if not then)

RESEND_SECONDS = (1, 2, 4, 8, 8)  # behind each time it is said; then every eight until it is too late


def after_answer(result: Result) -> CommandState:
    """Return where a command stands once the device has answered."""
    return CommandState.ACKED if result is Result.DONE else CommandState.REFUSED
