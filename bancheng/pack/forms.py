"""Reads what a city's matters ask: elements.toml (each datum once) and forms/*.toml (which matter asks for which).

A pack without either asks nothing online. Everything wrong is noted on its line, as in `checks`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bancheng.kernel.catalogue import public as catalogue_
from bancheng.kernel.forms import public as forms
from bancheng.lib.conditions import TRUE, Condition, Unreadable, parse
from bancheng.lib.text import Text
from bancheng.pack.reader import Entry, Notes, tables


def read(
    folder: Path, *, notes: Notes, catalogue: catalogue_.Catalogue | None, matters_are_known: bool = False
) -> forms.Forms:
    """Return elements and forms of the pack in `folder`; problems go to `notes`.

    With `matters_are_known` a form of a matter that has no guide is a problem too.
    """
    elements = _elements(folder, notes, catalogue)
    found = [
        _Form(entry) for path in sorted(folder.glob("forms/*.toml")) for entry in tables(path, "form", notes=notes)
    ]
    known = {one.code: one for one in elements}
    for one in found:
        one.check(known)
    _check_twins(found)
    _check_sections(found)
    _check_circles(found)
    if matters_are_known and catalogue is not None:
        check_matters(found, {matter.code for matter in catalogue.matters})
    return forms.Forms(tuple(elements), tuple(one.spec for one in found))


def check_matters(found: Sequence["_Form"], codes: set[str]) -> None:
    """Note forms of matters that are not among the guides."""
    for one in found:
        if one.spec.matter and one.spec.matter not in codes:
            matter = one.spec.matter
            one.entry.wrong("matter", f"没有“{matter}”这个事项。", f"There is no matter “{matter}”.")


# --- elements ---


def _elements(folder: Path, notes: Notes, catalogue: catalogue_.Catalogue | None) -> list[forms.Element]:
    path = folder / "elements.toml"
    if not path.exists():
        return []
    units = {unit.code for unit in catalogue.units} if catalogue is not None else None
    found: dict[str, forms.Element] = {}
    for entry in tables(path, "element", notes=notes):
        element = _element(entry)
        for fault in forms.of_element(element):
            key, *more = fault.at
            entry.wrong(str(key), fault.says.zh, fault.says.en, *more)
        if units is not None and element.owner and element.owner not in units:
            entry.wrong("owner", f"单位“{element.owner}”不存在。", f"There is no unit “{element.owner}”.")
        if element.code in found:
            entry.wrong("code", f"“{element.code}”重复。", f"“{element.code}” stands twice.")
        entry.finish()
        found[element.code] = element
    return list(found.values())


def _element(entry: Entry) -> forms.Element:
    return forms.Element(
        code=entry.text("code", longest=64),
        name=entry.text("name", longest=120),
        name_en=entry.text("name_en", longest=160),
        kind=entry.choice("kind", forms.Kind),
        law=entry.text("law", required=False),
        owner=entry.text("owner", required=False),
        sensitivity=entry.choice("sensitivity", forms.Sensitivity)
        if "sensitivity" in entry.values
        else forms.Sensitivity.OPEN,
        hint=entry.text("hint", required=False),
        hint_en=entry.text("hint_en", required=False),
        longest=entry.whole("longest", required=False) or 0,
        least=entry.whole("least", required=False),
        most=entry.whole("most", required=False),
        autocomplete=entry.text("autocomplete", required=False),
        source=entry.texts("source"),
        choices=tuple(_choice(inner) for inner in entry.tables("choices")),
        columns=tuple(_column(inner) for inner in entry.tables("columns")),
    )


def _column(entry: Entry) -> forms.Column:
    column = forms.Column(
        code=entry.text("code", longest=64),
        name=entry.text("name", longest=60),
        name_en=entry.text("name_en", longest=90),
        kind=entry.choice("kind", forms.Kind),
        longest=entry.whole("longest", required=False) or 0,
        optional=entry.flag("optional"),
        choices=tuple(_choice(inner) for inner in entry.tables("choices")),
    )
    entry.finish()
    return column


def _choice(entry: Entry) -> forms.Choice:
    choice = forms.Choice(
        entry.text("code", required=False),
        entry.text("name", required=False),
        entry.text("name_en", required=False),
    )
    entry.finish()
    return choice


# --- forms ---


class _Form:
    """A form as it was read, and the entry each part of it stands in."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.sections = entry.tables("section", required=True)
        self.fields = [section.tables("fields", required=True) for section in self.sections]
        self.checks = entry.tables("check")
        self.derived = entry.tables("derive")
        self.spec = forms.Spec(
            entry.text("matter", longest=64),
            tuple(_section(one, fields) for one, fields in zip(self.sections, self.fields, strict=True)),
            tuple(_rule(one) for one in self.checks),
        )
        entry.finish()

    def at(self, place: Sequence[str | int]) -> tuple[Entry, str]:
        """Return the entry and the key that a fault's place names."""
        if place[0] == "rules":
            return self.checks[int(place[1])], str(place[2])
        if place[0] == "derived":
            return self.derived[int(place[1])], str(place[2])
        return self.fields[int(place[1])][int(place[3])], str(place[4])

    def wrong(self, fault: forms.Fault) -> None:
        entry, key = self.at(fault.at)
        entry.wrong(key, fault.says.zh, fault.says.en)

    def check(self, elements: Mapping[str, forms.Element]) -> None:
        self.spec = replace(self.spec, derived=tuple(_derive(one, elements) for one in self.derived))
        for fault in forms.of_spec(self.spec, elements):
            self.wrong(fault)


def _section(entry: Entry, fields: Sequence[Entry]) -> forms.Section:
    section = forms.Section(
        entry.text("code", longest=64),
        entry.text("name", longest=60),
        entry.text("name_en", longest=90),
        tuple(_field(one) for one in fields),
    )
    entry.finish()
    return section


def _field(entry: Entry) -> forms.Field:
    field = forms.Field(
        entry.text("element"),
        condition(entry, "required"),
        condition(entry, "shown"),
        entry.text("note", required=False),
        entry.text("note_en", required=False),
    )
    entry.finish()
    return field


def _rule(entry: Entry) -> forms.Rule:
    rule = forms.Rule(
        condition(entry, "holds", required=True),
        Text(entry.text("says"), entry.text("says_en")),
        entry.text("at"),
        entry.text("law"),
    )
    entry.finish()
    return rule


def _derive(entry: Entry, elements: Mapping[str, forms.Element]) -> forms.Derived:
    """Return what follows; its value is written as somebody would type it."""
    code, text = entry.text("element"), entry.text("value")
    value = forms.fixed(elements[code], [text]) if code in elements else None
    made = forms.Derived(code, value, condition(entry, "when"), Text(entry.text("because"), entry.text("because_en")))
    entry.finish()
    return made


def condition(entry: Entry, key: str, *, required: bool = False) -> Condition:
    """Return a condition, written as text or as a plain true or false; true when it is missing or cannot be read."""
    written = entry.values.get(key)
    if isinstance(written, bool):
        entry.asked.add(key)
        return parse("true" if written else "false")
    source = entry.text(key, required=required)
    if not source:
        return TRUE
    try:
        return parse(source)
    except Unreadable as no:
        n = no.position + 1
        entry.wrong(key, f"“{key}”第{n}个字符：{no.zh}", f"“{key}”, character {n}: {no.en}")
        return TRUE


def _check_twins(found: Sequence[_Form]) -> None:
    seen: set[str] = set()
    for one in found:
        if one.spec.matter in seen:
            one.entry.wrong("matter", f"“{one.spec.matter}”有两张表单。", f"“{one.spec.matter}” has two forms.")
        seen.add(one.spec.matter)


def _check_sections(found: Sequence[_Form]) -> None:
    """A section that several forms share is one section on the page, so it has one name."""
    named: dict[str, Text] = {}
    for one in found:
        for entry, section in zip(one.sections, one.spec.sections, strict=True):
            if named.setdefault(section.code, section.title) != section.title:
                first = named[section.code]
                entry.wrong(
                    "name", f"同一栏目在别处叫“{first.zh}”。", f"This section is called “{first.en}” elsewhere."
                )


def _check_circles(found: Sequence[_Form]) -> None:
    by_matter = {one.spec.matter: one for one in found}
    for matter, fault in forms.circles([one.spec for one in found]):
        by_matter[matter].wrong(fault)
