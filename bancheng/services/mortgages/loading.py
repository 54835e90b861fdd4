"""Reads the section of a city pack: terms, channels, outlets, agreements that were signed before, and the texts of the notices.

terms.toml, channels.toml   checked, and read where they stand (terms.py)
outlets.csv      an outlet a row; one that is no longer listed is retired, never deleted
agreements.toml  an agreement a table; one that was loaded is never changed
templates.toml
served.toml      samples, checked here, made when a demonstration's accounts are open (served.py)
"""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.catalogue.public import Changes
from bancheng.lib.identifiers import uuid7
from bancheng.pack import texts
from bancheng.pack.reader import Entry, Notes, document, rows
from bancheng.services.mortgages import served, terms
from bancheng.services.mortgages.models import Agreement, Outlet
from bancheng.services.mortgages.rules.agreements import State
from bancheng.services.mortgages.rules.channels import Channel, Kind
from bancheng.services.mortgages.texts import KINDS

OUTLETS = ("code", "channel", "name", "name_en", "bank", "place", "place_en", "hours", "hours_en")
SAID = ("quality", "quality_en", "standard", "standard_en", "supervision", "supervision_en")


def load(folder: Path, *, region: str, by: str, at: datetime) -> Mapping[str, Changes]:
    """Bring the section into the tables, inside the pack's transaction. Raises Faulty naming file and line."""
    set_ = terms.read(folder)
    terms.read_channels(folder)
    served.read(folder)
    notes, units = Notes(folder), {unit.code for unit in catalogue.units()}
    outlets = _outlets(folder, units, notes)
    agreements = _agreements(folder, units, notes)
    notes.check()
    changes = {
        "outlets": _write_outlets(region, outlets, at),
        "agreements": _write_agreements(region, set_.registry, agreements, notes, by, at),
    }
    notes.check()
    return changes | {"notices": texts.load(folder, KINDS, by=by, at=at)}


def _outlets(folder: Path, units: set[str], notes: Notes) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for entry in rows(folder / "outlets.csv", OUTLETS, notes=notes):
        fields: dict[str, Any] = {
            name: entry.text(name, required=name in ("code", "name", "name_en")) for name in OUTLETS
        }
        fields["channel"] = str(entry.choice("channel", Channel))
        of_bank = fields["channel"] == Channel.BANK
        if of_bank != bool(fields["bank"]) or (of_bank and fields["bank"] not in units):
            entry.wrong(
                "bank",
                "银行网点要写明资料包里的银行，其他网点不写。",
                "A bank outlet, and no other, names a bank of the pack.",
            )
        if fields["code"] in found:
            entry.wrong("code", f"网点“{fields['code']}”写了两次。", f"Outlet “{fields['code']}” is listed twice.")
        found[fields["code"]] = fields
    return found


def _write_outlets(region: str, wanted: Mapping[str, dict[str, Any]], at: datetime) -> Changes:
    known = {one.code: one for one in Outlet.objects.filter(region=region)}
    added, changed, same = [], [], 0
    for code, fields in wanted.items():
        held = known.get(code)
        if held is None:
            Outlet.objects.create(region=region, **fields)
            added.append(code)
        elif all(getattr(held, name) == value for name, value in fields.items()) and held.retired_at is None:
            same += 1
        else:
            Outlet.objects.filter(pk=held.pk).update(**fields, retired_at=None)
            changed.append(code)
    gone = [code for code, one in known.items() if code not in wanted and one.retired_at is None]
    Outlet.objects.filter(region=region, code__in=gone).update(retired_at=at)
    return Changes(tuple(added), tuple(changed), tuple(gone), same)


def _agreements(folder: Path, units: set[str], notes: Notes) -> list[tuple[Entry, dict[str, Any]]]:
    found = []
    whole = document(folder / "agreements.toml", notes=notes)
    for entry in whole.tables("agreement"):
        fields: dict[str, Any] = {
            "bank": entry.text("bank"),
            "number": entry.text("number", longest=40),
            "first_on": entry.day("first", required=True) or date.min,
            "last_on": entry.day("last", required=True) or date.max,
            "scope": [str(one) for one in entry.choices("scope", Kind)],
            **{name: entry.text(name) for name in SAID},
        }
        entry.finish()
        if fields["bank"] not in units:
            entry.wrong("bank", f"资料包没有单位“{fields['bank']}”。", f"The pack has no unit “{fields['bank']}”.")
        if fields["last_on"] < fields["first_on"]:
            entry.wrong("last", "协议的最后一天早于第一天。", "The agreement ends before it begins.")
        found.append((entry, fields))
    whole.finish()
    return found


def _write_agreements(
    region: str, registry: str, wanted: list[tuple[Entry, dict[str, Any]]], notes: Notes, by: str, at: datetime
) -> Changes:
    known = {one.number: one for one in Agreement.objects.filter(region=region)}
    added, same = [], 0
    for entry, fields in wanted:
        held = known.get(fields["number"])
        if held is None:
            Agreement.objects.create(
                id=uuid7(at), region=region, registry=registry, state=State.SIGNED, proposed_by=by, proposed_at=at,
                signed_by=f"unit:{fields['bank']}", signed_at=at, **fields,
            )  # fmt: skip
            added.append(fields["number"])
        elif all(getattr(held, name) == value for name, value in fields.items()):
            same += 1
        else:
            entry.wrong(
                "number",
                "这份协议已载入，不能改；请另签一份，换文号和起始日期。",
                "This agreement is loaded and does not change; sign another, with another number and first day.",
            )
    return Changes(tuple(added), (), (), same)
