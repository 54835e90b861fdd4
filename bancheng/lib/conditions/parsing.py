"""From the text of a condition to what it is made of: tokens, then one function for each line of the grammar."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

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
    Unreadable,
)

LONGEST = 2000  # characters
DEEPEST = 32  # brackets and nots within each other
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


class Parser:
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

    def alternative(self, depth: int) -> Node:
        parts = [self._both(depth)]
        while self._taken("or"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self, depth: int) -> Node:
        parts = [self._denial(depth)]
        while self._taken("and"):
            parts.append(self._denial(depth))
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _denial(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise Unreadable(
                f"括号和 not 套得太深，最多{DEEPEST}层。",
                f"Brackets and nots stand more than {DEEPEST} deep.",
                self._next.position,
            )
        if self._taken("not"):
            return Not(self._denial(depth + 1))
        if self._taken("("):
            inner = self.alternative(depth + 1)
            self._expect(")")
            return inner
        return self._truth()

    def _truth(self) -> Node:
        left = self._operand()
        operator = self._operator()
        if operator:
            return Comparison(left, operator, self._operand())
        if isinstance(left, Listed) or (isinstance(left, Literal) and not isinstance(left.value, bool)):
            self._stop("值后面应有比较符号", "A comparison should follow the value")
        return Bare(left)

    def _operator(self) -> str:
        if self._next.kind == "word" and self._next.written == "not":
            self._take()
            self._expect("in")
            return "not in"
        if self._next.written in _OPERATORS and self._next.kind in ("mark", "word"):
            return self._take().written
        return ""

    def _operand(self) -> Operand:
        if self._taken("["):
            return self._list()
        if self._next.kind == "name":
            return Name(self._take().written)
        return self._literal()

    def _literal(self) -> Literal:
        token = self._next
        if token.kind not in ("text", "whole") and token.written not in ("true", "false"):
            self._stop("这里应有名称或值", "A name or a value is missing here")
        self._take()
        if token.kind == "text":
            return Literal(token.written[1:-1], token.position)
        if token.kind == "whole":
            return Literal(int(token.written), token.position)
        return Literal(token.written == "true", token.position)

    def _list(self) -> Listed:
        values = [self._literal()] if not self._taken("]") else []
        if values:
            while self._taken(","):
                values.append(self._literal())
            self._expect("]")
        return Listed(tuple(values))
