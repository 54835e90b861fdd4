"""What is done outside: orders shown, asked about and closed, refunds carried on, yesterday's bills compared."""

from datetime import date
from uuid import UUID

from django.conf import settings

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.payments import channels
from bancheng.kernel.payments.operations import bills, orders, refunds

PREPARE, ASK, CLOSE, REFUND = "payments.prepare", "payments.ask", "payments.close", "payments.refund"


@jobs.job(PREPARE)
def prepare(*, order_id: str) -> None:
    """Show an order to its channel."""
    orders.prepare(UUID(order_id), ahead=clocks.now() - clocks.real_now())


@jobs.job(ASK)
def ask(*, order_id: str) -> None:
    """Ask whether an order is paid."""
    orders.ask(UUID(order_id), at=clocks.now())


@jobs.job(CLOSE)
def close(*, order_id: str) -> None:
    """Close an order that nobody paid."""
    orders.end(UUID(order_id), at=clocks.now())


@jobs.job(REFUND)
def refund(*, refund_id: str) -> None:
    """Carry on with a refund."""
    refunds.carry_on(UUID(refund_id), at=clocks.now())


@jobs.job("payments.work")
def work() -> None:
    """Ask about what should have been paid by now, and carry on with every refund that is due."""
    orders.work(at=clocks.now())
    while refunds.work(at=clocks.now()) == refunds.AT_ONCE:
        pass


@jobs.job("payments.compare")
def compare() -> None:
    """Promise to compare the bills that are ready by now, yesterday's and those that were missed or did not fit."""
    for channel in channels.known():
        for day in bills.to_compare(settings.REGION, channel, clocks.today()):
            bills.compare_again(region=settings.REGION, channel=channel, day=day)


@jobs.job("payments.compare_day")
def compare_day(*, region: str, channel: str, day: str) -> None:
    """Compare one day's bill, and ask about what only the channel knows of."""
    bills.settle_day(region=region, channel=channel, day=date.fromisoformat(day), by="system", at=clocks.now())
    bills.ask_about_theirs(region=region, channel=channel, day=date.fromisoformat(day), at=clocks.now())


jobs.schedule("payments.work", "* * * * *")
jobs.schedule("payments.compare", "30 10 * * *")
