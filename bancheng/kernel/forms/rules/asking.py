"""The one evaluator: several matters' forms become one, what was typed is read, what is missing or wrong is told.

A field that is not shown is unknown to every condition, whatever was once typed into it: an answer that nobody can see
decides nothing and is not handed in.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from bancheng.kernel.forms.codec import element_as_json, spec_as_json
from bancheng.kernel.forms.facts import (
    Ask,
    Derived,
    Draft,
    Element,
    Form,
    FormField,
    FormSection,
    Held,
    How,
    Kind,
    Problem,
    Reading,
    Section,
    Spec,
)
from bancheng.kernel.forms.rules import kinds
from bancheng.lib import conditions
from bancheng.lib.conditions import Value
from bancheng.lib.text import Text

TODAY = "today"  # a name every condition knows
DERIVED = "derived"  # the `ref` of a value that follows from what is applied for: nobody keeps it
TYPED_LONGEST, TYPED_MOST = 4000, 250  # what is kept of what could not be read


def union(specs: Sequence[Spec], elements: Mapping[str, Element]) -> Form:
    """Return the one form of several matters: each element once, at the first place it stands, for all that ask for it.

    优化营商环境条例 第三十六条: what one authority of the bundle was told, no other asks again.
    """
    asks: dict[str, list[Ask]] = {}
    sections: dict[str, tuple[Section, list[str]]] = {}
    for spec in specs:
        for section in spec.sections:
            _, codes = sections.setdefault(section.code, (section, []))
            for one in section.fields:
                if one.element not in asks:
                    codes.append(one.element)
                asks.setdefault(one.element, []).append(
                    Ask(spec.matter, one.required, one.shown, Text(one.note, one.note_en))
                )
    fields = {code: FormField(elements[code], tuple(each)) for code, each in asks.items()}
    placed = tuple(
        FormSection(section.code, section.title, tuple(fields[code] for code in codes))
        for section, codes in sections.values()
        if codes
    )
    rules = tuple(dict.fromkeys(rule for spec in specs for rule in spec.rules))
    derived = tuple(one for spec in specs for one in spec.derived if one.element in asks)
    in_order = {one.code: one for section in placed for one in section.fields}
    return Form(tuple(spec.matter for spec in specs), placed, rules, _digest(specs, in_order), derived, in_order)


def _digest(specs: Sequence[Spec], fields: Mapping[str, FormField]) -> str:
    whole = [[spec_as_json(spec) for spec in specs], [element_as_json(one.element) for one in fields.values()]]
    return hashlib.sha256(json.dumps(whole, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def visible(form: Form, values: Mapping[str, Value], today: date) -> dict[str, FormField]:
    """Return the fields that are shown, given the answers so far."""
    seen = _Seen(form, values, today)
    return {code: one for code, one in form.fields.items() if seen.shows(code)}


def required(form: Form, values: Mapping[str, Value], today: date) -> frozenset[str]:
    """Return the shown fields that at least one of the matters needs answered."""
    seen = _Seen(form, values, today)
    return frozenset(code for code in form.fields if seen.shows(code) and seen.needs(code))


def derive(form: Form, values: Mapping[str, Value], today: date) -> dict[str, Derived]:
    """Return what follows for which fields: the first that holds, given the answers so far."""
    seen = _Seen(form, values, today)
    found: dict[str, Derived] = {}
    for one in form.derived:
        if one.element not in found and one.when.holds({name: seen.value(name) for name in one.when.names}):
            found[one.element] = one
    return found


def settled(
    form: Form, held: Mapping[str, Held], today: date, *, version: int, by: str, at: datetime
) -> dict[str, Held | None]:
    """Return what has to change in `held` so that it says what follows from it; None: nothing follows any more.

    What the applicant answered himself stays, and rules judge it.
    """
    found = derive(form, {code: one.value for code, one in held.items()}, today)
    stale = {code for code, one in held.items() if one.ref == DERIVED and one.how is How.PREFILLED}
    changes: dict[str, Held | None] = dict.fromkeys(stale - found.keys())
    for code, one in found.items():
        before = held.get(code)
        if before is None or before.value is None or (code in stale and before.value != one.value):
            changes[code] = Held(one.value, How.PREFILLED, version, by, at, one.because, DERIVED)
    return changes


class _Seen:
    """Who sees what: each field is asked once, through those its conditions lean on.

    A pack whose conditions go round in a circle is refused; should two packs' forms meet in one, the circle reads as unknown.
    """

    def __init__(self, form: Form, values: Mapping[str, Value], today: date) -> None:
        self._form, self._values, self._today = form, values, today
        self._known: dict[str, bool] = {}

    def shows(self, code: str) -> bool:
        if code not in self._known:
            self._known[code] = False
            self._known[code] = any(self._holds(ask.shown) for ask in self._form.fields[code].asks)
        return self._known[code]

    def needs(self, code: str) -> bool:
        return any(self._holds(ask.shown) and self._holds(ask.required) for ask in self._form.fields[code].asks)

    def _holds(self, condition: conditions.Condition) -> bool:
        return condition.holds({name: self.value(name) for name in condition.names})

    def value(self, name: str) -> Value:
        if name == TODAY:
            return self._today
        return self._values.get(name) if name in self._form.fields and self.shows(name) else None


def read(form: Form, raw: Mapping[str, Sequence[str]], today: date) -> Reading:
    """Return what `raw` says: only fields that are in it are read, so a part of a form can be saved alone.

    What cannot be read is an error beside its field, and stays in `typed` as it was typed.
    """
    values: dict[str, Value] = {}
    errors: dict[str, Problem] = {}
    typed: dict[str, tuple[str, ...]] = {}
    for code in form.fields.keys() & raw.keys():
        try:
            values[code] = kinds.read_value(form.fields[code].element, raw[code], today=today)
        except kinds.Unfit as no:
            errors[code] = Problem(code, no.says)
            typed[code] = tuple(text[:TYPED_LONGEST] for text in raw[code][:TYPED_MOST])
    return Reading(values, errors, typed)


def problems(form: Form, values: Mapping[str, Value], today: date) -> tuple[Problem, ...]:
    """Return everything that keeps `values` from being handed in, in the order of the form.

    A rule between fields is judged once all it speaks of is shown and answered.
    """
    seen = _Seen(form, values, today)
    found: dict[str, list[Problem]] = {}
    for code, one in form.fields.items():
        if not seen.shows(code):
            continue
        value = values.get(code)
        if value is None:
            if seen.needs(code):
                found.setdefault(code, []).append(missing(one.element))
        elif says := kinds.unfit(one.element, value, today=today):
            found.setdefault(code, []).append(Problem(code, says))
    for rule in form.rules:
        known = {name: seen.value(name) for name in rule.holds.names}
        if None not in known.values() and not rule.holds.holds(known):
            found.setdefault(rule.at, []).append(Problem(rule.at, rule.says, rule.law))
    return tuple(problem for code in form.fields for problem in found.get(code, ()))


def unread(form: Form, draft: Draft, today: date) -> tuple[Problem, ...]:
    """Return why what was typed into shown fields could not be read."""
    if not draft.typed:
        return ()
    shown = visible(form, draft.values, today)
    typed = {code: texts for code, texts in draft.typed.items() if code in shown}
    return tuple(read(form, typed, today).errors.values())


def unfinished(form: Form, draft: Draft, today: date) -> tuple[Problem, ...]:
    """Return what keeps a draft from being handed in; what could not be read is told as such and not as missing."""
    told = {problem.element: problem for problem in unread(form, draft, today)}
    rest = [problem for problem in problems(form, draft.values, today) if problem.element not in told]
    place = {code: n for n, code in enumerate(form.fields)}
    return tuple(sorted([*told.values(), *rest], key=lambda problem: place[problem.element]))


def missing(element: Element) -> Problem:
    """Return what is said when a required field is empty: it is asked for by its name."""
    choosing = element.kind in (Kind.CHOICE, Kind.MANY, Kind.YES_NO)
    zh, en = ("请选择", "Choose") if choosing else ("请填写", "Fill in")
    return Problem(element.code, Text(f"{zh}：{element.name}", f"{en}: {element.name_en}"), missing=True)


def submitted(form: Form, held: Mapping[str, Held], today: date) -> dict[str, Held]:
    """Return what is handed in: the answers of the shown fields, and nothing that stands in none of them."""
    shown = visible(form, {code: one.value for code, one in held.items()}, today)
    return {code: held[code] for code in shown if code in held and held[code].value is not None}


def typed_share(form: Form, held: Mapping[str, Held], today: date) -> float:
    """Return the share (0 to 1) of the shown fields that the applicant had to type; 0 when none is shown."""
    shown = visible(form, {code: one.value for code, one in held.items()}, today)
    if not shown:
        return 0.0
    typed = sum(code in held and held[code].value is not None and held[code].how is not How.PREFILLED for code in shown)
    return typed / len(shown)


def answered(before: Held | None, value: Value, *, version: int, by: str, at: datetime) -> Held:
    """Return what a field holds once the applicant says `value`; R2.3.

    Where we had prefilled something else, it is a correction and remembers what was shown and by whom; said back to what was
    shown, it is prefilled again.
    """
    if before is None or before.source is None:
        return Held(value, How.TYPED, version, by, at)
    shown = before.value if before.how is How.PREFILLED else before.shown
    how = How.PREFILLED if value == shown else How.CORRECTED
    return replace(
        before, value=value, how=how, shown=None if how is How.PREFILLED else shown, version=version, by=by, at=at
    )
