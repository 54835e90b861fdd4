"""What sign-in leaves behind: an audit line for each success, a counted line without a name for each failure."""

import logging
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity.models import User
from bancheng.kernel.identity.rules import AccountKind

log = logging.getLogger("bancheng.identity")


def connect() -> None:
    """Listen to Django's sign-in signals."""
    user_logged_in.connect(_signed_in, dispatch_uid="identity.signed_in")
    user_logged_out.connect(_signed_out, dispatch_uid="identity.signed_out")
    user_login_failed.connect(_failed, dispatch_uid="identity.sign_in_failed")


def ref(user: User) -> str:
    """Return how audit names an account."""
    return f"person:{user.person_id}" if user.kind == AccountKind.CITIZEN else f"{user.kind}:{user.pk}"


def _signed_in(user: User, **kwargs: Any) -> None:
    _note("identity.signed_in", user)


def _signed_out(user: User | None, **kwargs: Any) -> None:
    if user is not None:
        _note("identity.signed_out", user)


def _note(action: str, user: User) -> None:
    audit.record(action, who=ref(user), about=ref(user), at=clocks.now(), region=settings.REGION)


def _failed(request: HttpRequest | None = None, **kwargs: Any) -> None:
    log.warning("sign-in failed")  # the user name may be a person's number typed into the wrong field
