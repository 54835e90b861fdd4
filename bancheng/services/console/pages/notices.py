"""The texts of notices: versions by kind, a preview with the longest values, a draft, and publishing (N-9, B10.7)."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.notices import public as notices
from bancheng.lib.manifest import Page
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.console import queries
from bancheng.web.doors import Request
from bancheng.web.forms import say

WHO = ("notice_admin",)
LANGUAGES = {"zh": Text("中文", "Chinese"), "en": Text("英文", "English")}
SLOTS = {
    "sms": Text("短信", "Text message"),
    "push_title": Text("推送标题", "Push title"),
    "push_body": Text("推送正文", "Push text"),
    "inbox_title": Text("站内信标题", "Inbox title"),
    "inbox_body": Text("站内信正文", "Inbox text"),
}


class Words(forms.Form):
    """The texts of one template in both languages, the values of its labelled rows, and where a push card leads."""

    page = forms.CharField(required=False, max_length=500, label=say("点开后的页面", "Page it opens"))

    def __init__(self, data: Mapping[str, Any] | None, *, base: notices.Draft) -> None:
        """Ask for what `base` has, filled with its words."""
        said = {f"{slot}_{code}": base.texts.get(slot, {}).get(code, "") for slot in SLOTS for code in LANGUAGES}
        rows = {f"row_{n}": value for n, (_, value) in enumerate(base.rows)}
        super().__init__(data, initial={**said, **rows, "page": base.page})
        for slot, words in SLOTS.items():
            for code, language in LANGUAGES.items():
                long, spoken = "title" not in slot, {"lang": "zh-Hans" if code == "zh" else code}
                self.fields[f"{slot}_{code}"] = forms.CharField(
                    max_length=1000 if long else 100,
                    label=say(f"{words.zh}（{language.zh}）", f"{words.en} ({language.en})"),
                    widget=forms.Textarea(attrs={"rows": 4} | spoken) if long else forms.TextInput(attrs=spoken),
                )
        for n, (label, _) in enumerate(base.rows):
            self.fields[f"row_{n}"] = forms.CharField(
                max_length=200, label=say(f"卡片：{label.zh}", f"Card: {label.en}")
            )
        self.fields["page"] = self.fields.pop("page")  # last, where a push card leads
        self.base = base

    def draft(self, known: Mapping[str, notices.Variable]) -> notices.Draft:
        """Return the template as typed; the form is valid."""
        typed = self.cleaned_data
        texts = {slot: {code: typed[f"{slot}_{code}"] for code in LANGUAGES} for slot in SLOTS}
        rows = [typed[f"row_{n}"] for n in range(len(self.base.rows))]
        return notices.rewritten(self.base, texts, rows=rows, page=typed["page"] or self.base.page, known=known)


def overview(request: Request) -> HttpResponse:
    names, variants = notices.kind_names(), queries.variant_names()
    kinds = [
        {
            "code": kind,
            "name": names.get(kind, Text(kind, kind)),
            "variants": [
                queries.variant(list(rows), variants) for _, rows in groupby(lines, key=lambda line: line.variant)
            ],
        }
        for kind, lines in groupby(notices.versions(), key=lambda line: line.kind)
    ]
    return render(request, "console/notices.html", {"kinds": kinds})


def template(request: Request, template_id: int) -> HttpResponse:
    line, text = _found(template_id)
    return _show(request, line, text)


def _show(request: Request, line: notices.Version, text: notices.Draft, no: Refused | None = None) -> HttpResponse:
    values = {
        "line": line,
        "text": text,
        "kind": notices.kind_names().get(line.kind, Text(line.kind, line.kind)),
        "variant": queries.variant_names().get(line.variant, Text(line.variant, line.variant)),
        "slots": SLOTS,
        "texts": [(words, text.texts.get(slot, {})) for slot, words in SLOTS.items()],
        "versions": notices.versions(kind=line.kind, variant=line.variant),
        "refused": no,
        **_tried(text),
    }
    return render(request, "console/notice.html", values, status=no.status if no else 200)


def _tried(text: notices.Draft) -> dict[str, Any]:
    """Return a text filled with the longest values in each language, or why it cannot be published."""
    faults = notices.problems(text)
    try:
        filled = notices.preview(text)
    except notices.Unfit:
        filled = {}
    shown = [(code, LANGUAGES[code], said, notices.parts(said.sms), len(said.sms)) for code, said in filled.items()]
    return {"faults": faults, "shown": shown, "variables": sorted(text.variables.items())}


def edit(request: Request, template_id: int) -> HttpResponse:
    """Try new words; with `act=save` keep them as the next draft. A draft with faults may be kept, not published."""
    line, base = _found(template_id)
    known = notices.variables_of(line.kind)
    form = Words(request.POST or None, base=base)
    tried: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        text = form.draft(known)
        if request.POST.get("act") == "save":
            made = notices.draft(kind=line.kind, text=text, by=request.actor.ref, at=clocks.now())
            messages.success(
                request, str(say("草稿已保存，还没有对外发送。", "The draft is kept. Nothing is sent by it yet."))
            )
            return redirect("console:notice", made)
        tried = _tried(text)
    values = {
        "form": form,
        "line": line,
        "kind": notices.kind_names().get(line.kind, Text(line.kind, line.kind)),
        "variant": queries.variant_names().get(line.variant, Text(line.variant, line.variant)),
        "known": sorted(known.items()),
        "built_in": notices.BUILT_IN,
        "tried": bool(tried),
        **tried,
    }
    return render(request, "console/notice_edit.html", values, status=422 if form.errors else 200)


def publish(request: Request, template_id: int) -> HttpResponse:
    line, text = _found(template_id)
    try:
        notices.publish(template_id=template_id, by=request.actor.ref, at=clocks.now())
    except Refused as no:
        return _show(request, line, text, no)
    messages.success(
        request,
        str(
            say(
                "已发布。此后接收的消息用新版，已接收的仍用原来的文字。",
                "Published. Messages accepted from now on use it; earlier ones keep their words.",
            )
        ),
    )
    return redirect("console:notice", template_id)


def _found(template_id: int) -> tuple[notices.Version, notices.Draft]:
    found = notices.version(template_id) if template_id < 2**63 else None
    if found is None:
        raise Http404
    return found


PAGES = [
    Page("templates/", overview, "templates", WHO, title="通知模板|Templates", nav="通知模板|Templates"),
    Page("templates/<int:template_id>/", template, "notice", WHO, title="一个模板|One template"),
    Page("templates/<int:template_id>/draft/", edit, "notice_edit", WHO, ("GET", "POST"), "起草模板|Draft a template"),
    Page(
        "templates/<int:template_id>/publish/", publish, "notice_publish", WHO, ("POST",), "发布模板|Publish a template"
    ),
]
