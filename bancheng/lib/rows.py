"""Rows of a model read and written by statements written out. Nothing is built, which takes a library of queries longer than most answers;
the text is always the same, so it is prepared once on a connection. For what every request or every use does; elsewhere the library's own
way is shorter.

Rows go in as one document, and the database makes columns of it: one parameter of one type, whatever is in it. Numbers and lists given
one by one have the type of their size, and each mixture of types is another statement to be prepared.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar

Model = TypeVar("Model")


def read(
    cursor: Any, model: type[Model], rest: str, params: Sequence[object] | Mapping[str, object], **more: str
) -> list[Model]:
    """Return the rows of `model` that "SELECT … FROM its table `rest`" finds, as the library would.

    `more` are expressions whose values become attributes of the rows.
    """
    _, columns, _, table = _shape(model)  # type: ignore[arg-type]  # a class can be hashed
    asked = ", ".join([columns, *(f"{said} AS {name}" for name, said in more.items())])
    cursor.execute(f"SELECT {asked} FROM {table} {rest}", params)
    found: list[Model] = []
    for row, *values in found_in(cursor, model):
        for name, value in zip(more, values, strict=True):
            setattr(row, name, value)
        found.append(row)
    return found


def found_in(cursor: Any, *models: Any) -> list[list[Any]]:
    """Return what a statement gave whose first columns are those of `models`, one after the other: a row of each, and the values behind."""
    return [_built(given, models) for given in cursor.fetchall()]


def _built(given: Sequence[Any], models: Sequence[Any]) -> list[Any]:
    built: list[Any] = []
    for model in models:
        names, _, parsed, _ = _shape(model)
        values, given = list(given[: len(names)]), given[len(names) :]
        for n, parse in parsed.items():
            values[n] = parse(values[n], None, None)
        built.append(model.from_db("default", names, values))
    return [*built, *given]


def columns(model: Any, alias: str = "", *, without: Iterable[str] = ()) -> str:
    """Return the columns of a model's table, of the table that is called `alias` where it is."""
    of = f"{alias}." if alias else ""
    return ", ".join(f'{of}"{name}"' for name in _shape(model)[0] if name not in set(without))


def insert(model: Any, rows: str, *, numbered: bool = False) -> str:
    """Return the statement that adds the rows of a document of them, which is the expression `rows`; `numbered` by the database."""
    names, table = columns(model, without=["id"] if numbered else []), _shape(model)[3]
    return f"INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_recordset(NULL::{table}, {rows})"


def document(*rows: Any) -> list[dict[str, Any]]:
    """Return rows by their columns."""
    return [{name: getattr(row, name) for name in _shape(row.__class__)[0]} for row in rows]


def text(document: Any) -> str:
    """Return a document as the database reads it."""
    return json.dumps(document, default=_plain, ensure_ascii=False)


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return f"\\x{bytes(value).hex()}" if isinstance(value, bytes | memoryview) else str(value)


@cache
def _shape(model: Any) -> tuple[list[str], str, dict[int, Any], str]:
    """Return the attributes, the columns, what reads those that are kept as text (JSON), and the table."""
    fields = model._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    parsed = {n: field.from_db_value for n, field in enumerate(fields) if hasattr(field, "from_db_value")}
    return [field.attname for field in fields], columns, parsed, model._meta.db_table
