"""What stands in a bank's file of a day: what was recorded for it on that day (§13.6), the same whenever it is asked.

A line is a registration: its proof's number (the application's where it gives none), units with their dm² as the register said then,
the claim in fen, the kind, and when it was recorded. None of it changes afterwards.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.lib.days import day_of, start_of
from bancheng.services.mortgages import terms


def lines(unit: str, day: date) -> Sequence[exchange.Line]:
    """Return what was recorded for a bank on a day."""
    since, before = start_of(day), start_of(day + timedelta(days=1))
    rows = list(registrations.filed_for(unit).filter(recorded_at__gte=since, recorded_at__lt=before))
    proofs = {
        each.application: each.number
        for each in registrations.certificates_of([row.pk for row in rows])
        if day_of(each.allotted_at) == day
    }
    return [
        _line(row, brief, proofs.get(row.pk, row.number))
        for row, brief in zip(rows, registrations.briefs(rows), strict=True)
    ]


def _line(row: Any, brief: registrations.Brief, number: str) -> exchange.Line:
    assert brief.recorded_at is not None
    lots = [(code, _share(brief.region, code, brief.recorded_at)) for code in brief.lots]
    return exchange.Line(
        number,
        brief.number,
        lots,
        int(row.payload.get("principal_fen") or 0),
        brief.kind.code,
        "recorded",
        brief.recorded_at,
    )


def _share(region: str, lot: str, at: datetime) -> int:
    """Return a lot's dm² as the register said at a moment: entries are never written over."""
    entries = titles.history(region, lot[:19], lot=lot)  # the newest first
    return next((one.dm2 for one in entries if one.dm2 is not None and one.recorded_from <= at), 0)


def owner(unit: str) -> str:
    """Return the registry that clears up what differs."""
    return terms.of_pack().registry


SOURCE = exchange.Source(lines, owner)
