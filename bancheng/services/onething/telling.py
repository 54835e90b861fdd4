"""Who is told what about a case: applicants of what they wait for, units of what waits for them. A notice is no legal service (N-1).

What happened promises one job in its transaction; the job reads the log and tells what stands there, each line once (N-4: the key
of a message is the line's place in the log), and each is asked about once more in the second before it goes (N-3).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from threading import local
from typing import Any
from uuid import UUID

from django.conf import settings

from bancheng.kernel.cases import public as cases
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.letters import public as letters
from bancheng.kernel.notices import public as notices
from bancheng.lib.days import day_of
from bancheng.lib.text import Text
from bancheng.services.onething import queries
from bancheng.services.onething.models import JointVisit, PaperPromise
from bancheng.services.onething.queries import SERVICE

Act = cases.Act
WARN_BEFORE = clocks.Length(3, clocks.Unit.WD)  # of a gap that ends
OF_BUNDLE = {Act.SUBMITTED: "filed", Act.CORRECTION_SENT: "correction", Act.CLOSED: "done", Act.WITHDRAWN: "withdrawn"}
OF_MATTER = {
    Act.ACCEPTED: "accepted",
    Act.DEEMED_ACCEPTED: "accepted",
    Act.NOT_ACCEPTED: "result",
    Act.DECIDED: "result",
    Act.WITHDRAWN: "withdrawn",
    Act.WAIVED: "result",
    Act.TERMINATED: "result",
    Act.TRANSFERRED: "result",
    Act.HANDED_OVER: "moved",
    Act.ANSWER_LATE: "answer_late",
}
ENDS = {
    Act.NOT_ACCEPTED: cases.Outcome.NOT_ACCEPTED,
    Act.WAIVED: cases.Outcome.WAIVED,
    Act.TERMINATED: cases.Outcome.TERMINATED,
    Act.TRANSFERRED: cases.Outcome.TRANSFERRED,
}
OF_UNIT = {
    Act.SUBMITTED: ("new", "case_officer"),
    Act.HANDED_OVER: ("new", "case_officer"),
    Act.ESCALATED: ("late", "unit_admin"),
    Act.ANSWER_LATE: ("unanswered", "case_officer"),
}
MENDED = Text("已改正，承诺履行完毕", "mended; the promise is kept")
TRUE = Text("属实", "true")


def note(fact: cases.Happened) -> None:
    """Promise to tell of what happened: once for a bundle, however much happened to it in one go.

    A case's facts of one operation bear one instant; the next operation, a repeated one too, bears another.
    """
    if fact.service != SERVICE or not (_starts(fact) or (fact.case == fact.root and fact.act in OF_BUNDLE)):
        return
    now = (fact.root, fact.at)
    if getattr(promised, "last", None) != now:
        jobs.later("onething.tell", key=f"onething-tell-{fact.root}", root=str(fact.root), since=fact.at.isoformat())
        promised.last = now


promised = (
    local()
)  # the bundle and instant that were promised last, by thread: the facts of one operation come in a row


def _starts(fact: cases.Happened) -> bool:
    """Return whether it is told of by itself: a new matter comes with what called for it, and of a bundle its matters tell."""
    found = fact.act is Act.DONE and (fact.detail.get("promise") or fact.outcome in UNKEPT)
    return (fact.act in OF_MATTER or fact.act is Act.ESCALATED or bool(found)) and bool(fact.matter)


UNKEPT = (cases.Outcome.UNTRUE, cases.Outcome.REVOKED)


def tell(*, root: UUID, since: datetime, at: datetime) -> None:
    """Tell what the logs of a bundle say since then. Run it as often as you like: a line is told once."""
    view = cases.view(root)
    if view is None:
        return
    units = catalogue.units_by_code([one.unit for one in view.matters or (view.case,) if one.unit])
    for one in (view.case, *view.matters):
        for line in one.lines:
            if line.at >= since and not line.undone:
                _tell_line(view, one, line, units.get(one.unit), at)
    letters.promise(view, since=since)  # what has to be given in writing (R-OT-2)


def _tell_line(
    view: cases.View, one: cases.Matter, line: cases.Line, unit: catalogue.Unit | None, at: datetime
) -> None:
    single = not view.matters
    values = _values(view, one, unit)
    key = f"{one.id}-{line.seq}"
    for kind in _kinds(view, one, line):
        # several matters wait for the one answer, and are late together: the applicant hears it once (N-4)
        own = f"{view.case.id}-{line.detail['due_on']}" if line.act is Act.ANSWER_LATE else key
        tell_applicant(view, kind, key=own, values=values | _more(view, one, line, kind), at=at)
    if line.act in OF_UNIT and unit and (single or one is not view.case):
        kind, role = OF_UNIT[line.act]
        day = str(line.detail.get("due_on") or _due(one, line.at))
        tell_staff(view, one, kind, role=role, key=key, values=values | {"day": day}, at=at)


def _kinds(view: cases.View, one: cases.Matter, line: cases.Line) -> Iterator[str]:
    """Yield what the applicant hears of a line; of a single matter both what a bundle and what a matter says."""
    if one is view.case and line.act in OF_BUNDLE:
        yield OF_BUNDLE[line.act]
    elif (one is not view.case or not view.matters) and line.act in OF_MATTER:
        yield OF_MATTER[line.act]
    elif line.act is Act.DONE and (kind := _of_promise(one, line)):
        yield kind


def _of_promise(one: cases.Matter, line: cases.Line) -> str:
    """Return what the applicant hears of a promise that was looked at, "" of any other step."""
    promise = one.flow.promise
    if promise is None or line.step not in (promise.verify, promise.recheck) or not line.detail.get("promise"):
        return ""
    return {cases.Outcome.UNTRUE: "untrue", cases.Outcome.REVOKED: "revoked"}.get(
        line.outcome or cases.Outcome.DONE, "verified"
    )


def _more(view: cases.View, one: cases.Matter, line: cases.Line, kind: str) -> dict[str, Any]:
    if kind == "correction":
        sent = [each for each in cases.corrections(view.case.id, sent=True) if each.sent_at == line.at]
        return {"day": line.detail["due_on"], "items": len(sent)}
    if kind == "answer_late":
        return _answer(view, line.detail["due_on"])
    if kind == "accepted":
        return {"day": str(_due(one, line.at))}
    if kind == "result":
        said = cases.OUTCOMES[line.outcome or ENDS[line.act]]
        return {"outcome": said.zh, "outcome_en": said.en}
    if kind == "untrue":
        return {"day": str(_due(one, line.at))}
    if kind == "verified":
        said = MENDED if one.flow.promise and line.step == one.flow.promise.recheck else TRUE
        return {"outcome": said.zh, "outcome_en": said.en}
    return {}


def _answer(view: cases.View, due_on: str) -> dict[str, Any]:
    """Return what is said of an answer that is due: by when, how much, of the whole bundle and on its one page."""
    waiting = [each for each in cases.corrections(view.case.id, sent=True) if not each.answered]
    return {
        "title": view.case.title.zh,
        "title_en": view.case.title.en,
        "day": due_on,
        "items": len(waiting),
        "link": f"{settings.SITE_URL}/onething/cases/{view.case.id}/correct/",
    }


def answer_due(fact: clocks.DueSoon) -> None:
    """Promise to remind an applicant whose own time to correct runs out soon."""
    if fact.rule == cases.ANSWER.rule and fact.about.startswith("case:"):
        key = f"onething-answer-due-{fact.clock_id}-{fact.due_on}"
        jobs.later("onething.answer_due", key=key, case=fact.about.removeprefix("case:"), due_on=str(fact.due_on))


def tell_answer_due(*, case_id: UUID, due_on: date, at: datetime) -> None:
    """Remind an applicant that his answer is due, once for all matters that wait for it."""
    view = cases.view(case_id)
    if view is None or view.service != SERVICE or not _waits(f"{SERVICE}.correction", view.case.id):
        return
    tell_applicant(view, "answer_due", key=f"{view.case.id}-{due_on}", values=_answer(view, str(due_on)), at=at)


def _due(one: cases.Matter, at: datetime) -> date:
    """Return the day the case's running clock ends, what is promised before what the law says; that day where none runs."""
    ends = (queries.end_of(clock) for clock in one.clocks if clock.rule.side == "agency")
    return min(ends, default=day_of(at))


def _values(view: cases.View, one: cases.Matter, unit: catalogue.Unit | None) -> dict[str, Any]:
    return {
        "title": one.title.zh,
        "title_en": one.title.en,
        "number": one.number,
        "unit": unit.name if unit else "",
        "unit_en": unit.name_en if unit else "",
        "link": f"{settings.SITE_URL}/onething/cases/{view.case.id}/",
    }


def tell_applicant(view: cases.View, kind: str, *, key: str, values: Mapping[str, Any], at: datetime) -> None:
    """Tell the applicant, on the phone of whoever sent the application in."""
    notices.accept(
        kind=f"{SERVICE}.{kind}",
        region=view.region,
        key=f"{SERVICE}-{kind}-{key}",
        subject=f"case:{view.case.id}",
        to=_recipient(view),
        values=dict(values),
        at=at,
    )


def _recipient(view: cases.View) -> notices.Recipient:
    """Return the applicant's mailbox, and the phone of the person who filed; a clerk's phone is not the applicant's."""
    kind, _, key = view.filed_by.partition(":")
    person = identity.Person.objects.filter(pk=key).first() if kind == "person" else None
    if person and person.mobile_sealed and person.mobile_hash:
        return notices.Recipient(view.applicant_hash, bytes(person.mobile_sealed), bytes(person.mobile_hash))
    content = cases.said(view.case.id, personal=True) if person is None else None
    mobile = content.personal.get("contact_mobile") if content else None
    return notices.Recipient.of(mobile=str(mobile or ""), holder_hash=view.applicant_hash)


def tell_staff(
    view: cases.View, one: cases.Matter, kind: str, *, role: str, key: str, values: Mapping[str, Any], at: datetime
) -> None:
    """Tell those who hold `role` in the unit of a case."""
    said = dict(values) | {"link": f"{settings.SITE_URL}/onething/desk/{one.id}/"}
    for account in identity.officers(unit=one.unit, role=role, at=at):
        notices.accept(
            kind=f"{SERVICE}.{kind}",
            region=view.region,
            key=f"{SERVICE}-{kind}-{key}-{account}",
            subject=f"case:{one.id}",
            to=notices.to_staff(account),
            values=said,
            at=at,
        )


@dataclass(frozen=True)
class Visiting:
    """One turn of a joint visit, as messages tell it: when, and how many offices come."""

    key: str
    day: date
    half: Text
    items: int

    def values(self, title: Text, link: str) -> dict[str, Any]:
        """Return what the texts fill in."""
        return {
            "title": title.zh,
            "title_en": title.en,
            "day": str(self.day),
            "half": self.half.zh,
            "half_en": self.half.en,
            "items": self.items,
            "link": f"{settings.SITE_URL}{link}",
        }


def tell_visit(view: cases.View, kind: str, turn: Visiting, *, at: datetime) -> None:
    """Tell the applicant that the inspectors come together, on another day, or not (`kind`)."""
    values = turn.values(view.case.title, f"/onething/cases/{view.case.id}/")
    tell_applicant(view, kind, key=turn.key, values=values, at=at)


def tell_inspectors(
    view: cases.View, matters: Sequence[cases.Matter], kind: str, turn: Visiting, *, at: datetime
) -> None:
    """Tell the officers of the matters' units when they come together, or that they do not."""
    for one in matters:
        values = turn.values(one.title, f"/onething/desk/{one.id}/")
        tell_staff(view, one, kind, role="case_officer", key=f"{turn.key}-{one.id}", values=values, at=at)


def still_wanted(fact: notices.Check) -> set[str]:
    """Return the cases of which this need not be said any more: corrected, supplied or ended since (N-3)."""
    if fact.kind in (f"{SERVICE}.visit", f"{SERVICE}.visit_moved"):
        return _called_off(fact.subjects)
    if fact.kind not in {f"{SERVICE}.{kind}" for kind in ("correction", "answer_due", "answer_late", "gap")}:
        return set()
    return {subject for subject in fact.subjects if not _waits(fact.kind, UUID(subject.partition(":")[2]))}


def _called_off(subjects: Sequence[str]) -> set[str]:
    """Return the bundles whose joint visit does not stand any more: one statement."""
    roots = {UUID(subject.partition(":")[2]): subject for subject in subjects}
    stand = JointVisit.objects.filter(root_id__in=list(roots), ended_at=None).values_list("root_id", flat=True)
    return {subject for root, subject in roots.items() if root not in set(stand)}


def _waits(kind: str, root: UUID) -> bool:
    view = cases.view(root)
    if view is None or view.case.over:
        return False
    if kind == f"{SERVICE}.gap":
        return any(gap.state == "open" for gap in cases.gaps([one.id for one in (view.case, *view.matters)]))
    return any(not one.answered for one in cases.corrections(root, sent=True))


def warn_of_gaps(*, today: date, at: datetime) -> int:
    """Promise each applicant the word that his promised papers are due; return how many cases that was. Run it as often as you like."""
    told = 0
    last = clocks.due(started_on=today, length=WARN_BEFORE, calendar=clocks.calendar()).on
    abouts = PaperPromise.objects.filter(ended_at=None, about__startswith="case:").values_list("about", flat=True)
    for about in sorted(set(abouts)):
        view = cases.view(UUID(about.partition(":")[2]))
        if view is None or view.case.over:
            continue
        found = [gap for gap in cases.gaps([one.id for one in (view.case, *view.matters)]) if gap.state == "open"]
        soon = [gap for gap in found if today <= gap.due_on <= last]
        if not soon:
            continue
        values = {
            "title": view.case.title.zh,
            "title_en": view.case.title.en,
            "day": str(soon[0].due_on),
            "items": len({gap.material for gap in soon}),
            "link": f"{settings.SITE_URL}/onething/cases/{view.case.id}/",
        }
        tell_applicant(view, "gap", key=f"{view.case.id}-{soon[0].due_on}", values=values, at=at)
        told += 1
    return told
