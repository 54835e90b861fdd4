"""What an applicant does: begin, fill in page by page, check, send once."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import public as forms
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.onething import checking, operations, papers, queries, tasklist, trust
from bancheng.services.onething.queries import Application
from bancheng.web import asking
from bancheng.web.doors import Request
from bancheng.web.forms import say

EVIDENCE_LONGEST = 200


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
        {
            "application": found,
            "draft": found.draft,
            "tasks": tasklist.tasks(found, now),
            "filled": operations.filled_in(found.draft),
            "refuses": operations.refuses_prefill(found.draft),
        },
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
        sent = _receipt_of(found)
        return HttpResponseClientRedirect(sent["Location"]) if request.htmx else sent
    tasklist.check_section(found, section)
    problems: list[forms.Problem] = []
    if request.method == "POST" and (act := request.POST.get("row")):
        return _with_row(request, found, section, act)
    if request.method == "POST" and request.htmx:
        return _autosave(request, found)
    if request.method == "POST":
        raw = {code: values for code, values in request.POST.lists() if code in found.form.fields}
        saved = operations.save(application=found, raw=raw, seen=_seen(request), by=request.actor, at=now)
        problems = list(saved.errors.values())
        if not problems:
            after = queries.application(request.actor, draft_id, now)
            messages.success(request, say("已保存。", "Saved."))
            return redirect(tasklist.next_url(after, section, _asked(request, raw), now))
        found = queries.application(request.actor, draft_id, now)
    return _section(request, found, section, problems)


def _section(
    request: Request, found: Application, section: str, problems: Sequence[forms.Problem] = ()
) -> HttpResponse:
    now = clocks.now()
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


def _with_row(request: Request, found: Application, section: str, act: str) -> HttpResponse:
    """Add a row to a list, or take one out, and keep the page as it is; a list that nobody knows changes nothing."""
    raw = {code: values for code, values in request.POST.lists() if code in found.form.fields}
    changed = asking.changed(found.form, raw, act)
    if changed is None:
        return redirect(request.path)
    code, after = changed
    operations.save(application=found, raw=after, seen=_seen(request), by=request.actor, at=clocks.now())
    if request.htmx:
        return _section(request, queries.application(request.actor, found.draft.id, clocks.now()), section)
    return redirect(f"{request.path}#{asking.field_id(code)}-field")


def _autosave(request: Request, found: Application) -> HttpResponse:
    """Keep what was typed so far, as the button does, and say when; a conflict is told beside the form, which stays as it is."""
    raw = {code: values for code, values in request.POST.lists() if code in found.form.fields}
    try:
        saved = operations.save(application=found, raw=raw, seen=_seen(request), by=request.actor, at=clocks.now())
    except Refused as no:
        return render(request, "onething/_kept.html", {"refused": no}, status=422)
    return render(request, "onething/_kept.html", {"draft": saved.draft, "unread": len(saved.errors)})


def _asked(request: Request, raw: Collection[str]) -> set[str]:
    """Return the fields the page had: radio buttons that nobody pressed are not posted, so the page names its fields."""
    return {*raw, *request.POST.getlist("asked")}


def check(request: Request, draft_id: UUID) -> HttpResponse:
    """Show all answers before sending; sending creates the case, once."""
    found = queries.application(request.actor, draft_id, clocks.now())
    if found.draft.submitted_at:
        return _receipt_of(found)
    return _send(request, found) if request.method == "POST" else _checked(request, found)


def _checked(
    request: Request, found: Application, *, unfinished: Sequence[tuple[str, Text]] = (), refused: Refused | None = None
) -> HttpResponse:
    """Show the page, with what was missing or in the way (`unfinished`), or why registers were not asked again (`refused`)."""
    now, draft_id = clocks.now(), found.draft.id
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
            "held_up": checking.held_up(operations.sending_of(found, now, listed), by=request.actor.ref, at=now),
            "refused": refused,
            "may_follow": papers.may_follow(listed, now),
            "promises": trust.chosen(found.bundle, found.draft.values),
            "corrected": queries.corrected(found),
            "problems": unfinished,
        },
        status=422 if unfinished else refused.status if refused else 200,
    )


def ask_registers(request: Request, draft_id: UUID) -> HttpResponse:
    """Ask registers again, because what they said today has changed since; what was filled in stays as it is."""
    now = clocks.now()
    found = queries.application(request.actor, draft_id, now)
    if found.draft.submitted_at:
        return _receipt_of(found)
    try:
        known, problems = checking.ask_again(operations.sending_of(found, now, ()), by=request.actor.ref, at=now)
    except Refused as no:
        return _checked(request, found, refused=no)
    if known.as_of is None:
        words = say(
            "登记信息平台暂时没有答复，请过一会再查；已填内容都保留着。",
            "The registers did not answer: ask again in a while. What you filled in is kept.",
        )
    elif problems:
        words = say("已经再查，登记仍有记录，见下。", "Asked again: the entry still stands, see below.")
    else:
        words = say(
            "已经再查，没有妨碍提交的登记，可以提交了。", "Asked again: nothing stands in the way. You can send it now."
        )
    (messages.warning if known.as_of is None or problems else messages.success)(request, words)
    return redirect("onething:check", draft_id)


def _send(request: Request, found: Application) -> HttpResponse:
    seen, now = _seen(request), clocks.now()
    try:
        evidence = _evidence(request, found)
        filed = operations.submit(application=found, seen=seen, by=request.actor, at=now, evidence=evidence)
    except forms.Unfinished as no:
        return _checked(request, found, unfinished=tasklist.problem_links(found, no.problems))
    if found.counter:
        return redirect("onething:counter_case", filed.id)
    return redirect(f"{reverse('onething:case', args=[filed.id])}?sent=1")


def _evidence(request: Request, found: Application) -> dict[str, str]:
    """Return what the applicant says for each of his corrections."""
    said = {one.code: request.POST.get(f"because-{one.code}", "") for one in queries.corrected(found)}
    return {code: text.strip()[:EVIDENCE_LONGEST] for code, text in said.items() if text.strip()}


def prefill(request: Request, draft_id: UUID) -> HttpResponse:
    """Take back the consent to fill in what is known, or give it (B2.9), and say what became of the form."""
    now, agreed = clocks.now(), request.POST.get("agreed") == "yes"
    found = queries.application(request.actor, draft_id, now)
    number = operations.prefill(application=found, agreed=agreed, by=request.actor, at=now)
    if agreed:
        words = say(f"已按您的同意填入{number}项已有信息。", f"Filled in with what is known: {number}.")
    else:
        words = say(
            f"已撤回同意：由系统填入、尚未提交的{number}项信息已经清除，您自己填写的都保留着。",
            f"Taken back: what we had filled in and you had not sent is erased ({number}); what you typed is kept.",
        )
    messages.success(request, words)
    return redirect("onething:draft", draft_id)


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
