"""Between facts and columns: one function each way for each kind, so that a fact read back equals the fact written."""

from collections.abc import Iterable
from typing import Any

from bancheng.kernel.catalogue import facts, models, words
from bancheng.kernel.clocks import public as clocks
from bancheng.lib import conditions
from bancheng.lib.text import Text

Columns = dict[str, Any]


def searchable(names: Iterable[str], others: Iterable[str], first: str) -> Columns:
    """Return the columns by which a row is listed and found."""
    found = words.lines(names, others=others)
    return {"sort_key": words.sort_key(first), "search_text": "\n".join(found), "grams": words.grams(found)}


def city(fact: facts.City) -> Columns:
    return {
        "name": fact.name,
        "name_en": fact.name_en,
        "help_phone": fact.help_phone,
        "help_hours": fact.help_hours,
        "complaint_phone": fact.complaint_phone,
        "languages": list(fact.languages),
    }


def area(fact: facts.Area) -> Columns:
    return {
        "name": fact.name,
        "name_en": fact.name_en,
        "kind": fact.kind.value,
        "parent": fact.parent,
        "since": fact.since,
        "until": fact.until,
        "successor": fact.successor,
    }


def unit(fact: facts.Unit) -> Columns:
    return {
        "name": fact.name,
        "name_en": fact.name_en,
        "kind": fact.kind.value,
        "uscc": fact.uscc,
        "area_code": fact.area_code,
        "domain": fact.domain,
        "phone": fact.phone,
        "phone_office": fact.phone_office,
        "demo": fact.demo,
        **searchable([fact.name], [fact.name_en], fact.name),
    }


def outlet(fact: facts.Outlet, *, unit_id: int) -> Columns:
    return {
        "name": fact.name,
        "name_en": fact.name_en,
        "unit_id": unit_id,
        "address": fact.address,
        "address_en": fact.address_en,
        "hours": fact.hours,
        "phone": fact.phone,
        "area_code": fact.area_code,
        "channels": list(fact.channels),
        "longitude": fact.longitude,
        "latitude": fact.latitude,
        "datum": fact.datum,
        "aliases": list(fact.aliases),
        **searchable([fact.name, *fact.aliases], [fact.name_en, fact.address], fact.name),
    }


def matter(fact: facts.Matter, *, unit_id: int, unit_name: str, licence: facts.LicenceType | None) -> Columns:
    """Return the columns of a guide that has no faults: its limits and fee are there."""
    assert fact.statutory
    assert fact.promised
    assert fact.fee_fen is not None
    names = [fact.name, *fact.keywords, *([licence.name] if licence else [])]
    return {
        "name": fact.name,
        "name_en": fact.name_en,
        "implementing_code": fact.implementing_code,
        "unit_id": unit_id,
        "domain": fact.domain,
        "licence_type": fact.licence_type,
        "basis": [{"law": one.law, "article": one.article} for one in fact.basis],
        "conditions": [{"zh": one.zh, "en": one.en} for one in fact.conditions],
        "statutory_n": fact.statutory.n,
        "statutory_unit": fact.statutory.unit.name,
        "promised_n": fact.promised.n,
        "promised_unit": fact.promised.unit.name,
        "fee_fen": fact.fee_fen,
        "fee_basis": fact.fee_basis,
        "materials": [_material(one) for one in fact.materials],
        "channels": [
            {"kind": one.kind.value, "name": one.name, "name_en": one.name_en, "url": one.url} for one in fact.channels
        ],
        "phone": fact.phone,
        "audience": fact.audience,
        "keywords": list(fact.keywords),
        "concerns": [one.value for one in fact.concerns],
        **searchable(names, [fact.name_en, unit_name], fact.name),
    }


def _material(fact: facts.Material) -> dict[str, Any]:
    kept: dict[str, Any] = {
        "name": fact.name,
        "name_en": fact.name_en,
        "main": fact.main,
        "source": fact.source.value,
        "copies": fact.copies,
    }
    if gap := fact.gap:
        kept["gap"] = {"ground": gap.ground.value, "waits": gap.waits, "days": gap.days, "law": gap.law}
    if applies := fact.applies:
        kept["applies"] = {"when": applies.when.source, "zh": applies.says.zh, "en": applies.says.en}
    return kept


def city_of(row: models.City) -> facts.City:
    return facts.City(
        region=row.region,
        name=row.name,
        name_en=row.name_en,
        help_phone=row.help_phone,
        help_hours=row.help_hours,
        complaint_phone=row.complaint_phone,
        languages=tuple(row.languages),
    )


def domain_of(row: models.Domain) -> facts.Domain:
    return facts.Domain(code=row.code, name=row.name, name_en=row.name_en)


def licence_type_of(row: models.LicenceType) -> facts.LicenceType:
    return facts.LicenceType(code=row.code, name=row.name, name_en=row.name_en)


def area_of(row: models.Area) -> facts.Area:
    return facts.Area(
        code=row.code,
        name=row.name,
        name_en=row.name_en,
        kind=facts.AreaKind(row.kind),
        parent=row.parent,
        since=row.since,
        until=row.until,
        successor=row.successor,
    )


def unit_of(row: models.Unit) -> facts.Unit:
    """Return the fact; the caller has prefetched `serves__area`."""
    return facts.Unit(
        code=row.code,
        name=row.name,
        name_en=row.name_en,
        kind=facts.UnitKind(row.kind),
        uscc=row.uscc,
        area_code=row.area_code,
        domain=row.domain,
        phone=row.phone,
        phone_office=row.phone_office,
        areas=tuple(sorted(link.area.code for link in row.serves.all())),
        demo=row.demo,
    )


def outlet_of(row: models.Outlet) -> facts.Outlet:
    """Return the fact; the caller has joined `unit`."""
    return facts.Outlet(
        code=row.code,
        unit=row.unit.code,
        name=row.name,
        name_en=row.name_en,
        address=row.address,
        address_en=row.address_en,
        hours=row.hours,
        phone=row.phone,
        area_code=row.area_code,
        channels=tuple(row.channels),
        longitude=row.longitude,
        latitude=row.latitude,
        datum=row.datum,
        aliases=tuple(row.aliases),
    )


def matter_of(row: models.Matter) -> facts.Matter:
    """Return the fact; the caller has joined `unit` and prefetched `places__outlet`."""
    return facts.Matter(
        code=row.code,
        implementing_code=row.implementing_code,
        unit=row.unit.code,
        domain=row.domain,
        name=row.name,
        name_en=row.name_en,
        basis=tuple(facts.Basis(**one) for one in row.basis),
        conditions=tuple(Text(**one) for one in row.conditions),
        statutory=clocks.Length(row.statutory_n, clocks.Unit[row.statutory_unit]),
        promised=clocks.Length(row.promised_n, clocks.Unit[row.promised_unit]),
        fee_fen=row.fee_fen,
        fee_basis=row.fee_basis,
        materials=tuple(_material_of(one) for one in row.materials),
        channels=tuple(facts.Channel(**{**one, "kind": facts.ChannelKind(one["kind"])}) for one in row.channels),
        outlets=tuple(place.outlet.code for place in sorted(row.places.all(), key=lambda place: place.position)),
        phone=row.phone,
        licence_type=row.licence_type,
        audience=row.audience,
        keywords=tuple(row.keywords),
        concerns=tuple(facts.Concern(one) for one in row.concerns),
    )


def _material_of(kept: Columns) -> facts.Material:
    gap, only = kept.get("gap"), kept.get("applies")
    terms = facts.GapTerms(facts.GapGround(gap["ground"]), gap["waits"], gap["days"], gap["law"]) if gap else None
    applies = facts.Applies(conditions.parse(only["when"]), Text(only["zh"], only["en"])) if only else None
    return facts.Material(**{**kept, "source": facts.Source(kept["source"]), "gap": terms, "applies": applies})
