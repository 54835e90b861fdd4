"""The doors: who may open which page or API operation, checked in one place before any view runs.

Nothing is open by omission. A page whose `who` is empty opens for nobody, an API operation without `auth=only(...)`
(`bancheng.web.api`) stops the start. An anonymous reader of a page is sent to sign in; everyone else who may not enter gets a page (or a problem
document) that says who may. The view behind a door still checks whose thing it is (`Page.owner`): a door knows roles only.

Roles are held for a unit, an area, a service and a time (P-1); a door asks for the role in its own service. The unit is asked by
the view's query, because only it knows whose row it is.
"""

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from bancheng.kernel.exchange.public import Caller
from bancheng.kernel.identity.public import NOBODY, Actor
from bancheng.lib.manifest import CITIZEN, PARTNER, PUBLIC, STAFF, Page, Service
from bancheng.lib.refusal import Refused
from bancheng.web import problems, roles

__all__ = [
    "CITIZEN",
    "PARTNER",
    "PUBLIC",
    "STAFF",
    "Door",
    "Request",
    "denied",
    "may",
    "services",
    "urls_for",
]


class Request(HttpRequest):
    """A request as views get it: what the shell's middleware has put on it, for annotations."""

    actor: Actor
    htmx: HtmxDetails
    trace: str
    size: str
    private: bool
    caller: Caller  # of a partner's operation, once its guard has verified the signature
    file: bytes  # that is the body of a partner's upload, once it was read


@dataclass(frozen=True)
class Door:
    """One way in, for the permission matrix and the tests made from it."""

    service: str
    path: str
    name: str
    methods: tuple[str, ...]
    who: tuple[str, ...]
    owner: str
    kind: str  # "page" or "api"
    title: str = ""
    signed: bool = False
    scopes: tuple[str, ...] = ()  # of a partner's operation: any one of them opens it


def may(actor: Actor, who: Sequence[str], *, service: str) -> bool:
    """Return whether any word of `who` lets `actor` in; an empty `who` lets nobody in."""
    for word in who:
        if word == PUBLIC:
            return True
        if word == CITIZEN:
            if actor.person_id is not None:
                return True
        elif word == STAFF:
            if actor.is_staff:
                return True
        elif word == PARTNER:
            if actor.ref.startswith("machine:"):
                return True
        elif actor.has(word, service=service):
            return True
    return False


def anonymous(actor: Actor) -> bool:
    """Return whether nobody has signed in."""
    return actor.ref == NOBODY.ref


def denied(actor: Actor, who: Sequence[str]) -> Refused:
    """Return the refusal for one who may not enter: 401 for nobody, 403 for the wrong role."""
    allowed = roles.words(who)
    if anonymous(actor):
        return Refused(
            "sign_in_first",
            "请先登录，再办理这一步。",
            en="Please sign in first, then continue with this step.",
            status=401,
        )
    return Refused(
        "not_your_door",
        f"这里只对{allowed.zh}开放，您当前的账号没有这项权限。",
        en=f"This is open to: {allowed.en}. Your account does not have that role.",
        status=403,
    )


def _refuse_entry(request: Request, who: Sequence[str]) -> HttpResponse:
    """Answer one who may not enter: sign in first, or who may and how to get there."""
    actor = request.actor
    if anonymous(actor) and not problems.wants_json(request):
        sign_in = f"{settings.LOGIN_URL}?next={quote(request.get_full_path())}"
        if request.htmx:
            return HttpResponseClientRedirect(
                f"{settings.LOGIN_URL}?next={quote(request.htmx.current_url_abs_path or '/')}"
            )
        if request.method in {"GET", "HEAD"}:
            return redirect(sign_in)
    return problems.refuse(request, denied(actor, who), template="403.html", allowed=roles.words(who))


def wrong_method(request: HttpRequest, allowed: Sequence[str]) -> HttpResponse:
    """Answer a method the address does not have, with those it has."""
    no = Refused(
        "wrong_method",
        "这个地址不接受这样的访问方式，没有任何内容被改动。",
        en="This address does not accept that kind of request. Nothing was changed.",
        status=405,
    )
    answer = problems.refuse(request, no, template="405.html")
    answer["Allow"] = ", ".join(allowed)
    return answer


def _guard(service: Service, pages: Sequence[Page]) -> Callable[..., HttpResponse]:
    """Return one view for all pages of a path: the method picks the page, the page's `who` decides.

    Built by hand and not with `functools.wraps`, so that a view's own `csrf_exempt` never slips through.
    """
    by_method = {method: page for page in pages for method in page.methods}
    if "GET" in by_method:
        by_method.setdefault("HEAD", by_method["GET"])

    def door(request: Request, **kwargs: Any) -> HttpResponse:
        page = by_method.get(request.method or "")
        who = page.who if page else tuple({word for each in pages for word in each.who})
        request.private = PUBLIC not in who
        if PUBLIC not in who and not may(request.actor, who, service=service.code):
            return _refuse_entry(request, who)
        if page is None:
            return wrong_method(request, sorted(by_method))
        answer: HttpResponse = page.view(request, **kwargs)
        return answer

    signed = {page.signed for page in pages}
    if len(signed) > 1:
        raise ValueError(f"{service.code}: {pages[0].path!r} mixes signed and ordinary methods; give them two paths")
    door.csrf_exempt = signed.pop()  # type: ignore[attr-defined]  # Django's own mark on a view
    door.pages = tuple(pages)  # type: ignore[attr-defined]  # read by the tests of the matrix
    return door


def urls_for(service: Service) -> list[URLPattern]:
    """Return the service's pages as guarded URL patterns; pages of one path share it, each by its methods."""
    by_path: dict[str, list[Page]] = {}
    for page in service.pages:
        by_path.setdefault(page.path.removeprefix("/"), []).append(page)
    patterns = []
    for route, pages in by_path.items():
        view = _guard(service, pages)
        patterns += [path(route, view, name=name) for name in dict.fromkeys(page.name for page in pages)]
    return patterns


def prefix(service: Service) -> str:
    """Return the service's place below the root, with its slash: "expiry/", or "" for the shell itself."""
    word = service.code if service.prefix is None else service.prefix
    return f"{word}/" if word else ""


@cache
def services() -> tuple[Service, ...]:
    """Return the manifests of settings.SERVICES in order; a folder without `service.py` is passed over."""
    found = []
    for module in settings.SERVICES:
        if importlib.util.find_spec(f"{module}.service") is None:
            continue
        found.append(importlib.import_module(f"{module}.service").SERVICE)
    return tuple(found)


def service_urls() -> list[URLResolver]:
    """Return every service below its prefix, its code as namespace (`redirect("expiry:inspection")`)."""
    return [path(prefix(service), include((urls_for(service), service.code))) for service in services()]
