"""Rows of a model read by a statement written out. Nothing is built, which takes a library of queries longer than most answers; the
text is always the same, so it is prepared once on a connection. For what every request reads; elsewhere the library's own way is shorter.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

Model = TypeVar("Model")


def read(
    cursor: Any, model: type[Model], rest: str, params: Sequence[object] | Mapping[str, object], **more: str
) -> list[Model]:
    """Return the rows of `model` that "SELECT … FROM its table `rest`" finds, as the library would.

    `more` are expressions whose values become attributes of the rows.
    """
    names, columns, parsed, table = _shape(model)  # type: ignore[arg-type]  # a class can be hashed
    asked = ", ".join([columns, *(f"{said} AS {name}" for name, said in more.items())])
    cursor.execute(f"SELECT {asked} FROM {table} {rest}", params)
    found = []
    for values in cursor.fetchall():
        if parsed:
            values = [parsed[n](value, None, None) if n in parsed else value for n, value in enumerate(values)]
        row = model.from_db("default", names, values[: len(names)])  # type: ignore[attr-defined]  # a model has it
        for name, value in zip(more, values[len(names) :], strict=True):
            setattr(row, name, value)
        found.append(row)
    return found


@cache
def _shape(model: Any) -> tuple[list[str], str, dict[int, Any], str]:
    """Return the attributes, the columns, what reads those that are kept as text (JSON), and the table."""
    fields = model._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    parsed = {n: field.from_db_value for n, field in enumerate(fields) if hasattr(field, "from_db_value")}
    return [field.attname for field in fields], columns, parsed, model._meta.db_table
