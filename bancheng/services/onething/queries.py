"""Reads: the bundles of the city, one's own cases, a desk's queue and the case on it. Whose it is is asked here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from django.db import connection

from bancheng.kernel.cases import public as cases
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.lib import rows
from bancheng.lib.conditions import Value
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.onething.models import CounterDraft

SERVICE = "onething"


def region() -> str:
    """Return the city's region: it never changes, so it is read once in a process."""
    return _region_of(connection.settings_dict["NAME"])


@lru_cache(maxsize=16)
def _region_of(_database: str) -> str:
    return catalogue.city().region


@dataclass(frozen=True)
class Bundle:
    """One thing as people see it before they begin: which matters it may hold, and what they ask for."""

    flow: cases.Flow
    matters: tuple[catalogue.Matter, ...]
    promises: Mapping[str, cases.Promise] = field(
        default_factory=dict
    )  # what may be promised, by the flow of its matter

    @property
    def code(self) -> str:
        return self.flow.code


def bundles() -> list[Bundle]:
    """Return the bundles of the city in the order of their codes."""
    flows = cases.current_flows(region=region())
    guides = {matter.code: matter for matter in catalogue.matters()}
    return [_bundle(flow, guides, flows) for flow in flows if flow.is_bundle]


def bundle(code: str) -> Bundle:
    """Return one bundle. Raises Refused("no_such_bundle")."""
    flows = cases.current_flows(region=region())
    flow = next((one for one in flows if one.is_bundle and one.code == code), None)
    if flow is None:
        raise _no_such_bundle()
    guides = {one.code: one for one in catalogue.matters(codes=[step.matter for step in flow.steps])}
    return _bundle(flow, guides, flows)


def _no_such_bundle() -> Refused:
    return Refused(
        "no_such_bundle",
        "本市没有这个“一件事”，请从列表中选择。",
        en="The city has no such bundle; choose from the list.",
        status=404,
    )


def submittable(code: str) -> Bundle:
    """Return a bundle, without the guides of its matters, or a single matter with its own. Raises Refused("no_such_bundle")."""
    flows = cases.current_flows(region=region())
    flow = next((one for one in flows if one.code == code), None)
    if flow is None:
        raise _no_such_bundle()
    return Bundle(flow, () if flow.is_bundle else (catalogue.matter(flow.matter),), _promises(flow, flows))


def _bundle(flow: cases.Flow, guides: Mapping[str, catalogue.Matter], flows: Sequence[cases.Flow]) -> Bundle:
    matters = tuple(guides[step.matter] for step in flow.steps if step.matter in guides)
    return Bundle(flow, matters, _promises(flow, flows))


def _promises(flow: cases.Flow, flows: Sequence[cases.Flow]) -> dict[str, cases.Promise]:
    held = {step.flow for step in flow.steps} | {flow.code}
    return {one.code: one.promise for one in flows if one.promise and one.code in held}


@dataclass(frozen=True)
class GuideStep:
    """A matter of a bundle as the guide tells of it."""

    name: Text
    unit: catalogue.Unit
    promised: Text
    statutory: Text
    optional: bool
    after: tuple[Text, ...]


def guide_steps(found: Bundle) -> list[GuideStep]:
    """Return the matters of a bundle in their order: who decides each, how long it takes, what it waits for."""
    guides = {matter.code: matter for matter in found.matters}
    units = catalogue.units_by_code([matter.unit for matter in found.matters])
    by_code = found.flow.by_code
    return [
        GuideStep(
            step.name,
            units[guides[step.matter].unit],
            _length(guides[step.matter].promised),
            _length(guides[step.matter].statutory),
            bool(step.when.names),
            tuple(by_code[code].name for code in step.after),
        )
        for step in found.flow.steps
        if step.matter in guides
    ]


def _length(length: clocks.Length | None) -> Text:
    return length.text if length else Text("", "")


# --- the applicant ---


@dataclass(frozen=True)
class Subject:
    """For whom one may apply: oneself, or whom one acts for in writing."""

    ref: str
    name: str
    holder_hash: bytes
    organisation: bool


def subjects(actor: identity.Actor, at: datetime) -> list[Subject]:
    """Return for whom the actor may apply: the organisations he acts for first, then himself."""
    acts_for = identity.principals(actor, at, service=SERVICE)
    others = [Subject(one.ref, one.name, one.holder_hash, one.ref.startswith("organisation:")) for one in acts_for]
    own = identity.person_hashes(actor, at, service=SERVICE)
    himself = [Subject(f"person:{actor.person_id}", actor.name, own[0], False)] if own else []
    return [*sorted(others, key=lambda one: not one.organisation), *himself]


@dataclass(frozen=True)
class Task:
    """One page of the task list."""

    code: str
    words: Text
    url: str
    state: str
    hint: Text | None = None


@dataclass(frozen=True)
class Application:
    """A draft as its pages need it: the bundle, the one form of what applies, and who fills it in."""

    bundle: Bundle
    draft: forms.Draft
    form: forms.Form
    hashes: list[bytes]
    counter: bool = False  # a clerk fills it in for somebody at the counter

    @property
    def steps(self) -> list[cases.Step]:
        """Return the matters that follow from the answers so far."""
        return [step for step in self.bundle.flow.steps if step.when.holds(self.draft.values)]


@dataclass(frozen=True)
class Corrected:
    """A field whose filled-in value the applicant says is wrong, and the unit that will look into it."""

    code: str
    title: Text
    unit: Text


def corrected(found: Application) -> list[Corrected]:
    """Return what the applicant corrects of what we hold (R2.3), in the order of the form."""
    held = {
        code: one
        for code, one in found.draft.held.items()
        if code in found.form.fields and one.how is forms.How.CORRECTED and one.ref != forms.DERIVED
    }
    owners = forms.keepers(found.form, held)
    units = catalogue.units_by_code(owners.values()) if owners else {}
    fields = [found.form.fields[code].element for code in held]
    return [
        Corrected(
            one.code,
            one.title,
            Text(unit.name, unit.name_en) if (unit := units.get(owners[one.code])) else Text("", ""),
        )
        for one in fields
    ]


def form_of(found: Bundle, values: Mapping[str, Value]) -> forms.Form:
    """Return the one form of a bundle: its own questions first, then what the matters that apply ask."""
    here, wanted = region(), [found.code, *(step.matter for step in found.flow.steps if step.when.holds(values))]
    known = forms.specs(here)
    return forms.form(here, [code for code in wanted if code in known])


def application(actor: identity.Actor, draft_id: UUID, at: datetime) -> Application:
    """Return a draft of one's own. Raises Refused("no_such_draft")."""
    held = _at_counter(actor, draft_id)
    hashes = held or identity.person_hashes(actor, at, service=SERVICE)
    draft = forms.draft(draft_id, hashes=hashes)
    found = bundle(draft.purpose.removeprefix(f"{SERVICE}."))
    return Application(found, draft, form_of(found, draft.values), hashes, bool(held))


def _at_counter(actor: identity.Actor, draft_id: UUID) -> list[bytes]:
    """Return whose draft it is when the actor is the clerk who fills it in at the counter."""
    if not actor.has("window_clerk", service=SERVICE):
        return []
    rows = CounterDraft.objects.filter(draft_id=draft_id, clerk=actor.ref).values_list("holder_hash", flat=True)
    return [bytes(one) for one in rows]


def drafts(actor: identity.Actor, at: datetime) -> list[forms.Draft]:
    """Return one's open drafts of this service."""
    hashes = identity.person_hashes(actor, at, service=SERVICE)
    return [one for one in forms.drafts(hashes) if one.purpose.startswith(f"{SERVICE}.") and not one.submitted_at]


@dataclass(frozen=True)
class CaseLine:
    """A case in a list, with its state in words and the kind of its tag."""

    brief: cases.Brief
    said: Text
    kind: str


LOOKED_AT = 20  # cases of one applicant that an application is compared with


def under_way_question(holder: bytes) -> rows.Question[list[cases.Brief]]:
    """Return the question for the last cases of an applicant, to be asked with others'."""
    return cases.of_applicants_question([holder], service=SERVICE, size=LOOKED_AT)


def mine(actor: identity.Actor, at: datetime) -> list[CaseLine]:
    """Return the cases of the actor and of those he acts for, newest first."""
    found = cases.of_applicants(identity.person_hashes(actor, at, service=SERVICE), service=SERVICE)
    return [line_of(one) for one in found]


def line_of(brief: cases.Brief) -> CaseLine:
    """Return a case for a list."""
    return CaseLine(brief, cases.STATES[brief.state], KINDS.get(brief.state, "pri"))


def my_case(actor: identity.Actor, case_id: UUID, at: datetime) -> cases.View:
    """Return one's own bundle. Raises Refused("no_such_case") for another's."""
    found = cases.view(case_id)
    hashes = identity.person_hashes(actor, at, service=SERVICE)
    if found is None or found.service != SERVICE or found.applicant_hash not in hashes:
        raise no_such_case()
    return found


@dataclass(frozen=True)
class DraftLine:
    """An open draft in a list."""

    id: UUID
    title: Text
    kept_until: date
    updated_at: datetime


def draft_lines(actor: identity.Actor, at: datetime) -> list[DraftLine]:
    """Return one's open drafts of this service, the last touched first, by the name of their bundle."""
    names = {flow.code: flow.name for flow in cases.current_flows(region=region())}
    return [
        DraftLine(one.id, names[code], one.kept_until, one.updated_at)
        for one in drafts(actor, at)
        if (code := one.purpose.removeprefix(f"{SERVICE}.")) in names
    ]


def content_of(view: cases.View) -> tuple[forms.Form, dict[str, Value]]:
    """Return the form of a bundle as it was filled in, and its answers."""
    content = cases.said(view.case.id, personal=True)
    values = {**content.values, **content.personal} if content else {}
    flow = view.case.flow
    return form_of(bundle(flow.code), values) if flow.is_bundle else forms.form(view.region, [flow.matter]), values


def as_draft(view: cases.View, values: Mapping[str, Value], at: datetime) -> forms.Draft:
    """Return the answers of a case in the shape that fields are drawn from; nothing is kept."""
    held = {code: forms.Held(value, forms.How.TYPED, 1, view.filed_by, at) for code, value in values.items()}
    subject = forms.Subject("", view.applicant_hash)
    return forms.Draft(
        view.case.id, view.region, SERVICE, (), subject, view.filed_by, "", 1, held, {}, at.date(), at, at
    )


def no_such_case() -> Refused:
    """Return the refusal for a case that is not there, or not the reader's."""
    return Refused(
        "no_such_case", "没有找到这个办件，请核对办件编号。", en="There is no such case; check its number.", status=404
    )


# --- the desk ---


@dataclass(frozen=True)
class OnDesk:
    """A case on an officer's desk: the bundle, the one matter, and which of its open steps he may do."""

    view: cases.View
    matter: cases.Matter
    steps: tuple[cases.Step, ...]

    @property
    def sisters(self) -> list[tuple[Text, Text]]:
        """Return the other matters of the bundle with their states: no more than that is an officer's business (P-3)."""
        return [(one.title, _state(one)) for one in self.view.matters if one.id != self.matter.id]


def queue(actor: identity.Actor, *, mine: bool = False, first: int = 0, size: int = 30) -> list[cases.Waiting]:
    """Return the open tasks of the actor's roles and units, what runs out first on top."""
    return cases.queue(actor, service=SERVICE, mine=mine, first=first, size=size)


def unanswered(actor: identity.Actor, today: date, *, first: int = 0, size: int = 30) -> list[cases.Unanswered]:
    """Return the matters of the actor's units whose answer to the corrections is late."""
    return cases.unanswered(actor, role="case_officer", service=SERVICE, today=today, first=first, size=size)


def on_desk(actor: identity.Actor, case_id: UUID, *, alone: bool = False) -> OnDesk:
    """Return a case for an officer of its unit, or a window clerk; `alone`: without its sisters and clocks.

    Raises Refused("no_such_case") for anybody else's.
    """
    found = cases.alone(case_id) if alone else cases.view(case_id)
    if found is None or found.service != SERVICE or case_id not in cases.may_see(found, actor, ()):
        raise no_such_case()
    matter = found.of(case_id)
    assert matter is not None
    steps = tuple(step for code in matter.steps.open if may_do(actor, matter, step := matter.flow.by_code[code]))
    return OnDesk(found, matter, steps)


@dataclass(frozen=True)
class Alike:
    """A case that looks like the one on the desk: its number, title and state, no more (P-3)."""

    number: str
    title: Text
    said: Text
    why: Text


def similar(desk: OnDesk, at: datetime) -> list[Alike]:
    """Return what looks like a case, for who works on it (K23)."""
    found = cases.similar(desk.view, desk.matter.id, at=at) if desk.steps else []
    return [Alike(one.number, one.title, cases.STATES[one.state], one.why) for one in found]


def may_do(actor: identity.Actor, matter: cases.Matter, step: cases.Step) -> bool:
    """Return whether the actor's grants cover a step: its role, in the unit that does it (P-1)."""
    return bool(step.role) and actor.has(step.role, service=SERVICE, unit=step.unit or matter.unit)


def step_to_do(actor: identity.Actor, case_id: UUID, *kinds: cases.Kind) -> tuple[OnDesk, cases.Step]:
    """Return the open step of one of `kinds` that the actor may do, and the case alone. Raises Refused: no_such_case, not_your_step."""
    desk = on_desk(actor, case_id, alone=True)
    step = next((one for one in desk.steps if one.kind in kinds), None)
    if step is None:
        raise Refused(
            "not_your_step",
            "该件目前没有由您办理的这一步，可能已由他人办理，请刷新后再看，未作任何改动。",
            en="This case has no such step for you now; somebody may have been quicker. Reload; nothing was changed.",
        )
    return desk, step


# --- what is shown of a case ---


@dataclass(frozen=True)
class Event:
    """One point of a timeline, as the shell's component draws it."""

    what: Text
    state: str
    at: datetime | None = None
    who: Text | str = ""
    note: Text | str = ""


def timeline(matter: cases.Matter, who: Callable[[cases.Line], Text | str]) -> list[Event]:
    """Return what was done, newest last, with `who` did it, and what is still to come, hollow."""
    done = [_event(matter, line, who) for line in matter.lines if not line.undone]
    if done and not matter.over:
        done[-1] = Event(done[-1].what, "now", done[-1].at, done[-1].who, done[-1].note)
    return [*done, *(Event(matter.flow.by_code[code].name, "") for code in _coming(matter))]


def _coming(matter: cases.Matter) -> list[str]:
    """Return what is still to come: behind the end of a case its follow-ups, and no mending of a promise that nobody doubts."""
    promise, steps = matter.flow.promise, matter.steps
    coming = steps.open if matter.over else (*steps.open, *steps.held, *steps.waiting)
    doubted = promise is not None and promise.recheck in steps.open
    return [code for code in coming if promise is None or doubted or code != promise.recheck]


def _event(matter: cases.Matter, line: cases.Line, who: Callable[[cases.Line], Text | str]) -> Event:
    step = matter.flow.by_code.get(line.step)
    what = cases.ACTS[line.act]
    if line.act is cases.Act.DONE and step:
        what = Text(f"{step.name.zh}：{_came(line).zh}", f"{step.name.en}: {_came(line).en}")
    elif line.outcome:
        what = Text(f"{what.zh}：{_came(line).zh}", f"{what.en}: {_came(line).en}")
    said = (line.detail.get("material", ""), line.detail.get("due_on", "") if line.act in GAPS else "")
    note = "；".join(part.rstrip("。") for part in (*said, line.reason, line.law, line.remedy) if part)
    # a matter that opened because another was granted was sent in by nobody but the applicant
    by = "" if line.act is cases.Act.SUBMITTED else who(line)
    return Event(what, "done", line.at, by, note)


GAPS = (cases.Act.GAP_PROMISED, cases.Act.GAP_SUPPLIED)


def _came(line: cases.Line) -> Text:
    return cases.OUTCOMES[line.outcome or cases.Outcome.DONE]


def names(view: cases.View) -> Callable[[cases.Line], str]:
    """Return who did a line, by name, for everybody in the logs of a bundle: one statement."""
    refs = {line.by for one in (view.case, *view.matters) for line in one.lines}
    found = identity.names_of(sorted(refs))
    return lambda line: found.get(line.by, "")


@dataclass(frozen=True)
class Parcel:
    """A matter of a bundle with its timeline, as a parcel is followed."""

    matter: cases.Matter
    state: Text
    kind: str  # of the status tag
    unit: catalogue.Unit | None
    events: list[Event]
    promised: bool = False  # it goes by a promise of its conditions


KINDS = {
    cases.State.CLOSED: "ok",
    cases.State.FOLLOWING_UP: "ok",
    cases.State.ARCHIVED: "ok",
    cases.State.CORRECTING: "bad",
    cases.State.NOT_ACCEPTED: "bad",
    cases.State.PAUSED: "warn",
    cases.State.WITHDRAWN: "",
    cases.State.TERMINATED: "",
}


def parcels(view: cases.View) -> list[Parcel]:
    """Return the matters of a bundle (or the single matter) as they are followed."""
    matters = view.matters or (view.case,)
    units = catalogue.units_by_code([code for one in matters for code in (one.unit, *_former(one))])
    return [
        Parcel(
            one,
            _state(one),
            _kind(one),
            units.get(one.unit),
            timeline(one, lambda line, one=one: _unit_of(one, line, units)),  # type: ignore[misc]  # bound now
            one.flow.promise is not None and one.flow.promise.verify not in one.steps.skipped,
        )
        for one in matters
    ]


def _former(one: cases.Matter) -> list[str]:
    """Return the units that had a matter before it was handed over, the first of them first."""
    return [line.detail["of"] for line in one.lines if line.act is cases.Act.HANDED_OVER]


def _unit_of(one: cases.Matter, line: cases.Line, units: Mapping[str, catalogue.Unit]) -> Text | str:
    """Return the unit whose officer did a line: an applicant sees the unit that acted, not the officer."""
    if not line.by.startswith("staff:"):
        return ""
    later = (each for each in one.lines if each.act is cases.Act.HANDED_OVER and each.seq >= line.seq)
    code = next((each.detail["of"] for each in later), one.unit)
    return units[code].title if code in units else ""


REVOKED = Text("许可已撤销", "Grant taken back")


def _revoked(one: cases.Matter) -> bool:
    return any(line.act is cases.Act.REVOKED for line in one.lines)


def _state(one: cases.Matter) -> Text:
    if _revoked(one):
        return REVOKED
    if one.outcome in (cases.Outcome.GRANTED, cases.Outcome.DENIED):
        return cases.OUTCOMES[one.outcome]
    return cases.STATES[one.state]


def _kind(one: cases.Matter) -> str:
    return "bad" if one.outcome is cases.Outcome.DENIED or _revoked(one) else KINDS.get(one.state, "pri")


@dataclass(frozen=True)
class Held:
    """A matter of a bundle that has not begun: it waits for others, in vain when one of them was not granted."""

    code: str
    name: Text
    after: tuple[Text, ...]
    in_vain: bool
    retry: tuple[str, ...]  # what may be applied for again so that it need not wait


def waiting(view: cases.View) -> list[Held]:
    """Return the matters of a bundle that wait for others (R14.2)."""
    case, by_code = view.case, view.case.flow.by_code
    bad = {one.step for one in view.matters if one.over and one.outcome not in cases.GOOD}
    return [
        Held(
            code,
            by_code[code].name,
            tuple(by_code[before].name for before in by_code[code].after),
            code in case.steps.held,
            tuple(before for before in by_code[code].after if before in bad),
        )
        for code in (*case.steps.held, *case.steps.waiting)
    ]


def slowest(matters: Sequence[cases.Matter]) -> date | None:
    """Return the latest day by which every running matter is promised or due: the bundle shows its slowest (R14.2)."""
    days = [end_of(clock) for one in matters if not one.over for clock in one.clocks if clock.rule.side == "agency"]
    return max(days, default=None)


def end_of(clock: clocks.Clock) -> date:
    """Return the day a clock ends: what is promised where it is sooner than the law."""
    promised = clock.decision.promised
    return min(clock.due.on, promised.on) if promised else clock.due.on


# --- the board ---


def board_units(actor: identity.Actor) -> tuple[str, ...] | None:
    """Return the units whose figures the actor may see: None for the whole city."""
    city = any(actor.has(role, service=SERVICE) for role in ("supervisor", "auditor"))
    return None if city else tuple(sorted({unit for unit in actor.units("unit_admin") if unit}))
