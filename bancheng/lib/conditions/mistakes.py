"""What is wrong with a condition, given what its names stand for."""

from collections.abc import Collection, Iterator, Mapping

from bancheng.lib.conditions.holding import day
from bancheng.lib.conditions.nodes import Bare, Comparison, Kind, Listed, Literal, Name, Operand
from bancheng.lib.text import Text


def mistakes(
    node: Comparison | Bare, types: Mapping[str, Kind], choices: Mapping[str, Collection[str]]
) -> Iterator[Text]:
    if isinstance(node, Bare):
        if isinstance(node.operand, Name) and types.get(node.operand.code, Kind.TRUTH) is not Kind.TRUTH:
            code = node.operand.code
            yield Text(
                f"“{code}”不是是非题，请写出与什么比较。", f"“{code}” is no yes-or-no: compare it with something."
            )
        return
    if node.operator in ("in", "not in"):
        yield from _mistakes_among(node, types, choices)
        return
    kinds = [_kind(operand, types) for operand in (node.left, node.right)]
    if Kind.MANY in kinds:
        yield Text("多选和列表请用“in”比较。", "Compare a list with “in”.")
        return
    yield from _pair(node.left, node.right, node.operator, types, choices)


def _mistakes_among(
    node: Comparison, types: Mapping[str, Kind], choices: Mapping[str, Collection[str]]
) -> Iterator[Text]:
    if _kind(node.left, types) is Kind.MANY:
        yield Text("“in”的左边应是单个值。", "A single value stands left of “in”.")
    elif isinstance(node.right, Listed):
        if not node.right.values:
            yield Text("列表是空的。", "The list is empty.")
        for value in node.right.values:
            yield from _pair(node.left, value, "==", types, choices)
    elif _kind(node.right, types) not in (Kind.MANY, None):
        yield Text("“in”的右边应是列表或多选。", "A list or a multiple choice stands right of “in”.")
    elif isinstance(node.right, Name):
        left = _kind(node.left, types)
        if left not in (Kind.TEXT, None):
            yield Text("多选里只有文字。", "A multiple choice holds texts.")
        yield from _not_offered(node.right, node.left, choices)


def _pair(
    left: Operand,
    right: Operand,
    operator: str,
    types: Mapping[str, Kind],
    choices: Mapping[str, Collection[str]],
) -> Iterator[Text]:
    one, other = _kind(left, types), _kind(right, types)
    if one is None or other is None:  # an unknown name, told already
        return
    if Kind.DAY in (one, other) and Kind.TEXT in (one, other):
        text = right if other is Kind.TEXT else left
        if not isinstance(text, Literal) or day(str(text.value)) is None:
            yield Text("日期应与“2026-01-01”这样的文字比较。", "A date is compared with a text such as “2026-01-01”.")
        return
    if one is not other:
        yield Text(f"{_said(left)}与{_said(right)}不能比较。", f"{_said(left)} and {_said(right)} cannot be compared.")
    elif operator not in ("==", "!=") and one not in (Kind.WHOLE, Kind.DAY):
        yield Text(f"{_said(left)}没有大小先后。", f"{_said(left)} has no order.")
    else:
        yield from _not_offered(left, right, choices)
        yield from _not_offered(right, left, choices)


def _not_offered(named: Operand, value: Operand, choices: Mapping[str, Collection[str]]) -> Iterator[Text]:
    if not isinstance(named, Name) or not isinstance(value, Literal) or named.code not in choices:
        return
    if value.value not in choices[named.code]:
        yield Text(f"“{named.code}”没有“{value.value}”这一项。", f"“{named.code}” has no choice “{value.value}”.")


def _kind(operand: Operand, types: Mapping[str, Kind]) -> Kind | None:
    if isinstance(operand, Name):
        return types.get(operand.code)
    if isinstance(operand, Listed):
        return Kind.MANY
    if isinstance(operand.value, bool):
        return Kind.TRUTH
    return Kind.WHOLE if isinstance(operand.value, int) else Kind.TEXT


def _said(operand: Operand) -> str:
    if isinstance(operand, Name):
        return f"“{operand.code}”"
    return f"“{operand.value}”" if isinstance(operand, Literal) else "[…]"
