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

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import NoReturn, TypeAlias

from bancheng.lib.text import Text

Value: TypeAlias = str | int | bool | date | tuple[str, ...] | None

LONGEST = 2000  # characters
DEEPEST = 32  # brackets and nots within each other


class Kind(StrEnum):
    """What a name stands for."""

    TEXT = "text"
    WHOLE = "whole"
    TRUTH = "truth"
    DAY = "day"
    MANY = "many"  # several texts


class Unreadable(ValueError):
    """A condition that cannot be read; `position` counts the characters before the mistake."""

    def __init__(self, zh: str, en: str, position: int) -> None:
        super().__init__(f"{en} (at {position})")
        self.zh = zh
        self.en = en
        self.position = position


# --- what a condition is made of ---


@dataclass(frozen=True)
class _Name:
    code: str


@dataclass(frozen=True)
class _Literal:
    value: str | int | bool
    position: int


@dataclass(frozen=True)
class _List:
    values: tuple[_Literal, ...]


_Operand: TypeAlias = _Name | _Literal | _List


@dataclass(frozen=True)
class _Comparison:
    left: _Operand
    operator: str
    right: _Operand


@dataclass(frozen=True)
class _Bare:
    operand: _Name | _Literal


@dataclass(frozen=True)
class _Not:
    part: "_Node"


@dataclass(frozen=True)
class _All:
    parts: tuple["_Node", ...]


@dataclass(frozen=True)
class _Any:
    parts: tuple["_Node", ...]


_Node: TypeAlias = _Comparison | _Bare | _Not | _All | _Any


@dataclass(frozen=True)
class Condition:
    """A condition that was read; `source` is what was written."""

    source: str
    names: frozenset[str]
    _root: _Node

    @property
    def literals(self) -> frozenset[str | int | bool]:
        """Return the values written in it: with them, and one beside each, everything it can tell apart is tried."""
        return frozenset(_literals(self._root))

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Return whether it holds; an unknown value (None or absent) makes its comparison false."""
        return _holds(self._root, values)

    def check(self, types: Mapping[str, Kind], choices: Mapping[str, Collection[str]] | None = None) -> list[Text]:
        """Return what is wrong with it, given what its names stand for; `choices` are the texts a name may have."""
        unknown = [
            Text(f"条件里的“{name}”没有定义。", f"“{name}” in the condition is not known.")
            for name in sorted(self.names - types.keys())
        ]
        mistakes = [said for node in _leaves(self._root) for said in _mistakes(node, types, choices or {})]
        return unknown + mistakes


TRUE = Condition("true", frozenset(), _Bare(_Literal(True, 0)))


@lru_cache(maxsize=4096)
def parse(source: str) -> Condition:
    """Return the condition written in `source`, read once in a process. Raises Unreadable."""
    if len(source) > LONGEST:
        raise Unreadable(
            f"条件太长，最多{LONGEST}个字符。", f"The condition is longer than {LONGEST} characters.", LONGEST
        )
    parser = _Parser(source)
    root = parser.alternative(0)
    parser.end()
    return Condition(source, frozenset(_names(root)), root)


# --- tokens ---

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<text>"[^"\\\n]*"|'[^'\\\n]*')
    |(?P<whole>-?[0-9]{1,15}(?![0-9A-Za-z_.]))
    |(?P<name>[a-z][a-z0-9_]*(?![A-Za-z0-9_]))
    |(?P<mark>==|!=|<=|>=|<|>|[()\[\],])""",
    re.VERBOSE,
)
_WORDS = {"and", "or", "not", "in", "true", "false"}
_OPERATORS = {"==", "!=", "<", "<=", ">", ">=", "in"}


@dataclass(frozen=True)
class _Token:
    kind: str  # text, whole, name, word, mark, end
    written: str
    position: int


def _tokens(source: str) -> Iterator[_Token]:
    position = 0
    while position < len(source):
        found = _TOKEN.match(source, position)
        if not found:
            _refuse(source, position)
        kind = found.lastgroup or ""
        if kind == "name" and found[0] in _WORDS:
            kind = "word"
        if kind != "space":
            yield _Token(kind, found[0], position)
        position = found.end()
    yield _Token("end", "", position)


def _refuse(source: str, position: int) -> NoReturn:
    sign = source[position]
    if sign in "\"'":
        raise Unreadable(
            "引号没有成对，或引号里有反斜杠。", "A quote is not closed, or a backslash is in it.", position
        )
    if sign == "=":
        raise Unreadable("相等请写“==”。", "Write “==” for equality.", position)
    if sign in "“”‘’（），＝＜＞":
        raise Unreadable(f"请用半角符号代替“{sign}”。", f"Write the ASCII sign instead of “{sign}”.", position)
    raise Unreadable(f"条件里不能有“{sign}”。", f"“{sign}” cannot stand in a condition.", position)


class _Parser:
    """Reads tokens from left to right, one function for each line of the grammar."""

    def __init__(self, source: str) -> None:
        self._tokens = list(_tokens(source))
        self._at = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._next
        self._at += 1
        return token

    def _taken(self, written: str) -> bool:
        if self._next.kind in ("word", "mark") and self._next.written == written:
            self._at += 1
            return True
        return False

    def _expect(self, written: str) -> None:
        if not self._taken(written):
            self._stop(f"这里应有“{written}”", f"“{written}” is missing here")

    def _stop(self, zh: str, en: str) -> NoReturn:
        token = self._next
        found = f"“{token.written}”" if token.written else ""
        raise Unreadable(f"{zh}，却是{found or '结尾'}。", f"{en}, there is {found or 'the end'}.", token.position)

    def end(self) -> None:
        if self._next.kind != "end":
            self._stop("这里应当结束", "It should end here")

    def alternative(self, depth: int) -> _Node:
        parts = [self._both(depth)]
        while self._taken("or"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else _Any(tuple(parts))

    def _both(self, depth: int) -> _Node:
        parts = [self._denial(depth)]
        while self._taken("and"):
            parts.append(self._denial(depth))
        return parts[0] if len(parts) == 1 else _All(tuple(parts))

    def _denial(self, depth: int) -> _Node:
        if depth > DEEPEST:
            raise Unreadable(
                f"括号和 not 套得太深，最多{DEEPEST}层。",
                f"Brackets and nots stand more than {DEEPEST} deep.",
                self._next.position,
            )
        if self._taken("not"):
            return _Not(self._denial(depth + 1))
        if self._taken("("):
            inner = self.alternative(depth + 1)
            self._expect(")")
            return inner
        return self._truth()

    def _truth(self) -> _Node:
        left = self._operand()
        operator = self._operator()
        if operator:
            return _Comparison(left, operator, self._operand())
        if isinstance(left, _List) or (isinstance(left, _Literal) and not isinstance(left.value, bool)):
            self._stop("值后面应有比较符号", "A comparison should follow the value")
        return _Bare(left)

    def _operator(self) -> str:
        if self._next.kind == "word" and self._next.written == "not":
            self._take()
            self._expect("in")
            return "not in"
        if self._next.written in _OPERATORS and self._next.kind in ("mark", "word"):
            return self._take().written
        return ""

    def _operand(self) -> _Operand:
        if self._taken("["):
            return self._list()
        if self._next.kind == "name":
            return _Name(self._take().written)
        return self._literal()

    def _literal(self) -> _Literal:
        token = self._next
        if token.kind not in ("text", "whole") and token.written not in ("true", "false"):
            self._stop("这里应有名称或值", "A name or a value is missing here")
        self._take()
        if token.kind == "text":
            return _Literal(token.written[1:-1], token.position)
        if token.kind == "whole":
            return _Literal(int(token.written), token.position)
        return _Literal(token.written == "true", token.position)

    def _list(self) -> _List:
        values = [self._literal()] if not self._taken("]") else []
        if values:
            while self._taken(","):
                values.append(self._literal())
            self._expect("]")
        return _List(tuple(values))


# --- whether it holds ---

_ORDERS: dict[str, Callable[[int], bool]] = {
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}


def _holds(node: _Node, values: Mapping[str, Value]) -> bool:
    if isinstance(node, _All):
        return all(_holds(part, values) for part in node.parts)
    if isinstance(node, _Any):
        return any(_holds(part, values) for part in node.parts)
    if isinstance(node, _Not):
        return not _holds(node.part, values)
    if isinstance(node, _Bare):
        return _value(node.operand, values) is True
    return _compare(node, values)


def _value(operand: _Name | _Literal, values: Mapping[str, Value]) -> Value:
    return values.get(operand.code) if isinstance(operand, _Name) else operand.value


def _compare(node: _Comparison, values: Mapping[str, Value]) -> bool:
    if isinstance(node.left, _List):
        return False
    left = _value(node.left, values)
    if left is None or isinstance(left, tuple):
        return False
    if node.operator in ("in", "not in"):
        among = _members(node.right, values)
        return among is not None and any(_same(left, one) for one in among) is (node.operator == "in")
    if isinstance(node.right, _List):
        return False
    right = _value(node.right, values)
    if right is None or isinstance(right, tuple):
        return False
    return _ordered(node.operator, *_alike(left, right))


def _members(operand: _Operand, values: Mapping[str, Value]) -> tuple[str | int | bool, ...] | None:
    if isinstance(operand, _List):
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
        return left, _day(right)
    if isinstance(right, date) and isinstance(left, str):
        return _day(left), right
    return left, right


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(written: str) -> date | None:
    if not _DAY.fullmatch(written):
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


# --- what is wrong with it ---


def _leaves(node: _Node) -> Iterator[_Comparison | _Bare]:
    if isinstance(node, _All | _Any):
        for part in node.parts:
            yield from _leaves(part)
    elif isinstance(node, _Not):
        yield from _leaves(node.part)
    else:
        yield node


def _names(root: _Node) -> Iterator[str]:
    for node in _leaves(root):
        operands = (node.operand,) if isinstance(node, _Bare) else (node.left, node.right)
        yield from (operand.code for operand in operands if isinstance(operand, _Name))


def _literals(root: _Node) -> Iterator[str | int | bool]:
    for node in _leaves(root):
        for operand in (node.operand,) if isinstance(node, _Bare) else (node.left, node.right):
            if isinstance(operand, _List):
                yield from (one.value for one in operand.values)
            elif isinstance(operand, _Literal):
                yield operand.value


def _mistakes(
    node: _Comparison | _Bare, types: Mapping[str, Kind], choices: Mapping[str, Collection[str]]
) -> Iterator[Text]:
    if isinstance(node, _Bare):
        if isinstance(node.operand, _Name) and types.get(node.operand.code, Kind.TRUTH) is not Kind.TRUTH:
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
    node: _Comparison, types: Mapping[str, Kind], choices: Mapping[str, Collection[str]]
) -> Iterator[Text]:
    if _kind(node.left, types) is Kind.MANY:
        yield Text("“in”的左边应是单个值。", "A single value stands left of “in”.")
    elif isinstance(node.right, _List):
        if not node.right.values:
            yield Text("列表是空的。", "The list is empty.")
        for value in node.right.values:
            yield from _pair(node.left, value, "==", types, choices)
    elif _kind(node.right, types) not in (Kind.MANY, None):
        yield Text("“in”的右边应是列表或多选。", "A list or a multiple choice stands right of “in”.")
    elif isinstance(node.right, _Name):
        left = _kind(node.left, types)
        if left not in (Kind.TEXT, None):
            yield Text("多选里只有文字。", "A multiple choice holds texts.")
        yield from _not_offered(node.right, node.left, choices)


def _pair(
    left: _Operand,
    right: _Operand,
    operator: str,
    types: Mapping[str, Kind],
    choices: Mapping[str, Collection[str]],
) -> Iterator[Text]:
    one, other = _kind(left, types), _kind(right, types)
    if one is None or other is None:  # an unknown name, told already
        return
    if Kind.DAY in (one, other) and Kind.TEXT in (one, other):
        text = right if other is Kind.TEXT else left
        if not isinstance(text, _Literal) or _day(str(text.value)) is None:
            yield Text("日期应与“2026-01-01”这样的文字比较。", "A date is compared with a text such as “2026-01-01”.")
        return
    if one is not other:
        yield Text(f"{_said(left)}与{_said(right)}不能比较。", f"{_said(left)} and {_said(right)} cannot be compared.")
    elif operator not in ("==", "!=") and one not in (Kind.WHOLE, Kind.DAY):
        yield Text(f"{_said(left)}没有大小先后。", f"{_said(left)} has no order.")
    else:
        yield from _not_offered(left, right, choices)
        yield from _not_offered(right, left, choices)


def _not_offered(named: _Operand, value: _Operand, choices: Mapping[str, Collection[str]]) -> Iterator[Text]:
    if not isinstance(named, _Name) or not isinstance(value, _Literal) or named.code not in choices:
        return
    if value.value not in choices[named.code]:
        yield Text(f"“{named.code}”没有“{value.value}”这一项。", f"“{named.code}” has no choice “{value.value}”.")


def _kind(operand: _Operand, types: Mapping[str, Kind]) -> Kind | None:
    if isinstance(operand, _Name):
        return types.get(operand.code)
    if isinstance(operand, _List):
        return Kind.MANY
    if isinstance(operand.value, bool):
        return Kind.TRUTH
    return Kind.WHOLE if isinstance(operand.value, int) else Kind.TEXT


def _said(operand: _Operand) -> str:
    if isinstance(operand, _Name):
        return f"“{operand.code}”"
    return f"“{operand.value}”" if isinstance(operand, _Literal) else "[…]"
