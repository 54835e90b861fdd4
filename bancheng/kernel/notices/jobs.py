"""The doors of time: sending what is due, and stepping up what had no receipt."""

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.notices import gateway
from bancheng.kernel.notices.operations import receipts, sending, stepping
from bancheng.kernel.notices.operations.accepting import DISPATCH

ROUNDS = 50  # then the work is promised anew, so that no job runs for hours
SCHEDULE = {DISPATCH: "* * * * *", receipts.STEP: "* * * * *"}

_gateways = gateway.configured()  # for the life of the process: their connections are kept


@jobs.job(DISPATCH)
def dispatch() -> None:
    """Send what is due, round by round, until nothing is left."""
    for _ in range(ROUNDS):
        if sending.dispatch(at=clocks.now(), gateways=_gateways).idle:
            return
    jobs.later(DISPATCH, key=DISPATCH)


@jobs.job(receipts.STEP)
def step() -> None:
    """Ask for overdue receipts, then move on what still has none."""
    sending.reconcile(at=clocks.now(), gateways=_gateways)
    for _ in range(ROUNDS):
        if not stepping.step(at=clocks.now()):
            return
