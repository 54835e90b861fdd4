"""我的证照: what the holder sees and can say."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.licences import public as licences
from bancheng.kernel.notices import public as notices
from bancheng.lib.text import Text
from bancheng.services.expiry import operations, queries
from bancheng.services.expiry.rules import State
from bancheng.web.doors import Request
from bancheng.web.forms import say

ANSWERS = {
    State.SAYS_DONE: Text(
        "已记下：您说已经办了。提醒已停，发证单位会核实。",
        "Noted: you say it is done. Reminders stop; the office will check.",
    ),
    State.GIVEN_UP: Text(
        "已记下：您不再续办。提醒已停，随时可以撤回。",
        "Noted: you will not renew. Reminders stop; you can take this back.",
    ),
    State.LIVE: Text("已恢复提醒。", "Reminders are on again."),
}


def licences_of_mine(request: Request) -> HttpResponse:
    today = clocks.today()
    return render(request, "expiry/mine.html", {"held": queries.mine(request.actor, today=today), "today": today})


def licence(request: Request, watch_id: int) -> HttpResponse:
    today = clocks.today()
    mine = queries.my_watch(request.actor, watch_id, today=today)
    return render(
        request,
        "expiry/licence.html",
        {
            "mine": mine,
            "name": Text(mine.item.name, mine.item.name_en).of(get_language()),
            "today": today,
            "unit": mine.unit,
            "places": queries.places(mine.item),
            "dates": queries.dates(mine.watch),
            "decide_by": queries.decide_by(mine.watch),
            "register_by": queries.register_by(mine.watch, today),
            "told": queries.reminders(mine.watch),
            "sent": notices.history(region=mine.watch.region, subjects=[f"expiry:{watch_id}:{mine.watch.expires_on}"]),
            "may": {state.value for state in ANSWERS if queries.may_answer(mine.watch, state)},
        },
    )


def show(request: Request, watch_id: int) -> HttpResponse:
    """Show a short-lived code that anybody can check."""
    now = clocks.now()
    mine = queries.my_watch(request.actor, watch_id, today=now.date())
    code = licences.show_code(mine.licence.id, now)
    url = request.build_absolute_uri(reverse("expiry:verify", args=[code]))
    return render(request, "expiry/show.html", {"mine": mine, "url": url})


def answer(request: Request, watch_id: int) -> HttpResponse:
    mine = queries.my_watch(request.actor, watch_id, today=clocks.today())
    says = State(request.POST["says"]) if request.POST.get("says") in ANSWERS else State.LIVE
    operations.answer(watch_id=mine.watch.pk, says=says, by=request.actor.ref, at=clocks.now())
    messages.success(request, say(ANSWERS[says].zh, ANSWERS[says].en))
    return redirect("expiry:licence", watch_id)


def help_at_home(request: Request, watch_id: int) -> HttpResponse:
    mine = queries.my_watch(request.actor, watch_id, today=clocks.today())
    wanted = request.POST.get("wanted") == "1"
    operations.ask_for_help(watch_id=mine.watch.pk, wanted=wanted, by=request.actor.ref, at=clocks.now())
    messages.success(
        request,
        say(
            "已登记绿色通道，工作人员会优先联系并可上门办理。",
            "You are on the green channel: staff will call you first and can come to you.",
        )
        if wanted
        else say("已取消绿色通道。", "You are off the green channel."),
    )
    return redirect("expiry:licence", watch_id)
