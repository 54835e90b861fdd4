"""The log of an application: one line for each act, the state that follows, and who hears of it.

Whoever acts locks the application first and its clocks after it (`acting`), as the night does (`hold`).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.registrations import content, facts
from bancheng.kernel.registrations.facts import Happened, What
from bancheng.kernel.registrations.models import Application, Line
from bancheng.kernel.registrations.rules import letters, words
from bancheng.kernel.registrations.rules.words import Act, Cause, State
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Refused

SYSTEM = "platform"
WRITE_LETTER = "registrations.write_letter"
MOVES, MOVED = 0x7265676D, "registrations_moved"  # "regm": our class of advisory locks; the sequence they keep in order
HEARD: Mapping[Act, What] = {
    **{Act(what.value): what for what in What if what.value in set(Act)},
    Act.DEEMED_ACCEPTED: What.ACCEPTED,
    Act.CORRECTION: What.CORRECTION_REQUIRED,
}


def about(application_id: UUID) -> str:
    """Return how clocks and audit name an application."""
    return f"registration:{application_id}"


def of_about(name: str) -> UUID | None:
    """Return the application that a clock names; None for the matters of others."""
    kind, _, key = name.partition(":")
    return UUID(key) if kind == "registration" else None


def no_such_application() -> Refused:
    """Return the refusal for what is not there, or not the reader's."""
    return Refused(
        "no_such_application",
        "没有找到这件登记申请，请核对受理编号。",
        en="There is no such application; check its number.",
        status=404,
    )


@contextmanager
def acting(application_id: UUID) -> Iterator[Application]:
    """Act on one application, its row locked. Raises Refused("no_such_application")."""
    with jobs.act():
        yield locked(application_id)


def locked(application_id: UUID) -> Application:
    """Return the application, its row locked. Raises Refused("no_such_application")."""
    row = Application.objects.select_for_update().filter(pk=application_id).first()
    if row is None:
        raise no_such_application()
    return row


def check(row: Application, act: Act) -> None:
    """Raise Refused("application_moved_on"), naming what stopped it."""
    zh, en = why(row)
    words.check_may(act, State(row.state), because=zh, because_en=en)


def why(row: Application) -> tuple[str, str]:
    """Return why an application stands still, with the court's case number where a court stopped it (B13.5)."""
    if row.state != State.SUSPENDED:
        return "", ""
    said = words.CAUSES[Cause(row.stopped)]
    last = row.lines.filter(act=Act.SUSPENDED.value).order_by("-seq").first()
    case = str(last.detail.get("case_no", "")) if last else ""
    return f"{said.zh}{case and f'，{case}'}", f"{said.en}{case and f', {case}'}"


def move(row: Application, act: Act, *, by: str, at: datetime, **columns: Any) -> None:
    """Let the act lead where it leads; the state it leaves stands in `before` where the application goes back to it."""
    check(row, act)
    then = NEXT_STATE(row, act)
    if then in words.PAUSED or then is State.CORRECTION:
        row.before = row.before if row.state in words.PAUSED else row.state
    row.state = then.value
    for name, value in columns.items():
        setattr(row, name, value)
    row.moved = next_move(row.unit)
    row.save()


def NEXT_STATE(row: Application, act: Act) -> State:  # noqa: N802  # reads as the table it asks
    """Return where an act leads; back to `before` from where the application stood still."""
    then = words.NEXT[act][1]
    if then is not None:
        return then
    back = act in (Act.RESUMED, Act.SUPPLEMENTED)
    return State(row.before if back and row.before else row.state)


def line(
    row: Application,
    act: Act,
    *,
    by: str,
    at: datetime,
    channel: str = "",
    said: str = "",
    law: str = "",
    told: Mapping[str, Any] | None = None,
    **detail: Any,
) -> None:
    """Add a line to the log, the audit's and the ears of who listens; `said` is kept sealed, `told` goes to listeners alone.

    What has to be given in writing is promised here, in the transaction of the decision: no decision is without its letter.
    """
    seq = row.lines.count() + 1
    Line.objects.create(
        region=row.region,
        application=row,
        seq=seq,
        act=act.value,
        state=row.state,
        by=by,
        at=at,
        channel=channel,
        law=law.strip(),
        words_sealed=content.seal_words(said),
        detail=detail,
    )
    audit.record(f"registrations.{act}", who=by, about=about(row.pk), at=at, region=row.region, detail=detail)
    if act in letters.TITLES:
        jobs.later(WRITE_LETTER, key=letter_key(row.pk, seq), application=str(row.pk), line=seq)
    if act in HEARD:
        tell(row, HEARD[act], by=by, at=at, detail=detail | dict(told or {}))


def letter_key(application_id: UUID, line: int) -> str:
    """Return the key of the job that writes the letter of a line."""
    return f"registrations-letter-{application_id}-{line}"


def tell(row: Application, what: What, *, by: str, at: datetime, detail: Mapping[str, Any]) -> None:
    """Announce what happened."""
    facts.happened.fire(
        Happened(what, row.pk, row.number, row.region, row.kind, row.unit, row.registry, row.lots, at, by, detail)
    )


def next_move(unit: str) -> int:
    """Return the next place in the order of moves. Those of one unit commit in this order, so whoever follows it misses none.

    Taken after the parcel's lock, never before it.
    """
    if not unit:
        return running(MOVED)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(%s::regclass) FROM pg_advisory_xact_lock(%s, hashtext(%s))", [MOVED, MOVES, unit]
        )
        return int(cursor.fetchone()[0])


def running(sequence: str) -> int:
    """Return the next of a sequence: it grows, gaps are no harm, nobody waits for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass)", [sequence])
        return int(cursor.fetchone()[0])


def close(row: Application) -> None:
    """Let what was asked be asked again: the application is over."""
    row.subjects.update(open=False)


def end_clocks(row: Application, *, acted: bool, by: str, at: datetime, rules: tuple[str, ...] = ()) -> None:
    """End the clocks of an application, or those of some rules."""
    found = clocks.open_clocks(region=row.region, abouts=[about(row.pk)])
    ended = [(clock, acted) for clock in found if not rules or clock.rule.id in rules]
    if ended:
        clocks.end_many(ended, on=day_of(at), by=by, at=at)


def due_of(row: Application) -> Any:
    """Return the first day on which a clock of the application ends, by law or promise; None: none runs."""
    found = clocks.open_clocks(region=row.region, abouts=[about(row.pk)])
    return min((min(clock.due.on, promised_of(clock)) for clock in found), default=None)


def promised_of(clock: clocks.Clock) -> Any:
    """Return the promised day of a clock, or the law's."""
    return clock.decision.promised.on if clock.decision.promised else clock.due.on
