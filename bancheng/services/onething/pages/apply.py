"""What an applicant does: begin, fill in page by page, check, send once."""

from collections.abc import Collection
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import public as forms
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.onething import operations, papers, queries, tasklist, trust
from bancheng.services.onething.queries import Application
from bancheng.web import asking
from bancheng.web.doors import Request
from bancheng.web.forms import say


def start(request: Request, code: str) -> HttpResponse:
    """Ask for whom; the draft is opened by pressing, or found again."""
    found, now = queries.bundle(code), clocks.now()
    if request.method == "POST":
        draft = operations.begin(bundle=code, subject=request.POST.get("subject", ""), by=request.actor, at=now)
        return redirect("onething:draft", draft.id)
    return render(request, "onething/start.html", {"bundle": found, "subjects": queries.subjects(request.actor, now)})


def draft(request: Request, draft_id: UUID) -> HttpResponse:
    """Show the task list: each section of the form is a task."""
    now = clocks.now()
    found = queries.application(request.actor, draft_id, now)
    if found.draft.submitted_at:
        return _receipt_of(found)
    return render(
        request,
        "onething/draft.html",
        {"application": found, "draft": found.draft, "tasks": tasklist.tasks(found, now)},
    )


def _receipt_of(found: Application) -> HttpResponse:
    filed = operations.filed_of(found)
    if found.counter:
        return redirect("onething:counter_case", filed.id) if filed else redirect("onething:counter")
    return redirect("onething:case", filed.id) if filed else redirect("onething:mine")


def section(request: Request, draft_id: UUID, section: str) -> HttpResponse:
    """One page of fields: read, kept and told what is wrong; the next page follows."""
    now = clocks.now()
    found = queries.application(request.actor, draft_id, now)
    if found.draft.submitted_at:
        return _receipt_of(found)
    tasklist.check_section(found, section)
    problems: list[forms.Problem] = []
    if request.method == "POST":
        raw = {code: values for code, values in request.POST.lists() if code in found.form.fields}
        saved = operations.save(application=found, raw=raw, seen=_seen(request), by=request.actor, at=now)
        problems = list(saved.errors.values())
        if not problems:
            after = queries.application(request.actor, draft_id, now)
            messages.success(request, say("已保存。", "Saved."))
            return redirect(tasklist.next_url(after, section, _asked(request, raw), now))
        found = queries.application(request.actor, draft_id, now)
    shown = asking.sections(
        found.form,
        found.draft,
        today=now.date(),
        problems=problems,
        correcting=request.GET.getlist("correct"),
        url=request.path,
        only=section,
    )
    return render(
        request,
        "onething/section.html",
        {
            "application": found,
            "draft": found.draft,
            "sections": shown,
            "problems": asking.summary(problems),
        },
        status=422 if problems else 200,
    )


def _asked(request: Request, raw: Collection[str]) -> set[str]:
    """Return the fields the page had: radio buttons that nobody pressed are not posted, so the page names its fields."""
    return {*raw, *request.POST.getlist("asked")}


def check(request: Request, draft_id: UUID, unfinished: list[tuple[str, Text]] | None = None) -> HttpResponse:
    """Show all answers before sending; sending creates the case, once."""
    now = clocks.now()
    found = queries.application(request.actor, draft_id, now)
    if found.draft.submitted_at:
        return _receipt_of(found)
    if request.method == "POST" and unfinished is None:
        return _send(request, found)
    sections = asking.sections(found.form, found.draft, today=now.date())
    rows = asking.check_rows(found.form, found.draft, today=now.date())
    urls = [reverse("onething:section", args=[draft_id, one.code]) for one in sections]
    return render(
        request,
        "onething/check.html",
        {
            "application": found,
            "draft": found.draft,
            "checks": [(title, lines, url) for (title, lines), url in zip(rows, urls, strict=True)],
            "papers": (listed := papers.of_application(found, now)),
            "may_follow": papers.may_follow(listed, now),
            "promises": trust.chosen(found.bundle, found.draft.values),
            "problems": unfinished or [],
        },
        status=422 if unfinished else 200,
    )


def _send(request: Request, found: Application) -> HttpResponse:
    seen, now = _seen(request), clocks.now()
    try:
        filed = operations.submit(application=found, seen=seen, by=request.actor, at=now)
    except forms.Unfinished as no:
        return check(request, found.draft.id, unfinished=tasklist.problem_links(found, no.problems))
    if found.counter:
        return redirect("onething:counter_case", filed.id)
    return redirect(f"{reverse('onething:case', args=[filed.id])}?sent=1")


def undo(request: Request, draft_id: UUID) -> HttpResponse:
    now = clocks.now()
    found = queries.application(request.actor, draft_id, now)
    forms.undo(draft_id=draft_id, form=found.form, hashes=found.hashes, by=request.actor.ref, at=now)
    messages.success(request, say("已撤销上一次修改。", "The last change was taken back."))
    return redirect("onething:draft", draft_id)


def delete(request: Request, draft_id: UUID) -> HttpResponse:
    now = clocks.now()
    found = queries.application(request.actor, draft_id, now)
    operations.delete(application=found, by=request.actor, at=now)
    messages.success(request, say("草稿已删除。", "The draft is deleted."))
    return redirect("onething:counter" if found.counter else "onething:mine")


def _seen(request: Request) -> int:
    """Return which version of the draft the page showed."""
    written = request.POST.get("seen", "")
    if not written.isdecimal() or len(written) > 9:
        raise Refused(
            "draft_version",
            "页面已过期，本次修改没有保存，请刷新页面。",
            en="The page is out of date and nothing was saved: reload it.",
            status=422,
        )
    return int(written)
