"""What clocks and the book do to applications: silence accepts, lateness escalates, a seizure suspends."""

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.registrations import book
from bancheng.kernel.registrations.models import Application
from bancheng.kernel.registrations.operations import handling, logging
from bancheng.kernel.registrations.rules.words import OPEN, Act, State
from bancheng.kernel.titles import public as titles

SUSPEND = "registrations.suspend"


def hold(fact: clocks.Acting) -> None:
    """Lock the applications on whose clocks the night is about to act."""
    ids = [found for name in fact.abouts if (found := logging.of_about(name))]
    if ids:
        list(Application.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))


def accept_by_silence(fact: clocks.Silence) -> None:
    """Accept what nobody refused on the spot in writing (条例 第十七条): it has its place from the day it was handed in."""
    application_id = logging.of_about(fact.about)
    if application_id is None:
        return
    row = logging.locked(application_id)
    if row.state == State.SUBMITTED:
        handling.take_in(row, Act.DEEMED_ACCEPTED, by=logging.SYSTEM, at=fact.at)


def escalate(fact: clocks.Overdue) -> None:
    """Note that the office is late, by law or by its promise."""
    application_id = logging.of_about(fact.about)
    if application_id is None:
        return
    row = logging.locked(application_id)
    if State(row.state) in OPEN:
        row.late_at = row.late_at or fact.at
        row.save(update_fields=["late_at"])
        due_on = str(fact.due_on)
        logging.line(row, Act.LATE, by=logging.SYSTEM, at=fact.at, rule=fact.rule, limit=fact.kind, due_on=due_on)


def move_due(fact: clocks.Moved) -> None:
    """Follow a date that moved with a calendar's year (R-CLK-9)."""
    application_id = logging.of_about(fact.about)
    if application_id is not None:
        ends = min(fact.new_on, fact.promised_on or fact.new_on)
        Application.objects.filter(pk=application_id, due_on__isnull=False).update(due_on=ends)


def promise_suspension(fact: titles.Changed) -> None:
    """Promise to suspend what is under way on lots that a court has just seized.

    By a job: who records locks the case and then the book, so a seizure, which holds the book, must not wait for a case.
    """
    if fact.key.startswith(book.RECORDING):
        return
    for number in sorted(titles.seizures_among(fact.region, fact.rights)):
        jobs.later(SUSPEND, key=f"registrations-suspend-{number}", region=fact.region, right=number)
