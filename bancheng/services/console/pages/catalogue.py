"""The catalogue as it stands: matters with what their guides lack, units, areas. It is changed by the city pack (R-OT-3)."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.manifest import Page
from bancheng.lib.text import Text
from bancheng.services.console import queries
from bancheng.services.console.pages.roles import unit_choices
from bancheng.web.doors import Request
from bancheng.web.forms import say

WHO = ("catalogue_admin", "auditor")
ON_A_PAGE = 40
VIEWS = {
    "matters": Text("事项", "Matters"),
    "units": Text("单位", "Units"),
    "areas": Text("区划", "Areas"),
}


class Search(forms.Form):
    """What is looked for."""

    q = forms.CharField(required=False, max_length=60, label=say("名称或编码", "Name or code"))
    unit = forms.ChoiceField(required=False, choices=unit_choices, label=say("单位", "Unit"))
    lacking = forms.BooleanField(required=False, label=say("只看有欠缺的", "Only those that lack something"))


def overview(request: Request) -> HttpResponse:
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "matters"
    form = Search(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    q = asked.get("q", "")
    found: Sequence[Any]
    if view == "units":
        found = queries.units(q=q)
    elif view == "areas":
        found = queries.areas(q=q, today=clocks.today())
    else:
        found = queries.matters(q=q, unit=asked.get("unit", ""), lacking=asked.get("lacking", False))
    values = {
        "view": view,
        "form": form,
        "page": Paginator(found, ON_A_PAGE).get_page(request.GET.get("page")),
        "views": [  # not `tabs`: the shell's own navigation is called so
            {"url": f"?view={code}", "words": words, "current": code == view, "count": None}
            for code, words in VIEWS.items()
        ],
    }
    return render(request, "console/catalogue.html", values)


PAGES = [
    Page("catalogue/", overview, "catalogue", WHO, title="事项目录|Catalogue", nav="事项目录|Catalogue"),
]
