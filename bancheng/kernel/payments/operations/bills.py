"""A channel's bill of a day beside what we have of that day."""

from datetime import date, datetime, timedelta

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.payments import channels, hooks, rules
from bancheng.kernel.payments.models import Day, Difference, Order, Refund
from bancheng.kernel.payments.operations import orders
from bancheng.kernel.payments.rules import Channel, Match, Movement, RefundState
from bancheng.lib.days import start_of
from bancheng.lib.refusal import Unavailable

DAYS_BACK = 7


def settle_day(*, region: str, channel: str, day: date, by: str, at: datetime) -> Day:
    """Fetch a past day's bill and compare it with our orders and refunds; again replaces what stood. Raises Unavailable, Garbled."""
    bill = channels.gateway(channel).bill(day)
    ours = ours_of(region, channel, day)
    if ours and not bill.there:
        raise Unavailable(f"{channel}: the bill of {day} is not there yet")
    compared = rules.compare(ours, bill.movements)
    with transaction.atomic():
        Day.objects.filter(region=region, channel=channel, day=day).delete()
        row = Day.objects.create(
            region=region,
            channel=channel,
            day=day,
            compared_at=at,
            equal=sum(1 for one in compared if one.match is Match.EQUAL),
            ours_fen=sum(one.fen for one in ours),
            theirs_fen=sum(one.fen for one in bill.movements),
        )
        Difference.objects.bulk_create(
            Difference(
                region=region,
                day=row,
                number=one.number,
                match=one.match.value,
                ours_fen=one.ours_fen,
                theirs_fen=one.theirs_fen,
            )
            for one in compared
            if one.match is not Match.EQUAL
        )
        audit.record(
            "payments.reconciled",
            who=by,
            about=f"bill:{channel}:{day}",
            at=at,
            region=region,
            detail={"equal": row.equal},
        )
        hooks.bill_compared.fire(hooks.BillCompared(region, channel, day, at))
    return row


def compare_again(*, region: str, channel: str, day: date) -> None:
    """Promise to compare a day's bill once more."""
    jobs.later(
        "payments.compare_day",
        key=f"payments-compare-{region}-{channel}-{day}",
        region=region,
        channel=Channel(channel).value,
        day=day.isoformat(),
    )


def to_compare(region: str, channel: str, today: date) -> list[date]:
    """Return the past days whose bill was never compared, or did not fit: of the last week, for channels add late rows."""
    week = [today - timedelta(days=n) for n in range(DAYS_BACK, 0, -1)]
    stood = Day.objects.filter(region=region, channel=channel, day__in=week)
    fits = set(stood.filter(differences__isnull=True).values_list("day", flat=True))
    return [day for day in week if day not in fits]


def ask_about_theirs(*, region: str, channel: str, day: date, at: datetime) -> int:
    """Ask about each order of ours that a bill says was paid and we do not; return how many. What is paid is told, late if it is late."""
    found = Difference.objects.filter(region=region, day__channel=channel, day__day=day, match=Match.THEIRS_ONLY.value)
    asked = 0
    for number in found.values_list("number", flat=True):
        order_id = orders.id_of(number)
        if order_id and Order.objects.filter(pk=order_id, region=region, channel=channel).exists():
            orders.ask(order_id, at=at)
            asked += 1
    return asked


def ours_of(region: str, channel: str, day: date) -> list[Movement]:
    """Return what came in on a day, and what a channel was first asked to send back on it and did not close."""
    since, before = start_of(day), start_of(day + timedelta(days=1))
    came = Order.objects.filter(region=region, channel=channel, paid_at__gte=since, paid_at__lt=before)
    went = Refund.objects.filter(
        region=region, order__channel=channel, submitted_at__gte=since, submitted_at__lt=before
    ).exclude(state__in=[RefundState.CLOSED.value, RefundState.PLANNED.value])
    return [
        *(Movement(row.number, row.amount_fen) for row in came),
        *(Movement(row.number, -row.amount_fen) for row in went.select_related("order")),
    ]
