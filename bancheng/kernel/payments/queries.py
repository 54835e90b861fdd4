"""What others see of payments."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from bancheng.kernel.payments import channels, rules
from bancheng.kernel.payments.hooks import OrderView, RefundView
from bancheng.kernel.payments.models import Day, Finding, Order, Refund
from bancheng.kernel.payments.operations import orders, refunds
from bancheng.kernel.payments.rules import OrderState, RefundState

# refunds as a relation, for figures that a service counts together with its own rows; its columns are promised, the table's name is not
REFUND_TIMES = "(select id, submitted_at from payments_refund)"


@dataclass(frozen=True)
class Sheet:
    """What opens the pay sheet: an address, or the parameters of WeChat's own; neither until the channel has answered."""

    state: str
    url: str = ""
    jsapi: Mapping[str, str] | None = None

    @property
    def ready(self) -> bool:
        """Return whether there is something to open."""
        return bool(self.url or self.jsapi)

    @property
    def signed(self) -> str:
        """Return the parameters of WeChat's own sheet as its page hands them over."""
        return json.dumps(self.jsapi or {})


@dataclass(frozen=True)
class DayView:
    """A day's comparison; differences are (number, class, ours, theirs), amounts in fen, refunds below zero."""

    channel: str
    day: date
    compared_at: datetime
    equal: int
    ours_fen: int
    theirs_fen: int
    differences: tuple[tuple[str, str, int | None, int | None], ...]


@dataclass(frozen=True)
class FindingView:
    """What a person put forward of an abnormal refund; it waits for another."""

    id: int
    refund_id: UUID
    succeeded: bool
    why: str
    found_by: str
    found_at: datetime


@dataclass(frozen=True)
class ChannelStatus:
    """A channel that the settings name: where it is, and what is wrong with its settings, if anything is."""

    channel: str
    url: str
    fault: str


def status() -> list[ChannelStatus]:
    """Return the channels that the settings name, each with its keys tried out; nobody is asked."""
    return [ChannelStatus(channel, channels.gateway(channel).base_url, _fault(channel)) for channel in channels.known()]


def _fault(channel: str) -> str:
    try:
        channels.gateway(channel).check()
    except ValueError as error:
        return str(error)
    return "" if settings.DEMO or settings.SITE_URL.startswith("https://") else "BANCHENG_SITE_URL is not https"


def order_of(order_id: UUID) -> OrderView:
    """Return an order. Raises LookupError."""
    row = Order.objects.filter(pk=order_id).first()
    if row is None:
        raise LookupError(order_id)
    return orders.view(row)


def sheet(order_id: UUID) -> Sheet:
    """Return what opens the pay sheet of an order. Raises LookupError."""
    row = Order.objects.filter(pk=order_id).first()
    if row is None:
        raise LookupError(order_id)
    if row.state != OrderState.OPEN.value:
        return Sheet(row.state)
    return Sheet(row.state, row.sheet.get("url", ""), row.sheet.get("jsapi"))


def refunds_of(order_id: UUID) -> list[RefundView]:
    """Return an order's refunds in the order they were planned."""
    rows = Refund.objects.filter(order=order_id).select_related("order").order_by("counter")
    return [refunds.view(row) for row in rows]


def stuck(region: str, now: datetime) -> list[RefundView]:
    """Return the refunds a person has to look at: abnormal, or not final for an hour; oldest first."""
    late = Q(planned_at__lt=now - rules.STUCK_AFTER, due_at__isnull=False)
    rows = Refund.objects.filter(Q(state=RefundState.ABNORMAL.value) | late, region=region)
    return [refunds.view(row) for row in rows.select_related("order").order_by("planned_at", "id")]


def findings(region: str) -> dict[UUID, FindingView]:
    """Return the findings that wait for another person, by refund."""
    rows = Finding.objects.filter(region=region, decided_at=None)
    return {
        row.refund_id: FindingView(row.pk, row.refund_id, row.succeeded, row.why, row.found_by, row.found_at)
        for row in rows
    }


def days(region: str, *, first: date, last: date) -> list[DayView]:
    """Return the comparisons of days from `first` to `last`, newest first."""
    rows = Day.objects.filter(region=region, day__gte=first, day__lte=last).prefetch_related("differences")
    return [_day(row) for row in rows.order_by("-day", "channel")]


def _day(row: Any) -> DayView:
    found = tuple((one.number, one.match, one.ours_fen, one.theirs_fen) for one in row.differences.all())
    return DayView(row.channel, row.day, row.compared_at, row.equal, row.ours_fen, row.theirs_fen, tuple(sorted(found)))
