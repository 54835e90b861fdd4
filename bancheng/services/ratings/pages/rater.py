"""What a rater sees: what he may rate, the five grades, what he said, what he was answered, and the way to object."""

import re
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.ratings import public as ratings
from bancheng.lib.days import day_of
from bancheng.lib.refusal import Refused
from bancheng.services.ratings import queries, terms
from bancheng.web import typed
from bancheng.web.doors import Request
from bancheng.web.forms import say

TYPED_HERE = frozenset({"no_grade", "too_long", "say_what"})  # told on the page, with everything that was typed


def mine(request: Request) -> HttpResponse:
    now = clocks.now()
    found = queries.mine(request.actor, now)
    today = day_of(now)
    return render(
        request,
        "ratings/mine.html",
        {
            "open": [one for one in found if one.grade is None and queries.may_rate(one, today)],
            "others": [one for one in found if one.grade is not None or not queries.may_rate(one, today)],
            "grades": ratings.GRADES,
            "units": catalogue.unit_names([one.unit for one in found]),
        },
    )


def mine_one(request: Request, occasion_id: UUID) -> HttpResponse:
    now = clocks.now()
    found = queries.my_occasion(request.actor, occasion_id, now)
    return _rate(request, found, reverse("ratings:mine_one", args=[found.id]), now, own=True)


def by_link(request: Request, token: str) -> HttpResponse:
    """Let whoever holds the link rate: it was sent to the phone of the one who was served."""
    return _rate(request, _of_link(token), reverse("ratings:by_link", args=[token]), clocks.now())


def _of_link(token: str) -> ratings.Occasion:
    """Return what a link was sent for. A counter's code is known to the clerk, so it opens no page that shows an answer."""
    found = ratings.by_token(token)
    if found.mode is not ratings.Mode.ONLINE:
        raise ratings.no_such_rating()
    return found


def by_slip(request: Request) -> HttpResponse:
    """Ask for the code of a slip and show what the rating came to. The code is posted, so that no address and no log holds it."""
    if request.method != "POST":
        return render(request, "ratings/slip.html", {})
    code = request.POST.get("code", "")
    try:
        found = ratings.by_slip(code)
    except Refused as no:
        return render(request, "ratings/slip.html", {"problems": [("code", say(no.says, no.en))]}, status=no.status)
    return _page(request, found, reverse("ratings:slip"), slip=code)


def object_by_slip(request: Request) -> HttpResponse:
    """Object by the code of a slip, and show what there is then."""
    code = request.POST.get("code", "")
    found, here = ratings.by_slip(code), reverse("ratings:slip")
    try:
        ratings.object_to(occasion_id=found.id, reason=_reason(request), at=clocks.now())
    except Refused as no:
        if no.code not in TYPED_HERE:
            raise
        return _page(request, found, here, refused=no, objecting=True, slip=code)
    return _page(request, ratings.by_slip(code), here, slip=code)


def _rate(request: Request, found: ratings.Occasion, here: str, now: datetime, *, own: bool = False) -> HttpResponse:
    """Show the page, or take a rating in; `own`: somebody who signed in rates, for himself or for whom he acts."""
    if request.method != "POST":
        return _page(request, found, here)
    said = said_in(request)
    if own:
        said = replace(said, agent=queries.acting(request.actor, found))
    try:
        ratings.rate(occasion_id=found.id, said=said, terms=ratings.terms_of(found.service), at=now)
    except Refused as no:
        if no.code not in TYPED_HERE:
            raise
        return _page(request, found, here, refused=no)
    messages.success(
        request,
        say("感谢您的评价，已经记下。在期限内可以修改。", "Thank you, it is noted. Until its day you may change it."),
    )
    return redirect(here)


def said_in(request: Request) -> ratings.Said:
    """Return what was posted; words that no tag stands for are dropped."""
    grade = request.POST.get("grade", "")
    known = {tag.code for tag in terms.of_pack().tags}
    return ratings.Said(
        int(grade) if grade in {"1", "2", "3", "4", "5"} else None,
        tuple(code for code in request.POST.getlist("tag") if code in known),
        typed.word(request, "words"),
        typed.word(request, "contact", most=40),
    )


def _page(
    request: Request,
    found: ratings.Occasion,
    here: str,
    *,
    refused: Refused | None = None,
    objecting: bool = False,
    slip: str = "",
) -> HttpResponse:
    said = ratings.said(found.id)
    last = said[-1] if said else None
    posted = said_in(request) if refused and not objecting else None
    appeal = ratings.appeal_of(occasion_id=found.id)
    return render(
        request,
        "ratings/rate.html",
        {
            "found": found,
            "unit": catalogue.unit(found.unit),
            "here": here,
            "case_url": queries.case_url(found) if request.actor.person_id else "",
            "may_rate": not slip and queries.may_rate(found, clocks.today()),
            "slip": slip,
            "agent": _agent(request, found, last),
            "last": last,
            "grade": ratings.GRADES[last.grade] if last else None,
            "ticked": queries.tag_words(last.tags) if last else [],
            "changes": len(said) - 1,
            "tags": terms.of_pack().tags,
            "chosen": (posted.grade if posted else last.grade if last else 0) or 0,
            "chosen_tags": posted.tags if posted else last.tags if last else (),
            "words": posted.words if posted else last.words if last else "",
            "tongue": tongue(posted.words if posted else last.words if last else ""),
            "most": ratings.MOST_WORDS,
            "answers": [(ratings.STATES[state], told, at) for state, told, at in ratings.answers(found.id)],
            "appeal": appeal,
            "ruling": ratings.RULINGS[appeal.state] if appeal else None,
            "reasons": queries.reviews(appeal, named=False)[1:] if appeal else [],
            "may_object": appeal is not None and appeal.state is ratings.Ruling.EXCLUDED,
            "typed_reason": request.POST.get("reason", ""),
            "refused": refused,
            "problems": _problems(refused, objecting),
        },
        status=refused.status if refused else 200,
    )


def _agent(request: Request, found: ratings.Occasion, last: ratings.Rating | None) -> str:
    """Return who rated for the one who was served, by name, for whoever reads it as himself or for him (P-5)."""
    if last is None or not last.by_agent or not request.actor.person_id:
        return ""
    ref = ratings.agent_of(found.id, last.seq)
    return identity.names_of([ref]).get(ref, "")


def tongue(words: str) -> str:
    """Return the language of what somebody wrote, for those to whom it is read aloud; "" for the page's own."""
    return "zh-Hans" if re.search(r"[\u4e00-\u9fff]", words) else ""


def _reason(request: Request) -> str:
    return typed.word(request, "reason", most=ratings.MOST_WORDS)


def _problems(refused: Refused | None, objecting: bool) -> list[tuple[str, object]]:
    if refused is None:
        return []
    field = "reason" if objecting else {"no_grade": "grade", "too_long": "words"}.get(refused.code, "")
    return [(field, say(refused.says, refused.en))]


def object_to(request: Request, occasion_id: UUID) -> HttpResponse:
    found = queries.my_occasion(request.actor, occasion_id, clocks.now())
    return _object(request, found, reverse("ratings:mine_one", args=[found.id]))


def object_by_link(request: Request, token: str) -> HttpResponse:
    return _object(request, _of_link(token), reverse("ratings:by_link", args=[token]))


def _object(request: Request, found: ratings.Occasion, here: str) -> HttpResponse:
    try:
        ratings.object_to(occasion_id=found.id, reason=_reason(request), at=clocks.now())
    except Refused as no:
        if no.code not in TYPED_HERE:
            raise
        return _page(request, found, here, refused=no, objecting=True)
    messages.success(
        request, say("异议已收到，由另一人重新复核。", "Your objection is in; somebody else reviews it again.")
    )
    return redirect(here)
