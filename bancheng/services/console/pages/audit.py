"""The audit record: search, one thing's history, how far it is sealed, and the proof that nobody changed it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.days import start_of
from bancheng.lib.manifest import Page
from bancheng.lib.text import Text
from bancheng.services.console import operations, queries
from bancheng.services.console.models import AuditCheck
from bancheng.web.doors import Request
from bancheng.web.forms import say

ROWS = 50
WHO = ("auditor", "operator")


class Search(forms.Form):
    """What an auditor may look for."""

    about = forms.CharField(
        required=False,
        max_length=200,
        label=say("对象", "About"),
        help_text=say("类别:编号，如 job:7", "kind:number, such as job:7"),
    )
    who = forms.CharField(
        required=False,
        max_length=200,
        label=say("经办人", "Who"),
        help_text=say("如 staff:7", "such as staff:7"),
    )
    action = forms.CharField(
        required=False,
        max_length=100,
        label=say("事项", "Action"),
        help_text=say("以点结尾查整类，如 jobs.", "end with a dot for a whole kind, such as jobs."),
    )
    day = forms.DateField(
        required=False, label=say("日期", "Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    below = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)


@dataclass(frozen=True)
class Line:
    """One event as a table row."""

    event: audit.Event
    words: Text
    url: str


def record(request: Request) -> HttpResponse:
    form = Search(request.GET)
    lines: list[Line] = []
    older = ""
    if form.is_valid():
        asked = form.cleaned_data
        found = audit.search(**_criteria(asked), limit=ROWS + 1)
        lines = [_line(event) for event in found[:ROWS]]
        if len(found) > ROWS:
            kept = {name: value for name, value in asked.items() if value and name != "below"}
            older = "?" + urlencode({**kept, "below": found[ROWS - 1].id})
    values = {
        "form": form,
        "lines": lines,
        "older": older,
        "seal": audit.seal_state(),
        "checks": queries.latest_checks(limit=5),
    }
    return render(request, "console/audit.html", values, status=200 if form.is_valid() else 422)


def _criteria(asked: dict[str, Any]) -> dict[str, Any]:
    day = asked["day"]
    since = start_of(day) if day else None
    return {
        "about": asked["about"],
        "who": asked["who"],
        "action": asked["action"],
        "since": since,
        "before": since + timedelta(days=1) if since else None,
        "below": asked["below"],
    }


def _line(event: audit.Event) -> Line:
    url = f"{reverse('console:audit_timeline')}?{urlencode({'about': event.about})}"
    return Line(event=event, words=audit.label(event.action), url=url)


def timeline(request: Request) -> HttpResponse:
    about = request.GET.get("about", "")[:200]
    events = [
        {
            "what": audit.label(event.action),
            "at": event.at,
            "who": event.who,
            "state": "done",
            "note": Text(
                "；".join(f"{key}：{value}" for key, value in event.detail.items()),
                "; ".join(f"{key}: {value}" for key, value in event.detail.items()),
            ),
        }
        for event in audit.timeline(about)
    ]
    return render(request, "console/audit_timeline.html", {"about": about, "events": events})


def ask_check(request: Request) -> HttpResponse:
    check = operations.ask_check(by=request.actor.ref, at=clocks.now())
    return redirect("console:audit_check", check.pk)


def show_check(request: Request, check_id: int) -> HttpResponse:
    check = queries.check(check_id) if check_id < 2**63 else None
    if check is None:
        raise Http404
    progress = _progress(check)
    if request.htmx:  # polled once a second; 286 ends the polling, and the whole page is asked for again
        if not check.finished_at:
            return render(request, "web/_progress.html", {"p": progress})
        answer = HttpResponse(status=286)
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "console/audit_check.html", {"check": check, "p": progress})


def _progress(check: AuditCheck) -> dict[str, Any]:
    return {
        "done": check.batches_done,
        "total": check.batches,
        "finished": check.finished_at is not None,
        "url": reverse("console:audit_check", args=[check.pk]),
        "words": Text("已核验封存批次", "Seals verified") if check.batches else Text("等待开始", "Waiting to start"),
    }


PAGES = [
    Page("audit/", record, "audit", who=WHO, title="审计记录|Audit record", nav="审计记录|Audit record"),
    Page("audit/timeline/", timeline, "audit_timeline", who=WHO, title="一件事的经过|History of one thing"),
    Page(
        "audit/checks/",
        ask_check,
        "audit_check_ask",
        who=WHO,
        methods=("POST",),
        title="要求核验审计记录|Ask for a verification",
    ),
    Page("audit/checks/<int:check_id>/", show_check, "audit_check", who=WHO, title="核验结果|A verification"),
]
