"""Conditions written as data: `floor_area > 30000 and not smoke_vents`, `kind in ["canteen", "restaurant"]`.

A pack says with them when a field is shown or required and what must hold between fields; a flow says when a step is due.
They read like Python and are read by a parser of their own: names, literals and comparisons, no call and no attribute,
bounded in length and depth, so a file can neither run anything nor hang anything.

    alternative := both {"or" both}
    both        := denial {"and" denial}
    denial      := "not" denial | "(" alternative ")" | truth
    truth       := name | true | false | operand OPERATOR operand
    operand     := name | "text" | 'text' | 12 | -3 | true | false | ["a", "b"]

Three things are not Python's. An unknown value (absent or None) makes its comparison false, `!=` and `not in` too; ask
`not (x in [...])` to let the unknown through. A text such as "2026-01-01" is a day where it meets a day. Values of
different kinds are never equal, nor unequal: the comparison cannot be made, so it is false, and `check` says so at load.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bancheng.lib.conditions.holding import holds
from bancheng.lib.conditions.mistakes import mistakes
from bancheng.lib.conditions.nodes import Bare, Kind, Literal, Node, Unreadable, Value, leaves, literals_in, names_in
from bancheng.lib.conditions.parsing import DEEPEST, LONGEST, Parser
from bancheng.lib.text import Text

__all__ = ["DEEPEST", "LONGEST", "TRUE", "Condition", "Kind", "Unreadable", "Value", "parse"]


@dataclass(frozen=True)
class Condition:
    """A condition that was read; `source` is what was written."""

    source: str
    names: frozenset[str]
    _root: Node

    @property
    def literals(self) -> frozenset[str | int | bool]:
        """Return the values written in it: with them, and one beside each, everything it can tell apart is tried."""
        return frozenset(literals_in(self._root))

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Return whether it holds; an unknown value (None or absent) makes its comparison false."""
        return holds(self._root, values)

    def check(self, types: Mapping[str, Kind], choices: Mapping[str, Collection[str]] | None = None) -> list[Text]:
        """Return what is wrong with it, given what its names stand for; `choices` are the texts a name may have."""
        unknown = [
            Text(f"条件里的“{name}”没有定义。", f"“{name}” in the condition is not known.")
            for name in sorted(self.names - types.keys())
        ]
        wrong = [said for node in leaves(self._root) for said in mistakes(node, types, choices or {})]
        return unknown + wrong


TRUE = Condition("true", frozenset(), Bare(Literal(True, 0)))


@lru_cache(maxsize=4096)
def parse(source: str) -> Condition:
    """Return the condition written in `source`, read once in a process. Raises Unreadable."""
    if len(source) > LONGEST:
        raise Unreadable(
            f"条件太长，最多{LONGEST}个字符。", f"The condition is longer than {LONGEST} characters.", LONGEST
        )
    parser = Parser(source)
    root = parser.alternative(0)
    parser.end()
    return Condition(source, frozenset(names_in(root)), root)
