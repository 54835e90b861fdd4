"""Applications that are accepted and not finished, and corrections that run: they hold a lot for whoever came first (§6)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from bancheng.kernel.titles.models import Lot, Pending
from bancheng.kernel.titles.operations.writing import locked
from bancheng.kernel.titles.rules import codes, refusals
from bancheng.kernel.titles.rules.words import Act


def pend(
    *, region: str, application: str, lots: Sequence[str], act: Act | None, at: datetime, correction: bool = False
) -> None:
    """Note that an application on lots was accepted; again changes nothing. Raises Refused: title_no_parcel, title_no_lot.

    Takes the parcel's lock, so that of two accepted at once the second sees the first when it asks `check` in the same transaction.
    """
    with transaction.atomic():
        for parcel in sorted({codes.parcel_of(lot) for lot in lots}):
            locked(region, parcel)
        rows = list(Lot.objects.filter(region=region, code__in=lots))
        if missing := set(lots) - {row.code for row in rows}:
            raise refusals.no_lot(min(missing))
        Pending.objects.bulk_create(
            [
                Pending(
                    region=region,
                    application=application,
                    lot=row,
                    act=act.value if act else "",
                    correction=correction,
                    at=at,
                )
                for row in rows
            ],
            ignore_conflicts=True,
        )


def unpend(*, region: str, application: str, at: datetime) -> None:
    """Note that an application or correction is finished or withdrawn; again changes nothing."""
    Pending.objects.filter(region=region, application=application, ended_at=None).update(ended_at=at)
