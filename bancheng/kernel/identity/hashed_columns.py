"""Every column of keyed hashes, and the way to a new hash key (decision 0006).

A hash stands beside its sealed value (`register_sealed_column(…, hash_field=…)`), or it is a copy of one, or made of something
readable; a part registers the latter two by `register_hashed_column`, once, in its `apps.py`. `rehash` pairs what the former key
made of every known value with what the present key makes of it, and rewrites every column from the pairs.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from psycopg import sql

from bancheng.kernel.identity import sealed_columns
from bancheng.kernel.identity.models import Organisation, User
from bancheng.kernel.identity.queries import STAFF, staff_text
from bancheng.kernel.identity.sealing import Sealer, hash_keys
from bancheng.lib.refusal import Refused

log = logging.getLogger("bancheng.identity")
BATCH = 5000


@dataclass(frozen=True)
class HashedColumn:
    """A column of keyed hashes; an empty one is nobody's."""

    model: str  # "notices.OptOut"
    field: str


_registered: dict[HashedColumn, None] = {}


def register(model: str, field: str) -> None:
    """Note that `field` of `model` holds keyed hashes with no sealed value beside them. Saying it twice changes nothing."""
    _registered[HashedColumn(model, field)] = None


def all_columns() -> list[HashedColumn]:
    """Return every column of keyed hashes: those beside sealed values, then the registered ones."""
    beside = [HashedColumn(each.model, each.hash_field) for each in sealed_columns.all_columns() if each.hash_field]
    return [*beside, *_registered]


def rehash(*, batch: int = BATCH) -> Iterator[tuple[HashedColumn, int]]:
    """Move every hash from the former keys to the present one; yield column and rows of each batch that changed.

    Run it with the site closed. BANCHENG_FIELD_HASH_KEY names the new key and then the former: the pairs are worked out
    from both, not from what is stored, so it may be killed anywhere, and run again it goes on; after a whole one nothing
    is left to yield. Raises Refused("former_hash_key_missing").
    """
    if len(hash_keys()) < 2:
        raise Refused(
            "former_hash_key_missing",
            "BANCHENG_FIELD_HASH_KEY 须依次写明新密钥和原密钥（逗号分隔）；未作任何改动。",
            en="BANCHENG_FIELD_HASH_KEY must be the new key and then the former one, comma between; nothing was changed.",
        )
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS rehashed")
        cursor.execute("CREATE TEMPORARY TABLE rehashed (old bytea PRIMARY KEY, new bytea NOT NULL)")
        known = _pairs()
        while pairs := list(islice(known, batch)):
            cursor.execute(
                "INSERT INTO rehashed SELECT * FROM unnest(%s::bytea[], %s::bytea[]) ON CONFLICT DO NOTHING",
                [list(side) for side in zip(*pairs, strict=True)],
            )
        cursor.execute("ANALYZE rehashed")
    for column in all_columns():
        yield from _rewrite(column, batch)


def _pairs() -> Iterator[tuple[bytes, bytes]]:
    """Yield the hash under a former key and the one under the present key, of every value known."""

    @cache
    def sealers(kind: str) -> list[Sealer]:
        return [Sealer(kind, hash_key=key) for key in hash_keys()]

    for kind, text in _known():
        new, *former = [sealer.hash(text) for sealer in sealers(kind)]
        yield from ((old, new) for old in former)


def _known() -> Iterator[tuple[str, str]]:
    """Yield kind and text of everything a hash may have been made of."""
    for column in sealed_columns.all_columns():
        if column.hash_field:
            yield from column.texts()
    for uscc in Organisation.objects.values_list("uscc", flat=True).iterator():
        yield "uscc", uscc
    for account in User.objects.values_list("pk", flat=True).iterator():
        yield STAFF, staff_text(account)


def _rewrite(column: HashedColumn, batch: int) -> Iterator[tuple[HashedColumn, int]]:
    """Walk the column's table once by its primary key and put the new hash where a former one stands."""
    meta = apps.get_model(column.model)._meta
    names = {
        "table": sql.Identifier(meta.db_table),
        "key": sql.Identifier(str(meta.pk.column)),
        "field": sql.Identifier(column.field),
    }
    write = sql.SQL(
        "UPDATE {table} SET {field} = rehashed.new FROM rehashed WHERE {field} = rehashed.old AND {key} = ANY(%s)"
    ).format(**names)
    after: list[Any] = []
    while True:
        beyond = sql.SQL("AND {key} > %s").format(**names) if after else sql.SQL("")
        find = sql.SQL("SELECT {key} FROM {table} WHERE length({field}) > 0 {beyond} ORDER BY {key} LIMIT %s").format(
            **names, beyond=beyond
        )
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(find, [*after, batch])
            keys = [key for (key,) in cursor.fetchall()]
            if not keys:
                break
            cursor.execute(write, [keys])
            changed = cursor.rowcount
        after = [keys[-1]]
        if changed:
            yield column, changed
    _warn_of_strangers(column, names)


def _warn_of_strangers(column: HashedColumn, names: dict[str, sql.Identifier]) -> None:
    """Say how many hashes are of nobody we know any more: no key can move those."""
    count = sql.SQL(
        "SELECT count(*) FROM {table} WHERE length({field}) > 0 AND NOT EXISTS (SELECT FROM rehashed WHERE new = {field})"
    ).format(**names)
    with connection.cursor() as cursor:
        cursor.execute(count)
        if strangers := cursor.fetchone()[0]:
            log.warning(
                "%s.%s: %d hashes of values that are sealed nowhere stay", column.model, column.field, strangers
            )
