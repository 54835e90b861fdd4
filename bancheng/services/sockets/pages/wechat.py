"""Payers inside WeChat: its own pay sheet wants the number it knows them by, so it is asked for, silently, before the page is shown.

The number stays in this browser, signed, and in the order until the channel has it. Who cannot be told pays as outside of WeChat.
"""

import secrets
from contextlib import suppress

from django.conf import settings
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from bancheng.kernel.payments import public as payments
from bancheng.lib.refusal import Garbled, Unavailable
from bancheng.web.doors import Request

COOKIE, ASKED = "bc_payer", "bc_payer_asked"
DAY, TEN_MINUTES = 24 * 3600, 600


def inside(request: Request) -> bool:
    """Return whether the page is opened in WeChat."""
    return "MicroMessenger" in request.headers.get("User-Agent", "")


def openid(request: Request) -> str:
    """Return the number WeChat knows this payer by; "" outside of it, or when it did not say."""
    kept = request.get_signed_cookie(COOKIE, default="", salt=COOKIE, max_age=DAY)
    return str(kept) if inside(request) else ""


def ask(request: Request, code: str) -> HttpResponse | None:
    """Return the way through WeChat to the page of a socket; None for who is not in WeChat, is known, or was asked already."""
    payer = payments.payer()
    if payer is None or not inside(request) or openid(request) or ASKED in request.COOKIES:
        return None
    nonce = secrets.token_urlsafe(12)
    back = f"{settings.SITE_URL}{reverse('sockets:wechat')}"
    answer = redirect(payer.way(back, signing.dumps([code, nonce], salt=ASKED)))
    _keep(answer, ASKED, nonce, TEN_MINUTES)
    return answer


def back(request: Request) -> HttpResponse:
    """Take in what WeChat said, and show the socket. Whoever comes by another way is shown where there are sockets."""
    try:
        code, nonce = signing.loads(request.GET.get("state", ""), salt=ASKED, max_age=TEN_MINUTES)
    except (signing.BadSignature, ValueError):
        return redirect("sockets:home")
    answer = redirect("sockets:socket", code)
    payer = payments.payer()
    asked = request.get_signed_cookie(ASKED, default="", salt=ASKED, max_age=TEN_MINUTES)
    if payer and asked == nonce:
        with suppress(
            Unavailable, Garbled
        ):  # then he pays as outside of WeChat, and is not sent round again for ten minutes
            _keep(answer, COOKIE, payer.openid(request.GET.get("code", "")[:128]), DAY)
    return answer


def _keep(answer: HttpResponse, name: str, value: str, seconds: int) -> None:
    answer.set_signed_cookie(
        name, value, salt=name, max_age=seconds, httponly=True, samesite="Lax", secure=settings.PRODUCTION, path="/"
    )
