"""The table of a session's states, read whole: every state is in it, every state ends, what has ended stays ended."""

import pytest

from bancheng.services.sockets.rules import sessions
from bancheng.services.sockets.rules.sessions import FINAL, STATES, TABLE, WAITS, Action, Cause, Event, Move, State

# section 7 of the reference, row by row, as (from, event, to, action that must be among its actions)
READ_ALOUD = [
    (State.CREATED, Event.PREPAY_ACCEPTED, State.PAYING, Action.RESERVE),
    (State.PAYING, Event.PAID, State.PAID, Action.POST_PAYMENT),
    (State.PAYING, Event.PAID, State.PAID, Action.PROMISE_START),
    (State.PAYING, Event.PAY_TIMED_OUT, State.EXPIRED, Action.ASK_THEN_CLOSE_ORDER),
    (State.PAYING, Event.PAY_TIMED_OUT, State.EXPIRED, Action.FREE_SOCKET),
    (State.EXPIRED, Event.PAID, State.EXPIRED, Action.REFUND_PAYMENT),
    (State.CLOSED, Event.PAID, State.CLOSED, Action.REFUND_PAYMENT),
    (State.ACTIVE, Event.PAID, State.ACTIVE, Action.REFUND_PAYMENT),
    (State.PAID, Event.COMMAND_SENT, State.STARTING, None),
    (State.STARTING, Event.STARTED, State.ACTIVE, Action.OPEN_SEGMENT),
    (State.STARTING, Event.NOT_STARTED, State.START_FAILED, Action.REFUND_ALL),
    (State.STARTING, Event.START_TIMED_OUT, State.STARTING, Action.PROMISE_STOP),
    (State.ACTIVE, Event.LOST, State.SUSPENDED, Action.TELL),
    (State.SUSPENDED, Event.BACK, State.ACTIVE, None),
    (State.SUSPENDED, Event.STOP, State.STOPPING, Action.KEEP_CAUSE),
    (State.ACTIVE, Event.STOP, State.STOPPING, Action.KEEP_CAUSE),
    (State.STOPPING, Event.STOP, State.STOPPING, None),
    (State.STOPPING, Event.OPEN, State.METERED, Action.KEEP_FINAL),
    (State.STOPPING, Event.STOP_TIMED_OUT, State.UNCONFIRMED, Action.BLOCK_SOCKET),
    (State.UNCONFIRMED, Event.OPEN, State.METERED, Action.KEEP_FINAL),
    (State.UNCONFIRMED, Event.SILENT, State.PROVISIONAL, Action.REFUND_SURE_PART),
    (State.PROVISIONAL, Event.OPEN, State.METERED, Action.KEEP_FINAL),
    (State.PROVISIONAL, Event.SILENT_FOR_A_DAY, State.METERED, Action.KEEP_LAST_VERIFIED),
    (State.METERED, Event.SETTLE, State.SETTLED, Action.POST_COST),
    (State.SETTLED, Event.REFUND_PLANNED, State.REFUNDING, Action.REFUND_REST),
    (State.REFUNDING, Event.REFUNDED, State.CLOSED, None),
    (State.REFUNDING, Event.REFUND_STUCK, State.ATTENTION, Action.CALL_FINANCE),
]


@pytest.mark.parametrize(("state", "event", "to", "action"), READ_ALOUD)
def test_the_table_of_the_reference_holds_row_by_row(
    state: State, event: Event, to: State, action: Action | None
) -> None:
    found = sessions.move(state, event)
    assert found.to is to
    assert action is None or action in found.actions


def test_every_state_is_in_the_table_and_has_a_name_in_both_languages() -> None:
    assert set(TABLE) == set(State) == set(STATES)
    assert all(text.zh and text.en for text in STATES.values())
    assert set(sessions.CAUSES) == set(Cause)


def test_every_state_but_the_first_is_reached_and_every_state_leads_to_an_end() -> None:
    reached = {move.to for row in TABLE.values() for move in row.values()}
    assert reached == set(State) - {State.CREATED}
    ends = set(FINAL)
    while more := {s for s in State if s not in ends and any(m.to in ends for m in TABLE[s].values())}:
        ends |= more
    assert ends == set(State)


def test_every_event_moves_something_and_every_wait_is_an_event_of_its_state() -> None:
    assert {event for row in TABLE.values() for event in row} == set(Event)
    for state, wait in WAITS.items():
        assert wait.event in TABLE[state]
        assert wait.seconds > 0


@pytest.mark.parametrize("state", sorted(FINAL))
@pytest.mark.parametrize("event", list(Event))
def test_what_has_ended_stays_ended_whatever_comes(state: State, event: Event) -> None:
    """X18: a late message is flagged, a late payment goes back; nothing moves."""
    found = sessions.move(state, event)
    assert found.to is state
    assert found.actions in ((Action.FLAG,), (Action.REFUND_PAYMENT,))


def test_what_the_table_does_not_name_changes_nothing() -> None:
    for state in State:
        for event in Event:
            if event not in TABLE[state]:
                assert sessions.move(state, event) in (
                    Move(state, (Action.FLAG,)),
                    Move(state, (Action.REFUND_PAYMENT,)),
                )


def test_a_socket_is_held_from_the_reservation_until_it_is_metered() -> None:
    """B1.2: the database's index of one open session a socket is made of these states."""
    holds = set(sessions.HOLDS_SOCKET)
    for state, row in TABLE.items():
        for move in row.values():
            if Action.FREE_SOCKET in move.actions:
                assert state in holds
                assert move.to not in holds
    assert not holds & FINAL
