"""Every sealed column of the house, and the job that moves them to new keys (decision 0006).

A part that keeps sealed values registers each column once, in its `apps.py`. `rotate` seals again under the newest key what an
older one sealed, in small transactions; it may be interrupted anywhere and run as often as one likes. The hashes move by
`hashed_columns`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from psycopg import sql

from bancheng.kernel.identity.sealing import SealBroken, Sealer

BATCH = 1000


@dataclass(frozen=True)
class SealedColumn:
    """A column of sealed values, and the column of their hashes when there is one."""

    model: str  # "licences.Licence"
    field: str
    kinds: tuple[str, ...]  # a row holds one of them; the seal itself tells which
    hash_field: str = ""
    at_once: int = BATCH  # rows to a transaction: fewer where values are large

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield kind and text of every value: they live as long as the loop that takes them."""
        openers = _Openers(self)
        for blob in apps.get_model(self.model)._base_manager.values_list(self.field, flat=True).iterator():
            if blob:
                sealer, text = openers.opened(blob)
                yield sealer.kind, text


_registered: dict[tuple[str, str], SealedColumn] = {}


def register(model: str, field: str, *kinds: str, hash_field: str = "", at_once: int = BATCH) -> None:
    """Note that `field` of `model` holds sealed values, each of one of `kinds`. Saying it twice changes nothing."""
    _registered[model, field] = SealedColumn(model, field, kinds, hash_field, at_once)


def all_columns() -> list[SealedColumn]:
    """Return every registered column, in the order of registration."""
    return list(_registered.values())


class _Openers:
    """The sealers of a column's kinds; only the right one opens a value, so trying them in turn guesses nothing."""

    def __init__(self, column: SealedColumn) -> None:
        self.sealers = [Sealer(kind) for kind in column.kinds]
        self.newest = self.sealers[0].newest

    def opened(self, blob: bytes) -> tuple[Sealer, str]:
        for sealer in self.sealers[:-1]:
            try:
                return sealer, sealer.open(blob)
            except SealBroken:
                continue
        return self.sealers[-1], self.sealers[-1].open(blob)

    def sealed_again(self, blob: bytes) -> bytes:
        sealer, text = self.opened(blob)
        return sealer.seal(text)


def rotate(*, batch: int = BATCH) -> Iterator[tuple[SealedColumn, int]]:
    """Seal again what an older key sealed; yield each batch's column and rows. Locked rows come in a later run."""
    for column in all_columns():
        yield from _rewrite(column, batch)


def _old(column: SealedColumn, newest: bytes) -> sql.Composable:
    """Return the condition of a value that an older key sealed; an empty one was never sealed."""
    return sql.SQL("length({field}) > 0 AND substr({field}, 2, 4) <> {newest}").format(
        field=sql.Identifier(column.field), newest=sql.Literal(newest)
    )


def _rewrite(column: SealedColumn, batch: int) -> Iterator[tuple[SealedColumn, int]]:
    """Walk `column` once by its primary key, sealing again what an older key sealed."""
    openers = _Openers(column)
    names = {**_names(column), "old": _old(column, openers.newest)}
    write = sql.SQL("UPDATE {table} SET {field} = %s WHERE {key} = %s").format(**names)
    after: list[Any] = []
    while True:
        names["beyond"] = sql.SQL("AND {key} > %s").format(**names) if after else sql.SQL("")
        find = sql.SQL(
            "SELECT {key}, {field} FROM {table} WHERE {old} {beyond} ORDER BY {key} LIMIT %s FOR UPDATE SKIP LOCKED"
        ).format(**names)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(find, [*after, min(batch, column.at_once)])
            found = cursor.fetchall()
            if not found:
                return
            cursor.executemany(write, [(openers.sealed_again(blob), key) for key, blob in found])
        after = [found[-1][0]]
        yield column, len(found)


def still_old() -> dict[str, int]:
    """Return, per column, how many values an older key still holds: it may be dropped when all are zero."""
    counts = {}
    for column in all_columns():
        old = _old(column, Sealer(column.kinds[0]).newest)
        query = sql.SQL("SELECT count(*) FROM {table} WHERE {old}").format(**_names(column), old=old)
        with connection.cursor() as cursor:
            cursor.execute(query)
            counts[f"{column.model}.{column.field}"] = cursor.fetchone()[0]
    return counts


def _names(column: SealedColumn) -> dict[str, sql.Composable]:
    meta = apps.get_model(column.model)._meta
    return {
        "table": sql.Identifier(meta.db_table),
        "key": sql.Identifier(str(meta.pk.column)),
        "field": sql.Identifier(column.field),
    }
