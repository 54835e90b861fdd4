"""The edition of the pack the city runs on: what comes of the pack is read once in a process, and kept under its edition.

Whatever writes a table of the pack gives it another edition in the same transaction: the database sees to it, by a trigger on each of
these tables, so nobody can forget to. An edition is a random number and no count: after a rollback, or in another database, none is
ever taken for another. One look serves a whole request (`one_look`); who is signed in brings it along with his session (`LOOK`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID, uuid4

from django.db import connection

from bancheng.lib.rows import Question

LOOK = "(SELECT number FROM catalogue_edition)"

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class _Look:
    """What was seen by the one look of a request."""

    edition: UUID | None = None


_kept: dict[UUID | None, dict[Any, Any]] = {}
_look: ContextVar[_Look | None] = ContextVar("look", default=None)


@contextmanager
def one_look() -> Iterator[None]:
    """Look once at most for what is done within; within another, it is that one's look."""
    if _look.get():
        yield
        return
    token = _look.set(_Look())
    try:
        yield
    finally:
        _look.reset(token)


def saw(edition: UUID | None) -> None:
    """Take what was read along with something else for the one look."""
    if look := _look.get():
        look.edition = edition


def edition_question() -> Question[None]:
    """Return the question that takes the one look along with others'."""
    return Question(LOOK, (), saw)


def edition() -> UUID:
    """Return the edition as of now, or as of the one look."""
    look = _look.get()
    if look and look.edition:
        return look.edition
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {LOOK}")
        found: UUID = cursor.fetchone()[0] or uuid4()  # none was ever given: then nothing is kept
    saw(found)
    return found


def kept(read: Callable[P, T]) -> Callable[P, T]:
    """Let what `read` returns, and nobody changes, be read once for each edition; for questions of which there are few.

    Read under the edition looked at, it may be newer when somebody loads at that moment; it is never older.
    """

    @wraps(read)
    def now(*args: P.args, **kwargs: P.kwargs) -> T:
        with one_look():  # one answer is made of one edition
            held, question = _of(edition()), (read, args, *kwargs.items())
            if question not in held:
                held[question] = read(*args, **kwargs)
            answer: T = held[question]
        return answer

    return now


def _of(edition: UUID) -> dict[Any, Any]:
    """Return what is kept under an edition; but for this one and the last, under which requests may still end, it is let go."""
    while edition not in _kept and len(_kept) > 1:
        _kept.pop(next(iter(_kept), None), None)
    return _kept.setdefault(edition, {})
