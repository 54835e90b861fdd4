"""The merged notice: what departments ask is told in one, and what nobody needs to correct any more is dropped (R-OT-1, R14.3)."""

from bancheng.kernel.cases.models import CorrectionItem
from bancheng.kernel.cases.operations.family import Family, One
from bancheng.kernel.cases.rules.words import Act
from bancheng.kernel.clocks import public as clocks

ANSWER_WITHIN = clocks.Length(15, clocks.Unit.WD)  # for the applicant's answer; no law names a day, the city does
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
    due = clocks.due(started_on=family.today, length=ANSWER_WITHIN, calendar=clocks.calendar()).on
    waiting = CorrectionItem.objects.filter(root_id=root.row.pk, sent_at=None, dropped_at=None)
    items = waiting.update(sent_at=family.at, due_on=due)
    for one in asked:
        family.add(one, Act.CORRECTION_SENT, due_on=str(due))
    if root not in asked:
        steps = [one.row.step for one in asked]
        family.add(root, Act.CORRECTION_SENT, due_on=str(due), items=items, departments=len(asked), steps=steps)
    return True


def drop_moot(family: Family) -> None:
    """Drop what was asked of cases that were accepted, or ended, before it was answered."""
    asked = [one for one in family.members if one.before.asked or one.before.correcting]
    moot = [one.row.pk for one in asked if not (one.now.asked or one.now.correcting)]
    if moot:
        left = CorrectionItem.objects.filter(case_id__in=moot, answered_at=None, dropped_at=None)
        left.update(dropped_at=family.at)
