"""The calendars every time limit counts by, and the table of those limits: read, put forward, confirmed by a second person."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.lib.manifest import Page
from bancheng.lib.refusal import Refused
from bancheng.services.console import yearfile
from bancheng.web.doors import Request
from bancheng.web.forms import say

WHO = ("calendar_admin",)
READERS = ("calendar_admin", "operator", "auditor")


class Notice(forms.Form):
    """One year's notice: where it was published, and its days by file or by hand."""

    year = forms.IntegerField(min_value=2004, max_value=2099, label=say("年份", "Year"))
    source = forms.CharField(
        max_length=200,
        label=say("文号或来源", "Number of the notice, or where it stands"),
        help_text=say("例如：国办发明电〔2026〕1号", "the number of the notice, as it is printed on it"),
    )
    file = forms.FileField(
        required=False,
        label=say("文件（CSV或TOML，64 KB以内）", "File (CSV or TOML, 64 KB at most)"),
        help_text=say("有文件时以文件为准", "a file takes the place of the lines below"),
    )
    days = forms.CharField(
        required=False,
        max_length=20_000,
        label=say("日期", "Days"),
        help_text=say(
            "每行一天：2027-01-01,放假,元旦 或 2027-02-06,上班",
            "one day a line: 2027-01-01,放假,元旦 or 2027-02-06,上班",
        ),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )


def overview(request: Request) -> HttpResponse:
    return _show(request, Notice(initial={"year": clocks.calendar().known_until.year + 1}))


def _show(request: Request, form: Notice, no: Refused | None = None, **more: Any) -> HttpResponse:
    years, waiting = clocks.loaded_years(), clocks.proposals()
    known = clocks.calendar().known_until
    refs = {line.loaded_by for line in years} | {each.proposed_by for each in waiting}
    values = {
        "form": form,
        "refused": no,
        "years": [line for line in years if line.current],
        "older": [line for line in years if not line.current],
        "known": known,
        "next": known.year + 1,
        "late": clocks.waiting_for_calendar(today=clocks.today()),
        "waiting": waiting,
        "names": identity.names_of(sorted(ref for ref in refs if ref.startswith("staff:"))),
        "own": request.actor.ref,
        "may_act": request.actor.has("calendar_admin", service="console"),
        **more,
    }
    status = no.status if no else 422 if form.errors else 200
    return render(request, "console/calendars.html", values, status=status)


def put_forward(request: Request) -> HttpResponse:
    """Show what a notice would change; with `act=propose` put it forward for a second person."""
    form = Notice(request.POST, request.FILES)
    try:
        found = _typed(form)
        if not form.is_valid():
            return _show(request, form)
        year, source = form.cleaned_data["year"], form.cleaned_data["source"]
        clocks.check_notice(year=year, rest=found.rest, work=found.work, source=source)
        if request.POST.get("act") == "propose":
            clocks.propose_year(
                year=year, rest=found.rest, work=found.work, source=source, by=request.actor.ref, at=clocks.now()
            )
        else:
            changes = clocks.moves(year=year, rest=found.rest, work=found.work)
            return _show(request, form, moves=changes, previewed=year)
    except Refused as no:
        return _show(request, form, no)
    messages.success(
        request,
        str(
            say(
                "已提交，另一位日历管理员确认后生效。",
                "Put forward. It counts once another calendar administrator confirms it.",
            )
        ),
    )
    return redirect("console:calendars")


def _typed(form: Notice) -> yearfile.Notice:
    """Return what the file or the lines say, and put it into the form so that it is seen and sent again."""
    file = form.files.get("file")
    found = yearfile.read(file.read(yearfile.LARGEST + 1) if file else form.data.get("days", "").encode())
    if file:
        filled = {name: form.data.get(name, "") for name in ("year", "source")}
        filled |= {"year": str(found.year)} if found.year else {}
        filled |= {"source": found.source} if found.source else {}
        form.data = filled | {"days": found.lines}
    return found


def confirm(request: Request, proposal_id: int) -> HttpResponse:
    loaded = clocks.confirm_year(proposal_id=proposal_id, by=request.actor.ref, at=clocks.now())
    said = say(
        f"{loaded.number}年放假安排已生效，受影响的期限已重新计算。",
        f"The notice of {loaded.number} is in force; the dates it touches were worked out again.",
    )
    messages.success(request, str(said))
    return redirect("console:calendars")


def turn_down(request: Request, proposal_id: int) -> HttpResponse:
    clocks.turn_down_year(proposal_id=proposal_id, by=request.actor.ref, at=clocks.now())
    messages.success(request, str(say("已退回，日历没有改动。", "Turned down. The calendar is as it was.")))
    return redirect("console:calendars")


def table(request: Request) -> HttpResponse:
    values = {
        "rules": sorted(clocks.rules().items()),
        "effects": sorted(clocks.effects().items()),
        "known": clocks.calendar().known_until,
    }
    return render(request, "console/clock_table.html", values)


PAGES = [
    Page("calendars/", overview, "calendars", READERS, title="工作日历|Calendars", nav="工作日历|Calendars"),
    Page(
        "calendars/", put_forward, "calendar_propose", WHO, ("POST",), "预览或提交放假安排|Try or put forward a notice"
    ),
    Page(
        "calendars/<int:proposal_id>/confirm/",
        confirm,
        "calendar_confirm",
        WHO,
        ("POST",),
        "确认放假安排|Confirm a notice",
    ),
    Page(
        "calendars/<int:proposal_id>/turn-down/",
        turn_down,
        "calendar_drop",
        WHO,
        ("POST",),
        "退回放假安排|Turn a notice down",
    ),
    Page("clock-table/", table, "clock_table", READERS, title="期限表|Table of time limits", nav="期限表|Time limits"),
]
