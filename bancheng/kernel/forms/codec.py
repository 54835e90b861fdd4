"""Facts of forms as JSON and back: an element and a form as the tables keep them, a value as a draft keeps it."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from bancheng.kernel.forms.facts import (
    Choice,
    Column,
    Derived,
    Element,
    Field,
    Held,
    How,
    Kind,
    Rule,
    Section,
    Sensitivity,
    Spec,
)
from bancheng.lib.conditions import Value, parse
from bancheng.lib.text import Text


def element_as_json(element: Element) -> dict[str, Any]:
    """Return what says something: a key that stands at its default is left out."""
    plain = {"kind": element.kind.value, "sensitivity": element.sensitivity.value, "source": list(element.source)}
    whole = {
        **asdict(element),
        **plain,
        "choices": [asdict(choice) for choice in element.choices],
        "columns": [_column_as_json(column) for column in element.columns],
    }
    return {
        key: value for key, value in whole.items() if value not in ("", [], None) and (key, value) != ("longest", 0)
    }


def element_from_json(row: Mapping[str, Any]) -> Element:
    choices = tuple(Choice(**choice) for choice in row.get("choices", ()))
    columns = tuple(_column_from_json(column) for column in row.get("columns", ()))
    known = {"kind": Kind(row["kind"]), "sensitivity": Sensitivity(row["sensitivity"]), "columns": columns}
    return Element(**{**row, **known, "choices": choices, "source": tuple(row.get("source", ()))})


def _column_as_json(column: Column) -> dict[str, Any]:
    return {**asdict(column), "kind": column.kind.value, "choices": [asdict(choice) for choice in column.choices]}


def _column_from_json(row: Mapping[str, Any]) -> Column:
    choices = tuple(Choice(**choice) for choice in row["choices"])
    return Column(**{**row, "kind": Kind(row["kind"]), "choices": choices})


def spec_as_json(spec: Spec) -> dict[str, Any]:
    return {
        "matter": spec.matter,
        "sections": [_section_as_json(section) for section in spec.sections],
        "rules": [
            {"holds": rule.holds.source, "zh": rule.says.zh, "en": rule.says.en, "at": rule.at, "law": rule.law}
            for rule in spec.rules
        ],
        "derived": [
            {
                "element": one.element,
                "value": value_as_json(one.value),
                "when": one.when.source,
                "zh": one.because.zh,
                "en": one.because.en,
            }
            for one in spec.derived
        ],
    }


def _section_as_json(section: Section) -> dict[str, Any]:
    fields = [
        {
            "element": one.element,
            "required": one.required.source,
            "shown": one.shown.source,
            "note": one.note,
            "note_en": one.note_en,
        }
        for one in section.fields
    ]
    return {"code": section.code, "name": section.name, "name_en": section.name_en, "fields": fields}


def spec_from_json(row: Mapping[str, Any]) -> Spec:
    sections = tuple(
        Section(
            section["code"],
            section["name"],
            section["name_en"],
            tuple(
                Field(one["element"], parse(one["required"]), parse(one["shown"]), one["note"], one["note_en"])
                for one in section["fields"]
            ),
        )
        for section in row["sections"]
    )
    rules = tuple(
        Rule(parse(rule["holds"]), Text(rule["zh"], rule["en"]), rule["at"], rule["law"]) for rule in row["rules"]
    )
    derived = tuple(
        Derived(one["element"], value_from_json(one["value"]), parse(one["when"]), Text(one["zh"], one["en"]))
        for one in row.get("derived", ())  # rows of before there were any
    )
    return Spec(row["matter"], sections, rules, derived)


def value_as_json(value: Value) -> Any:
    """Return a value that JSON can hold and `value_from_json` gives back: a day is told from a text."""
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return list(value) if isinstance(value, tuple) else value


def value_from_json(found: Any) -> Value:
    if isinstance(found, dict):
        return date.fromisoformat(found["day"])
    if isinstance(found, list):
        return tuple(str(one) for one in found)
    assert found is None or isinstance(found, str | int | bool)
    return found


def held_as_json(held: Held) -> dict[str, Any]:
    """Return a value with its provenance; whoever stores it decides whether it is sealed."""
    return {
        "value": value_as_json(held.value),
        "how": held.how.value,
        "version": held.version,
        "by": held.by,
        "at": held.at.isoformat(),
        "source": [held.source.zh, held.source.en] if held.source else None,
        "ref": held.ref,
        "as_of": held.as_of.isoformat() if held.as_of else None,
        "shown": value_as_json(held.shown),
    }


def held_from_json(row: Mapping[str, Any]) -> Held:
    return Held(
        value=value_from_json(row["value"]),
        how=How(row["how"]),
        version=row["version"],
        by=row["by"],
        at=datetime.fromisoformat(row["at"]),
        source=Text(*row["source"]) if row["source"] else None,
        ref=row["ref"],
        as_of=date.fromisoformat(row["as_of"]) if row["as_of"] else None,
        shown=value_from_json(row["shown"]),
    )
