"""The sums of every parcel at once, for boards: what the restriction sheets add up to now, and what each mortgage rests on, in two statements."""

from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Totals:
    """What the sheet of a parcel adds up to (dm²), its registered buildings, and its units that are with their buyers."""

    parcel: str
    registered: int
    with_buyers: int
    with_public: int
    presold: int
    disposable: int
    mortgaged: int
    seized: int
    waiting: int
    free: int
    buildings: int
    titled: int


@dataclass(frozen=True)
class MortgageLine:
    """A mortgage of the developer: whether it ever rested on the land as a whole, and how much it rests on now."""

    number: str
    parcel: str
    amount_fen: int
    whole: bool
    dm2: int


TOTALS = """
WITH rests AS (
    SELECT lot_id,
        bool_or(kind = 'claim') AS claimed,
        bool_or(kind = 'mortgage') AS mortgaged,
        bool_or(kind = 'pre_mortgage') AS pre_mortgaged,
        bool_or(kind = 'seizure') AS in_queue,
        bool_or(kind = 'seizure' AND state = 'effective') AS seized,
        bool_or(kind = 'seizure' AND state = 'waiting') AS waiting
    FROM titles_coverage WHERE region = %(region)s AND open GROUP BY lot_id
),
public AS (
    SELECT m.holding_id FROM titles_member m JOIN titles_party p ON p.id = m.party_id
    WHERE m.region = %(region)s GROUP BY m.holding_id HAVING bool_and(p.kind = 'public')
),
lots AS (
    SELECT p.code AS parcel, l.dm2, l.kind, l.code, l.registered, l.open,
        l.open AND l.holding_id = p.developer_id AS own,
        l.open AND l.holding_id <> p.developer_id AND l.holding_id NOT IN (SELECT holding_id FROM public) AS bought,
        l.open AND l.holding_id <> p.developer_id AND l.holding_id IN (SELECT holding_id FROM public) AS handed,
        coalesce(r.claimed, false) AS claimed, coalesce(r.mortgaged, false) AS mortgaged,
        coalesce(r.pre_mortgaged, false) AS pre_mortgaged, coalesce(r.in_queue, false) AS in_queue,
        coalesce(r.seized, false) AS seized, coalesce(r.waiting, false) AS waiting
    FROM titles_parcel p JOIN titles_lot l ON l.parcel_id = p.id LEFT JOIN rests r ON r.lot_id = l.id
    WHERE p.region = %(region)s
)
SELECT parcel,
    coalesce(sum(dm2) FILTER (WHERE open), 0)::bigint,
    coalesce(sum(dm2) FILTER (WHERE bought), 0)::bigint,
    coalesce(sum(dm2) FILTER (WHERE handed), 0)::bigint,
    coalesce(sum(dm2) FILTER (WHERE own AND claimed), 0)::bigint,
    coalesce(sum(dm2) FILTER (WHERE own AND NOT claimed), 0)::bigint,
    coalesce(sum(dm2) FILTER (WHERE own AND mortgaged), 0)::bigint,
    coalesce(sum(dm2) FILTER (WHERE own AND seized), 0)::bigint,
    coalesce(sum(dm2) FILTER (WHERE own AND waiting), 0)::bigint,
    coalesce(sum(dm2) FILTER (WHERE own AND NOT (claimed OR mortgaged OR pre_mortgaged OR in_queue)), 0)::bigint,
    count(DISTINCT left(code, 24)) FILTER (WHERE registered),
    count(*) FILTER (WHERE bought AND kind = 'unit')
FROM lots GROUP BY parcel ORDER BY parcel
"""
MORTGAGES = """
SELECT r.number, p.code, coalesce(r.amount_fen, 0), bool_or(l.kind = 'root'), coalesce(sum(l.dm2) FILTER (WHERE c.open), 0)::bigint
FROM titles_right r JOIN titles_parcel p ON p.id = r.parcel_id JOIN titles_coverage c ON c.right_id = r.id JOIN titles_lot l ON l.id = c.lot_id
WHERE r.region = %(region)s AND r.kind = 'mortgage'
GROUP BY r.id, p.code HAVING bool_or(c.open AND l.holding_id = p.developer_id)
ORDER BY p.code, r.number
"""


def totals(region: str) -> list[Totals]:
    """Return what the sheet of each parcel adds up to, in one statement."""
    return [Totals(*row) for row in _rows(TOTALS, region)]


def developers_mortgages(region: str) -> list[MortgageLine]:
    """Return the mortgages that rest on something of a developer's, in one statement."""
    return [MortgageLine(*row) for row in _rows(MORTGAGES, region)]


def _rows(statement: str, region: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"region": region})
        return list(cursor.fetchall())
