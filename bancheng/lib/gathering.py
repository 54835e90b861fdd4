"""What several steps of one operation write, gathered and written by one statement at its end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

T = TypeVar("T")


class Gathering(Generic[T]):
    """One kind of thing that may be gathered: `write` takes the list of them, in the order in which they came."""

    def __init__(self, name: str, write: Callable[[list[T]], object]) -> None:
        self._write = write
        self._waiting: ContextVar[list[T] | None] = ContextVar(name, default=None)

    @property
    def waiting(self) -> list[T] | None:
        """Return where things are gathered now; None: nobody gathers, they are written at once."""
        return self._waiting.get()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Gather within, and write at the end; within another, at the other's end; nothing when it ends by an exception."""
        outer, mine = self._waiting.get(), list[T]()
        token = self._waiting.set(mine)
        try:
            yield
        finally:
            self._waiting.reset(token)
        if outer is not None:
            outer += mine
        elif mine:
            self._write(mine)
