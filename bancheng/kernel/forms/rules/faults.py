"""What keeps elements and forms from being loaded. The reader of the pack puts each fault on its line."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

from bancheng.kernel.forms.facts import Element, Field, Kind, Rule, Spec
from bancheng.kernel.forms.rules.asking import TODAY
from bancheng.kernel.forms.rules.kinds import MOST, unfit
from bancheng.lib import conditions
from bancheng.lib.conditions import Condition, Value
from bancheng.lib.text import Text

CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
SOURCE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9-]*)?\.[a-z][a-z0-9_]*")
CHOOSING = (Kind.CHOICE, Kind.MANY)
COUNTED = (Kind.WHOLE, Kind.AREA, Kind.MONEY)
IN_CELLS = (
    Kind.TEXT, Kind.NAME, Kind.ADDRESS, Kind.CITIZEN_ID, Kind.USCC, Kind.MOBILE, Kind.PHONE, Kind.EMAIL, Kind.CHOICE, Kind.WHOLE,
)  # fmt: skip
RESERVED = {TODAY, "and", "or", "not", "in", "true", "false"}
TRIED = 20_000  # combinations of answers at most, to see whether a field can ever be shown


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where: the key of the element, or section, field and key (rule and key) of a form."""

    at: tuple[str | int, ...]
    says: Text


def of_element(element: Element) -> list[Fault]:
    """Return what is wrong with an element by itself.

    个人信息保护法 第六条, 优化营商环境条例 第三十六条: nothing is asked without a law, and somebody answers for its truth.
    """
    found = [Fault((key,), says) for key, says in _element_faults(element)]
    return [*found, *_choice_faults(element), *_column_faults(element)]


def _element_faults(element: Element) -> Iterator[tuple[str, Text]]:
    if not CODE.fullmatch(element.code) or element.code in RESERVED:
        zh = "数据项代码用小写字母、数字和下划线，以字母开头，不能是条件里的保留字。"
        yield (
            "code",
            Text(zh, "An element's code is lower-case letters, digits and underscores, and no word of conditions."),
        )
    if not element.law:
        yield "law", Text("没有写明依据，不能向申请人索要。", "Nothing may be asked for without its legal source.")
    if not element.owner:
        yield "owner", Text("没有写明由哪个单位对它负责。", "The unit that answers for it is missing.")
    if bool(element.hint) != bool(element.hint_en):
        yield "hint", Text("提示要有中英文两种。", "A hint stands in both languages.")
    if element.kind in CHOOSING and len(element.choices) < 2:
        yield "choices", Text("选择题至少要有两项。", "There must be two things to choose from.")
    if element.kind not in CHOOSING and element.choices:
        yield "choices", Text("只有选择题才有选项。", "Only a choice has choices.")
    if element.kind not in (*COUNTED, Kind.ROWS) and (element.least is not None or element.most is not None):
        yield "least", Text("只有数字才有上下限。", "Only a number has a least and a most.")
    if element.least is not None and element.most is not None and element.least > element.most:
        yield "most", Text("上限小于下限。", "The most is below the least.")
    if not all(SOURCE.fullmatch(one) for one in element.source):
        zh = "来源应如 organisation.name、person.mobile、licence.food-business.number。"
        yield "source", Text(zh, "A source is like organisation.name, person.mobile, licence.food-business.number.")


def _choice_faults(element: Element) -> Iterator[Fault]:
    codes = [choice.code for choice in element.choices]
    for i, choice in enumerate(element.choices):
        if choice.code in codes[:i]:
            says = Text(f"选项代码“{choice.code}”重复。", f"The choice's code “{choice.code}” stands twice.")
            yield Fault(("choices", i), says)
        if not choice.name or not choice.name_en:
            says = Text(f"选项“{choice.code}”要有中英文两种名称。", f"The choice “{choice.code}” needs both labels.")
            yield Fault(("choices", i), says)
        if not CODE.fullmatch(choice.code):
            zh = f"选项代码“{choice.code}”用小写字母、数字和下划线。"
            en = f"The choice's code “{choice.code}” is lower-case letters, digits and underscores."
            yield Fault(("choices", i), Text(zh, en))


def _column_faults(element: Element) -> Iterator[Fault]:
    """A list has fields, each of a kind that fits in a cell; nothing else has any."""
    if (element.kind is Kind.ROWS) != bool(element.columns):
        yield Fault(
            ("columns",),
            Text("列表要写明每行的字段，别的不写。", "A list says the fields of a row; nothing else does."),
        )
    codes = [column.code for column in element.columns]
    for i, column in enumerate(element.columns):
        if column.kind not in IN_CELLS:
            says = Text(
                f"“{column.code}”这种类型不能放进列表。", f"“{column.code}”: a list has no fields of this kind."
            )
            yield Fault(("columns", i), says)
        if not CODE.fullmatch(column.code) or column.code in codes[:i]:
            says = Text(
                f"字段代码“{column.code}”有误或重复。", f"The field's code “{column.code}” is wrong or stands twice."
            )
            yield Fault(("columns", i), says)
        if not column.name or not column.name_en:
            says = Text(f"字段“{column.code}”要有中英文两种名称。", f"The field “{column.code}” needs both names.")
            yield Fault(("columns", i), says)
        if (column.kind is Kind.CHOICE) != bool(column.choices):
            says = Text(f"字段“{column.code}”：选择题要有选项。", f"The field “{column.code}”: a choice has choices.")
            yield Fault(("columns", i), says)


def of_spec(spec: Spec, elements: Mapping[str, Element]) -> list[Fault]:
    """Return what is wrong with one matter's form."""
    asked = {one.element: elements[one.element] for one in spec.fields if one.element in elements}
    return [
        *_unknown(spec, elements),
        *_conditions(spec, asked),
        *_never_shown(spec, asked),
        *_rules(spec.rules, asked),
        *_derived(spec, elements),
    ]


def _places(spec: Spec) -> Iterator[tuple[tuple[str | int, ...], Field]]:
    for i, section in enumerate(spec.sections):
        for j, one in enumerate(section.fields):
            yield ("sections", i, "fields", j), one


def _unknown(spec: Spec, elements: Mapping[str, Element]) -> Iterator[Fault]:
    seen = set()
    for place, one in _places(spec):
        if one.element not in elements:
            says = Text(f"没有“{one.element}”这个数据项。", f"There is no element “{one.element}”.")
            yield Fault((*place, "element"), says)
        if one.element in seen:
            yield Fault(
                (*place, "element"), Text(f"“{one.element}”在表单里出现两次。", f"“{one.element}” is asked twice.")
            )
        seen.add(one.element)
        if bool(one.note) != bool(one.note_en):
            yield Fault((*place, "note"), Text("说明要有中英文两种。", "A note stands in both languages."))


def types_of(asked: Mapping[str, Element]) -> dict[str, conditions.Kind]:
    """Return what the names of a form's conditions stand for."""
    return {code: element.condition_kind for code, element in asked.items()} | {TODAY: conditions.Kind.DAY}


def choices_of(asked: Mapping[str, Element]) -> dict[str, tuple[str, ...]]:
    return {
        code: tuple(choice.code for choice in element.choices)
        for code, element in asked.items()
        if element.kind in CHOOSING
    }


def _conditions(spec: Spec, asked: Mapping[str, Element]) -> Iterator[Fault]:
    types, choices = types_of(asked), choices_of(asked)
    for place, one in _places(spec):
        for key, condition in (("required", one.required), ("shown", one.shown)):
            yield from (Fault((*place, key), says) for says in condition.check(types, choices))


def _rules(rules: Sequence[Rule], asked: Mapping[str, Element]) -> Iterator[Fault]:
    for i, rule in enumerate(rules):
        place = ("rules", i)
        yield from (Fault((*place, "holds"), says) for says in rule.holds.check(types_of(asked), choices_of(asked)))
        if rule.at not in asked:
            yield Fault((*place, "at"), Text(f"表单里没有“{rule.at}”。", f"“{rule.at}” is not in the form."))


def _derived(spec: Spec, elements: Mapping[str, Element]) -> Iterator[Fault]:
    """What follows may be asked by a sister of the bundle, so an element and a condition are of the whole city."""
    for i, one in enumerate(spec.derived):
        place = ("derived", i)
        element = elements.get(one.element)
        if element is None:
            yield Fault(
                (*place, "element"), Text(f"没有“{one.element}”这个数据项。", f"There is no element “{one.element}”.")
            )
        elif one.value is None:
            yield Fault((*place, "value"), NO_VALUE)
        elif says := unfit(element, one.value, today=date(2026, 1, 1)):
            yield Fault((*place, "value"), says)
        if not one.because.zh or not one.because.en:
            yield Fault((*place, "because"), Text("要用中英文写明为什么。", "Say why, in both languages."))
        yield from (Fault((*place, "when"), says) for says in one.when.check(types_of(elements), choices_of(elements)))


NO_VALUE = Text("没有写明答案，或该数据项不接受。", "There is no answer, or not one that the element takes.")


def circles(specs: Sequence[Spec]) -> list[tuple[str, Fault]]:
    """Return, by matter, the fields whose being shown depends on itself once all forms of the city meet."""
    leans: dict[str, set[str]] = {}
    for spec in specs:
        for one in spec.fields:
            leans.setdefault(one.element, set()).update(one.shown.names - {TODAY})
    found = []
    for spec in specs:
        for place, one in _places(spec):
            if one.shown.names and one.element in _reached(one.shown.names, leans):
                says = Text(
                    f"“{one.element}”是否显示取决于它自己。", f"Whether “{one.element}” is shown depends on itself."
                )
                found.append((spec.matter, Fault((*place, "shown"), says)))
    return found


def _reached(start: Collection[str], leans: Mapping[str, Collection[str]]) -> set[str]:
    reached: set[str] = set()
    todo = list(start)
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo.extend(leans.get(name, ()))
    return reached


def _never_shown(spec: Spec, asked: Mapping[str, Element]) -> Iterator[Fault]:
    """Fields that no answer brings up: a required one could never be filled in, another one is a slip."""
    hidden: set[str] = set()
    while more := {
        one.element
        for one in spec.fields
        if one.element not in hidden and not can_hold(one.shown, asked, hidden=hidden)
    }:
        hidden |= more
    for place, one in _places(spec):
        if one.element in hidden and one.shown.names <= types_of(asked).keys():
            says = Text(
                f"“{one.element}”在任何情况下都不会显示，请核对条件。",
                f"“{one.element}” can never be shown: check its condition.",
            )
            yield Fault((*place, "shown"), says)


def can_hold(condition: Condition, asked: Mapping[str, Element], *, hidden: Collection[str] = ()) -> bool:
    """Return whether some answers make `condition` true; True when there are too many to try.

    A condition tells values apart only by the literals in it and by each other, so each name is tried at every literal
    and beside it, within the element's own bounds.
    """
    names = sorted(condition.names)
    tried: list[list[Value]] = [
        [None] if name in hidden else [None, *_candidates(name, asked.get(name), condition, len(names))]
        for name in names
    ]
    count = 1
    for values in tried:
        count *= len(values)
    if count > TRIED:
        return True
    return any(condition.holds(dict(zip(names, values, strict=True))) for values in product(*tried))


def _candidates(name: str, element: Element | None, condition: Condition, steps: int) -> Sequence[Value]:
    literals = condition.literals
    if name == TODAY or (element and element.kind is Kind.DATE):
        return _days(literals, steps)
    if element is None:
        return []
    if element.kind is Kind.YES_NO:
        return [True, False]
    if element.kind is Kind.CHOICE:
        return [choice.code for choice in element.choices]
    if element.kind is Kind.MANY:
        codes = [choice.code for choice in element.choices if choice.code in literals]
        sets = [
            tuple(c for c, taken in zip(codes, bits, strict=True) if taken)
            for bits in product((0, 1), repeat=len(codes))
        ]
        return list(sets) if len(codes) <= 6 else [(), *((code,) for code in codes), tuple(codes)]
    if element.kind in COUNTED:
        low, high = element.least or 0, MOST if element.most is None else element.most
        at = {low, high} | {one for one in literals if isinstance(one, int) and not isinstance(one, bool)}
        beside = {one + step for one in at for step in range(-steps, steps + 1)}
        return sorted(one for one in beside if low <= one <= high)
    texts = sorted(one for one in literals if isinstance(one, str) and one)
    return [*texts, *(f"\0{i}" for i in range(steps))]  # texts that are none of those written


def _days(literals: Collection[str | int | bool], steps: int) -> Sequence[Value]:
    found = {date(2026, 1, 1)}
    for one in literals:
        try:
            found.add(date.fromisoformat(str(one)))
        except ValueError:
            continue
    return sorted({day + timedelta(days=step) for day in found for step in range(-steps, steps + 1)})
