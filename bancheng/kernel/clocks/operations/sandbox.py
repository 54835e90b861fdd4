"""Setting the demonstration's clock: a month in a minute, standing still, or stepped; never in production."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import clock
from bancheng.kernel.clocks.models import SandboxClock
from bancheng.lib.days import SHANGHAI
from bancheng.lib.refusal import Refused

MONTH_IN_A_MINUTE = 43_200  # virtual seconds in a real one
FASTEST = 10_000_000


def set_sandbox(*, to: datetime | None = None, rate: int | None = None, by: str, reason: str = "") -> clock.Sandbox:
    """Show `to` (None: what is shown now) from this moment on, running `rate` times as fast (None: as now; 0:
    frozen).

    Time never goes back before what was shown, because events carry it, unless a `reason` says that this is meant.
    Raises Refused: no_sandbox_in_production, sandbox_goes_back, sandbox_too_fast.
    """
    _check_allowed()
    with transaction.atomic():
        shown, running = _shown()
        target = shown if to is None else to.astimezone(SHANGHAI)
        speed = running if rate is None else rate
        if not 0 <= speed <= FASTEST:
            raise Refused(
                "sandbox_too_fast",
                f"沙盒时钟的速度须在0到{FASTEST}之间，未作改动。",
                en=f"The sandbox clock's rate lies between 0 and {FASTEST}; nothing was changed.",
                status=422,
            )
        _check_forward(target, shown, reason)
        real = clock.real_now()
        values = {"base_real": real, "base_virtual": target, "rate": speed, "set_by": by, "reason": reason}
        SandboxClock.objects.update_or_create(id=1, defaults=values)
        _record("clocks.sandbox_set", by, target, shown=str(shown), to=str(target), rate=speed, reason=reason)
        transaction.on_commit(clock.forget)
    return clock.Sandbox(real, target, speed)


def end_sandbox(*, by: str, reason: str = "") -> None:
    """Return to the wall clock; going back to it from a time shown ahead of it needs a `reason`.

    Raises Refused: no_sandbox_in_production, sandbox_goes_back.
    """
    _check_allowed()
    with transaction.atomic():
        shown, _ = _shown()
        real = clock.real_now()
        _check_forward(real, shown, reason)
        SandboxClock.objects.all().delete()
        _record("clocks.sandbox_ended", by, real, shown=str(shown), reason=reason)
        transaction.on_commit(clock.forget)


def _shown() -> tuple[datetime, int]:
    """Return what the sandbox shows and its rate, holding its row; the wall clock when there is none."""
    real = clock.real_now()
    row = SandboxClock.objects.select_for_update().first()
    if row is None:
        return real, 1
    return clock.Sandbox(row.base_real, row.base_virtual, row.rate).at(real), row.rate


def _check_allowed() -> None:
    if settings.PRODUCTION or not settings.DEMO:
        raise Refused(
            "no_sandbox_in_production",
            "正式环境不能使用沙盒时钟，时钟未作改动。",
            en="There is no sandbox clock outside a demonstration; the clock was not changed.",
            status=403,
        )


def _check_forward(target: datetime, shown: datetime, reason: str) -> None:
    if target < shown and not reason.strip():
        raise Refused(
            "sandbox_goes_back",
            f"沙盒时钟现为{shown:%Y-%m-%d %H:%M}，已有事件发生，不能拨回{target:%Y-%m-%d %H:%M}；确需拨回请写明理由。",
            en=f"The sandbox clock shows {shown:%Y-%m-%d %H:%M} and events carry its time; it does not go back to "
            f"{target:%Y-%m-%d %H:%M} unless a reason is given.",
        )


def _record(action: str, by: str, at: datetime, **detail: object) -> None:
    audit.record(action, who=by, about="clock:sandbox", at=at, region=audit.PLATFORM, detail=detail)
