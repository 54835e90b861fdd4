"""What identity does by itself: every night grants that ran out are closed and sessions that ran out forgotten; on an operator's word values move to new keys."""

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import operations, sealed_columns
from bancheng.kernel.identity.sessions import SessionStore
from bancheng.kernel.jobs import public as jobs

SCHEDULE = {"identity.expire_grants": "10 0 * * *", "identity.forget_sessions": "20 0 * * *"}


@jobs.job("identity.expire_grants")
def expire_grants() -> None:
    operations.expire_grants(at=clocks.now())


@jobs.job("identity.forget_sessions")
def forget_sessions() -> None:
    SessionStore.clear_expired()


@jobs.job("identity.rotate")
def rotate() -> None:
    for _ in sealed_columns.rotate():
        pass  # each batch is committed when the next is asked for
