"""What stands in a bank's file of a day: what was recorded for it on that day (§13.6), the same whenever it is asked.

A line is a registration: its proof's number (the application's where it gives none), units with their dm² as the entries of that act say,
the claim in fen, the kind, and when it was recorded. None of it changes afterwards.
"""

from collections.abc import Sequence
from datetime import date, timedelta
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
    lots = dict.fromkeys(brief.lots, 0)
    for entry in titles.history(brief.region, brief.lots[0][:19]) if brief.lots else ():
        if entry.registration == brief.number and entry.lot in lots and entry.dm2 is not None:
            lots[entry.lot] = entry.dm2
    return exchange.Line(
        number,
        brief.number,
        sorted(lots.items()),
        int(row.payload.get("principal_fen") or 0),
        brief.kind.code,
        "recorded",
        brief.recorded_at,
    )


def owner(unit: str) -> str:
    """Return the registry that clears up what differs."""
    return terms.of_pack().registry


SOURCE = exchange.Source(lines, owner)
