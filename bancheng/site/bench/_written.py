"""The rows that a piece of work adds, and the same rows again, written by hand: what an operation is held against.

Which rows they are, the tables themselves tell. A copy has identifiers of its own, wherever one stands in the row: in a key, in
what the audit is about, in the arguments of a job. Rows that were only changed are left out: the hand has less to do.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import psycopg
from django.db import connection

TABLES = """
SELECT t.oid::regclass::text, array_agg(k.attname ORDER BY k.attnum) FROM pg_class t
    JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary
    JOIN pg_attribute k ON k.attrelid = t.oid AND k.attnum = ANY(i.indkey)
WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p') AND NOT t.relispartition GROUP BY t.oid
"""
COLUMNS = """
SELECT attname FROM pg_attribute a WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    AND NOT EXISTS (SELECT FROM pg_attrdef d WHERE d.adrelid = attrelid AND d.adnum = attnum
        AND pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval%%') AND attidentity = ''
ORDER BY attnum
"""
WAITING = "audit_waiting"  # beside each event its id, which the database gives
LISTED = 'WITH event AS ({} RETURNING id) INSERT INTO "audit_waiting" SELECT id FROM event'
numbers = count(1)


@dataclass(frozen=True)
class Rows:
    """The rows added to one table, every value as text."""

    table: str
    columns: tuple[str, ...]
    values: tuple[tuple[str | None, ...], ...]

    @property
    def sql(self) -> str:
        """Return the statement that writes them."""
        names = ", ".join(f'"{name}"' for name in self.columns)
        row = f"({', '.join(['%s'] * len(self.columns))})"
        insert = f"INSERT INTO {self.table} ({names}) VALUES {', '.join([row] * len(self.values))}"
        return LISTED.format(insert) if self.table == "audit_event" else insert


@dataclass(frozen=True)
class Written:
    """What one piece of work added, and what is its own in it: identifiers, and numbers that only one row has."""

    rows: Sequence[Rows]
    own: frozenset[str]

    def again(self) -> list[tuple[str, list[str | None]]]:
        """Return the statements with their values for one more, with identifiers of its own."""
        fresh = {word: _fresh(word) for word in self.own}
        return [(one.sql, [_with(fresh, value) for row in one.values for value in row]) for one in self.rows]


def _fresh(word: str) -> str:
    """Return another of the same length: the place in time of an identifier is kept, as of a number its form."""
    if len(word) == 36 and word.count("-") == 4:
        chance = secrets.token_hex(8)
        return f"{word[:19]}{chance[0]}{word[20:23]}-{chance[1:13]}"
    return f"H{next(numbers):0{len(word) - 1}d}"


def _with(fresh: Mapping[str, str], value: str | None) -> str | None:
    for old, new in fresh.items() if value else ():
        value = value.replace(old, new)  # type: ignore[union-attr]  # there is one
    return value


def by(work: Callable[[], Any], *, own: Sequence[str] = ()) -> Written:
    """Return what `work` adds; `own` are words beside the identifiers that each piece of work has for itself."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = {table: tuple(keys) for table, keys in cursor.fetchall()}
        before = {table: _keys(cursor, table, keys) for table, keys in tables.items()}
        work()
        found = [_added(cursor, table, keys, before[table]) for table, keys in tables.items() if table != WAITING]
    rows = [one for one in found if one.values]
    made = {row[one.columns.index("id")] for one in rows if "id" in one.columns for row in one.values}
    ids = {word for word in made if word and len(word) == 36}
    numbered = {row[one.columns.index("number")] for one in rows if "number" in one.columns for row in one.values}
    return Written(rows, frozenset(ids | {word for word in numbered if word} | set(own)))


def _keys(cursor: Any, table: str, keys: Sequence[str]) -> set[tuple[str, ...]]:
    cursor.execute(f"SELECT {', '.join(f'{key}::text' for key in keys)} FROM {table}")
    return set(cursor.fetchall())


def _added(cursor: Any, table: str, keys: Sequence[str], before: set[tuple[str, ...]]) -> Rows:
    cursor.execute(COLUMNS, [table])
    columns = tuple(name for (name,) in cursor.fetchall())
    wanted = [f'"{name}"::text' for name in (*keys, *columns)]
    cursor.execute(f"SELECT {', '.join(wanted)} FROM {table}")
    rows = [row[len(keys) :] for row in cursor.fetchall() if tuple(row[: len(keys)]) not in before]
    return Rows(table, columns, tuple(rows))


def write(hand: psycopg.Connection[Any], statements: Sequence[tuple[str, list[str | None]]]) -> None:
    """Write the rows of one piece of work, in one transaction."""
    with hand.transaction(), hand.cursor() as cursor:
        for sql, values in statements:
            cursor.execute(sql, values, prepare=True)
