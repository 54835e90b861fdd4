"""Reads matters/*.toml: the guides, and whether each says what it must and nothing it must not."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.forms import public as forms
from bancheng.lib.conditions import Condition
from bancheng.lib.text import Text
from bancheng.pack import reading as written
from bancheng.pack.forms import condition
from bancheng.pack.reader import Entry, Notes, tables
from bancheng.pack.reading import Reading

Fact = TypeVar("Fact")


def entries(folder: Path, notes: Notes) -> list[Entry]:
    return [entry for path in sorted(folder.glob("matters/*.toml")) for entry in tables(path, "matter", notes=notes)]


def matter(entry: Entry) -> catalogue.Matter:
    fee = entry.table("fee")
    fen = fee.whole("fen") if fee else None
    fee_basis = fee.text("basis", required=False) if fee else ""
    if fee:
        fee.finish()
    return catalogue.Matter(
        code=written.code(entry),
        implementing_code=entry.text("implementing_code"),
        unit=entry.text("unit"),
        domain=entry.text("domain"),
        name=entry.text("name", longest=120),
        name_en=entry.text("name_en", longest=160),
        basis=tuple(_each(entry, "basis", _basis)),
        conditions=tuple(_each(entry, "conditions", _sentence)),
        statutory=entry.length("statutory", required=False),  # what is missing is told by the guide's own rule
        promised=entry.length("promised", required=False),
        fee_fen=fen,
        fee_basis=fee_basis,
        materials=tuple(_each(entry, "materials", _material)),
        channels=tuple(_each(entry, "channels", _channel)),
        outlets=entry.texts("outlets"),
        phone=written.phone(entry, "phone", required=False),
        licence_type=entry.text("licence_type", required=False),
        audience=entry.text("audience", required=False, longest=40),
        keywords=entry.texts("keywords"),
        concerns=entry.choices("concerns", catalogue.Concern),
    )


def _each(entry: Entry, key: str, make: Callable[[Entry], Fact]) -> list[Fact]:
    facts = []
    for inner in entry.tables(key):
        facts.append(make(inner))
        inner.finish()
    return facts


def _basis(entry: Entry) -> catalogue.Basis:
    return catalogue.Basis(entry.text("law"), entry.text("article"))


def _sentence(entry: Entry) -> Text:
    return Text(entry.text("zh"), entry.text("en"))


def _material(entry: Entry) -> catalogue.Material:
    copies = entry.whole("copies", required=False)
    return catalogue.Material(
        name=entry.text("name"),
        name_en=entry.text("name_en"),
        main=entry.flag("main"),
        source=entry.choice("source", catalogue.Source),
        copies=1 if copies is None else copies,
        gap=_gap(entry),
        applies=_applies(entry),
    )


def _applies(entry: Entry) -> catalogue.Applies | None:
    inner = entry.table("applies")
    if inner is None:
        return None
    made = catalogue.Applies(condition(inner, "when", required=True), Text(inner.text("says"), inner.text("says_en")))
    inner.finish()
    return made


def _gap(entry: Entry) -> catalogue.GapTerms | None:
    inner = entry.table("gap")
    if inner is None:
        return None
    terms = catalogue.GapTerms(
        ground=inner.choice("ground", catalogue.GapGround),
        waits=inner.flag("waits"),
        days=inner.whole("days") or 0,
        law=inner.text("law", required=False),
    )
    inner.finish()
    return terms


def _channel(entry: Entry) -> catalogue.Channel:
    return catalogue.Channel(
        kind=entry.choice("kind", catalogue.ChannelKind),
        name=entry.text("name"),
        name_en=entry.text("name_en"),
        url=entry.text("url", required=False),
    )


def check(reading: Reading, matters: Iterable[catalogue.Matter]) -> None:
    """Note every fault of every guide on the line of its field; R-OT-3."""
    for matter in matters:
        entry = reading.entries.get(("matter", matter.code))
        if entry is None:
            continue
        for fault in catalogue.faults(matter):
            if fault.field in entry.values or fault.field not in ("statutory", "promised"):
                entry.wrong(fault.field, fault.says.zh, fault.says.en, *_element(entry, fault))
            else:
                entry.wrong(fault.field, fault.says.zh, fault.says.en)


def _element(entry: Entry, fault: catalogue.Fault) -> tuple[int, ...]:
    """Return which element of the list the fault quotes, so that its own line is named."""
    value = entry.values.get(fault.field)
    if not isinstance(value, list):
        return ()
    for i, one in enumerate(value):
        if any(isinstance(text, str) and text and f"“{text}”" in fault.says.zh for text in one.values()):
            return (i,)
    return ()


def check_applies(reading: Reading, matters: Iterable[catalogue.Matter], asked: forms.Forms) -> None:
    """Note papers whose case nobody can tell: it is judged by open answers of the matter's own form, and must be able to arise.

    河南省优化营商环境条例 第二十八条 (R-OT-3): whether a paper is asked for is public and does not depend on who stands at the counter.
    """
    elements = {one.code: one for one in asked.elements}
    specs = {one.matter: one for one in asked.specs}
    for matter in matters:
        entry = reading.entries.get(("matter", matter.code))
        spec = specs.get(matter.code)
        own = {one.element: elements[one.element] for one in spec.fields if one.element in elements} if spec else {}
        for i, paper in enumerate(matter.materials):
            if entry and paper.applies:
                for says in _unfounded(paper, paper.applies.when, own):
                    entry.wrong("materials", says.zh, says.en, i, "applies")


def _unfounded(paper: catalogue.Material, when: Condition, own: Mapping[str, forms.Element]) -> list[Text]:
    """Return what is wrong with the case in which a paper is asked for, given the elements its matter asks for."""
    found = when.check(forms.types_of(own), forms.choices_of(own))
    found += [
        Text(
            f"“{name}”是个人信息，不能用来判断要不要“{paper.name}”。",
            f"“{name}” is personal, so it cannot decide whether “{paper.name_en}” is asked for.",
        )
        for name in sorted(when.names & own.keys())
        if own[name].sealed
    ]
    if not found and not forms.can_hold(when, own):
        zh, en = "在任何情况下都用不到，请核对条件。", "is never asked for: check its condition."
        found = [Text(f"“{paper.name}”{zh}", f"“{paper.name_en}” {en}")]
    return found


def check_implementing_codes(reading: Reading, whole: catalogue.Catalogue) -> None:
    """Note codes that are not the unit's credit code, one digit, and a basic code of twelve."""
    uscc = {unit.code: unit.uscc for unit in whole.units}
    for matter in whole.matters:
        code = matter.implementing_code
        if not code or matter.unit not in uscc:
            continue
        if not re.fullmatch(r"[0-9A-Z]{31}", code) or not code.startswith(uscc[matter.unit]):
            reading.entries["matter", matter.code].wrong(
                "implementing_code",
                "实施编码应为31位：实施主体的统一社会信用代码18位，加13位事项编码。",
                "An implementing code has 31 characters: the unit's credit code and 13 more.",
            )
