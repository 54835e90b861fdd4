"""What a condition is made of, and a walk over it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

Value: TypeAlias = str | int | bool | date | tuple[str, ...] | None


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


@dataclass(frozen=True)
class Name:
    code: str


@dataclass(frozen=True)
class Literal:
    value: str | int | bool
    position: int


@dataclass(frozen=True)
class Listed:
    values: tuple[Literal, ...]


Operand: TypeAlias = Name | Literal | Listed


@dataclass(frozen=True)
class Comparison:
    left: Operand
    operator: str
    right: Operand


@dataclass(frozen=True)
class Bare:
    operand: Name | Literal


@dataclass(frozen=True)
class Not:
    part: "Node"


@dataclass(frozen=True)
class Every:
    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Either:
    parts: tuple["Node", ...]


Node: TypeAlias = Comparison | Bare | Not | Every | Either


def leaves(node: Node) -> Iterator[Comparison | Bare]:
    if isinstance(node, Every | Either):
        for part in node.parts:
            yield from leaves(part)
    elif isinstance(node, Not):
        yield from leaves(node.part)
    else:
        yield node


def names_in(root: Node) -> Iterator[str]:
    for node in leaves(root):
        operands = (node.operand,) if isinstance(node, Bare) else (node.left, node.right)
        yield from (operand.code for operand in operands if isinstance(operand, Name))


def literals_in(root: Node) -> Iterator[str | int | bool]:
    for node in leaves(root):
        for operand in (node.operand,) if isinstance(node, Bare) else (node.left, node.right):
            if isinstance(operand, Listed):
                yield from (one.value for one in operand.values)
            elif isinstance(operand, Literal):
                yield operand.value
