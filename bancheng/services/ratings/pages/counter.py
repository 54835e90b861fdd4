"""The counter: a clerk asks for a rating, the visitor gives it on his own phone or on the counter's device; the clerk never sees it.

R-RT-5: no page of the clerk says whether or how a visitor rated, and none names a grade.
"""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.ratings import public as ratings
from bancheng.lib.refusal import Refused
from bancheng.services.ratings import operations, queries, terms
from bancheng.services.ratings.pages.rater import TYPED_HERE, said_in, tongue
from bancheng.web import typed
from bancheng.web.doors import Request
from bancheng.web.forms import say


def home(request: Request, refused: Refused | None = None) -> HttpResponse:
    return render(
        request,
        "ratings/counter.html",
        {
            "matters": queries.counter_matters(request.actor),
            "typed": request.POST,
            "refused": refused,
        },
        status=refused.status if refused else 200,
    )


def start(request: Request) -> HttpResponse:
    try:
        found = operations.ask_on_site(**typed.words(request, "matter", "number"), by=request.actor, at=clocks.now())
    except Refused as no:
        return home(request, refused=no)
    return redirect("ratings:counter_one", found.id)


def one(request: Request, occasion_id: UUID) -> HttpResponse:
    """Show the code to scan and the way to the device's page; nothing of an answer."""
    found = queries.my_window(request.actor, occasion_id)
    url = request.build_absolute_uri(reverse("ratings:device", args=[found.token]))
    return render(request, "ratings/counter_one.html", {"found": found, "url": url})


def device(request: Request, token: str) -> HttpResponse:
    """The page of the counter's device: rate once; then it shows the code of the slip, once, to everybody who rated whatever he said;
    afterwards it thanks and shows nothing (it is not the rater's own)."""
    found = ratings.by_token(token)
    if found.mode is not ratings.Mode.ON_SITE:
        raise ratings.no_such_rating()
    if request.method == "POST":
        try:
            by = ratings.terms_of(found.service)
            ratings.rate(occasion_id=found.id, said=said_in(request), terms=by, at=clocks.now())
        except Refused as no:
            if no.code not in TYPED_HERE:
                raise
            return _device(request, found, refused=no)
        if code := ratings.slip(occasion_id=found.id, at=clocks.now()):
            url = request.build_absolute_uri(reverse("ratings:slip"))
            return render(request, "ratings/slip_given.html", {"bare": True, "found": found, "code": code, "url": url})
        return redirect("ratings:device", token)
    return _device(request, found)


def _device(request: Request, found: ratings.Occasion, *, refused: Refused | None = None) -> HttpResponse:
    posted = said_in(request) if refused else None
    return render(
        request,
        "ratings/device.html",
        {
            "bare": True,  # no way from here into anybody's desk
            "found": found,
            "unit": catalogue.unit(found.unit),
            "may_rate": found.grade is None and queries.may_rate(found, clocks.today()),
            "tags": terms.of_pack().tags,
            "chosen": (posted.grade if posted else 0) or 0,
            "chosen_tags": posted.tags if posted else (),
            "words": posted.words if posted else "",
            "tongue": tongue(posted.words if posted else ""),
            "contact": posted.contact if posted else "",
            "most": ratings.MOST_WORDS,
            "problems": [("grade", say(refused.says, refused.en))] if refused else [],
        },
        status=refused.status if refused else 200,
    )
