"""The one correction screen: everything that is asked, one button; for the applicant himself, or by a clerk while he is at the counter."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents import public as documents
from bancheng.kernel.forms import public as forms
from bancheng.lib.conditions import Value
from bancheng.lib.refusal import Refused
from bancheng.services.onething import attending, operations, papers, queries
from bancheng.services.onething.pages.papers import files_of
from bancheng.web import asking
from bancheng.web.doors import Request
from bancheng.web.forms import say

HERE = frozenset({"paper_needed", "not_agreed", "not_entitled"})  # told on the page, with everything that was typed


def answered(
    request: Request, found: cases.View, *, back: str, visitor: attending.Visitor | None = None
) -> HttpResponse:
    """Show what is asked and take the answer in; `back`: where who answers came from, `visitor`: for whom a clerk does it."""
    now = clocks.now()
    reading: forms.Reading | None = None
    refused: Refused | None = None
    if request.method == "POST" and (act := request.POST.get("row")):  # a row more or less: nothing is handed in yet
        changed = asking.changed(queries.content_of(found)[0], _raw(request), act)
        reading = forms.read(queries.content_of(found)[0], changed[1] if changed else _raw(request), now.date())
        return _page(request, found, back, visitor, replace(reading, errors={}), None, now)
    if request.method == "POST":
        try:
            reading = _take_in(request, found, visitor, now)
        except Refused as no:
            if no.code not in HERE:
                raise
            refused = no
        else:
            if not reading.errors:
                words = say("补正已提交，各部门继续审查。", "Sent: the departments go on with the review.")
                messages.success(request, words)
                return redirect(back, found.case.id)
    return _page(request, found, back, visitor, reading, refused, now)


def _take_in(request: Request, found: cases.View, visitor: attending.Visitor | None, now: datetime) -> forms.Reading:
    raw = _raw(request)
    files = {name.removeprefix("paper-"): files_of(request, name) for name in request.FILES}

    def do(_words: str = "") -> forms.Reading:
        return operations.correct(view=found, raw=raw, files=files, by=request.actor, at=now)

    if visitor is None:
        return do()
    return attending.at_counter(found, visitor, "correct", do, by=request.actor, at=now)


def _raw(request: Request) -> dict[str, Sequence[str]]:
    return {code: values for code, values in request.POST.lists() if code != "csrfmiddlewaretoken"}


def _page(
    request: Request,
    found: cases.View,
    back: str,
    visitor: attending.Visitor | None,
    reading: forms.Reading | None,
    refused: Refused | None,
    now: datetime,
) -> HttpResponse:
    asked = [one for one in cases.corrections(found.case.id, sent=True) if not one.answered]
    form, values = queries.content_of(found)
    if refused is not None:
        reading = forms.read(form, _raw(request), now.date())
    if reading is not None:  # what was typed stays
        values = {**values, **reading.values}
    problems = list(reading.errors.values()) if reading else []
    wanted = {one.about.removeprefix("field:") for one in asked}
    draft = replace(queries.as_draft(found, values, now), typed=reading.typed if reading else {})
    shown = asking.sections(form, draft, today=now.date(), problems=problems)
    return render(
        request,
        "onething/correct.html",
        {
            "view": found,
            "back": back,
            "asked": asked,
            "has_rows": any(part.has_rows for part in shown),
            "fields": [field for part in shown for field in part.fields if field.code in wanted],
            "papers": _to_bring(found, wanted, papers.shown_of(form, values, now.date())),
            "refused": refused,
            "typed": visitor,
            "limits": documents.limits().bytes // 2**20,
            "kinds": documents.named(papers.ACCEPTED),
            "problems": asking.summary(problems),
        },
        status=refused.status if refused else 422 if problems else 200,
    )


def _to_bring(found: cases.View, wanted: Container[str], answers: Mapping[str, Value]) -> list[papers.Paper]:
    """Return the papers that the notice asks for, and those that the answers call for by now."""
    listed = papers.of_case(found, papers.matters_of(found), answers)
    new = papers.called_for(found, listed)
    return [one for one in listed if one in new or f"material:{one.name.zh}" in wanted]
