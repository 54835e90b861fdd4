"""Every sealed column of the house, and the jobs that move them to new keys (decision 0006).

A part that keeps sealed values registers each column once, in its `apps.py`. `rotate` seals again under the newest key what an
older one sealed; `rehash` writes the hashes again after BANCHENG_FIELD_HASH_KEY was changed. Both work in small transactions,
may be interrupted anywhere and run as often as one likes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from psycopg import sql

from bancheng.kernel.identity.sealing import Sealer

BATCH = 1000


@dataclass(frozen=True)
class SealedColumn:
    """A column of sealed values of one kind, and the column of their hashes when there is one."""

    model: str  # "licences.Licence"
    field: str
    kind: str
    hash_field: str = ""


_registered: dict[tuple[str, str], SealedColumn] = {}


def register(model: str, field: str, kind: str, *, hash_field: str = "") -> None:
    """Note that `field` of `model` holds sealed values of `kind`. Saying it twice changes nothing."""
    _registered[model, field] = SealedColumn(model, field, kind, hash_field)


def all_columns() -> list[SealedColumn]:
    """Return every registered column, in the order of registration."""
    return list(_registered.values())


def rotate(*, batch: int = BATCH) -> Iterator[tuple[SealedColumn, int]]:
    """Seal again what an older key sealed; yield each batch's column and rows. Rows locked by others come in a later run."""
    for column in all_columns():
        sealer = Sealer(column.kind)
        old = sql.SQL("substr({field}, 2, 4) <> {newest}").format(
            field=sql.Identifier(column.field), newest=sql.Literal(sealer.newest)
        )

        def again(blob: bytes, sealer: Sealer = sealer) -> bytes:
            return sealer.seal(sealer.open(blob))

        yield from _rewrite(column, column.field, old, again, batch)


def rehash(*, batch: int = BATCH) -> Iterator[tuple[SealedColumn, int]]:
    """Write every hash again under the present hash key; yield each batch. Run it with the site closed (decision 0006)."""
    for column in all_columns():
        if column.hash_field:
            sealer = Sealer(column.kind)
            every = sql.SQL("{field} IS NOT NULL").format(field=sql.Identifier(column.field))

            def again(blob: bytes, sealer: Sealer = sealer) -> bytes:
                return sealer.hash(sealer.open(blob))

            yield from _rewrite(column, column.hash_field, every, again, batch)


def _rewrite(
    column: SealedColumn, into: str, which: sql.Composable, again: Callable[[bytes], bytes], batch: int
) -> Iterator[tuple[SealedColumn, int]]:
    """Walk `column` once by its primary key, writing `again(sealed value)` into the field `into`."""
    names = {**_names(column), "into": sql.Identifier(into), "which": which}
    write = sql.SQL("UPDATE {table} SET {into} = %s WHERE {key} = %s").format(**names)
    after: list[Any] = []
    while True:
        names["beyond"] = sql.SQL("AND {key} > %s").format(**names) if after else sql.SQL("")
        find = sql.SQL(
            "SELECT {key}, {field} FROM {table} WHERE {which} {beyond} ORDER BY {key} LIMIT %s FOR UPDATE SKIP LOCKED"
        ).format(**names)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(find, [*after, batch])
            found = cursor.fetchall()
            if not found:
                return
            cursor.executemany(write, [(again(blob), key) for key, blob in found])
        after = [found[-1][0]]
        yield column, len(found)


def still_old() -> dict[str, int]:
    """Return, per column, how many values an older key still holds: it may be dropped when all are zero."""
    counts = {}
    for column in all_columns():
        names = _names(column)
        query = sql.SQL("SELECT count(*) FROM {table} WHERE substr({field}, 2, 4) <> %s").format(**names)
        with connection.cursor() as cursor:
            cursor.execute(query, [Sealer(column.kind).newest])
            counts[f"{column.model}.{column.field}"] = cursor.fetchone()[0]
    return counts


def _names(column: SealedColumn) -> dict[str, sql.Composable]:
    meta = apps.get_model(column.model)._meta
    return {
        "table": sql.Identifier(meta.db_table),
        "key": sql.Identifier(str(meta.pk.column)),
        "field": sql.Identifier(column.field),
    }
