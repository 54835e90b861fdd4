"""The simulated identity provider of the city: OpenID Connect 1.0, code flow, as strict as a real one.

Client authentication, exact redirect addresses, PKCE (S256), codes good for one use and one minute, RS256 keys made at each start.
The page lists the named people of the demonstration; one press is sign-in and consent. Faults are switched at `faults/`.
Mounted at /idp by `sim/app.py`.
"""

import asyncio
import base64
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bancheng.lib.identifiers import mask_citizen_id, mask_mobile
from bancheng.sim.people import DEMO_PEOPLE, DemoPerson

CODE_LASTS = 60
TOKEN_LASTS = 300
LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
CALLBACK = "/accounts/oidc/city/login/callback/"
HERE = Path(__file__).resolve().parent
PEOPLE = {person.code: person for person in DEMO_PEOPLE}


def now() -> int:
    """Return the provider's own wall clock."""
    return int(time.time())  # noqa: TID251  # an outside party does not know our clock


@dataclass
class Faults:
    """What is switched to go wrong."""

    down: bool = False  # 503 for everything but this panel
    deny: bool = False  # every sign-in is answered access_denied
    slow_ms: int = 0  # wait before the token is given
    wrong_nonce: bool = False
    wrong_signature: bool = False
    wrong_audience: bool = False


@dataclass(frozen=True)
class Code:
    """An authorization code that waits to be exchanged."""

    person: DemoPerson
    redirect_uri: str
    challenge: str
    nonce: str
    scope: frozenset[str]
    until: int


class Provider:
    """The provider's state: it lives as long as the process."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, tuple[DemoPerson, frozenset[str], int]] = {}
        self.given: dict[str, str] = {}  # used code -> the token it gave, to be taken back when the code comes again
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.kid = secrets.token_hex(8)

    def code_for(self, person: DemoPerson, asked: Mapping[str, str]) -> str:
        code = secrets.token_urlsafe(32)
        self.codes[code] = Code(
            person, asked["redirect_uri"], asked["code_challenge"], asked.get("nonce", ""),
            frozenset(asked.get("scope", "").split()), now() + CODE_LASTS,
        )  # fmt: skip
        return code

    def id_token(self, code: Code, *, issuer: str, client_id: str) -> str:
        at = now()
        nonce = secrets.token_hex(8) if self.faults.wrong_nonce else code.nonce
        audience = "somebody-else" if self.faults.wrong_audience else client_id
        key = self.key
        if self.faults.wrong_signature:
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        claims = {"iss": issuer, "sub": subject(code.person), "aud": audience, "iat": at, "exp": at + TOKEN_LASTS}
        claims |= {"auth_time": at} | ({"nonce": nonce} if nonce else {})
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": self.kid})


@cache
def provider() -> Provider:
    """Return this process's provider."""
    return Provider()


def subject(person: DemoPerson) -> str:
    """Return the pairwise name by which the site knows a person: stable, and not his number."""
    return hashlib.sha256(f"city:{person.code}".encode()).hexdigest()[:32]


def _client() -> tuple[str, str]:
    var = Path(os.environ.get("BANCHENG_VAR", HERE.parent.parent / "var"))
    secret = os.environ.get("BANCHENG_OIDC_SECRET")
    if not secret:
        secret = Path(os.environ.get("BANCHENG_OIDC_SECRET_FILE", var / "keys" / "bancheng_oidc_secret")).read_text()
    return os.environ.get("BANCHENG_OIDC_CLIENT_ID", "bancheng"), secret.strip()


def _may_return_to(address: str) -> bool:
    """Return whether `address` is the site's callback; on loopback its names are the same."""
    site = urlsplit(os.environ.get("BANCHENG_SITE_URL", f"http://{os.environ.get('BANCHENG_WEB', '127.0.0.1:8000')}"))
    asked = urlsplit(address)
    same_host = asked.hostname == site.hostname or {asked.hostname, site.hostname} <= LOOPBACK
    return (asked.scheme, asked.port, asked.path) == (site.scheme, site.port, CALLBACK) and same_host


def _issuer(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


def _down() -> Response | None:
    return JSONResponse({"error": "temporarily_unavailable"}, status_code=503) if provider().faults.down else None


# --- endpoints ---


async def discovery(request: Request) -> Response:
    issuer = _issuer(request)
    return _down() or JSONResponse(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "jwks_uri": f"{issuer}/jwks",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "profile", "citizen_id", "mobile", "organisations"],
            "claims_supported": ["sub", "name", "citizen_id", "mobile", "organisations"],
        }
    )


async def jwks(request: Request) -> Response:
    numbers = provider().key.public_key().public_numbers()
    key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": provider().kid}
    return _down() or JSONResponse({"keys": [key | {"n": _base64(numbers.n), "e": _base64(numbers.e)}]})


def _base64(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


async def authorize(request: Request) -> Response:
    """Show the people; on their press, send the browser back with a code or a refusal."""
    if down := _down():
        return down
    form = await _form(request) if request.method == "POST" else {}
    asked = dict(request.query_params) | form
    if asked.get("client_id") != _client()[0] or not _may_return_to(asked.get("redirect_uri", "")):
        return _page(
            request,
            "<h1>无法登录 Cannot sign in</h1><p>接入方或返回地址未登记。Unknown client or return address.</p>",
            status=400,
        )
    if wrong := _wrong_request(asked):
        return _back(asked, error="invalid_request", error_description=wrong)
    if request.method == "GET":
        return _choose(request, asked)
    person = PEOPLE.get(asked.get("person", ""))
    if person is None or provider().faults.deny:
        return _back(asked, error="access_denied")
    return _back(asked, code=provider().code_for(person, asked))


def _wrong_request(asked: Mapping[str, str]) -> str:
    if asked.get("response_type") != "code":
        return "response_type must be code"
    if "openid" not in asked.get("scope", "").split():
        return "scope must hold openid"
    if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
        return "PKCE with S256 is required"
    return ""


def _back(asked: Mapping[str, str], **answer: str) -> Response:
    if state := asked.get("state"):
        answer["state"] = state
    return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", status_code=303)


async def token(request: Request) -> Response:
    """Exchange a code, once; a code that comes again takes its token with it (RFC 6749, 4.1.2)."""
    if down := _down():
        return down
    await asyncio.sleep(provider().faults.slow_ms / 1000)
    client_id, secret = _client()
    if not _is_client(request.headers.get("authorization", ""), client_id, secret):
        return _no("invalid_client", status=401)
    form = await _form(request)
    if form.get("grant_type") != "authorization_code":
        return _no("unsupported_grant_type")
    given = form.get("code", "")
    code = provider().codes.pop(given, None)
    if code is None:
        provider().tokens.pop(provider().given.get(given, ""), None)
        return _no("invalid_grant")
    if code.until < now() or form.get("redirect_uri") != code.redirect_uri or not _proves(form, code):
        return _no("invalid_grant")
    access = secrets.token_urlsafe(32)
    provider().given[given] = access
    provider().tokens[access] = code.person, code.scope, now() + TOKEN_LASTS
    return JSONResponse(
        {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": TOKEN_LASTS,
            "id_token": provider().id_token(code, issuer=_issuer(request), client_id=client_id),
        },
        headers={"Cache-Control": "no-store"},
    )


def _is_client(header: str, client_id: str, secret: str) -> bool:
    expected = "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return hmac.compare_digest(header.encode(), expected.encode())


def _proves(form: Mapping[str, str], code: Code) -> bool:
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), code.challenge)


def _no(error: str, *, status: int = 400) -> Response:
    return JSONResponse({"error": error}, status_code=status, headers={"Cache-Control": "no-store"})


async def userinfo(request: Request) -> Response:
    if down := _down():
        return down
    _, _, access = request.headers.get("authorization", "").partition("Bearer ")
    person, scope, until = provider().tokens.get(access, (None, frozenset(), 0))
    if person is None or until < now():
        return _no("invalid_token", status=401)
    shops = [{"name": person.organisation.name, "uscc": person.organisation.uscc}] if person.organisation else []
    claims = {
        "sub": subject(person),
        "name": person.name,
        "citizen_id": person.citizen_id,
        "mobile": person.mobile,
        "organisations": shops,
    }
    wanted = {"sub"} | ({"name"} if "profile" in scope else set()) | (scope & {"citizen_id", "mobile", "organisations"})
    return JSONResponse({name: claims[name] for name in claims if name in wanted})


# --- pages ---

CHOOSE = """<h1>{title}</h1><p>{lead}</p><p><small>{shared}</small></p>
<form method="post" action="authorize">{hidden}<ul class="phones">{people}</ul>
<p><button name="person" value="">{refuse}</button></p></form>"""


def _choose(request: Request, asked: Mapping[str, str]) -> Response:
    zh = not request.headers.get("accept-language", "zh").lower().startswith("en")
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in asked.items()
        if name not in {"person", "lang"}
    )
    people = "".join(
        f'<li><button name="person" value="{escape(person.code)}"><b>{escape(person.name if zh else person.name_en)}</b>'
        f"<br><small>{escape(person.says.zh if zh else person.says.en)}<br>{mask_citizen_id(person.citizen_id)}"
        f" · {mask_mobile(person.mobile)}</small></button></li>"
        for person in DEMO_PEOPLE
    )
    said = {
        "title": ("城市统一身份认证（模拟）", "City identity service (simulated)"),
        "lead": ("请选择以谁的身份登录。人物都是虚构的。", "Choose whom to sign in as. All people are invented."),
        "shared": (
            "按下即表示同意把姓名、身份证号码和手机号提供给“办成”，只用于办事和证照到期提醒。",
            "By pressing you agree that name, ID number and mobile go to Bancheng, for services and licence reminders only.",
        ),
        "refuse": ("不同意，返回", "Refuse and go back"),
    }
    words = {name: escape(pair[0] if zh else pair[1]) for name, pair in said.items()}
    return _page(request, CHOOSE.format(hidden=hidden, people=people, **words), back=asked["redirect_uri"])


def _page(request: Request, body: str, *, back: str = "", status: int = 200) -> Response:
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(back)) if back else ""
    policy = f"default-src 'none'; style-src 'self'; img-src data:; form-action 'self' {origin}; base-uri 'none'"
    return HTMLResponse(
        '<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>城市统一身份认证</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="/static/sim.css"><link rel="stylesheet" href="/static/idp.css"></head>'
        f'<body class="desk"><main class="panel">{body}</main></body></html>',
        status_code=status,
        headers={"Content-Security-Policy": policy, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
    )


LABELS = {
    "down": "停机 Down",
    "deny": "一律拒绝 Deny every sign-in",
    "slow_ms": "变慢（毫秒） Slow by (ms)",
    "wrong_nonce": "随机数不符 Wrong nonce",
    "wrong_signature": "签名不符 Wrong signature",
    "wrong_audience": "接入方不符 Wrong audience",
}


async def faults(request: Request) -> Response:
    """Show the switches, or set them: a form from the panel, JSON from a test."""
    state = provider().faults
    if request.method == "POST":
        is_json = request.headers.get("content-type", "").startswith("application/json")
        asked: Mapping[str, Any] = await request.json() if is_json else await _form(request)
        for field in fields(Faults):
            if field.name in asked or not is_json:
                value = asked.get(field.name, 0) or 0
                setattr(state, field.name, int(value) if field.type is int else value in (True, "on", "1"))
        return JSONResponse(asdict(state)) if is_json else RedirectResponse(".", status_code=303)
    rows = "".join(
        f'<p><label>{LABELS[name]} <input name="{name}" '
        + (f'type="checkbox"{" checked" if value else ""}' if isinstance(value, bool) else f'value="{value}" size="6"')
        + "></label></p>"
        for name, value in asdict(state).items()
    )
    return _page(
        request, f'<h1>身份认证故障 Identity faults</h1><form method="post">{rows}<button>保存 Save</button></form>'
    )


routes = [
    Route("/.well-known/openid-configuration", discovery),
    Route("/jwks", jwks),
    Route("/authorize", authorize, methods=["GET", "POST"]),
    Route("/token", token, methods=["POST"]),
    Route("/userinfo", userinfo),
    Route("/faults/", faults, methods=["GET", "POST"]),
]
