"""The kernel faces the shell asks, each in one place: what is answered while a part is not installed stands beside it."""

import importlib
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest

from bancheng.kernel.identity.public import NOBODY, Actor
from bancheng.lib.refusal import Refused


def _face(part: str, name: str) -> Callable[..., Any] | None:
    try:
        module = importlib.import_module(f"bancheng.kernel.{part}.public")
    except ModuleNotFoundError:
        return None
    return getattr(module, name, None)


def actor_of(user: Any) -> Actor:
    """Return who the account `user` acts as."""
    ask = _face("identity", "actor_of")
    return ask(user) if ask else NOBODY


def demo_people() -> Sequence[Any]:
    """Return the named roles one may press on in the demonstration: code, name, name_en, what they do."""
    ask = _face("identity", "demo_people")
    return ask() if ask else ()


def demo_sign_in(request: HttpRequest, code: str) -> None:
    """Sign in as a named role of the demonstration."""
    ask = _face("identity", "demo_sign_in")
    if ask is None:
        raise Refused(
            "no_such_person",
            "演示账号尚未准备好，请选择其他登录方式。",
            en="The demo accounts are not ready yet.",
            status=404,
        )
    ask(request, code)


def sandbox_now() -> datetime | None:
    """Return what the sandbox clock shows, None when it does not run."""
    ask = _face("clocks", "sandbox_now")
    return ask() if ask else None


def jobs_status() -> Any | None:
    """Return the figures of the job queue."""
    ask = _face("jobs", "status")
    return ask() if ask else None


def today() -> date:
    """Return the city's day."""
    ask = _face("clocks", "today")
    if ask is None:
        raise RuntimeError("the clocks part is not installed: pass today=")
    day: date = ask()
    return day


def mask(value: str, kind: str) -> str:
    """Return a personal value with its middle hidden."""
    hide: Callable[[str], str] = getattr(importlib.import_module("bancheng.lib.identifiers"), f"mask_{kind}")
    return hide(value)
