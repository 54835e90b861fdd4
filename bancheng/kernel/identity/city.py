"""The city's identity provider, spoken to by OpenID Connect: code flow with PKCE, state, nonce and a verified signature.

allauth's provider is used as it is, but for three things it leaves out: it sends no nonce, it trusts the transport instead of the
ID token's signature, and it keeps every claim in the database in plain text.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.providers.base import ProviderException
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_http_methods
from requests import RequestException

from bancheng.lib.refusal import Refused

log = logging.getLogger("bancheng.identity")


@dataclass(frozen=True)
class Claims:
    """What the city vouches for, parsed once; it lives as long as the request. Its repr shows nothing."""

    subject: str
    nonce: str
    name: str
    citizen_id: str
    mobile: str
    represents: tuple[tuple[str, str], ...] = ()  # name and credit code of what he is the legal representative of

    def __repr__(self) -> str:
        return "<Claims>"


def read(answer: dict[str, Any]) -> Claims:
    """Return the claims of an ID token and a userinfo answer. Raises ProviderException when they do not fit together."""
    token, info = answer.get("id_token") or {}, answer.get("userinfo") or {}
    if not token or token.get("sub") != info.get("sub"):
        raise ProviderException("ID token and userinfo are not about the same subject")
    try:
        return Claims(
            subject=str(token["sub"]),
            nonce=str(token.get("nonce", "")),
            name=str(info["name"]),
            citizen_id=str(info["citizen_id"]),
            mobile=str(info.get("mobile", "")),
            represents=tuple((str(one["name"]), str(one["uscc"])) for one in info.get("organisations", ())),
        )
    except KeyError as missing:
        raise ProviderException(f"the city sent no {missing}") from None


class CityOAuth2Adapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth has no types
    """The token endpoint's answer, with the ID token's signature always verified against the published keys."""

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        decoded: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
            verify_signature=True,
        )
        return decoded


class CityProvider(OpenIDConnectProvider):  # type: ignore[misc]  # allauth has no types
    """One city identity provider."""

    oauth2_adapter_class = CityOAuth2Adapter

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Take the page to go on to from the request, and nothing else: scope and process are not the visitor's to choose."""
        kwargs: dict[str, Any] = super().get_redirect_from_request_kwargs(request)
        return {name: value for name, value in kwargs.items() if name == "next_url"} | {"process": "login"}

    def redirect(self, request: HttpRequest, process: str, next_url: str | None = None, **kwargs: Any) -> HttpResponse:
        nonce = secrets.token_urlsafe(24)
        params = {**self.get_auth_params(), "nonce": nonce}
        answer: HttpResponse = super().redirect(
            request, process, next_url=next_url, data={"nonce": nonce}, auth_params=params
        )
        return answer

    def sociallogin_from_response(self, request: HttpRequest, response: dict[str, Any]) -> Any:
        claims = read(response)
        login = super().sociallogin_from_response(request, {"userinfo": {"sub": claims.subject}})
        login.claims = claims
        return login

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}


def _reachable(answer: Callable[[HttpRequest], HttpResponse], request: HttpRequest) -> HttpResponse:
    """Return `answer(request)`. Raises Refused when the provider cannot be reached: nobody was signed in, nothing written."""
    try:
        return answer(request)
    except RequestException as absent:
        log.warning("city identity provider unavailable: %s", type(absent).__name__)
        raise Refused(
            "city_unavailable",
            "城市统一身份认证暂时连接不上，您还没有登录，请稍后再试。",
            en="The city's identity service cannot be reached. You are not signed in: please try again later.",
            status=503,
        ) from None


@require_http_methods(["GET", "POST"])
@login_not_required  # type: ignore[untyped-decorator]
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send the visitor to the city's identity provider."""
    return _reachable(OAuth2LoginView.adapter_view(CityOAuth2Adapter(request, provider_id)), request)


@require_GET
@login_not_required  # type: ignore[untyped-decorator]
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take the visitor back from the city's identity provider."""
    return _reachable(OAuth2CallbackView.adapter_view(CityOAuth2Adapter(request, provider_id)), request)
