"""The doors of mine."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.notices import public as notices
from bancheng.lib.refusal import Refused
from bancheng.services.mine import looks, queries
from bancheng.web.doors import Request

ON_A_PAGE = 20
SERVICE = (
    "mine"  # an agency that names the inbox is one for every message; another opens those of its services alone (P-5)
)


def inbox(request: Request) -> HttpResponse:
    holders = identity.mailboxes(request.actor, service=SERVICE)
    number = max(int(page) if (page := request.GET.get("page", "1")).isdecimal() and len(page) < 6 else 1, 1)
    first = (number - 1) * ON_A_PAGE
    items = notices.inbox(holders, language=get_language() or "zh", first=first, count=ON_A_PAGE + 1)
    context = {
        "lines": queries.lines(items[:ON_A_PAGE]),
        "unseen": notices.unseen_count(holders),
        "newer": number - 1,
        "older": number + 1 if len(items) > ON_A_PAGE else 0,
        "shell": _shell(request),
    }
    return render(request, "mine/inbox.html", context)


def message(request: Request, message_id: int) -> HttpResponse:
    holders = identity.mailboxes(request.actor, service=SERVICE)
    item = notices.inbox_item(message_id, holders, language=get_language() or "zh")
    if item is None:
        raise Http404
    notices.mark_seen(message_id=message_id, holders=holders, at=clocks.now())
    kind, words = queries.badge(item.stage)
    context = {"item": item, "life": queries.life(item), "badge": kind, "stage": words, "shell": _shell(request)}
    return render(request, "mine/message.html", context)


def who_looked(request: Request) -> HttpResponse:
    return render(request, "mine/looks.html", {"looks": looks.looks(request.actor, at=clocks.now())})


def preferences(request: Request) -> HttpResponse:
    context = {"choices": queries.choices(_own(request)), "done": request.GET.get("done", "")}
    return render(request, "mine/preferences.html", context)


def change_preference(request: Request) -> HttpResponse:
    wanted = request.POST.get("want") == "1"
    change = notices.opt_in if wanted else notices.opt_out
    kind, channel = request.POST.get("kind", ""), request.POST.get("channel", "")
    if not any((kind, channel) == (each.kind, each.channel) for each in queries.choices(_own(request))):
        raise Http404
    change(by=request.actor.ref, at=clocks.now(), holder_hash=_own(request), kind=kind, channel=channel)
    return redirect(f"/mine/preferences/?done={'started' if wanted else 'stopped'}")


def stop_link(request: Request, token: str) -> HttpResponse:
    """Ask for the press: mail and chat programs open links by themselves, and opening must change nothing."""
    kind, stopped = notices.stop_state(token=token)
    return render(request, "mine/stop.html", {"kind": kind, "stopped": stopped, "done": False})


def stop(request: Request, token: str) -> HttpResponse:
    notices.stop_by_token(token=token, at=clocks.now(), again=request.POST.get("want") == "1")
    kind, stopped = notices.stop_state(token=token)
    return render(request, "mine/stop.html", {"kind": kind, "stopped": stopped, "done": True})


def _shell(request: Request) -> str:
    """Return the frame an inbox stands in: the desk for staff, the citizen's bar for everybody else."""
    return "web/desk.html" if request.actor.is_staff else "web/citizen.html"


def _own(request: Request) -> bytes:
    """Return the person's own holder hash: one decides for oneself, an agent never stops his principal's messages."""
    holders = identity.person_hashes(request.actor, service=SERVICE)
    if not holders:
        raise Refused(
            "no_person",
            "这个账号没有关联个人身份，没有任何改动。请用本人账号登录。",
            en="This account is not tied to a person. Nothing was changed. Sign in with your own account.",
            status=403,
        )
    return holders[0]
