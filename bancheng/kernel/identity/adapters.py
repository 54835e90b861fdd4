"""Our answers to allauth's questions: staff sign in by password and second factor, citizens through the city's identity provider.

Nobody signs himself up as staff, an account holds either a password or a person, and what the identity provider says about a
person is sealed before anything is written: `SocialAccount.extra_data` stays empty.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import get_language

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import operations
from bancheng.kernel.identity.city import CityProvider
from bancheng.kernel.identity.rules import PLATFORM
from bancheng.kernel.identity.sealing import open_sealed, seal
from bancheng.lib.text import Text


def _say(zh: str, en: str) -> Any:
    return lazy(lambda: Text(zh, en).of(get_language()), str)()


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Staff accounts: opened by an operator, never by themselves."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _say(
            "用户名或密码不对，请核对后重试；忘记密码请联系平台运维。",
            "The user name or password is wrong. Try again, or ask an operator for a new password.",
        ),
        "too_many_login_attempts": _say(
            "登录失败次数过多，账号没有被改动，请5分钟后再试，或联系平台运维。",
            "Too many failed attempts. The account was not changed: try again in 5 minutes or ask an operator.",
        ),
        "incorrect_password": _say("密码不对，请重新输入。", "The password is wrong: enter it again."),
        "enter_current_password": _say("请输入当前密码。", "Enter your current password."),
        "incorrect_code": _say(
            "验证码不对或已过期，请输入最新的一组。", "The code is wrong or old: enter the latest one."
        ),
        "account_inactive": _say("这个账号已停用，请联系平台运维。", "This account is closed: ask an operator."),
        "rate_limited": _say("操作太频繁，请稍等一分钟再试。", "Too many requests: wait a minute and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_user_search_fields(self) -> list[str]:
        return ["username"]

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send nothing: accounts have no e-mail address here, and notices go through kernel/notices."""


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Second factors: their secrets are sealed like every other."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": StaffAdapter.error_messages["incorrect_code"],
    }

    def encrypt(self, text: str) -> str:
        return seal(text, kind="second_factor").hex()

    def decrypt(self, encrypted_text: str) -> str:
        return open_sealed(bytes.fromhex(encrypted_text), kind="second_factor")

    def get_totp_issuer(self) -> str:
        return "Bancheng"


class CityAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Citizens: each sign-in finds or registers the person, then opens his account once."""

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> CityProvider:
        return CityProvider(request, app=self.get_app(request, provider=provider, client_id=client_id))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return True  # whoever the city vouches for is a citizen

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Tie the answer to the question this browser asked, then tie the person to his account.

        A city identity is never connected to an account that is signed in: staff and citizen accounts stay apart (P-7).
        """
        if sociallogin.state.get("process") != "login":
            raise self._away("connect")
        claims = sociallogin.claims
        if claims.nonce != (sociallogin.state.get("data") or {}).get("nonce"):
            raise self._away("nonce")
        from allauth.socialaccount.models import (
            SocialAccount,
        )  # needs the app registry; this module is read before it is full

        at = clocks.now()
        person = operations.register_person(
            region=settings.REGION,
            name=claims.name,
            citizen_id=claims.citizen_id,
            mobile=claims.mobile,
            by=PLATFORM,
            at=at,
        )
        operations.prove_identity(person=person, method="city", by=PLATFORM, at=at)
        operations.link_representative(person=person, represents=claims.represents, by=PLATFORM, at=at)
        user = operations.citizen_account(person=person, at=at)
        if sociallogin.is_existing and sociallogin.user.pk != user.pk:
            raise self._away(
                "other_person"
            )  # the provider gave a subject to another person: its fault, and nobody's sign-in
        sociallogin.user = user
        if sociallogin.account.pk is None:
            sociallogin.account, _ = SocialAccount.objects.get_or_create(
                provider=sociallogin.account.provider, uid=sociallogin.account.uid, defaults={"user": user}
            )

    def _away(self, code: str) -> ImmediateHttpResponse:
        return ImmediateHttpResponse(HttpResponseRedirect(f"{reverse('socialaccount_login_error')}?code={code}"))
