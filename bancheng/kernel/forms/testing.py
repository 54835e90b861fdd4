"""Forms for other parts' tests: elements, a form that asks for them, and an open draft."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bancheng.kernel.forms.facts import (
    Choice,
    Column,
    Draft,
    Element,
    Field,
    Form,
    Forms,
    Kind,
    Rule,
    Section,
    Sensitivity,
    Spec,
    Subject,
)
from bancheng.kernel.forms.operations import drafts, loading
from bancheng.kernel.forms.rules import asking
from bancheng.lib.conditions import parse
from bancheng.lib.text import Text

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
REGION = "411000"


def element(code: str, kind: Kind = Kind.TEXT, **over: Any) -> Element:
    """Return an element that may be loaded."""
    values: dict[str, Any] = {
        "name": f"数据项{code}",
        "name_en": f"Datum {code}",
        "law": "行政许可法 第三十一条",
        "owner": "market",
    }
    if kind in (Kind.CHOICE, Kind.MANY):
        values["choices"] = tuple(Choice(each, f"选项{each}", f"Choice {each}") for each in ("a", "b", "c"))
    if kind is Kind.ROWS:
        values["columns"] = (
            Column("a", "甲", "A", Kind.NAME),
            Column("b", "乙", "B", Kind.TEXT, optional=True),
        )
    if kind in (Kind.CITIZEN_ID, Kind.MOBILE):
        values["sensitivity"] = Sensitivity.PERSONAL
    return Element(code, kind=kind, **(values | over))


def field(code: str, *, required: str = "true", shown: str = "true") -> Field:
    """Return a field with its conditions as they are written."""
    return Field(code, parse(required), parse(shown))


def rule(holds: str, at: str, says: str = "两处对不上。") -> Rule:
    """Return a rule between fields."""
    return Rule(parse(holds), Text(says, "The two do not fit."), at, "行政许可法 第三十一条")


def spec(matter: str, *fields: Field | str, rules: Sequence[Rule] = (), section: str = "main") -> Spec:
    """Return what a matter asks, under one heading; a bare code is a required field."""
    made = tuple(field(one) if isinstance(one, str) else one for one in fields)
    return Spec(matter, (Section(section, "基本信息", "Basics", made),), tuple(rules))


def form(*specs: Spec, elements: Sequence[Element]) -> Form:
    """Return the one form of some matters."""
    return asking.union(specs, {one.code: one for one in elements})


def loaded(*specs: Spec, elements: Sequence[Element], region: str = REGION) -> Form:
    """Store elements and forms, and return the one form of them all."""
    loading.load(Forms(tuple(elements), specs), region=region, by="test", at=AT)
    return form(*specs, elements=elements)


def opened(made: Form, subject: Subject, *, by: str = "staff:1", at: datetime = AT, purpose: str = "test") -> Draft:
    """Return an open draft."""
    return drafts.open_draft(form=made, region=REGION, purpose=purpose, subject=subject, by=by, at=at)


def typed(draft: Draft, made: Form, raw: Mapping[str, str], *, by: str = "staff:1", at: datetime = AT) -> Draft:
    """Return the draft after somebody looking at it has typed `raw`."""
    hashes = [draft.subject.holder_hash]
    listed = {code: [text] for code, text in raw.items()}
    return drafts.save(draft_id=draft.id, form=made, raw=listed, seen=draft.version, hashes=hashes, by=by, at=at).draft
