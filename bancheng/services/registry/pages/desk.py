"""The desk: what waits for acceptor, reviewer and booker; one application beside the book; what is done to it."""

from collections.abc import Callable, Iterator
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents import public as documents
from bancheng.kernel.registrations import public as registrations
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.registry import filed, queries
from bancheng.web import typed
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request
from bancheng.web.downloads import csv_file
from bancheng.web.registered import letter_pdf, pdf

State = registrations.State
SIZE = 30
LAWS = {
    "accept": "不动产登记暂行条例 第十七条",
    "refuse": "不动产登记暂行条例 第二十二条",
}  # offered; the officer may name another
SHOWS: dict[str, tuple[Text, frozenset[registrations.State]]] = {
    "": (Text("全部在办", "All open"), registrations.OPEN - {State.DRAFT}),
    "submitted": (Text("待受理", "To accept"), frozenset({State.SUBMITTED})),
    "accepted": (Text("待审核", "To review"), frozenset({State.ACCEPTED})),
    "reviewed": (Text("待登簿", "To record"), frozenset({State.REVIEWED})),
    "stopped": (Text("补正、公告、中止", "Standing still"), registrations.PAUSED | {State.CORRECTION}),
    "late": (Text("已超期", "Overdue"), registrations.OPEN - {State.DRAFT}),
    "over": (Text("已办结", "Over"), registrations.DONE | registrations.ENDED),
}


def _found(request: Request, show: str):  # type: ignore[no-untyped-def]  # a queryset of the kernel's rows
    held, states = queries.registries(request.actor), SHOWS[show][1]
    if show == "over":
        return registrations.finished(registries=held, states=states)
    late = clocks.today() if show == "late" else None
    return registrations.desk(registries=held, states=states, late=late)


def _show(request: Request) -> str:
    written = request.GET.get("show", "")
    return written if written in SHOWS else ""


def desk(request: Request) -> HttpResponse:
    """List what waits; a number that is typed in leads to its application."""
    show, number = _show(request), request.GET.get("number", "").strip()
    found_by_number = registrations.by_number(number) if number else None
    if found_by_number is not None:
        return one(request, found_by_number)
    page = Paginator(_found(request, show), SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "registry/desk.html",
        {
            "page": page,
            "lines": queries.lines(registrations.briefs(page.object_list), clocks.today()),
            "show": show,
            "number": number,
            "shows": [
                {"words": words, "url": f"?show={code}" if code else "?", "current": show == code}
                for code, (words, _) in SHOWS.items()
            ],
        },
    )


def export(request: Request) -> HttpResponse:
    """Send the list as CSV: numbers, kinds and days; nobody's name is in it."""
    show, today = _show(request), clocks.today()
    rows = registrations.briefs(_found(request, show)[:5000])
    return csv_file(f"registry-{show or 'open'}-{today}.csv", _rows(queries.lines(rows, today)))


def _rows(found: list[queries.Line]) -> Iterator[list[object]]:
    yield [
        "受理编号",
        "登记类型",
        "状态",
        "渠道",
        "申报方",
        "不动产单元",
        "提交时间",
        "受理时间",
        "期限",
        "是否超期",
        "登簿时间",
    ]
    for each in found:
        brief = each.brief
        times = (brief.filed_at, brief.accepted_at, brief.due_on)
        yield [
            brief.number,
            brief.kind.name.zh,
            each.state.zh,
            each.channel.zh,
            each.filer.zh,
            " ".join(brief.lots),
            *("" if when is None else f"{when:%Y-%m-%d}" for when in times),
            "是" if each.late else "否",
            f"{brief.recorded_at:%Y-%m-%d %H:%M}" if brief.recorded_at else "",
        ]


def one(request: Request, application_id: UUID, refused: Refused | None = None) -> HttpResponse:
    """Show an application beside the book, with what the officer may do to it now."""
    found = queries.my_desk(request.actor, application_id)
    (line,) = queries.lines([found.brief], clocks.today())
    return render(
        request,
        "registry/one.html",
        {
            "found": found,
            "line": line,
            "differences": registrations.differences(application_id) if found.state in registrations.OPEN else [],
            "parties": [(each, registrations.ROLES[each.role]) for each in found.parties],
            "papers": [(each, registrations.material(each.material)) for each in found.papers],
            "opens": True,
            "facts": filed.facts(found),
            "surveyed": filed.surveyed(found),
            "events": queries.timeline(found, named=True),
            "may": _may(request, found),
            "making": found.state is State.RECORDED and found.brief.kind.gives is not None,
            "over": registrations.DONE | registrations.ENDED,
            "causes": [(cause, registrations.CAUSES[cause]) for cause in registrations.STOPS],
            "standings": registrations.STANDINGS,
            "letter_page": "registry:letter_file",
            "limits": registrations.limits_on_transfer(application_id),
            "letter_making": registrations.letter_being_made(found),
            "laws": LAWS,
            "refused": refused,
            "typed": request.POST,
        },
        status=refused.status if refused else 200,
    )


def _may(request: Request, found: registrations.View) -> frozenset[str]:
    """Return the buttons that this officer sees: his roles, where the case stands, and what he has had a part in."""
    actor, registry, state = request.actor, found.brief.registry, found.state
    roles = {role for role in queries.DESK if actor.has(role, unit=registry)}
    may = set()
    if queries.ACCEPTOR in roles and state is State.SUBMITTED:
        may |= {"accept", "correct", "not_accept"}
    if queries.REVIEWER in roles and state is State.ACCEPTED:
        may |= {"review", "refuse", "announce"} if actor.ref != found.accepted_by else {"own"}
    if queries.BOOKER in roles and state is State.REVIEWED:
        may |= {"book", "refuse", "send_back"} if actor.ref not in (found.accepted_by, found.reviewed_by) else {"own"}
    if state is State.CORRECTION:
        may |= _may_end(roles, accepted=found.brief.accepted_at is not None)
    if roles and state in (State.ACCEPTED, State.REVIEWED):
        may.add("suspend")
    if roles and state is State.SUSPENDED:
        may |= {"resume"} | ({"refuse"} if roles & {queries.REVIEWER, queries.BOOKER} else set())
    if roles and state in (State.ANNOUNCING, State.SITE_VISIT):
        may.add("go_on")
    return frozenset(may)


def _may_end(roles: set[str], *, accepted: bool) -> set[str]:
    """Return how an officer ends what was not corrected in time: not accepted, or refused when it had been accepted."""
    if accepted:
        return {"refuse"} if roles & {queries.REVIEWER, queries.BOOKER} else set()
    return {"not_accept"} if queries.ACCEPTOR in roles else set()


def _act(
    request: Request, application_id: UUID, do: Callable[..., object], zh: str, en: str, **said: object
) -> HttpResponse:
    """Do it with what was `said`; what is refused is told on the application, with everything that was typed."""

    def act() -> None:
        do(application_id=application_id, **said, by=request.actor, at=clocks.now())

    queries.my_desk(request.actor, application_id)
    then = ("registry:one", application_id)
    return carry_out(request, act, zh, en, then=then, again=lambda no: one(request, application_id, refused=no))


def accept(request: Request, application_id: UUID) -> HttpResponse:
    says = "已受理，办理期限开始计算。", "Accepted; the clock runs."
    return _act(request, application_id, registrations.accept, *says)


def correct(request: Request, application_id: UUID) -> HttpResponse:
    items = [each for each in request.POST.get("points", "").splitlines() if each.strip()]
    says = "已一次性告知申请人补正。", "The applicant was told all that is to be corrected."
    return _act(
        request, application_id, registrations.ask_corrections, *says, items=items, **typed.words(request, "law")
    )


def not_accept(request: Request, application_id: UUID) -> HttpResponse:
    says = "不予受理，理由已告知。", "Not accepted; the reasons were told."
    return _act(request, application_id, registrations.not_accept, *says, **typed.words(request, "reason", "law"))


def review(request: Request, application_id: UUID) -> HttpResponse:
    says = "审核通过，转登簿。", "In order; it goes to be recorded."
    return _act(request, application_id, registrations.review, *says, **typed.words(request, "note"))


def refuse(request: Request, application_id: UUID) -> HttpResponse:
    says = "不予登记，理由已告知。", "Refused; the reasons were told."
    return _act(request, application_id, registrations.refuse, *says, **typed.words(request, "reason", "law"))


def book(request: Request, application_id: UUID) -> HttpResponse:
    says = (
        "已登簿，权利即时生效；电子证照一分钟内制发。",
        "Recorded: the right exists now; the certificate follows within a minute.",
    )
    return _act(request, application_id, registrations.book, *says)


def send_back(request: Request, application_id: UUID) -> HttpResponse:
    says = "已退回审核。", "Sent back to review."
    return _act(request, application_id, registrations.send_back, *says, **typed.words(request, "reason"))


def suspend(request: Request, application_id: UUID) -> HttpResponse:
    written = request.POST.get("cause", "")
    cause = registrations.Cause(written) if written in set(registrations.STOPS) else registrations.Cause.DISPUTE
    said = typed.words(request, "reason", "case_no") | {"cause": cause}
    says = "已中止，期限暂停计算。", "Suspended; its days do not count."
    return _act(request, application_id, registrations.suspend, *says, **said)


def resume(request: Request, application_id: UUID) -> HttpResponse:
    says = "已恢复办理。", "It goes on."
    return _act(request, application_id, registrations.resume, *says, **typed.words(request, "reason"))


def announce(request: Request, application_id: UUID) -> HttpResponse:
    """Begin an announcement or a site visit, as the form says."""
    written = request.POST.get("days", "")
    days = int(written) if written.isascii() and written.isdigit() and len(written) < 4 else 15
    do = registrations.visit if request.POST.get("what") == "site_visit" else registrations.announce
    says = "已开始，期间不计入办理期限。", "It began; its days do not count."
    return _act(request, application_id, do, *says, basis=request.POST.get("reason", ""), working_days=days)


def go_on(request: Request, application_id: UUID) -> HttpResponse:
    says = "已结束，继续办理。", "It is over; the case goes on."
    return _act(request, application_id, registrations.go_on, *says)


def paper(request: Request, application_id: UUID, use_id: UUID) -> StreamingHttpResponse:
    """Give an officer a paper that was filed with the application, as it was filed; that he looked is on record."""
    found = queries.my_desk(request.actor, application_id)
    kept = documents.find(use_id) if use_id in {each.use for each in found.papers} else None
    about = kept.about if kept else ""  # of another application: not there
    content = documents.read(use_id=use_id, about=about, by=request.actor.ref, at=clocks.now())
    return StreamingHttpResponse(content.pieces, headers=content.headers)


def file(request: Request, certificate_id: UUID) -> HttpResponse:
    """Give an officer the file of a certificate of his own registry."""
    found = registrations.by_id(certificate_id)
    if found is None:
        raise registrations.no_such_certificate()
    queries.my_desk(request.actor, found.application)
    return pdf(certificate_id, by=request.actor.ref, at=clocks.now())


def letter(request: Request, application_id: UUID, letter_id: UUID) -> HttpResponse:
    """Give an officer a letter of an application of his own registry."""
    queries.my_desk(request.actor, application_id)
    return letter_pdf(letter_id, application_id=application_id, by=request.actor.ref, at=clocks.now())
