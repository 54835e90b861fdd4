"""Provisional: one flat price with a peak, until the room `places` is merged."""

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta

from bancheng.lib.days import SHANGHAI
from bancheng.services.sockets.rules.bills import Prices, Slice

FLAT, PEAK = 600_000, 850_000


def _edges(since: datetime, before: datetime) -> list[datetime]:
    day = since.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    while day < before:
        found += [e for e in (day, day + timedelta(hours=16)) if since < e < before]
        day += timedelta(days=1)
    return found


def _price(at: datetime) -> tuple[str, int]:
    return ("peak", PEAK) if at.astimezone(SHANGHAI).hour >= 16 else ("flat", FLAT)


def prices(plan_id: int) -> Prices:
    def found(since: datetime, before: datetime) -> Sequence[Slice]:
        marks = [since, *_edges(since, before), before]
        return [Slice(a, b, *_price(a)) for a, b in itertools.pairwise(marks)]

    return found


def edges(plan_id: int, since: datetime, before: datetime) -> list[datetime]:
    return _edges(since, before)


def highest(plan_id: int, since: datetime, before: datetime) -> int:
    return max(piece.price for piece in prices(plan_id)(since, before))
