"""What an applicant follows: his cases, each matter's timeline, corrections, taking back, applying again."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.ratings import public as ratings
from bancheng.lib.text import Text
from bancheng.services.onething import attaching, operations, papers, promising, queries, visiting, writings
from bancheng.services.onething.pages.correcting import answered
from bancheng.services.onething.registers import queries as registers
from bancheng.web import typed
from bancheng.web.doors import Request
from bancheng.web.forms import say


def mine(request: Request) -> HttpResponse:
    now = clocks.now()
    return render(
        request,
        "onething/mine.html",
        {
            "cases": queries.mine(request.actor, now),
            "drafts": queries.draft_lines(request.actor, now),
        },
    )


def case(request: Request, case_id: UUID) -> HttpResponse:
    found = queries.my_case(request.actor, case_id, clocks.now())
    if found.case.id != case_id:
        return redirect("onething:case", found.case.id)
    return render(
        request,
        "onething/case.html",
        {
            "view": found,
            "state": cases.STATES[found.case.state],
            "parcels": queries.parcels(found),
            "waiting": queries.waiting(found),
            "slowest": queries.slowest(found.matters),
            "corrections": [one for one in cases.corrections(case_id, sent=True) if not one.answered],
            "gaps": gaps_of(found),
            "visit": visiting.of(found),
            "registers": registers.for_applicant(found),
            "papers": papers.of_case(found, papers.matters_of(found)),
            "writings": writings.of(found),
            "promises": promises_of(found),
            "ratings": ratings.of_cases([one.id for one in (found.case, *found.matters)]),
            "sent": request.GET.get("sent") == "1",
            "url": request.build_absolute_uri(reverse("onething:case", args=[case_id])),
        },
    )


def promises_of(view: cases.View) -> list[tuple[cases.Matter, promising.Followed]]:
    """Return the matters of a bundle that go by a promise, with how each stands."""
    marks = promising.marks_of(view)
    found = [(one, promising.followed(one, marks)) for one in view.matters or (view.case,)]
    return [(one, promise) for one, promise in found if promise is not None]


def gaps_of(view: cases.View) -> list[tuple[Text, str, date]]:
    """Return each promised paper that is outstanding once: its name, its address, the earliest day."""
    first: dict[str, date] = {}
    for _, name, due in attaching.open_gaps(view):
        first[name] = min(due, first.get(name, due))
    names = {one.name.zh: one.name for one in papers.of_case(view, papers.matters_of(view))} if first else {}
    return [(names.get(name, Text(name, name)), papers.slug_of(name), due) for name, due in first.items()]


def correct(request: Request, case_id: UUID) -> HttpResponse:
    """The one correction screen: everything asked, one button."""
    return answered(request, queries.my_case(request.actor, case_id, clocks.now()), back="onething:case")


def withdraw(request: Request, case_id: UUID) -> HttpResponse:
    now = clocks.now()
    found = queries.my_case(request.actor, case_id, now)
    reason = typed.word(request, "reason", most=300)
    operations.withdraw(view=found, case_id=case_id, reason=reason, by=request.actor, at=now)
    messages.success(request, say("已撤回。已作出的决定不受影响。", "Taken back. What was decided stands."))
    return redirect("onething:case", found.case.id)


def retry(request: Request, case_id: UUID) -> HttpResponse:
    now = clocks.now()
    found = queries.my_case(request.actor, case_id, now)
    operations.retry(view=found, step=request.POST.get("step", ""), by=request.actor, at=now)
    messages.success(request, say("已重新申请该事项。", "That matter was applied for again."))
    return redirect("onething:case", case_id)


def give_up(request: Request, case_id: UUID) -> HttpResponse:
    now = clocks.now()
    found = queries.my_case(request.actor, case_id, now)
    operations.give_up(view=found, step=request.POST.get("step", ""), by=request.actor, at=now)
    messages.success(request, say("已不再办理该事项。", "You go on without that matter."))
    return redirect("onething:case", case_id)
