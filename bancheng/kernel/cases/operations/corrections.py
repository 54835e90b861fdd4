"""The merged notice: what departments ask is told in one, and what nobody needs to correct any more is dropped (R-OT-1, R14.3)."""

from datetime import date
from uuid import UUID

from bancheng.kernel.cases.models import CorrectionItem
from bancheng.kernel.cases.operations.family import Family, One, running_on
from bancheng.kernel.cases.rules import timing
from bancheng.kernel.cases.rules.words import Act, State
from bancheng.kernel.clocks import public as clocks

MERGE_WITHIN = clocks.Length(1, clocks.Unit.WD)  # departments wait for each other so long, then the notice goes


def send_when_ready(family: Family) -> None:
    """Send the notice when something is asked and no department is still looking at what was submitted."""
    looking = any(_looks(one) for one in family.members if not one.flow.is_bundle)
    if not looking:
        send(family)


def _looks(one: One) -> bool:
    now = one.now
    return not (now.asked or now.correcting or now.accepted or now.over)


def send(family: Family) -> bool:
    """Tell the applicant of everything asked, in one notice, with the day to answer by; return whether there was any."""
    root, asked = family.root, [one for one in family.members if one.now.asked]
    if not asked:
        return False
    length = clocks.rules()[timing.ANSWER.rule].length  # the day on which the clock ends that starts with this
    due = clocks.due(started_on=family.today, length=length, calendar=clocks.calendar()).on
    waiting = CorrectionItem.objects.filter(root_id=root.row.pk, sent_at=None, dropped_at=None)
    items = waiting.update(sent_at=family.at, due_on=due)
    for one in asked:
        family.add(one, Act.CORRECTION_SENT, due_on=str(due))
    if root not in asked:
        steps = [one.row.step for one in asked]
        family.add(root, Act.CORRECTION_SENT, due_on=str(due), items=items, departments=len(asked), steps=steps)
    return True


def note_late(family: Family, one: One, due_on: date) -> None:
    """Note that the applicant's own time ran out: nothing ends by it; he may still answer, until the officer takes it as waived."""
    if one.now.correcting:
        family.add(one, Act.ANSWER_LATE, due_on=str(due_on))


def move(case_id: UUID, due_on: date) -> None:
    """Follow the applicant's clock where a calendar moved its end (R-CLK-9)."""
    waiting = CorrectionItem.objects.filter(case_id=case_id, answered_at=None, dropped_at=None, sent_at__isnull=False)
    waiting.update(due_on=due_on)


def without_clock() -> list[UUID]:
    """Return the cases that wait for an answer on no clock: they were told before such answers had one."""
    waiting = CorrectionItem.objects.filter(
        sent_at__isnull=False, answered_at=None, dropped_at=None, case__state=State.CORRECTING.value
    )
    by_region: dict[str, set[UUID]] = {}
    for region, case_id in waiting.values_list("region", "case_id"):
        by_region.setdefault(region, set()).add(case_id)
    found = []
    for region, ids in by_region.items():
        running = running_on(region, ids)
        found += [pk for pk in ids if all(clock.rule.id != timing.ANSWER.rule for clock in running[pk])]
    return sorted(found)


def drop_moot(family: Family) -> None:
    """Drop what was asked of cases that were accepted, or ended, before it was answered."""
    asked = [one for one in family.members if one.before.asked or one.before.correcting]
    moot = [one.row.pk for one in asked if not (one.now.asked or one.now.correcting)]
    if moot:
        left = CorrectionItem.objects.filter(case_id__in=moot, answered_at=None, dropped_at=None)
        left.update(dropped_at=family.at)
