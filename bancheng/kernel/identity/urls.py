"""The doors of sign-in, mounted below /accounts/: those of allauth that we want, under its own names, and no others.

Signing up, e-mail addresses and connected accounts do not exist here; their names lead to the sign-in page, because allauth's own pages
ask for them.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.socialaccount import views as social
from django.conf import settings
from django.urls import path
from django.views.generic import RedirectView

from bancheng.kernel.identity import city

to_sign_in = RedirectView.as_view(url=settings.LOGIN_URL)

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("2fa/", mfa.index, name="mfa_index"),
    path("2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/totp/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/generate/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("2fa/recovery-codes/download/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("oidc/city/login/", city.login, {"provider_id": "city"}, name="openid_connect_login"),
    path("oidc/city/login/callback/", city.callback, {"provider_id": "city"}, name="openid_connect_callback"),
    path("oidc/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("oidc/error/", social.login_error, name="socialaccount_login_error"),
    *(
        path(f"closed/{name}/", to_sign_in, name=name)
        for name in (
            "account_signup", "account_email", "account_reset_password", "account_set_password",
            "account_email_verification_sent", "socialaccount_signup", "socialaccount_connections",
        )
    ),
]  # fmt: skip
