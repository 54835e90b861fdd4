"""Hooks: the kernel announces a fact, services listen, and nobody imports upwards.

A part declares `issued = Hook[Issued]("licences.issued")`; a service lists `on={licences.issued: operations.note}` in its
manifest; the site connects them once at start. Listeners run in the transaction that fires, in the order of SERVICES.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Fact = TypeVar("Fact")


class Hook(Generic[Fact]):
    """One kind of fact that a kernel part announces."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._listeners: list[Callable[[Fact], Any]] = []

    def connect(self, listener: Callable[[Fact], Any]) -> None:
        """Add `listener`; connecting the same one twice changes nothing."""
        if listener not in self._listeners:
            self._listeners.append(listener)

    def fire(self, fact: Fact) -> list[Any]:
        """Call every listener with `fact` and return their answers in order."""
        return [listener(fact) for listener in self._listeners]

    def __repr__(self) -> str:
        return f"<Hook {self.name}>"
