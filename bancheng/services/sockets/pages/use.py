"""What a passer-by sees: the socket he scanned, the payment, the meter live, the bill. No account: his link and his cookie are the secret."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.payments import public as payments
from bancheng.lib.refusal import Refused
from bancheng.services.sockets import rating, telling
from bancheng.services.sockets.operations import sessions as operations
from bancheng.services.sockets.pages import wechat
from bancheng.services.sockets.queries import grounds
from bancheng.services.sockets.queries import sessions as queries
from bancheng.services.sockets.rules import offers
from bancheng.web.callers import address_of
from bancheng.web.doors import Request
from bancheng.web.forms import say

COOKIE = "bc_sockets"
KEPT = 20  # uses a phone remembers
YEAR = 365 * 24 * 3600
CHANNELS = ("wechat", "alipay")


def remembered(request: Request) -> list[str]:
    """Return the secrets of this phone, newest first."""
    return [secret for secret in request.COOKIES.get(COOKIE, "").split(".") if secret][:KEPT]


def _remember(request: Request, answer: HttpResponse, secret: str) -> HttpResponse:
    kept = [secret, *(each for each in remembered(request) if each != secret)][:KEPT]
    answer.set_cookie(
        COOKIE, ".".join(kept), max_age=YEAR, httponly=True, samesite="Lax", secure=settings.PRODUCTION, path="/"
    )
    return answer


def socket(request: Request, code: str, refused: Refused | None = None) -> HttpResponse:
    """Show what was scanned, and take the prepayment."""
    at = clocks.now()
    if request.method == "POST" and refused is None:
        return _reserve(request, code)
    offer = grounds.offer(code, at=at)
    if refused is None and (way := wechat.ask(request, code)):
        return way
    ours = [one for one in queries.by_secrets(remembered(request)) if _goes_on_here(one, offer)]
    return render(
        request,
        "sockets/socket.html",
        {
            "offer": offer,
            "ours": ours,
            "browser": wechat.inside(request) and not wechat.openid(request),
            "amounts": [fen for fen in offers.AMOUNTS_FEN if fen <= offer.most_fen],
            "usual": offers.USUAL_FEN,
            "refused": refused,
            "problems": [("fen", say(refused.says, refused.en))] if refused else [],
            "chosen": _fen(request.POST.get("fen", "")) if refused else offers.USUAL_FEN,
        },
        status=refused.status if refused else 200,
    )


def _goes_on_here(one: tuple[str, Any, Any], offer: grounds.Offer) -> bool:
    return one[1].socket_id == offer.socket_id and not queries.is_over(one[1])


def _fen(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 8 else 0


def _reserve(request: Request, code: str) -> HttpResponse:
    channel = request.POST.get("channel", "")
    try:
        made = operations.reserve(
            code=code,
            prepay_fen=_fen(request.POST.get("fen", "")),
            channel=channel if channel in CHANNELS else CHANNELS[0],
            language="en" if getattr(request, "LANGUAGE_CODE", "").startswith("en") else "zh",
            at=clocks.now(),
            payer_ip=address_of(request),
            openid=wechat.openid(request) if channel == CHANNELS[0] else "",
        )
    except Refused as no:
        if no.status == 404:
            raise
        return socket(request, code, refused=no)
    return _remember(request, redirect("sockets:use", made.secret), made.secret)


def use(request: Request, secret: str) -> HttpResponse:
    """Show a session where it stands."""
    found = _found(secret)
    # the address is the secret: the site's referrer policy keeps it from leaving
    return _remember(request, render(request, f"sockets/use_{found.phase}.html", _values(found, secret)), secret)


def _found(secret: str) -> queries.Use:
    """Return a use; who waits for his payment has it looked for."""
    found = queries.by_secret(secret, at=clocks.now())
    if found.phase == queries.PAY:
        operations.look_for_payment(found.session, at=clocks.now())
    return found


def _values(found: queries.Use, secret: str) -> dict[str, Any]:
    return {
        "use": found,
        "session": found.session,
        "secret": secret,
        "here": reverse("sockets:use", args=[secret]),
        "rating": rating.of(found.session),
    }


def live(request: Request, secret: str) -> HttpResponse:
    """Answer the poll of a page: nothing new, new figures, or that the page is another one now."""
    found = _found(secret)
    if request.GET.get("phase", found.phase) != found.phase:
        answer = HttpResponse(status=286)  # ends the poll
        answer["HX-Refresh"] = "true"
        return answer
    if found.phase == queries.BILL and request.GET.get("state") == found.state:
        return HttpResponse(status=204)
    return render(request, f"sockets/_{found.phase}.html", _values(found, secret))


def stop(request: Request, secret: str) -> HttpResponse:
    """End a session; pressing twice ends it once."""
    found = queries.by_secret(secret, at=clocks.now())
    operations.stop(session_id=found.session.pk, by=operations.PAYER, at=clocks.now())
    return redirect("sockets:use", secret)


def phone(request: Request, secret: str) -> HttpResponse:
    """Keep a phone for messages of this use."""
    found = queries.by_secret(secret, at=clocks.now())
    try:
        telling.leave_phone(
            found.session, mobile=request.POST.get("mobile", "").strip(), secret=secret, at=clocks.now()
        )
    except Refused as no:
        values = {**_values(found, secret), "problems": [("mobile", say(no.says, no.en))]}
        return render(request, f"sockets/use_{found.phase}.html", values, status=no.status)
    messages.success(
        request,
        say("已记下，断电、结算和退款会发短信告诉您。", "Noted: cut-off, bill and refund come by text message."),
    )
    return redirect("sockets:use", secret)


def rate(request: Request, secret: str) -> HttpResponse:
    """Lead to the page on which a use is rated: by its secret, without an account."""
    found = queries.by_secret(secret, at=clocks.now())
    try:
        return redirect(rating.open_for(found.session, at=clocks.now()))
    except Refused as no:
        messages.error(request, say(no.says, no.en))
        return redirect("sockets:use", secret)


def mine(request: Request) -> HttpResponse:
    """Show the uses this phone remembers."""
    return render(request, "sockets/mine.html", {"uses": queries.by_secrets(remembered(request))})


def receipt(request: Request, secret: str) -> HttpResponse:
    """Show a receipt to print."""
    found = queries.by_secret(secret, at=clocks.now())
    if found.phase != queries.BILL:
        return redirect("sockets:use", secret)
    return render(request, "sockets/receipt.html", _values(found, secret))


def sheet(request: Request, secret: str) -> HttpResponse:
    """Lead to the channel's own pay sheet; until the channel has answered, say so and look again."""
    found = queries.by_secret(secret, at=clocks.now())
    if found.phase != queries.PAY or found.prepay is None:
        return redirect("sockets:use", secret)
    sheet = payments.sheet(found.prepay.order_id)
    if sheet.url:
        return redirect(sheet.url)
    return render(request, "sockets/sheet.html", {**_values(found, secret), "sheet": sheet})
