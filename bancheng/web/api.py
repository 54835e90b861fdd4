"""The API: every service's router below `/api/v1/<code>/`, closed unless an operation names who may use it.

An operation is guarded by the same words as a page (`auth=only("unit_admin", owner="unit")`) and stands in the same matrix. What
goes wrong is a problem document (RFC 9457) with `code says en law status trace`, whatever the operation. A browser's session is
what signs a person in (decision 0012); a partner's system signs each request, and what it changes it changes once (decision 0018):
`auth=partner("submit")` names the scopes that open an operation.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, NinjaAPI, Router, Schema
from ninja.constants import NOT_SET
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.pagination import PaginationBase
from ninja.renderers import JSONRenderer
from ninja.utils import check_csrf
from pydantic import BaseModel, ConfigDict

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.lib.httpsig import digest
from bancheng.lib.manifest import PARTNER, PUBLIC, Service
from bancheng.lib.refusal import Garbled, Refused
from bancheng.lib.text import Text
from bancheng.web import problems, roles
from bancheng.web.bodies import body_of, file_of, message_of
from bancheng.web.doors import Door, Request, anonymous, denied, may, services

log = logging.getLogger("bancheng.api")
VERSION = "v1"
REFUSED = {"$ref": "#/components/schemas/Problem"}
OWNERS = {
    "": Text("", ""),
    "holder": Text(
        "只限本人及其代理的证照；别人的视为不存在。", "Only one's own and one's principals'; another's does not exist."
    ),
    "unit": Text("只限本单位；别的单位的视为不存在。", "Only one's own unit's; another's does not exist."),
}
KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "schema": {"type": "string", "minLength": 8, "maxLength": 64, "pattern": "^[!-~]+$", "title": "Idempotency-Key"},
    "description": "同一键和同一请求只办一次，48小时内（银行90天内）原样答复 · the same key and request is done once and answered alike for 48 hours, a bank's for 90 days",
}
SIGNATURE = {
    "type": "apiKey",
    "in": "header",
    "name": "Signature",
    "description": "RFC 9421 (SM2 with SM3, Ed25519, ECDSA P-256, RSA-PSS, HMAC), with Signature-Input and Content-Digest; docs/howto/connect-a-partner.md",
}
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
ABOUT = """许证闹钟等服务的接口。句子均为中英文两种；日期为 YYYY-MM-DD，时刻带时区。写操作须带会话和 X-CSRFToken。

The services' operations. Sentences come in Chinese and English; days as YYYY-MM-DD, instants with their zone. A call that changes
something needs the session and the header X-CSRFToken."""


# What every operation shares


class Shape(BaseModel):
    """What is taken in or sent, read off objects of ours as they are. Whoever works a value out by `resolve_…`, or names one behind another
    (`site.code`), takes the library's own Schema; it puts a getter around each object, which for a page of a hundred took longer than the database.
    """

    model_config = ConfigDict(from_attributes=True)


class Words(Shape):
    """One sentence in both languages."""

    zh: str
    en: str


class Problem(Shape):
    """What every refusal looks like, whoever refuses."""

    type: str = "about:blank"
    title: str
    status: int
    code: str = Field(description="不变的代号 · stable, for programs")
    says: str = Field(description="发生了什么、保留了什么、怎么办 · what happened and what to do, in Chinese")
    en: str = Field(description="同上，英文 · the same in English")
    law: str = Field(description="依据的条文，没有则为空 · the article that forces us, or empty")
    trace: str = Field(description="请求编号，报障时请提供 · the request's number, for the help line")
    fields: list[dict[str, Any]] = Field(
        [], description="只在 invalid 时有：哪里填错 · with `invalid` only: what is wrong where"
    )


class Pages(PaginationBase):
    """`?page=2&size=50`; a page behind the last is empty."""

    class Input(Schema):
        page: int = Field(1, ge=1, le=1_000_000, description="第几页，从1起 · which page, from 1")
        size: int = Field(30, ge=1, le=100, description="每页几条，最多100 · how many a page, at most 100")

    class Output(Schema):
        items: list[Any]
        count: int = Field(description="共几条 · how many in all")
        page: int
        pages: int = Field(description="共几页 · how many pages")

    def paginate_queryset(self, queryset: Any, pagination: Any, request: HttpRequest, **_params: Any) -> dict[str, Any]:
        count, first = self._items_count(queryset), (pagination.page - 1) * pagination.size
        pages = -(-count // pagination.size)
        items = list(queryset[first : first + pagination.size]) if first < count else []
        return {"items": items, "count": count, "page": pagination.page, "pages": pages}


# Guards


@dataclass(frozen=True)
class Only:
    """The guard of an operation: a callable for django-ninja's `auth`, which carries `who` for the matrix.

    A browser's session is what signs a caller in, so an unsafe method needs the CSRF token; `signed` is for machines whose
    request the operation verifies by signature itself.
    """

    who: tuple[str, ...] = ()
    service: str = ""
    owner: str = ""
    signed: bool = False

    def __call__(self, request: Request) -> bool:
        """Return True, or raise Refused: 401 for nobody, 403 for the wrong role or a forged request."""
        request.private = PUBLIC not in self.who
        if PUBLIC not in self.who and not may(request.actor, self.who, service=self.service):
            raise denied(request.actor, self.who)
        if not self.signed and request.method not in SAFE and check_csrf(request) is not None:
            raise Refused(
                "csrf",
                "请求没有带上本站的校验码，未作任何改动，请刷新页面后重试。",
                en="The request did not carry this site's token. Nothing was changed: reload and try again.",
                status=403,
            )
        return True


@dataclass(frozen=True)
class Partner(Only):
    """The guard of a partner's operation: the signature says who calls, one of `scopes` (in this service) lets it in.

    For which unit, or whose case, is the query's to ask of `request.caller`.
    """

    scopes: tuple[str, ...] = ()
    outside: bool = False  # it keeps transactions of its own, and has the effect of one however often it is done
    upload: bool = False  # its body is a file

    def __call__(self, request: Request) -> bool:
        """Return True with `request.caller` set, or raise Refused: 401 for a signature that is not good, 403 without the scope."""
        request.private = True
        if getattr(request, "caller", None) is None:
            request.caller = self._caller(request)
            request.actor = request.caller.actor()
        if not any(request.caller.may(scope, service=self.service) for scope in self.scopes):
            raise Refused(
                "out_of_scope",
                f"贵系统没有这项授权（{'、'.join(exchange.ACTS[exchange.Act(s)].zh for s in self.scopes)}），未作任何改动，请联系平台运维。",
                en=f"Your system lacks the scope {' or '.join(self.scopes)} here. Nothing was changed: ask the operators.",
                status=403,
            )
        return True

    def _caller(self, request: Request) -> exchange.Caller:
        if "Signature" not in request.headers and not anonymous(request.actor):
            raise denied(request.actor, self.who)
        try:
            return exchange.authenticate(message_of(request, upload=self.upload), at=clocks.now())
        except Garbled as no:
            log.info("a signed request was refused: %s", no)
            raise Refused(
                "sign_the_request",
                "请求没有有效的签名，未作任何改动，请按接入说明签名后重发。",
                en=f"The request is not validly signed ({no}). Nothing was changed: sign it as the guide says.",
                status=401,
            ) from None


def partner(*scopes: str, owner: str = "", outside: bool = False, upload: bool = False) -> Partner:
    """Return the guard that lets in partner systems with one of `scopes`; what changes something needs an Idempotency-Key.

    `outside` and `upload`: see Partner; a file is taken in outside of a transaction.
    """
    return Partner(who=(PARTNER,), owner=owner, signed=True, scopes=scopes, outside=outside or upload, upload=upload)


def _once(guard: Partner) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Return what makes an operation do the same request once: the change and its answer are one transaction."""

    def decorate(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(run)
        def once(request: Request, **values: Any) -> HttpResponse:
            def do() -> exchange.Answered:
                answer = run(request, **values)
                return exchange.Answered(answer.status_code, answer["Content-Type"], answer.content)

            try:
                guard(request)
                body = file_of(request) if guard.upload else body_of(request)
                asked = f"{request.method} {request.get_full_path()}\n{digest(body)}".encode()
                key = request.headers.get("Idempotency-Key", "")
                once_ = exchange.once_outside if guard.outside else exchange.once
                done = once_(request.caller, key=key, asked=asked, at=clocks.real_now(), do=do)
            except Refused as no:
                refused = problems.problem(request, no)
                if no.code == "under_way":
                    refused["Retry-After"] = str(exchange.RETRY_AFTER_SECONDS)
                return refused
            answer = HttpResponse(done.body, status=done.status, content_type=done.content_type)
            if done.again:
                answer["Idempotency-Replayed"] = "true"
            return answer

        return once

    return decorate


def only(*who: str, owner: str = "", signed: bool = False) -> Only:
    """Return the guard that lets in `who`; without words it lets in nobody."""
    return Only(who=who, owner=owner, signed=signed)


def _routers(router: Router, below: str) -> Iterator[tuple[Router, str]]:
    yield router, below
    for prefix, child, _tags in router._routers:
        yield from _routers(child, f"{below}/{prefix.strip('/')}".rstrip("/"))


def guarded(service: Service) -> list[Door]:
    """Give each operation of the service's router its guard, bound to the service; return them as doors."""
    found = []
    for router, below in _routers(service.api, f"/api/{VERSION}/{service.code}"):
        inherited = router.auth if isinstance(router.auth, Only) else only()
        for route, view in router.path_operations.items():
            for operation in view.operations:
                guard = inherited if operation.auth_param is NOT_SET else operation.auth_param
                if not isinstance(guard, Only):
                    raise TypeError(f"{service.code}: API operation {route!r} needs auth=only(...)")
                guard = replace(guard, service=service.code)
                operation._set_auth(guard)
                operation.auth_param = guard
                if isinstance(guard, Partner) and not SAFE.issuperset(operation.methods):
                    already = getattr(operation, "_run_decorators", ())
                    operation._run_decorators = [*already, _once(guard)]  # type: ignore[attr-defined]  # the library's own
                found.append(_door(operation, guard, f"{below}/{route.lstrip('/')}".rstrip("/")))
                _describe(operation, guard)
    return found


def _door(operation: Operation, guard: Only, path: str) -> Door:
    return Door(
        service=guard.service,
        path=path.replace("{uuidstr:", "{uuid:"),  # the library's own word for it
        name=f"api:{guard.service}:{operation.view_func.__name__}",
        methods=tuple(operation.methods),
        who=guard.who,
        owner=guard.owner,
        kind="api",
        title=operation.summary or "",
        signed=guard.signed,
        scopes=guard.scopes if isinstance(guard, Partner) else (),
    )


def _describe(operation: Operation, guard: Only) -> None:
    """Let the API's document say in both languages what the operation does, who may use it, and how it refuses."""
    name, about, who = (
        roles.two(operation.summary or ""),
        roles.two(operation.description or ""),
        roles.words(guard.who),
    )
    operation.summary = f"{name.zh} · {name.en}"
    owner = OWNERS[guard.owner]
    scopes = f"({', '.join(guard.scopes)})" if isinstance(guard, Partner) else ""
    operation.description = (
        f"{about.zh}{owner.zh}谁可以：{who.zh}{scopes}。\n\n{about.en} {owner.en} Who: {who.en} {scopes}."
    )
    refused = {"description": "没有办成 · refused", "content": {problems.TYPE: {"schema": REFUSED}}}
    said = operation.openapi_extra or {}
    operation.openapi_extra = {
        **said,
        "responses": {**said.get("responses", {}), "4XX": refused},
        "security": [] if PUBLIC in guard.who else [{"signature" if guard.signed else "session": []}],
    }
    if isinstance(guard, Partner) and not SAFE.issuperset(operation.methods):
        operation.openapi_extra["parameters"] = [KEY]


# What becomes of a "no"


class Unfit(Refused):
    """A refusal that says what is wrong where, as `invalid` does: each of `fields` has `at`, `code`, and sentences when we have them."""

    def __init__(self, no: Refused, fields: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(no.code, no.says, en=no.en, law=no.law, status=no.status)
        self.fields = list(fields)


class Blocked(Refused):
    """A refusal that names what stands in the way: `more` holds lot, blocking entry, difference, as the operation's page says."""

    def __init__(self, no: Refused, *, code: str = "", status: int = 0, **more: Any) -> None:
        super().__init__(code or no.code, no.says, en=no.en, law=no.law, status=status or no.status)
        self.more = more


def _refused(request: HttpRequest, no: Any) -> HttpResponse:
    more = {"fields": no.fields} if isinstance(no, Unfit) else no.more if isinstance(no, Blocked) else {}
    return problems.problem(request, no, **more)


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    fields = [{"at": [str(part) for part in each["loc"]], "code": each["type"]} for each in error.errors]
    no = Refused(
        "invalid",
        "提交的内容有误，未作任何改动，请按 fields 所列逐项更正。",
        en="What was sent is not valid. Nothing was changed: correct the fields listed.",
        status=422,
    )
    return problems.problem(request, no, fields=fields)  # the values themselves are never echoed


def _absent(request: HttpRequest, _error: Any) -> HttpResponse:
    return problems.problem(
        request, Refused("not_found", "没有找到您要的内容。", en="There is nothing at this address.", status=404)
    )


def _http_error(request: HttpRequest, error: Any) -> HttpResponse:
    no = Refused("refused", "请求读不懂，未作任何改动。", en=str(error), status=error.status_code)
    return problems.problem(request, no)


# The one API


class Plain(JSONRenderer):
    """JSON with Chinese as it is, not in escapes of six letters each."""

    json_dumps_params: Mapping[str, Any] = {"ensure_ascii": False}


class Api(NinjaAPI):
    """The API with its document: the shape of a refusal and the session are in it once, each operation points there."""

    def get_openapi_schema(self, **how: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**how)
        parts = document["components"]
        parts["schemas"]["Problem"] = Problem.model_json_schema()
        session = {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
        parts["securitySchemes"] = {"session": session, "signature": SIGNATURE}
        return document


@cache
def _built() -> tuple[Api, tuple[Door, ...]]:
    made = Api(
        title="办成 Bancheng",
        version=VERSION,
        description=ABOUT,
        urls_namespace="api",
        auth=only(),
        renderer=Plain(),
    )
    made.add_exception_handler(Refused, _refused)
    made.add_exception_handler(ValidationError, _invalid)
    made.add_exception_handler(Http404, _absent)
    made.add_exception_handler(HttpError, _http_error)
    found: list[Door] = []
    for service in services():
        if service.api is not None:
            found += guarded(service)
            made.add_router(f"/{service.code}/", service.api, tags=[service.code])
    return made, tuple(found)


def operations() -> Sequence[Door]:
    """Return every operation of the API as a door."""
    return _built()[1]


def site_api() -> NinjaAPI:
    """Return the one API of the site."""
    return _built()[0]
