"""The doors of guides: all public, all readable without scripts, all printable."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.services.guides import queries
from bancheng.web.doors import Request
from bancheng.web.downloads import csv_file

LONGEST_QUESTION = 80  # characters; nobody types more than a sentence


def home(request: Request) -> HttpResponse:
    asked = request.GET.get("q", "").strip()[:LONGEST_QUESTION]
    context: dict[str, Any] = {"q": asked, "domains": queries.domains()}
    if asked:
        found, near = queries.search(asked)
        context |= {"lines": found, "near": near, "city": catalogue.city()}
    return render(request, "guides/home.html", context)


def domain(request: Request, code: str) -> HttpResponse:
    groups = queries.domains()
    here = next((group for group in groups if group.code == code), None)
    context = {
        "heading": here.words if here else None,
        "lines": queries.lines(catalogue.matters(domain=code)) if here else [],
        "domains": groups,
    }
    return render(request, "guides/domain.html", context, status=200 if here else 404)


def units(request: Request) -> HttpResponse:
    return render(request, "guides/units.html", {"units": queries.units()})


def unit(request: Request, code: str) -> HttpResponse:
    found = catalogue.unit(code)
    context = {
        "unit": found,
        "kind": catalogue.NAMES[found.kind],
        "lines": queries.lines(catalogue.matters(unit=code)),
        "doors": queries.doors(catalogue.outlets(unit=code), at=clocks.now()),
    }
    return render(request, "guides/unit.html", context)


def outlet(request: Request, code: str) -> HttpResponse:
    found = catalogue.outlet(code)
    context = {
        "door": queries.doors([found], at=clocks.now())[0],
        "lines": queries.lines(catalogue.matters(outlet=code)),
    }
    return render(request, "guides/outlet.html", context)


def guide(request: Request, code: str) -> HttpResponse:
    now = clocks.now()
    return render(request, "guides/guide.html", {"guide": queries.guide(code, at=now), "at": now})


def export(request: Request) -> HttpResponse:
    """Send every guide as CSV."""
    return csv_file("guides.csv", [queries.CSV_HEAD, *queries.csv_rows()])
