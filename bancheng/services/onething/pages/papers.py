"""The papers of an application and of a case: listed, uploaded, promised, taken back, supplied later, downloaded."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents import public as documents
from bancheng.lib.refusal import Refused
from bancheng.services.onething import attaching, queries, signing
from bancheng.services.onething import papers as reading
from bancheng.services.onething.queries import Application
from bancheng.web.doors import Request
from bancheng.web.forms import say


def listed(request: Request, draft_id: UUID, wrong: str = "", refused: Refused | None = None) -> HttpResponse:
    """Show each paper once; `wrong` is the paper at which something was refused."""
    now = clocks.now()
    found = queries.application(request.actor, draft_id, now)
    if found.draft.submitted_at:
        return redirect("onething:draft", draft_id)
    shown = reading.of_application(found, now)
    return render(
        request,
        "onething/papers.html",
        {
            "application": found,
            "draft": found.draft,
            "own": [one for one in shown if not one.free],
            "free": [one for one in shown if one.free],
            "spared": reading.spared(found, now),
            "terms": {one.paper.slug: one for one in reading.may_follow(shown, now)},
            "gap_words": signing.words(),
            "organisation": found.draft.subject.ref.startswith("organisation:"),
            "wrong": wrong,
            "refused": refused,
            "limits": documents.limits().bytes // 2**20,
            "kinds": documents.named(reading.ACCEPTED),
        },
        status=refused.status if refused else 200,
    )


def change(request: Request, draft_id: UUID, paper: str) -> HttpResponse:
    """Upload files of one paper, take one back, promise it, or take the promise back."""
    now = clocks.now()
    found = queries.application(request.actor, draft_id, now)
    if found.draft.submitted_at:
        return redirect("onething:draft", draft_id)
    try:
        _change(request, found, paper)
    except Refused as no:
        if no.status == 404:
            raise
        return listed(request, draft_id, wrong=paper, refused=no)
    return redirect(f"{reverse('onething:papers', args=[draft_id])}#p-{paper}")


def _change(request: Request, found: Application, slug: str) -> None:
    now, act, by = clocks.now(), request.POST.get("act", ""), request.actor.ref
    paper = attaching.the(reading.of_application(found, now), slug)
    about, region = f"draft:{found.draft.id}", found.draft.region
    if act == "promise":
        sealed = request.POST.get("sealed") == "yes"
        attaching.promise_in_draft(paper=paper, found=found, sealed=sealed, by=request.actor, at=now)
    elif act == "ordinary":
        attaching.take_promise_back(paper=paper, about=about, at=now)
    elif act.startswith("remove:"):
        attaching.detach(use_id=_uuid(act.removeprefix("remove:")), about=about, by=by, at=now)
        messages.success(request, say("已删除该文件。", "The file is removed."))
    else:
        stored = attaching.attach(
            paper=paper,
            files=files_of(request, "file"),
            about=about,
            region=region,
            holder=found.draft.subject.holder_hash,
            by=by,
            at=now,
        )
        messages.success(request, say("已上传。", "Uploaded."))
        for note in (note for each in stored for note in each.notes):
            messages.info(request, say(note.zh, note.en))


def files_of(request: Request, name: str) -> list[attaching.File]:
    """Return the files that were chosen in a field."""
    return [attaching.File(one.name or "", one.size, one.chunks()) for one in request.FILES.getlist(name)]


def _uuid(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        return UUID(int=0)


def supply(request: Request, case_id: UUID, paper: str) -> HttpResponse:
    """Hand in a promised paper."""
    view = queries.my_case(request.actor, case_id, clocks.now())
    one = attaching.the(reading.of_case(view, reading.matters_of(view)), paper)
    return supplied(request, view, one, back="onething:case")


def supplied(request: Request, view: cases.View, one: reading.Paper, *, back: str) -> HttpResponse:
    """Show what is to be handed in and take it in, for the applicant himself or at the counter (`back`: where he came from)."""
    refused = None
    if request.method == "POST":
        try:
            attaching.supply(
                view=view, paper=one, files=files_of(request, "file"), by=request.actor.ref, at=clocks.now()
            )
        except Refused as no:
            refused = no
        else:
            messages.success(request, say("已补交，已告知办理部门。", "Handed in; the offices are told."))
            return redirect(back, view.case.id)
    return render(
        request,
        "onething/supply.html",
        {
            "view": view,
            "paper": one,
            "back": back,
            "due": next((due for _, name, due in attaching.open_gaps(view) if name == one.name.zh), None),
            "refused": refused,
            "limits": documents.limits().bytes // 2**20,
            "kinds": documents.named(reading.ACCEPTED),
        },
        status=refused.status if refused else 200,
    )


def of_draft(request: Request, draft_id: UUID, use_id: UUID) -> HttpResponse | StreamingHttpResponse:
    found = queries.application(request.actor, draft_id, clocks.now())
    return _sent(documents.read(use_id=use_id, about=f"draft:{found.draft.id}", by=request.actor.ref, at=clocks.now()))


def of_case(request: Request, case_id: UUID, use_id: UUID) -> HttpResponse | StreamingHttpResponse:
    view = queries.my_case(request.actor, case_id, clocks.now())
    return _sent(documents.read(use_id=use_id, about=f"case:{view.case.id}", by=request.actor.ref, at=clocks.now()))


def on_desk(request: Request, case_id: UUID, use_id: UUID) -> HttpResponse | StreamingHttpResponse:
    desk = queries.on_desk(request.actor, case_id)
    return _sent(attaching.read(desk=desk, use_id=use_id, by=request.actor.ref, at=clocks.now()))


def _sent(content: documents.Content) -> StreamingHttpResponse:
    return StreamingHttpResponse(content.pieces, headers=content.headers)
