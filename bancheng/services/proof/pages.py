"""The doors of proof."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from bancheng.kernel.claims import public as claims
from bancheng.kernel.clocks import public as clocks
from bancheng.services.proof import operations, queries
from bancheng.web.doors import Request
from bancheng.web.downloads import csv_file
from bancheng.web.forms import say

ON_A_PAGE = 20


def board(request: Request) -> HttpResponse:
    found, wanted = claims.board(), queries.chosen(request.GET.dict())
    asked = {"case": wanted.case, "status": wanted.result}
    totals = [
        {
            "result": result,
            "words": claims.SAYS[result],
            "means": queries.MEANS[result],
            "n": found.totals[result],
            "tone": tone,
        }
        for result, tone in queries.TONES.items()
    ]
    values = {
        "board": found,
        "total": sum(found.totals.values()),
        "totals": totals,
        "wanted": wanted,
        "group": next((group for group in found.groups if group.case == wanted.case), None),
        "page": Paginator(queries.rows(found, wanted), ON_A_PAGE).get_page(request.GET.get("page"))
        if wanted.any
        else None,
        "query": urlencode({name: value for name, value in asked.items() if value is not None}),
        "may_ask": request.actor.has("operator", service="proof"),
        "made_up": settings.DEMO,
    }
    return render(request, "proof/board.html", values)


def claim(request: Request, code: str) -> HttpResponse:
    row = queries.one(code)
    if row is None:
        raise Http404
    values = {"row": row, "trend": queries.trend(code), "points": [float(p.number or 0) for p in queries.trend(code)]}
    return render(request, "proof/claim.html", values)


def as_csv(request: Request) -> HttpResponse:
    found = queries.rows(claims.board(), queries.chosen(request.GET.dict()))
    return csv_file("claims.csv", [queries.HEADER, *map(queries.cells, found)])


def as_json(request: Request) -> HttpResponse:
    answer = JsonResponse(
        queries.document(claims.board(), queries.chosen(request.GET.dict())),
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )
    answer["Content-Disposition"] = 'attachment; filename="claims.json"'
    return answer


def ask(request: Request) -> HttpResponse:
    operations.ask(by=request.actor.ref, at=clocks.now())
    messages.success(
        request,
        str(
            say(
                "已要求复算，通常一分钟内完成，稍后刷新本页。",
                "A proving is on its way; it takes a minute at most. Reload later.",
            )
        ),
    )
    return redirect("proof:proof")
