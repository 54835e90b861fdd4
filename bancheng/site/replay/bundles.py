"""One day of one-thing-done-once: what people apply for, answer and take back, and what a dozen departments do with it.

Everything is done through the operations behind the pages. Who does what is worked out from what is open, so a day that is
lived again finds done what is done. Each wave is one transaction, as a department works through its desk.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from bancheng.kernel.cases import jobs
from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.lib.days import day_of
from bancheng.services.corrections import operations as corrections
from bancheng.services.onething import attaching, papers, promising, queries
from bancheng.services.onething import operations as onething
from bancheng.sim import bank
from bancheng.sim import bundles as sim
from bancheng.sim.bundles import Application
from bancheng.site.replay import cast, raters

WHO = "system:replay"
APPLY, ANSWER = time(9, 20), time(9, 40)
OFFICERS, APPROVERS, AFTERNOON, EVENING = time(10, 30), time(14, 30), time(16, 30), time(17, 20)
VISIT_AFTER, VERIFY_AFTER = 8, 10  # working days until a first visit, until a promise is verified
ANSWERED, AGAIN, TAKEN_BACK = 2, 3, 1  # days until an applicant answers, applies again, takes back
LOOKED_INTO = 3  # days until a unit has looked into a correction of its data
SUPPLIED, GAP_DAYS = 3, 10  # days until a missing paper comes; by when it was promised
GRANTED = cases.Because("")
KEPT = cases.Because("现场核查与承诺一致")
DENIED = cases.Because(
    "所报材料不能证明符合法定条件", "行政许可法 第三十八条", "可在六十日内申请行政复议，或在六个月内提起行政诉讼"
)
FROZEN = cases.Because(
    "该企业股权被人民法院冻结，冻结期间不能办理迁移",
    "市场主体登记管理条例 第二十七条",
    "解除冻结后可再次申请；不服的，可在六十日内申请行政复议",
)
RESULTS = {
    "out-check": "未发现股权冻结、列入异常名录或者在办案件",
    "archive": "登记档案已电子移交，目录与页数核对一致",
    "engrave": "印章已刻制并交申请人",
    "settle": "税款已结清，发票已缴销",
    "objections": "公告期满，未收到异议",
    "collect": "印章已收缴",
}


@dataclass(frozen=True)
class Hall:
    """The applications of the year, who made each, and who sits at which desk."""

    year: sim.Year
    desks: Mapping[tuple[str, str], identity.Actor]
    by_holder: Mapping[bytes, Application]
    elements: Mapping[str, forms.Element]


def planned(*, start: date, seed: int, scale: float) -> sim.Year:
    """Return the applications of a year, for the bundles the city has."""
    flows = [flow for flow in cases.current_flows(region=settings.REGION) if flow.is_bundle]
    matters = {flow.code: [step.matter for step in flow.steps] for flow in flows}
    return sim.make(start=start, matters=matters, seed=seed, scale=scale)


def opened(year: sim.Year, *, at: datetime) -> Hall:
    """Return the hall of a year, its desks staffed."""
    desks = {(role, unit): cast.at_desk(unit, role, at) for role, unit in sorted(_desks())}
    return Hall(year, desks, {_holder(one): one for one in year.applications}, forms.elements(settings.REGION))


def _desks() -> set[tuple[str, str]]:
    """Return who is needed: each role of each step of each matter of a bundle, in the unit that does it, and who calls back there."""
    flows = {flow.code: flow for flow in cases.current_flows(region=settings.REGION)}
    matters = [matter for flow in flows.values() if flow.is_bundle for matter in flow.steps]
    steps = [(matter, step) for matter in matters for step in flows[matter.flow].steps if step.role]
    found = {(step.role, step.unit or matter.unit) for matter, step in steps}
    return found | {(raters.CALLER, unit) for _, unit in found}


def _holder(one: Application) -> bytes:
    if one.firm:
        return identity.find_hash(one.firm.uscc, kind="uscc")
    return identity.find_hash(one.person.citizen_id, kind="citizen_id")


def night() -> None:
    """Run what the platform does by itself before the day begins."""
    jobs.break_gaps()
    jobs.archive()
    jobs.send_corrections()


def live(hall: Hall, day: date) -> int:
    """Live a day; return how many applications came in."""
    came = _wave(day, APPLY, lambda at: sum(_apply(hall, one, at) for one in hall.year.by_day.get(day, ())))
    _wave(day, ANSWER, lambda at: _answer(hall, at))
    if clocks.calendar().is_working(day) and day < hall.year.end:  # the last day's work is left for whoever comes
        for moment, role in ((OFFICERS, "case_officer"), (APPROVERS, "approver"), (AFTERNOON, "case_officer")):
            _wave(day, moment, lambda at, role=role: _work(hall, role, at))  # type: ignore[misc]  # bound now
        _wave(day, AFTERNOON, lambda at: _look_into(hall, at))
        _wave(
            day, EVENING, lambda at: raters.rate(hall.by_holder, at) + raters.call_back(hall.by_holder, hall.desks, at)
        )
    return came


def _wave(day: date, moment: time, do: Callable[[datetime], int]) -> int:
    with transaction.atomic():
        return do(datetime.combine(day, moment, tzinfo=clocks.SHANGHAI))


# -- who applies


def _apply(hall: Hall, one: Application, at: datetime) -> int:
    """Let somebody fill in the form on his phone and send it; return 1, and 0 when he had."""
    if cases.of_applicants([_holder(one)], service=queries.SERVICE, size=1):
        return 0
    person = identity.register_person(
        region=settings.REGION,
        name=one.person.name,
        citizen_id=one.person.citizen_id,
        mobile=one.person.mobile,
        by=WHO,
        at=at,
    )
    identity.prove_identity(person=person, method="city", by=WHO, at=at)  # as signing in does
    by = identity.Actor(f"person:{person.pk}", person.name, person_id=str(person.pk))
    subject = by.ref
    if one.firm:
        firm = identity.register_organisation(
            region=settings.REGION, name=one.firm.name, uscc=one.firm.uscc, by=WHO, at=at
        )
        identity.link_agent(
            principal=firm,
            agent=person,
            document=f"营业执照 {one.firm.uscc}",
            first=hall.year.start,
            legal_representative=True,
            by=WHO,
            at=at,
        )
        subject = f"organisation:{firm.pk}"
    cast.share(_holder(one), one.known, hall.elements, at)
    draft = onething.begin(bundle=one.bundle, subject=subject, by=by, at=at)
    asked = queries.application(by, draft.id, at)
    while True:
        raw = _typed(one, asked)
        draft = onething.save(application=asked, raw=raw, seen=draft.version, by=by, at=at).draft
        if list(draft.matters) == list(asked.form.matters):
            break
        asked = queries.application(by, draft.id, at)  # another matter follows from what was answered
    sent = replace(asked, draft=draft)
    _bring(sent, one, by, at)
    onething.submit(application=sent, seen=draft.version, by=by, at=at)
    return 1


def _typed(one: Application, asked: queries.Application) -> dict[str, Sequence[str]]:
    """Return what somebody types: what is not filled in, and what he finds wrong; what we hold is not posted by a page."""
    held = asked.draft.held
    return {
        code: one.disputes.get(code, typed)
        for code, typed in one.typed.items()
        if code in asked.form.fields and (code in one.disputes or code not in held or held[code].source is None)
    }


def _bring(application: queries.Application, one: Application, by: identity.Actor, at: datetime) -> None:
    """Attach every paper one has to bring: a photograph of each kind, which many applications share by its content.

    Twelve of a kind, by the number of the application: helpers (at most four) never wait for one another's.
    """
    for paper in papers.of_application(application, at):
        if not paper.ready:
            photograph = bank.photograph(int(paper.slug, 16) * 12 + one.number % 12)
            attaching.attach(
                paper=paper,
                files=[attaching.File(f"{paper.name.zh}.png", len(photograph), [photograph])],
                about=f"draft:{application.draft.id}",
                region=settings.REGION,
                holder=application.draft.subject.holder_hash,
                by=by.ref,
                at=at,
            )


# -- what applicants do afterwards

_OPEN = """
select id, applicant_hash, received_at from cases_case
 where service = 'onething' and step = '' and closed_at is null
"""
_ASKED = """
select distinct root_id, sent_at from cases_correctionitem
 where sent_at is not null and answered_at is null and dropped_at is null
"""
_FAILED = """
select c.root_id, c.step, c.closed_at from cases_case c join cases_case r on r.id = c.root_id and r.closed_at is null
 where c.service = 'onething' and c.outcome in ('denied', 'not_accepted') and c.step <> ''
   and not exists (select from cases_case o where o.root_id = c.root_id and o.step = c.step and o.attempt > c.attempt)
"""
_GAPS = """
select g.case_id, g.material, g.promised_at, g.holds_result, c.applicant_hash
  from cases_gap g join cases_case c on c.id = g.case_id where g.state = 'open' and c.service = 'onething'
"""


def _rows(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def _answer(hall: Hall, at: datetime) -> int:
    """Let applicants answer corrections, bring missing papers, apply again, give up, take back."""
    running = {
        root: (hall.by_holder[bytes(holder)], since) for root, holder, since in _rows(_OPEN) if _ours(hall, holder)
    }
    for root, sent_at in _rows(_ASKED):
        if root in running and _days(sent_at, at) >= ANSWERED:
            _correct(running[root][0], root, at)
    for case_id, material, promised_at, _, holder in _rows(_GAPS):
        if _ours(hall, holder) and _days(promised_at, at) >= SUPPLIED:
            cases.supply_gap(case_id=case_id, material=material, by=WHO, at=at)
    for root, step, closed_at in _rows(_FAILED):
        if root in running and _days(closed_at, at) >= AGAIN:
            _after_refusal(running[root][0], root, step, at)
    for root, (one, since) in running.items():
        if one.withdraws and _days(since, at) >= TAKEN_BACK:
            _withdraw(one, root, at)
    return len(running)


def _ours(hall: Hall, holder: memoryview) -> bool:
    return bytes(holder) in hall.by_holder


def _days(since: datetime, at: datetime) -> int:
    return (day_of(at) - day_of(since)).days


def _mine(root: UUID) -> tuple[cases.View, identity.Actor]:
    view = cases.view(root)
    assert view
    return view, identity.Actor(view.filed_by, person_id=view.filed_by.removeprefix("person:"))


def _correct(one: Application, root: UUID, at: datetime) -> None:
    view, by = _mine(root)
    if any(matter.state is cases.State.CORRECTING for matter in view.matters):
        asked = [each.about.removeprefix("field:") for each in cases.corrections(root, sent=True) if not each.answered]
        onething.correct(view=view, raw={code: one.corrected(code) for code in asked}, by=by, at=at)


def _after_refusal(one: Application, root: UUID, step: str, at: datetime) -> None:
    view, by = _mine(root)
    if not one.gives_up:
        onething.retry(view=view, step=step, by=by, at=at)
        return
    for held in view.case.steps.held:
        onething.give_up(view=view, step=held, by=by, at=at)


def _withdraw(one: Application, root: UUID, at: datetime) -> None:
    view, by = _mine(root)
    found = [matter for matter in view.matters if one.withdraws in ("*", matter.step) and not matter.over]
    if found and all(matter.accepted_on is None for matter in found):
        case_id = root if one.withdraws == "*" else found[0].id
        onething.withdraw(view=view, case_id=case_id, reason="", by=by, at=at)


def _look_into(hall: Hall, at: datetime) -> int:
    """Let the unit that shared a datum look into what its applicant says of it; return how many corrections that was."""
    due = [
        one
        for one in forms.items(region=settings.REGION)
        if one.holder_hash in hall.by_holder and _days(one.opened_at, at) >= LOOKED_INTO
    ]
    for one in due:
        corrections.accept(item_id=one.id, by=cast.at_desk(one.owner, "section_officer", at), at=at)
    return len(due)


# -- what departments do

_TASKS = """
select t.case_id, t.step, t.kind, t.unit, t.opened_at, c.step, c.attempt, c.round, c.applicant_hash
  from cases_task t join cases_case c on c.id = t.case_id
 where t.state = 'open' and t.role = %s and c.service = 'onething'
   and not exists (select from cases_correctionitem i
                    where i.case_id = c.id and i.answered_at is null and i.dropped_at is null)
 order by t.id
"""


@dataclass(frozen=True)
class _Open:
    """A step that waits for somebody at a desk."""

    case: UUID
    step: str
    kind: cases.Kind
    unit: str
    opened_at: datetime
    matter: str
    attempt: int
    round: int


def _work(hall: Hall, role: str, at: datetime) -> int:
    """Let everybody of a role work through what he would have come to by now; return how many steps."""
    done = 0
    held = {case for case, _, _, holds, _ in _rows(_GAPS) if holds}
    for task, one in _tasks(hall, role):
        if hall.year.silent(task.unit, at.date()) or (task.kind is cases.Kind.DECIDE and task.case in held):
            continue
        if _reached(task, one, at.date()):
            _do(task, one, hall.desks[role, task.unit], at)
            done += 1
    return done


def _tasks(hall: Hall, role: str) -> Iterator[tuple[_Open, Application]]:
    with connection.cursor() as cursor:
        cursor.execute(_TASKS, [role])
        rows = cursor.fetchall()
    for case_id, step, kind, unit, opened_at, matter, attempt, round_, holder in rows:
        if bytes(holder) in hall.by_holder:
            yield (
                _Open(case_id, step, cases.Kind(kind), unit, opened_at, matter, attempt, round_),
                hall.by_holder[bytes(holder)],
            )


def _reached(task: _Open, one: Application, today: date) -> bool:
    """Return whether an officer has come to a step by `today`."""
    fate = one.fate(task.matter)
    if task.kind is cases.Kind.FOLLOW_UP:
        patience = VERIFY_AFTER if task.step == "verify" else VISIT_AFTER
    elif task.attempt > 1 or task.round > 1:
        patience = 0
    else:
        patience = {cases.Kind.REVIEW: fate.review, cases.Kind.DECIDE: fate.decide}.get(task.kind, 0)
    opened = day_of(task.opened_at)
    return not patience or _working_days_after(opened, patience) <= today


@lru_cache(maxsize=4096)
def _working_days_after(day: date, number: int) -> date:
    return clocks.calendar().add(day, number)


def _do(task: _Open, one: Application, by: identity.Actor, at: datetime) -> None:
    fate = one.fate(task.matter)
    first = task.attempt == 1
    match task.kind:
        case cases.Kind.REVIEW if fate.correct and first and task.round == 1 and task.matter in sim.DEFECTS:
            element, says, law = sim.DEFECTS[task.matter]
            onething.ask_correction(
                case_id=task.case, defects=[cases.Defect(f"field:{element}", says, law=law)], by=by, at=at
            )
        case cases.Kind.REVIEW if fate.refused and first and one.bundle == "move-in":
            onething.refuse(case_id=task.case, because=FROZEN, by=by, at=at)
        case cases.Kind.REVIEW if fate.gap and first:
            gap = ("premises", at.date() + timedelta(days=GAP_DAYS), one.number % 2 == 0)
            cases.accept(case_id=task.case, by=by.ref, at=at, gaps=[gap])
        case cases.Kind.REVIEW:
            onething.accept(case_id=task.case, by=by, at=at)
        case cases.Kind.DECIDE if fate.refused and first:
            onething.decide(case_id=task.case, outcome=cases.Outcome.DENIED, because=DENIED, by=by, at=at)
        case cases.Kind.DECIDE:
            onething.decide(case_id=task.case, outcome=cases.Outcome.GRANTED, because=GRANTED, by=by, at=at)
        case cases.Kind.SERVE:
            cases.serve(case_id=task.case, how="counter", by=by.ref, at=at)
        case cases.Kind.FOLLOW_UP if task.step == "verify":
            promising.verify(case_id=task.case, true=True, because=KEPT, by=by, at=at)
        case _:
            onething.do(case_id=task.case, result=RESULTS.get(task.step, "已核查，符合要求"), by=by, at=at)
