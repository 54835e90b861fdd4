"""The last middleware: who acts, the request's number, and what becomes of a refusal.

It costs an anonymous reader no query: the actor is worked out when somebody asks for it.
"""

import logging
import re
import uuid
from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.functional import SimpleLazyObject

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused, Unavailable
from bancheng.web import doors, logs, metrics, problems
from bancheng.web.doors import Request

log = logging.getLogger("bancheng.web")

SIZES = ("", "elder", "max")
SIZE_COOKIE = "bc_size"
NUL = Refused(
    "nul_character",
    "输入里有无法保存的空字符，未作任何改动。请删去后重试。",
    en="What was sent holds a NUL character, which cannot be kept; nothing was changed. Remove it and try again.",
    status=400,
)
GIVEN_TRACE = re.compile(r"[0-9A-Za-z-]{8,64}\Z")  # what a proxy in front may have numbered


def actor_of(request: HttpRequest) -> identity.Actor:
    """Return who acts in `request`; nobody when no one has signed in."""
    if not request.user.is_authenticated:
        return identity.NOBODY
    return identity.actor_of(request.user)


def sign(answer: HttpResponse, *, asked: str) -> None:
    """Prove an answer to a signed request ours, also one that says no (decision 0032)."""
    for name, said in exchange.answer_headers(status=answer.status_code, body=answer.content, asked=asked).items():
        answer[name] = said


class Doors:
    """Put `actor`, `trace`, `size` and `private` on the request; answer refusals; keep private pages out of caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = cast(Request, request)
        given = request.headers.get("X-Request-Id", "")
        asked.trace = given if GIVEN_TRACE.match(given) else uuid.uuid4().hex[:12]
        asked.actor = cast(identity.Actor, SimpleLazyObject(lambda: actor_of(request)))
        size = request.COOKIES.get(SIZE_COOKIE, "")
        asked.size = size if size in SIZES else ""
        asked.private = False
        request.get_host()  # a host name that is not ours is refused before anything is asked of it
        with logs.request(asked.trace), metrics.timed() as timing, catalogue.one_look():
            answer = self.get_response(request)
            if answer.status_code == 405 and problems.wants_json(request):  # the API's library says it in plain text
                answer = doors.wrong_method(request, [answer["Allow"]])
            timing.status = answer.status_code
        answer["X-Request-Id"] = asked.trace
        if (proof := request.headers.get("Signature")) and request.path.startswith("/api/") and not answer.streaming:
            sign(answer, asked=proof)
        patch_vary_headers(answer, ["Cookie"])
        if asked.private or settings.SESSION_COOKIE_NAME in request.COOKIES:
            add_never_cache_headers(answer)
        return answer

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer what is not a bug; a bug goes on to Django, which logs it once and shows our apology (`errors.server_error`)."""
        if isinstance(error, Refused):
            log.info("refused %s", error.code)
            return problems.refuse(request, error)
        if isinstance(error, DataError | ValueError) and "NUL" in str(
            error
        ):  # from an address or a form; the database holds none
            return problems.refuse(request, NUL)
        if isinstance(error, Unavailable | OperationalError | InterfaceError):
            log.error("unavailable", exc_info=error)
            return problems.refuse(request, problems.UNAVAILABLE, template="503.html")
        return None
