"""Rows of a model read by a statement written out. Nothing is built, which takes a library of queries longer than most answers; the
text is always the same, so it is prepared once on a connection. For what every request reads; elsewhere the library's own way is shorter.

What several parts are asked at once is one statement (`ask`): each says in its face what it asks of its own tables, an expression and how
its value is read (`Question`), and sees nothing of the others'.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Generic, TypeVar, overload
from uuid import UUID

Model = TypeVar("Model")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")


def read(
    cursor: Any, model: type[Model], rest: str, params: Sequence[object] | Mapping[str, object], **more: str
) -> list[Model]:
    """Return the rows of `model` that "SELECT … FROM its table `rest`" finds, as the library would.

    `more` are expressions whose values become attributes of the rows.
    """
    names, columns, parsed, _, table = _shape(model)  # type: ignore[arg-type]  # a class can be hashed
    asked = ", ".join([columns, *(f"{said} AS {name}" for name, said in more.items())])
    cursor.execute(f"SELECT {asked} FROM {table} {rest}", params)
    return [_row(model, names, list(more), parsed, values) for values in cursor.fetchall()]


def _row(
    model: type[Model],
    names: Sequence[str],
    more: Sequence[str],
    parsed: Mapping[int, Callable[[Any], Any]],
    values: Sequence[Any],
) -> Model:
    if parsed:
        values = [parsed[n](value) if n in parsed and value is not None else value for n, value in enumerate(values)]
    row: Model = model.from_db("default", names, values[: len(names)])  # type: ignore[attr-defined]  # a model has it
    for name, value in zip(more, values[len(names) :], strict=True):
        setattr(row, name, value)
    return row


# --- several questions, one statement ---


@dataclass(frozen=True)
class Question(Generic[A]):
    """What is asked of one part's tables: an expression of PostgreSQL that gives one value, with what goes in, and how it is read."""

    sql: str
    given: tuple[object, ...]
    read: Callable[[Any], A]

    def then(self, read: Callable[[A], B]) -> "Question[B]":
        """Return the same question, its answer read further."""
        return Question(self.sql, self.given, lambda value: read(self.read(value)))

    def alone(self, cursor: Any) -> A:
        """Ask this alone."""
        answer: A = ask(cursor, self)[0]  # type: ignore[call-overload]  # of any number
        return answer


def question(model: type[Model], rest: str, given: Sequence[object], **more: str) -> Question[list[Model]]:
    """Return the question whose answer are the rows that `read` would return; values of `more` come as JSON has them."""
    names, columns, _, from_json, table = _shape(model)  # type: ignore[arg-type]  # a class can be hashed
    asked = ", ".join([columns, *more.values()])
    sql = f"(SELECT json_agg(of)::text FROM (SELECT json_build_array({asked}) AS of FROM {table} {rest}) AS found)"

    def rows_of(value: str | None) -> list[Model]:
        return [_row(model, names, list(more), from_json, values) for values in json.loads(value or "[]")]

    return Question(sql, tuple(given), rows_of)


@overload
def ask(cursor: Any, a: Question[A], b: Question[B], /) -> tuple[A, B]: ...
@overload
def ask(cursor: Any, a: Question[A], b: Question[B], c: Question[C], d: Question[D], /) -> tuple[A, B, C, D]: ...
@overload
def ask(
    cursor: Any, a: Question[A], b: Question[B], c: Question[C], d: Question[D], e: Question[E], /
) -> tuple[A, B, C, D, E]: ...


def ask(cursor: Any, /, *questions: Question[Any]) -> tuple[Any, ...]:
    """Return the answers to `questions`, asked by one statement and read in their order: what one of them raises, is raised."""
    given = [each for one in questions for each in one.given]
    cursor.execute(f"SELECT {', '.join(one.sql for one in questions)}", given)
    return tuple(one.read(value) for one, value in zip(questions, cursor.fetchone(), strict=True))


# --- what a model looks like ---

# the others JSON has as we do; decimals and durations it has not, and no model with such is asked so
FROM_JSON: dict[str, Callable[[Any], Any]] = {
    "BinaryField": lambda value: bytes.fromhex(value[2:]),
    "DateField": date.fromisoformat,
    "DateTimeField": datetime.fromisoformat,
    "UUIDField": UUID,
}


@cache
def _shape(
    model: Any,
) -> tuple[list[str], str, dict[int, Callable[[Any], Any]], dict[int, Callable[[Any], Any]], str]:
    """Return the attributes, the columns, what reads those that are kept as text (JSON), what reads them from JSON, and the table."""
    fields, table = model._meta.concrete_fields, model._meta.db_table
    columns = ", ".join(f'{table}."{field.column}"' for field in fields)
    parsed = {n: _from_db(field) for n, field in enumerate(fields) if hasattr(field, "from_db_value")}
    kinds = {
        n: (field.target_field if field.is_relation else field).get_internal_type() for n, field in enumerate(fields)
    }
    from_json = {n: FROM_JSON[kind] for n, kind in kinds.items() if kind in FROM_JSON}
    return [field.attname for field in fields], columns, parsed, from_json, table


def _from_db(field: Any) -> Callable[[Any], Any]:
    return lambda value: field.from_db_value(value, None, None)
