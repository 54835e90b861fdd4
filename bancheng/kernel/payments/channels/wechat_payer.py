"""Who pays inside WeChat: its silent sign-in gives the number by which its own pay sheet knows him, and nothing else about him.

https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/Wechat_webpage_authorization.html, scope snsapi_base.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx

from bancheng.lib.refusal import Garbled, Unavailable

OPENID = re.compile(r"[0-9A-Za-z_-]{8,128}", re.ASCII)


@dataclass(frozen=True)
class WechatPayer:
    """The app's side of the sign-in."""

    http: httpx.Client
    appid: str
    app_secret: str
    authorize_url: str
    token_url: str

    def way(self, back: str, state: str) -> str:
        """Return the address that leads through WeChat and comes back to `back` with a code and `state`; the payer sees nothing of it."""
        asked = {
            "appid": self.appid,
            "redirect_uri": back,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
        }
        return f"{self.authorize_url}?{urlencode(asked)}#wechat_redirect"

    def openid(self, code: str) -> str:
        """Return the payer's number for a code that came back. Raises Unavailable, Garbled."""
        asked = {"appid": self.appid, "secret": self.app_secret, "code": code, "grant_type": "authorization_code"}
        try:
            answer = self.http.get(self.token_url, params=asked)
            answer.raise_for_status()
            found = answer.json().get("openid", "")
        except httpx.HTTPError as error:
            raise Unavailable(f"wechat sign-in: {type(error).__name__}") from None  # its text holds the secret
        except (ValueError, AttributeError):
            raise Garbled("wechat sign-in: no object") from None
        if not isinstance(found, str) or not OPENID.fullmatch(found):
            raise Garbled("wechat sign-in: no number")  # an error code: a code is good for once and five minutes
        return found
