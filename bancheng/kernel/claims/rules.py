"""What a figure says, when a recomputed value agrees with it, and the arithmetic between the source's own numbers."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

from bancheng.lib.text import Text

Number = int | Decimal | Fraction
ID = re.compile(r"^[AF](1[0-5]|[0-9])\.[0-9]+[a-z]?[a-z]?$")


class Kind(StrEnum):
    """What can be done with a claim."""

    COMPUTED = "computed"  # a query of ours recomputes it
    QUOTED = "quoted"  # only the world can produce it: an award, a broadcast
    NOT_YET = "not_yet"  # the service that would compute it is not built
    PROMISE = "promise"  # a feature: a check says whether it is kept


class Comparison(StrEnum):
    """How the source words its figure: 37家 is =, 6.2万余 and 超过 are ≥, 约 is ≈, 近 is <."""

    EQUAL = "="
    AT_LEAST = "≥"
    ABOUT = "≈"
    BELOW = "<"


class Topic(StrEnum):
    """What a claim is about."""

    SCALE = "scale"
    USE = "use"
    TIME = "time"
    MONEY = "money"
    QUALITY = "quality"
    METHOD = "method"
    REACH = "reach"
    HONOUR = "honour"


TOPICS: dict[Topic, Text] = {
    Topic.SCALE: Text("规模", "scale"),
    Topic.USE: Text("使用", "use"),
    Topic.TIME: Text("时间", "time"),
    Topic.MONEY: Text("资金", "money"),
    Topic.QUALITY: Text("质量", "quality"),
    Topic.METHOD: Text("机制", "method"),
    Topic.REACH: Text("传播", "reach"),
    Topic.HONOUR: Text("荣誉", "honour"),
}


class Result(StrEnum):
    """What proving found."""

    MATCHES = "matches"
    DIFFERS = "differs"
    QUOTED = "quoted"
    NOT_YET = "not_yet"
    CANNOT = "cannot"


SAYS: dict[Result, Text] = {
    Result.MATCHES: Text("相符", "matches"),
    Result.DIFFERS: Text("不符", "differs"),
    Result.QUOTED: Text("引用", "quoted"),
    Result.NOT_YET: Text("尚未建设", "not built yet"),
    Result.CANNOT: Text("无法计算", "cannot be computed now"),
}
KINDS: dict[Kind, Text] = {
    Kind.COMPUTED: Text("可复算", "recomputed"),
    Kind.QUOTED: Text("引用原文", "quoted"),
    Kind.NOT_YET: Text("尚未建设", "not built yet"),
    Kind.PROMISE: Text("服务承诺", "promise"),
}


@dataclass(frozen=True)
class Value:
    """What a query of ours finds. For a promise, 1 is kept and 0 is broken. `unit` empty: that of the claim."""

    number: Number
    unit: str = ""
    as_of: date | None = None
    detail: Text = field(default_factory=lambda: Text("", ""))


class Cannot(Exception):
    """A query cannot answer now, and says why: no data loaded, the year has not been replayed."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.says = Text(zh, en)


def agrees(value: Number, *, number: Number, comparison: Comparison, tolerance: Number = 0) -> bool:
    """Return whether a recomputed `value` is what the source says; `tolerance` is percent of `number`, for ≈ and <."""
    found, said = Fraction(value), Fraction(number)
    if comparison is Comparison.EQUAL:
        return found == said
    if comparison is Comparison.AT_LEAST:
        return found >= said
    near = abs(found - said) * 100 <= abs(said) * Fraction(tolerance)
    if comparison is Comparison.BELOW:
        return found < said and (near or not tolerance)
    return near


def rounded(value: Fraction, places: int) -> Fraction:
    """Return `value` rounded half up to `places` decimals, exactly."""
    unit = Decimal(1).scaleb(-places)
    scaled = value / Fraction(unit)
    whole = (abs(scaled.numerator) * 2 + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(whole if scaled >= 0 else -whole) * Fraction(unit)


def shown(value: Number, places: int = 6) -> str:
    """Return a number for people: rounded to `places`, without trailing zeros, commas in thousands."""
    fraction = rounded(Fraction(value), places)
    exact = Decimal(fraction.numerator) / Decimal(fraction.denominator)
    text = f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


NAME = re.compile(r"[AF][0-9]+\.[0-9]+[a-z]*")


class BadFormula(ValueError):
    """A formula holds something other than claim ids, numbers, + - * / and brackets."""


def evaluate(formula: str, numbers: Mapping[str, Number]) -> Fraction:
    """Return the exact value of a formula such as "100 * 78 / A6.9a".

    Raises BadFormula, or KeyError for an unknown id.
    """
    ids: list[str] = []

    def stand_in(match: re.Match[str]) -> str:
        ids.append(match[0])
        return f"x{len(ids) - 1}"

    text = NAME.sub(stand_in, formula)
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError as error:
        raise BadFormula(formula) from error

    def value(node: ast.expr) -> Fraction:
        if isinstance(node, ast.BinOp):
            left, right = value(node.left), value(node.right)
            match node.op:
                case ast.Add():
                    return left + right
                case ast.Sub():
                    return left - right
                case ast.Mult():
                    return left * right
                case ast.Div():
                    return left / right
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -value(node.operand)
        if isinstance(node, ast.Name) and re.fullmatch(r"x[0-9]+", node.id):
            return Fraction(numbers[ids[int(node.id[1:])]])
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return Fraction(ast.get_source_segment(text, node) or "")
        raise BadFormula(formula)

    return value(tree.body)


def ids_in(formula: str) -> set[str]:
    """Return the claim ids a formula names."""
    return set(NAME.findall(formula))


class Relation(StrEnum):
    """What must hold between the two sides of a consistency check."""

    EQUAL = "="
    AT_MOST = "≤"


def holds(left: Fraction, relation: Relation, right: Fraction, *, places: int | None) -> bool:
    """Return whether the relation holds, both sides rounded half up to `places` first when given."""
    if places is not None:
        left, right = rounded(left, places), rounded(right, places)
    return left == right if relation is Relation.EQUAL else left <= right
