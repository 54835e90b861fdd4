"""Whether a condition holds: an unknown value makes its comparison false."""

import re
from collections.abc import Callable, Mapping
from datetime import date

from bancheng.lib.conditions.nodes import (
    Bare,
    Comparison,
    Either,
    Every,
    Listed,
    Literal,
    Name,
    Node,
    Not,
    Operand,
    Value,
)

_ORDERS: dict[str, Callable[[int], bool]] = {
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}


def holds(node: Node, values: Mapping[str, Value]) -> bool:
    if isinstance(node, Every):
        return all(holds(part, values) for part in node.parts)
    if isinstance(node, Either):
        return any(holds(part, values) for part in node.parts)
    if isinstance(node, Not):
        return not holds(node.part, values)
    if isinstance(node, Bare):
        return _value(node.operand, values) is True
    return _compare(node, values)


def _value(operand: Name | Literal, values: Mapping[str, Value]) -> Value:
    return values.get(operand.code) if isinstance(operand, Name) else operand.value


def _compare(node: Comparison, values: Mapping[str, Value]) -> bool:
    if isinstance(node.left, Listed):
        return False
    left = _value(node.left, values)
    if left is None or isinstance(left, tuple):
        return False
    if node.operator in ("in", "not in"):
        among = _members(node.right, values)
        return among is not None and any(_same(left, one) for one in among) is (node.operator == "in")
    if isinstance(node.right, Listed):
        return False
    right = _value(node.right, values)
    if right is None or isinstance(right, tuple):
        return False
    return _ordered(node.operator, *_alike(left, right))


def _members(operand: Operand, values: Mapping[str, Value]) -> tuple[str | int | bool, ...] | None:
    if isinstance(operand, Listed):
        return tuple(one.value for one in operand.values)
    found = _value(operand, values)
    return found if isinstance(found, tuple) else None


def _ordered(operator: str, left: Value, right: Value) -> bool:
    if type(left) is not type(right):
        return False
    if operator in ("==", "!="):
        return (left == right) is (operator == "==")
    if isinstance(left, date) and isinstance(right, date):
        return _ORDERS[operator]((left > right) - (left < right))
    if isinstance(left, int) and isinstance(right, int) and not isinstance(left, bool):
        return _ORDERS[operator]((left > right) - (left < right))
    return False


def _same(left: Value, right: Value) -> bool:
    return _ordered("==", *_alike(left, right))


def _alike(left: Value, right: Value) -> tuple[Value, Value]:
    """Return both sides, a text that meets a day read as a day."""
    if isinstance(left, date) and isinstance(right, str):
        return left, day(right)
    if isinstance(right, date) and isinstance(left, str):
        return day(left), right
    return left, right


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def day(written: str) -> date | None:
    if not _DAY.fullmatch(written):
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
