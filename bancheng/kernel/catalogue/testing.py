"""Makers for the tests of other parts: `testing.unit(...)`, `testing.matter(...)` write rows and return the view."""

from dataclasses import replace
from typing import Any

from bancheng.kernel.catalogue import facts, models, queries, rows
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.text import Text

REGION = "411000"


def city(region: str = REGION, **more: Any) -> facts.City:
    """Write a city and return it."""
    fact = facts.City(
        region=region,
        name="试城市",
        name_en="Testville",
        help_phone="12345",
        help_hours="每天 00:00-23:59",
        complaint_phone="12345",
    )
    fact = replace(fact, **more)
    models.City.objects.update_or_create(region=region, defaults=rows.city(fact))
    return fact


def domain(code: str = "market", name: str = "市场监管", *, region: str = REGION, **more: Any) -> facts.Domain:
    """Write a domain and return it."""
    values = {"name": name, "name_en": "Market regulation", "position": 0, **more}
    models.Domain.objects.get_or_create(region=region, code=code, defaults=values)
    return queries.domains(region)[0]


def unit(code: str = "market", name: str = "市场监督管理局", *, region: str = REGION, **more: Any) -> facts.Unit:
    """Write a unit unless its code is there already, and return it."""
    fact = facts.Unit(
        code=code,
        name=name,
        name_en=f"Bureau of {code}",
        kind=facts.UnitKind.CITY,
        uscc=f"1{models.Unit.objects.count():017d}",  # unique; its check is not judged here
        area_code=region,
        domain="market",
        phone="0374-2000000",
        phone_office="0374-2000001",
        demo=True,
    )
    fact = replace(fact, **more)
    row, _ = models.Unit.objects.get_or_create(region=region, code=code, defaults=rows.unit(fact))
    return rows.unit_of(row)


def licence_type(
    code: str = "food-business", name: str = "食品经营许可证", *, region: str = REGION
) -> facts.LicenceType:
    """Write a kind of licence unless it is there already, and return it."""
    values = {"name": name, "name_en": code.replace("-", " ").capitalize() + " licence"}
    row, _ = models.LicenceType.objects.get_or_create(region=region, code=code, defaults=values)
    return rows.licence_type_of(row)


def outlet(
    code: str = "hall", name: str = "政务服务大厅", *, unit: str = "market", region: str = REGION, **more: Any
) -> facts.Outlet:
    """Write an outlet and return it; its unit is made when missing."""
    fact = facts.Outlet(
        code=code,
        unit=unit,
        name=name,
        name_en="Service hall",
        address="试验路1号",
        address_en="1 Trial Road",
        hours="工作日 09:00-12:00 13:00-17:00",
        phone="0374-2000002",
        area_code=region,
    )
    fact = replace(fact, **more)
    values = rows.outlet(fact, unit_id=_unit_id(unit, region))
    models.Outlet.objects.get_or_create(region=region, code=code, defaults=values)
    return fact


def guide(code: str = "food-business", *, unit: str = "market", **more: Any) -> facts.Matter:
    """Return a guide without a fault, written nowhere."""
    fact = facts.Matter(
        code=code,
        implementing_code=f"{code:*<31.31}",
        unit=unit,
        domain="market",
        name="食品经营许可延续",
        name_en="Renewal of the food business licence",
        basis=(facts.Basis("行政许可法", "第五十条"),),
        conditions=(Text("许可证在有效期内", "The licence has not expired"),),
        statutory=clocks.Length(20, clocks.Unit.WD),
        promised=clocks.Length(5, clocks.Unit.WD),
        fee_fen=0,
        fee_basis="",
        materials=(facts.Material("延续申请书", "Renewal application form", main=True, source=facts.Source.OWN),),
        channels=(
            facts.Channel(facts.ChannelKind.ONLINE, "河南政务服务网", "Henan services online", "https://example.org/"),
        ),
        outlets=(),
        phone="0374-2000000",
        licence_type="food-business",
    )
    return replace(fact, **more)


def matter(code: str = "food-business", *, unit: str = "market", region: str = REGION, **more: Any) -> facts.Matter:
    """Write a matter and return it; its unit and kind of licence are made when missing."""
    fact = guide(code, unit=unit, **more)
    licence = licence_type(fact.licence_type, region=region) if fact.licence_type else None
    unit_id = _unit_id(unit, region)
    values = rows.matter(fact, unit_id=unit_id, unit_name=queries.unit(unit, region=region).name, licence=licence)
    row, _ = models.Matter.objects.get_or_create(region=region, code=code, defaults=values)
    for position, place in enumerate(fact.outlets):
        found = models.Outlet.objects.get(region=region, code=place)
        models.MatterOutlet.objects.get_or_create(
            region=region, matter=row, outlet=found, defaults={"position": position}
        )
    return fact


def _unit_id(code: str, region: str) -> int:
    unit(code, region=region)
    return models.Unit.objects.get(region=region, code=code).pk
