"""Call-backs: opened by a bad rating, checked, answered and closed by the unit, each with its clock (R-RT-3, R-RT-7).

Everybody locks in one order: the call-back, then its clocks. The night, which finds clocks first, locks the call-backs before it
touches them (`hold`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.ratings import content, facts, rules
from bancheng.kernel.ratings.facts import Happened, What
from bancheng.kernel.ratings.models import CallBack, CallBackLine, Occasion
from bancheng.kernel.ratings.rules import Act, Route, State, Terms
from bancheng.lib import identifiers
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Refused

SYSTEM = "system"


def about(call_back_id: UUID) -> str:
    """Return how clocks and audit name a call-back."""
    return f"callback:{call_back_id}"


def open_for(row: Occasion, *, seq: int, terms: Terms, at: datetime) -> None:
    """Open a call-back for a bad rating, in its transaction; when one is open it is that one.

    Who changes a bad rating to a better one does not end it: it was said, and is answered (R-RT-5: nobody is talked out of it).
    """
    if row.call_backs.filter(closed_at=None).exists():
        return
    found = CallBack(
        id=identifiers.uuid7(at),
        region=row.region,
        occasion=row,
        seq=seq,
        unit=row.unit,
        real_name=bool(row.rater_hash or row.contact_sealed),
        state=State.OPEN.value,
        opened_at=at,
    )
    _start_clock(found, terms, by=SYSTEM, at=at)
    found.save(force_insert=True)
    _line(found, Act.OPENED, by=SYSTEM, at=at)
    _tell(What.CALL_BACK, found, at)


@contextmanager
def _worked(call_back_id: UUID, by: str, at: datetime) -> Iterator[CallBack]:
    """Hold an open call-back that is `by`'s, taken or free. Raises Refused: no_such_call_back, call_back_over, taken."""
    with transaction.atomic():
        found = CallBack.objects.select_for_update().filter(pk=call_back_id).first()
        if found is None:
            raise no_such_call_back()
        if found.closed_at:
            raise Refused(
                "call_back_over",
                f"这件回访已结束（{rules.STATES[State(found.state)].zh}），未作任何改动。",
                en=f"This call-back is over ({rules.STATES[State(found.state)].en}); nothing was changed.",
            )
        if found.taken_by not in ("", by):
            raise Refused(
                "taken",
                "这件回访已由同事领取，未作任何改动；请在列表中选择其他回访。",
                en="A colleague has this call-back; nothing was changed. Choose another one.",
            )
        yield found
        found.save()


def no_such_call_back() -> Refused:
    """Return the refusal for what is not there, not the reader's unit's, or about the reader's own work."""
    return Refused(
        "no_such_call_back",
        "没有找到这件回访，请从列表中选择。",
        en="There is no such call-back; choose from the list.",
        status=404,
    )


def take(*, call_back_id: UUID, by: str, at: datetime) -> None:
    """Make a call-back one's own. Raises Refused: no_such_call_back, call_back_over, taken."""
    with _worked(call_back_id, by, at) as found:
        if found.taken_by != by:
            found.taken_by = by
            _line(found, Act.TAKEN, by=by, at=at)


def note_attempt(*, call_back_id: UUID, words: str, by: str, at: datetime) -> None:
    """Record that the rater was not reached; the clock of the first contact goes on.

    Raises Refused: no_such_call_back, call_back_over, taken, say_what.
    """
    rules.check_reason(words, "")
    with _worked(call_back_id, by, at) as found:
        _own(found, by)
        _line(found, Act.TRIED, by=by, at=at, words=words)


def note_check(*, call_back_id: UUID, route: Route, words: str, law: str, terms: Terms, by: str, at: datetime) -> None:
    """Record what the call and the check found, and so which of the three ways is taken (R-RT-3).

    Raises Refused: no_such_call_back, call_back_over, taken, say_what, call_back_moved_on.
    """
    rules.check_reason(words, law, route)
    with _worked(call_back_id, by, at) as found:
        _own(found, by)
        rules.check_next(State(found.state), rules.AFTER_CHECK[route])
        found.state, found.route, found.contacted_at = rules.AFTER_CHECK[route].value, route.value, at
        _end_clock(found, acted=True, by=by, at=at)
        _start_clock(found, terms, by=by, at=at)
        _line(found, Act.CONTACTED, by=by, at=at, words=words, law=law)


def settle(*, call_back_id: UUID, words: str, by: str, at: datetime) -> None:
    """Record that it is put right. Raises Refused: no_such_call_back, call_back_over, taken, say_what, call_back_moved_on."""
    rules.check_reason(words, "")
    with _worked(call_back_id, by, at) as found:
        _own(found, by)
        rules.check_next(State(found.state), State.SETTLED)
        found.state = State.SETTLED.value
        _line(found, Act.SETTLED, by=by, at=at, words=words)


def answer(*, call_back_id: UUID, words: str, by: str, at: datetime) -> None:
    """Tell the rater what came of it, which closes the call-back.

    Raises Refused: no_such_call_back, call_back_over, taken, say_what, call_back_moved_on.
    """
    rules.check_reason(words, "")
    with _worked(call_back_id, by, at) as found:
        _own(found, by)
        rules.check_next(State(found.state), State.CLOSED)
        _close(found, State.CLOSED, acted=True, by=by, at=at)
        _line(found, Act.FED_BACK, by=by, at=at, words=words)
        _tell(What.ANSWERED, found, at)


def drop(row: Occasion, *, by: str, at: datetime) -> None:
    """End what is open of a rating that is left out, in the caller's transaction."""
    for found in row.call_backs.select_for_update().filter(closed_at=None):
        _close(found, State.DROPPED, acted=False, by=by, at=at)
        found.save()
        _line(found, Act.DROPPED, by=by, at=at)


def _close(found: CallBack, state: State, *, acted: bool, by: str, at: datetime) -> None:
    _end_clock(found, acted=acted, by=by, at=at)
    found.state, found.closed_at, found.due_on = state.value, at, None


def _own(found: CallBack, by: str) -> None:
    """Let who works a call-back have it."""
    found.taken_by = found.taken_by or by


# --- clocks ---


def _start_clock(found: CallBack, terms: Terms, *, by: str, at: datetime) -> None:
    wanted = rules.clock_of(State(found.state), Route(found.route) if found.route else None, terms)
    if wanted is None:
        return
    rule, length = wanted
    started = clocks.start(
        region=found.region,
        about=about(found.pk),
        rule=rule,
        started_on=day_of(at),
        # a city's own days beside the table's; the same days would only be told twice when they pass
        promised=None if length == clocks.rule(rule).length else length,
        by=by,
        at=at,
    )
    found.due_on = _ends(started)


def _ends(clock: clocks.Clock) -> date:
    promised = clock.decision.promised
    return min(clock.due.on, promised.on) if promised else clock.due.on


def _end_clock(found: CallBack, *, acted: bool, by: str, at: datetime) -> None:
    running = clocks.open_clocks(region=found.region, abouts=[about(found.pk)])
    if running:
        clocks.end_many([(clock, acted) for clock in running], on=day_of(at), by=by, at=at)


def call_back_of(name: str) -> UUID | None:
    """Return the call-back that a clock names; None for the matters of others."""
    kind, _, key = name.partition(":")
    return UUID(key) if kind == "callback" else None


def hold(fact: clocks.Acting) -> None:
    """Lock the call-backs on whose clocks the night is about to act."""
    ids = [found for name in fact.abouts if (found := call_back_of(name))]
    if ids:
        list(CallBack.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))


def escalate(fact: clocks.Overdue) -> None:
    """Note that a unit is late with a call-back, and tell who supervises it."""
    call_back_id = call_back_of(fact.about)
    if call_back_id is None:
        return
    found = CallBack.objects.select_for_update().get(pk=call_back_id)
    if found.closed_at is None:
        found.late_at = found.late_at or fact.at
        found.save(update_fields=["late_at"])
        _line(found, Act.LATE, by=SYSTEM, at=fact.at)
        _tell(What.LATE, found, fact.at, rule=fact.rule, due_on=str(fact.due_on))


def move_due(fact: clocks.Moved) -> None:
    """Follow a date that moved with a calendar's year (R-CLK-9)."""
    call_back_id = call_back_of(fact.about)
    if call_back_id is not None:
        ends = min(fact.new_on, fact.promised_on or fact.new_on)
        CallBack.objects.filter(pk=call_back_id, closed_at=None).update(due_on=ends)


# --- the log ---


def _line(found: CallBack, act: Act, *, by: str, at: datetime, words: str = "", law: str = "") -> None:
    CallBackLine.objects.create(
        region=found.region,
        call_back=found,
        seq=found.lines.count() + 1,
        act=act.value,
        by=by,
        at=at,
        law=law.strip(),
        words_sealed=content.seal_words(words.strip()),
    )
    audit.record(f"ratings.call_back_{act}", who=by, about=about(found.pk), at=at, region=found.region)


def _tell(what: What, found: CallBack, at: datetime, **detail: str) -> None:
    facts.happened.fire(
        Happened(what, found.occasion_id, found.region, found.unit, at, call_back=found.pk, detail=detail)
    )
