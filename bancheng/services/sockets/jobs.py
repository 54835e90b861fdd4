"""Work of shared power that runs by the clock, or was promised by a change."""

from datetime import date
from uuid import UUID

from django.conf import settings

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs.public import job
from bancheng.services.sockets.operations import keeping, lying, notifying, reconciling


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
    """Compare yesterday, and what was missed of the last week, once the channels' files are here."""
    reconciling.catch_up(region=settings.REGION, today=clocks.today(), at=clocks.now())


@job("sockets.reconcile_day")
def reconcile_day(day: str) -> None:
    """Compare a day anew: a channel's bill of it was."""
    reconciling.reconcile(region=settings.REGION, day=date.fromisoformat(day), by="system", at=clocks.now())


@job("sockets.look_for_left_open")
def look_for_left_open() -> None:
    lying.look_for_left_open(region=settings.REGION, at=clocks.now())
