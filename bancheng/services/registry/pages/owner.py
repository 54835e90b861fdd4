"""What an owner does: sees his real estate, agrees or objects with his own account, takes back, downloads, asks the book."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.lib.refusal import Refused
from bancheng.services.registry import filed, queries
from bancheng.services.registry.queries import State
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request
from bancheng.web.registered import letter_pdf, pdf

CHANNEL = "one_window"  # this site is the city's "one window"


def mine(request: Request) -> HttpResponse:
    """Show what the reader holds, what was filed about it, his certificates."""
    now = clocks.now()
    hashes = identity.person_hashes(request.actor, now, service=queries.SERVICE)
    held = registrations.of_holders(hashes)
    return render(
        request,
        "registry/mine.html",
        {
            "homes": queries.homes(hashes, region=catalogue.city().region),
            "asked": queries.lines(registrations.to_answer(hashes), clocks.today()),
            "lines": queries.lines(registrations.of_person(hashes), clocks.today()),
            "certificates": [
                (each, registrations.PAPERS[each.kind], registrations.STANDINGS[each.standing]) for each in held
            ],
        },
    )


def application(request: Request, application_id: UUID, refused: Refused | None = None) -> HttpResponse:
    """Show an application in which the reader is named; until it is recorded he may agree or object."""
    now = clocks.now()
    found = queries.my_own(request.actor, application_id, now)
    (line,) = queries.lines([found.brief], clocks.today())
    texts = registrations.consent_text(application_id, by=request.actor, at=now)
    return render(
        request,
        "registry/application.html",
        {
            "found": found,
            "line": line,
            "texts": texts,
            "agrees": found.state is State.DRAFT and bool(texts),
            "objects": found.state in registrations.OPEN and (bool(texts) or found.brief.kind.own_motion),
            "withdraws": found.state in registrations.OPEN
            and found.filed_by == request.actor.ref
            and not found.brief.unit,
            "parties": [(each, registrations.ROLES[each.role]) for each in found.parties],
            "papers": [(each, registrations.material(each.material)) for each in found.papers],
            "facts": filed.facts(found),
            "events": queries.timeline(found, named=False),
            "office": catalogue.unit_names([found.brief.registry]).get(found.brief.registry, ""),
            "standings": registrations.STANDINGS,
            "letter_page": "registry:letter",
            "limits": registrations.limits_on_transfer(application_id),
            "letter_making": registrations.letter_being_made(found),
            "refused": refused,
            "typed": request.POST,
        },
        status=refused.status if refused else 200,
    )


def _act(request: Request, application_id: UUID, do: Callable[[], Any], zh: str, en: str) -> HttpResponse:
    queries.my_own(request.actor, application_id, clocks.now())
    then = ("registry:application", application_id)
    return carry_out(request, do, zh, en, then=then, again=lambda no: application(request, application_id, refused=no))


def consent(request: Request, application_id: UUID) -> HttpResponse:
    """Agree, with one's own account; the device is what the browser says of itself."""
    given: dict[str, Any] = {
        "application_id": application_id,
        "by": request.actor,
        "channel": CHANNEL,
        "at": clocks.now(),
    }
    if request.POST.get("agree") != "yes":
        no = Refused(
            "not_ticked",
            "请先勾选“以上内容是我本人的意思”，没有提交。",
            en="Tick that this is your own will; nothing was sent.",
            status=422,
        )
        return application(request, application_id, refused=no)
    device = request.headers.get("User-Agent", "")[:120]
    return _act(
        request,
        application_id,
        lambda: registrations.consent(**given, device=device),
        "已记录您本人的同意；登簿前您仍可以提出异议。",
        "Your consent is on record; you can still object until it is recorded.",
    )


def object_to(request: Request, application_id: UUID) -> HttpResponse:
    reason = request.POST.get("reason", "")
    given: dict[str, Any] = {
        "application_id": application_id,
        "by": request.actor,
        "channel": CHANNEL,
        "at": clocks.now(),
    }
    return _act(
        request,
        application_id,
        lambda: registrations.object_to(**given, reason=reason),
        "已记录，登记机构不会在处理您的意见之前登簿。",
        "On record: nothing is recorded before the office has dealt with it.",
    )


def withdraw(request: Request, application_id: UUID) -> HttpResponse:
    """Take back what one filed oneself; what somebody else filed one objects to."""
    if queries.my_own(request.actor, application_id, clocks.now()).filed_by != request.actor.ref:
        no = Refused(
            "not_the_filer",
            "这件申请不是您提出的，不能撤回；不同意的请提出异议。",
            en="You did not file this application. If you do not agree, object.",
            status=403,
        )
        return application(request, application_id, refused=no)
    reason = request.POST.get("reason", "")
    given: dict[str, Any] = {"application_id": application_id, "by": request.actor, "at": clocks.now()}
    return _act(
        request, application_id, lambda: registrations.withdraw(**given, reason=reason), "已撤回。", "Taken back."
    )


def certificate(request: Request, certificate_id: UUID) -> HttpResponse:
    """Give a holder his certificate; with it it counts as delivered."""
    now = clocks.now()
    hashes = identity.person_hashes(request.actor, now, service=queries.SERVICE)
    found = registrations.by_id(certificate_id)
    if found is None or not registrations.holds_certificate(certificate_id, hashes):
        raise registrations.no_such_certificate()
    answer = pdf(certificate_id, by=request.actor.ref, at=now)
    registrations.note_delivered(application_id=found.application, by=request.actor.ref, at=now)
    return answer


def letter(request: Request, application_id: UUID, letter_id: UUID) -> HttpResponse:
    """Give a letter to whoever is named in its application: what was decided, why, and how it is contested."""
    now = clocks.now()
    queries.my_own(request.actor, application_id, now)
    return letter_pdf(letter_id, application_id=application_id, by=request.actor.ref, at=now)


def enquire(request: Request, refused: Refused | None = None) -> HttpResponse:
    """Ask the form."""
    return render(
        request,
        "registry/enquire.html",
        {"purposes": list(registrations.PURPOSES.items()), "typed": request.POST or request.GET, "refused": refused},
        status=refused.status if refused else 200,
    )


def answer(request: Request) -> HttpResponse:
    """Answer a question about a lot, for a stated purpose; it leaves a line (R7.10)."""
    lot = request.POST.get("lot", "").replace(" ", "").upper()[:40]
    written = request.POST.get("purpose", "")
    purpose = registrations.Purpose(written) if written in set(registrations.Purpose) else registrations.Purpose.OWN
    try:
        found = registrations.enquire(
            region=catalogue.city().region,
            lot=lot,
            purpose=purpose,
            interest=request.POST.get("interest", ""),
            by=request.actor,
            at=clocks.now(),
        )
    except Refused as no:
        return enquire(request, refused=no)
    return render(
        request,
        "registry/answer.html",
        {
            "found": found,
            "shown": titles.spaced(found.lot.code),
            "area": registrations.square(found.lot.floor_dm2 or found.lot.dm2),
            "share": registrations.square(found.lot.dm2),
            "counts": [(queries.RIGHTS.get(kind, kind), n) for kind, n in sorted(found.counts.items())],
            "rights": [(each, queries.RIGHTS.get(str(each.kind), str(each.kind))) for each in found.rights],
            "at": clocks.now(),
        },
    )
