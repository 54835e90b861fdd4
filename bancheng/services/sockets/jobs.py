"""Work of shared power that runs by the clock, or was promised by a change."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs.public import job
from bancheng.services.sockets.operations import keeping, notifying, reconciling


@job("sockets.tell_outage")
def tell_outage(outage_id: str) -> None:
    notifying.tell_outage(outage_id=UUID(outage_id), at=clocks.now())


@job("sockets.tell_moved")
def tell_moved(site_id: int) -> None:
    notifying.tell_moved(site_id=site_id, at=clocks.now())


@job("sockets.tell_assigned")
def tell_assigned(ticket_id: str, account: int) -> None:
    notifying.tell_assigned(ticket_id=UUID(ticket_id), account=account, at=clocks.now())


@job("sockets.look_for_absent")
def look_for_absent() -> None:
    notifying.look_for_absent(at=clocks.now())


@job("sockets.warn_of_meters")
def warn_of_meters() -> None:
    notifying.warn_of_meters(today=clocks.today(), at=clocks.now())


@job("sockets.keep_log")
def keep_log() -> None:
    keeping.keep_log(today=clocks.today())
    keeping.forget_phones(at=clocks.now())


@job("sockets.reconcile")
def reconcile() -> None:
    """Compare yesterday, once the channels' files of it are here."""
    day = clocks.today() - timedelta(days=1)
    reconciling.reconcile(region=settings.REGION, day=day, by="system", at=clocks.now())
