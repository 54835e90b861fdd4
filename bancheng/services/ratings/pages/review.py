"""Reviewers: ratings that a unit wants left out, objections of raters, and units that are late with call-backs."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.ratings import public as ratings
from bancheng.lib.refusal import Refused
from bancheng.services.ratings import evidence, operations, queries
from bancheng.services.ratings.pages.desk import sent
from bancheng.web import typed
from bancheng.web.doors import Request
from bancheng.web.forms import say

SIZE = 30


def reviews(request: Request) -> HttpResponse:
    page = Paginator(ratings.appeals_to_review(), SIZE).get_page(request.GET.get("page"))
    late = Paginator(ratings.call_backs(units=None, late=True), SIZE).get_page(request.GET.get("late"))
    appeals, calls = ratings.briefs(list(page)), ratings.waiting(list(late))
    return render(
        request,
        "ratings/reviews.html",
        {
            "page": page,
            "appeals": [(one, ratings.FLAWS[one.flaw], ratings.RULINGS[one.state]) for one in appeals],
            "late": late,
            "calls": [(one, ratings.STATES[one.state]) for one in calls],
            "units": catalogue.unit_names([*(one.unit for one in appeals), *(one.unit for one in calls)]),
        },
    )


def review(request: Request, appeal_id: UUID, refused: Refused | None = None) -> HttpResponse:
    found = queries.my_review(request.actor, appeal_id)
    return render(
        request,
        "ratings/review.html",
        {
            "found": found,
            "ruling": ratings.RULINGS[found.state],
            "flaw": ratings.FLAWS[found.flaw],
            "unit": catalogue.unit_names([found.unit]).get(found.unit, ""),
            "said": [(one, ratings.GRADES[one.grade], queries.tag_words(one.tags)) for one in reversed(found.ratings)],
            "events": queries.reviews(found, named=True),
            "files": [
                (one, reverse("ratings:review_file", args=[appeal_id, one.id])) for one in evidence.of(found.occasion)
            ],
            "mine": found.open_to(request.actor),
            "refused": refused,
            "typed": request.POST,
        },
        status=refused.status if refused else 200,
    )


def file(request: Request, appeal_id: UUID, use_id: UUID) -> StreamingHttpResponse:
    """Give out a file of the appeal to whoever may review it."""
    found = queries.my_review(request.actor, appeal_id)
    return sent(evidence.read(found.occasion, use_id, by=request.actor, at=clocks.now()))


def decide(request: Request, appeal_id: UUID) -> HttpResponse:
    reason = typed.word(request, "reason", most=1000)
    leave_out = request.POST.get("decision") == "leave_out"
    try:
        operations.decide(appeal_id=appeal_id, leave_out=leave_out, reason=reason, by=request.actor, at=clocks.now())
    except Refused as no:
        if no.status == 404:
            raise
        return review(request, appeal_id, refused=no)
    messages.success(request, say("已作出复核决定，双方都会收到通知。", "Decided; both sides are told."))
    return redirect("ratings:reviews")
