"""One set of papers (R14.3): each paper of the matters that apply once, where it comes from, and what is there of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256

from django.db import connection

from bancheng.kernel.cases import public as cases
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents import public as documents
from bancheng.kernel.forms import public as forms
from bancheng.kernel.licences import public as licences
from bancheng.lib import rows
from bancheng.lib.conditions import Value
from bancheng.lib.days import day_of
from bancheng.lib.text import Text
from bancheng.services.onething import rules
from bancheng.services.onething.models import PaperPromise
from bancheng.services.onething.queries import Application, OnDesk
from bancheng.services.onething.rules import Way

ACCEPTED = frozenset({documents.Kind.PDF, documents.Kind.OFD, *documents.PICTURES})


@dataclass(frozen=True)
class Fetched:
    """A licence of the applicant as the library has it at this second."""

    licence: licences.View
    on: date

    @property
    def usable(self) -> bool:
        return self.licence.status is licences.Status.VALID and not self._ended and not self._early

    @property
    def _ended(self) -> bool:
        return self.licence.valid_to is not None and self.licence.valid_to < self.on

    @property
    def _early(self) -> bool:
        return self.licence.valid_from is not None and self.licence.valid_from > self.on

    @property
    def tail(self) -> str:
        """Return the end of its number: enough to know it by."""
        return self.licence.number[-4:]

    @property
    def why_not(self) -> Text:
        """Return why it cannot be used."""
        if self._ended:
            return Text(f"已于{self.licence.valid_to}到期", f"ended on {self.licence.valid_to}")
        if self._early:
            return Text(f"自{self.licence.valid_from}起才有效", f"not valid before {self.licence.valid_from}")
        said = licences.SAYS[self.licence.status]
        return Text(f"状态为“{said.zh}”", f"its status is “{said.en}”")


Library = Mapping[str, Fetched]  # what the licence library has of one applicant, by its type


@dataclass(frozen=True)
class Paper:
    """A paper of a bundle, and what there is of it."""

    name: Text
    main: bool
    way: Way
    matters: tuple[Text, ...]  # which use it
    licence_type: str = ""
    fetched: Fetched | None = None
    files: tuple[documents.View, ...] = ()
    promised: bool = False
    gap: catalogue.GapTerms | None = None  # where it may follow: on the strictest terms of its matters
    only: tuple[Text, ...] = ()  # the cases in which it is asked for; none: always
    codes: tuple[str, ...] = ()  # of those matters

    @property
    def slug(self) -> str:
        """Return how addresses call it."""
        return slug_of(self.name.zh)

    @property
    def free(self) -> bool:
        """Return whether the applicant need not bring it."""
        return self.way in (Way.FETCHED, Way.FORM)

    @property
    def stopped(self) -> bool:
        """Return whether the library has the licence and it cannot be used (R-E-4)."""
        return self.way is Way.FETCHED and self.fetched is not None and not self.fetched.usable

    @property
    def ready(self) -> bool:
        """Return whether nothing more has to be done about it before the application is sent."""
        if self.free:
            return not self.stopped
        return bool(self.files) or self.promised

    @property
    def missing(self) -> Text:
        """Return what to do about it."""
        if self.stopped and self.fetched:
            why = self.fetched.why_not
            return Text(
                f"{self.name.zh}{why.zh}，不能用于本次办理，请先办理延续或变更",
                f"{self.name.en}: {why.en}; it cannot be used. Renew or change it first",
            )
        if self.way is Way.MAY_FOLLOW:
            return Text(f"请上传{self.name.zh}，或选择容缺", f"Upload “{self.name.en}”, or promise it for later")
        return Text(f"请上传{self.name.zh}", f"Upload “{self.name.en}”")


def slug_of(name: str) -> str:
    """Return a paper's name as an address may hold it."""
    return sha256(name.encode()).hexdigest()[:12]


def listed(matters: Iterable[catalogue.Matter], answers: Mapping[str, Value] | None = None) -> list[Paper]:
    """Return each paper of `matters` once, with every matter that uses it; what is not asked for comes last.

    With the `answers` that are shown, only what these ask for; without, every paper that can be asked for, as a guide tells it.
    """
    types = {one.name: one.code for one in catalogue.licence_types()}
    uses: dict[str, list[tuple[catalogue.Matter, catalogue.Material]]] = {}
    for matter in matters:
        for material in matter.materials:
            if answers is None or material.asked_for(answers):
                uses.setdefault(material.name, []).append((matter, material))
    papers = [
        Paper(
            Text(name, found[0][1].name_en),
            any(material.main for _, material in found),
            rules.way(name, [(material.source, material.main) for _, material in found]),
            tuple(matter.title for matter, _ in found),
            types.get(name, ""),
            gap=_strictest([material.gap for _, material in found if material.gap]),
            codes=tuple(matter.code for matter, _ in found),
            only=_only([material for _, material in found]),
        )
        for name, found in uses.items()
    ]
    return sorted(papers, key=lambda one: list(Way).index(one.way))


def _only(uses: Sequence[catalogue.Material]) -> tuple[Text, ...]:
    """Return the cases in which a paper is asked for, none when one of its matters asks for it always."""
    cases_ = [one.applies.says for one in uses if one.applies]
    return tuple(dict.fromkeys(cases_)) if len(cases_) == len(uses) else ()


def _strictest(terms: Sequence[catalogue.GapTerms]) -> catalogue.GapTerms | None:
    """Return the terms on which one paper of several matters may follow: what one of them waits for is waited for, soonest."""
    if not terms:
        return None
    laws = "；".join(dict.fromkeys(one.law for one in terms if one.law))
    return catalogue.GapTerms(terms[0].ground, any(one.waits for one in terms), min(one.days for one in terms), laws)


def of_application(found: Application, at: datetime) -> list[Paper]:
    """Return the papers of a draft: what was uploaded, promised and found in the licence library. Three statements at most."""
    about, holder = f"draft:{found.draft.id}", found.draft.subject.holder_hash
    return filled(asked_by(found, at), about=about, holder=holder, at=at)


def asked_by(found: Application, at: datetime) -> list[Paper]:
    """Return the papers that a draft asks for; nothing is known of any yet."""
    return listed(_guides_of(found), _shown(found, at))


def spared(found: Application, at: datetime) -> list[Paper]:
    """Return the papers that the answers of a draft do not ask for so far, each with the case in which they would."""
    guides = _guides_of(found)
    asked = {one.name for one in asked_by(found, at)}
    return [one for one in listed(guides) if one.name not in asked]


def _guides_of(found: Application) -> list[catalogue.Matter]:
    wanted = {step.matter for step in found.steps}
    return [matter for matter in found.bundle.matters if matter.code in wanted]


def _shown(found: Application, at: datetime) -> dict[str, Value]:
    return shown_of(found.form, found.draft.values, day_of(at))


def shown_of(form: forms.Form, values: Mapping[str, Value], today: date) -> dict[str, Value]:
    """Return the answers that are shown: what nobody can see asks for no paper."""
    return {code: values[code] for code in forms.visible(form, values, today) if code in values}


def filled(papers: Sequence[Paper], *, about: str, holder: bytes, at: datetime) -> list[Paper]:
    """Return `papers` with what there is of each."""
    files = by_material(documents.uses(about=about))
    library = in_library(holder, at) if any(one.licence_type for one in papers) else {}
    return with_files(papers, files=files, promised=promises(about), library=library)


def by_material(uses: Iterable[documents.View]) -> dict[str, list[documents.View]]:
    """Return files by the paper that each is of."""
    files: dict[str, list[documents.View]] = {}
    for use in uses:
        files.setdefault(use.material, []).append(use)
    return files


def with_files(
    papers: Sequence[Paper],
    *,
    files: Mapping[str, Sequence[documents.View]],
    promised: Collection[str],
    library: Library,
) -> list[Paper]:
    """Return `papers` with these files and promises, by the papers' names, and what the licence library has of the applicant."""
    return [
        replace(
            one,
            fetched=library.get(one.licence_type) if one.way is Way.FETCHED else None,
            files=tuple(files.get(one.name.zh, ())),
            promised=one.name.zh in promised,
        )
        for one in papers
    ]


def promises(about: str) -> set[str]:
    """Return the papers that are promised for later."""
    with connection.cursor() as cursor:
        return promises_question(about).alone(cursor)


def promises_question(about: str) -> rows.Question[set[str]]:
    """Return the question that `promises` asks, to be asked with others'."""
    asked = rows.question(PaperPromise, "WHERE about = %s AND ended_at IS NULL", [about])
    return asked.then(lambda found: {one.paper for one in found})


def in_library(holder: bytes, at: datetime) -> Library:
    """Return the applicant's licence of each type: one that can be used before one that cannot, then the newest."""
    with connection.cursor() as cursor:
        return library_question(holder, at).alone(cursor)


def library_question(holder: bytes, at: datetime) -> rows.Question[Library]:
    """Return the question that `in_library` asks, to be asked with others'."""
    today = day_of(at)
    return licences.held_by_question([holder], on=today).then(
        lambda held: _library([Fetched(one, today) for one in held])
    )


def _library(found: list[Fetched]) -> Library:
    found.sort(key=lambda one: (one.usable, one.licence.issued_on))
    return {one.licence.licence_type: one for one in found}


def promise_due(paper: Paper, at: datetime) -> date:
    """Return by when a paper that is promised today has to come: the guide's own days, at most (R-RQ-2)."""
    today = day_of(at)
    length = clocks.Length(paper.gap.days, clocks.Unit.WD) if paper.gap else rules.GAP_WITHIN
    return clocks.due(started_on=today, length=length, calendar=clocks.calendar()).on


@dataclass(frozen=True)
class MayFollow:
    """A paper that may follow, as guide and pages publish it: why, until when, whether the result waits."""

    paper: Paper
    ground: Text
    due: date | None = None  # when it is promised now


def may_follow(papers: Iterable[Paper], at: datetime | None = None) -> list[MayFollow]:
    """Return the papers that may follow with their terms (R-RQ-2), with the day each would be due when promised `at`."""
    return [
        MayFollow(one, catalogue.NAMES[one.gap.ground], promise_due(one, at) if at else None)
        for one in papers
        if one.way is Way.MAY_FOLLOW and one.gap
    ]


# --- of a case ---


def of_case(view: cases.View, matters: Iterable[str], answers: Mapping[str, Value] | None = None) -> list[Paper]:
    """Return the papers that `matters` of a case use, by what it says or by other `answers`, with what was handed in and promised."""
    wanted = list(matters)
    guides = {one.code: one for one in catalogue.matters(codes=wanted)}
    found = [guides[code] for code in wanted if code in guides]
    papers = listed(found, _answers_of(view, found) if answers is None else answers)
    return filled(papers, about=f"case:{view.case.root}", holder=view.applicant_hash, at=view.case.received_at)


def called_for(view: cases.View, then: Iterable[Paper]) -> list[Paper]:
    """Return which of the papers that other answers ask `then` the case, as it was sent, did not ask for."""
    conditional = [one for one in then if one.only]
    if not conditional:
        return []
    before = {one.name for one in of_case(view, matters_of(view))}
    return [one for one in conditional if one.name not in before]


def _answers_of(view: cases.View, guides: Iterable[catalogue.Matter]) -> dict[str, Value]:
    """Return the open answers of a case, read only where a paper depends on them."""
    if not any(paper.applies for guide in guides for paper in guide.materials):
        return {}
    content = cases.said(view.case.root)
    return dict(content.values) if content else {}


def matters_of(view: cases.View) -> list[str]:
    """Return the matters of a bundle, those that wait too."""
    if not view.matters:
        return [view.case.matter]
    waits = {*view.case.steps.held, *view.case.steps.waiting}
    by_code = view.case.flow.by_code
    return [*(one.matter for one in view.matters), *(by_code[code].matter for code in sorted(waits))]


def names_in(desk: OnDesk) -> dict[str, str]:
    """Return what a correction of each paper of a matter is about, by the paper's code: departments' systems name papers by it."""
    guide = catalogue.matters(codes=[desk.matter.matter])
    return {f"material:{one.slug}": f"material:{one.name.zh}" for one in listed(guide)}
