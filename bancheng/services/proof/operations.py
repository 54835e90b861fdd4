"""The one change made here: a proving asked for."""

from datetime import datetime

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.jobs import public as jobs
from bancheng.lib.text import Text

audit.labels({"proof.asked": Text("要求复算案例条目", "Proving of the claims asked for")})


def ask(*, by: str, at: datetime) -> None:
    """Promise a proving of all claims; one that already waits is enough."""
    with transaction.atomic():
        audit.record("proof.asked", who=by, about="claims:proof", at=at, region=audit.PLATFORM)
        jobs.later("proof.prove", key="proof-prove")
