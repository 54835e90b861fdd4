"""Raising the quota while a session runs: what was cheaper than the highest price leaves money over, which buys more."""

from datetime import datetime, timedelta

from bancheng.lib.socketwire import Op
from bancheng.services.sockets.models import Session
from bancheng.services.sockets.operations import commands
from bancheng.services.sockets.queries import tariffs
from bancheng.services.sockets.rules import quota
from bancheng.services.sockets.rules.sessions import State

RAISE_SECONDS = 60


def consider(session: Session, *, at: datetime) -> None:
    """Tell the device of more when that is worth a command. Never of less: what was promised stands."""
    raised = worth(session, at=at)
    if raised is None:
        return
    session.quota_wh = raised
    assert session.lease_until is not None
    body = {
        "quota_wh": raised,
        "longest_s": session.longest_s,
        "lease_until_ms": int(session.lease_until.timestamp() * 1000),
    }
    commands.promise(session, Op.RAISE, at=at, seconds=RAISE_SECONDS, body=body)


def worth(session: Session, *, at: datetime) -> int | None:
    """Return the quota in Wh that is worth a command; None when there is none."""
    if State(session.state) is not State.ACTIVE or session.started_at is None:
        return None
    until = session.started_at + timedelta(seconds=session.longest_s)
    if at >= until:
        return None
    highest = tariffs.highest(session.plan_id, at, until)
    raised = quota.raised(
        session.quota_wh,
        paid_fen=session.paid_fen,
        spent_nano=session.spent_nano,
        used_wh=session.used_wh,
        highest=highest,
    )
    return raised if quota.worth_raising(session.quota_wh, raised) else None
