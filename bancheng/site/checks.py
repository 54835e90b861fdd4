"""What a database must be, told by Django before the first migration and by `bancheng doctor` at any time."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

OLDEST = 150000
LOCALES = {"C.UTF-8", "C.utf8", "C.UTF8", "PG_UNICODE_FAST"}


@dataclass(frozen=True)
class Database:
    """The database's nature, as it tells it itself."""

    version: str
    number: int  # 180006
    encoding: str
    locale: str
    checksums: bool

    @property
    def faults(self) -> list[str]:
        """Return what is wrong with it, each with the way out."""
        found = []
        if self.number < OLDEST:
            found.append(f"PostgreSQL {self.version} is too old: 15 or newer is needed.")
        if self.encoding != "UTF8":
            found.append(f"The database's encoding is {self.encoding}: make it with `createdb -E UTF8 -T template0`.")
        if self.locale not in LOCALES:
            found.append(
                f"The database's locale is {self.locale}, whose order of words differs from machine to machine: "
                "make it with `createdb -T template0 --locale=C.UTF-8` (17 and newer: --locale-provider=builtin too)."
            )
        return found


def database(alias: str = "default") -> Database:
    """Return the nature of the connected database."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            # as json, because each major version has its own columns for the locale
            "select to_jsonb(d) || jsonb_build_object('encoding', pg_encoding_to_char(d.encoding)), "
            "current_setting('server_version'), current_setting('server_version_num')::int, "
            "current_setting('data_checksums') from pg_database d where datname = current_database()"
        )
        row = cursor.fetchone()
    columns, version, number, checksums = _loaded(row[0]), row[1], row[2], row[3]
    locale = columns.get("datlocale") or columns.get("daticulocale") or columns["datcollate"]
    return Database(version.split()[0], number, columns["encoding"], locale, checksums == "on")


@register(Tags.database)
def database_is_fit(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Refuse a database that would sort or compare Chinese text in its own way."""
    return [Error(fault, id="bancheng.E001") for alias in databases or () for fault in database(alias).faults]


def _loaded(value: Any) -> dict[str, Any]:
    """Django's cursor leaves jsonb as text, psycopg's own reads it."""
    loaded: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return loaded
