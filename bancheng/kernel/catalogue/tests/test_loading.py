"""The catalogue is loaded whole: what changed is told, what left is retired, nothing happens twice."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from bancheng.kernel.catalogue import facts, models, public, testing
from bancheng.kernel.catalogue.public import (
    Area,
    AreaKind,
    Catalogue,
    City,
    Domain,
    LicenceType,
    Outlet,
    Unit,
    UnitKind,
)
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

CITY = City("411000", "许昌市", "Xuchang", "12345", "每天 00:00-23:59", "12345")
AREAS = (
    Area("411000", "许昌市", "Xuchang", AreaKind.CITY),
    Area("411002", "魏都区", "Weidu District", AreaKind.COUNTY, "411000"),
    Area("411003", "建安区", "Jian'an District", AreaKind.COUNTY, "411000", since=date(2016, 11, 24)),
    Area("411023", "许昌县", "Xuchang County", AreaKind.COUNTY, "411000", None, date(2016, 11, 23), "411003"),
)
UNIT = Unit(
    "zone-market", "示范区市场监管分局", "Zone Market Branch", UnitKind.ZONE, "11411000MB0000001X", "411000", "market",
    "0374-2000000", "0374-2000001", ("411002", "411003"), True,
)  # fmt: skip
OUTLET = Outlet(
    "zone-hall", "zone-market", "示范区政务服务中心", "Zone Service Centre", "永昌东路1号", "1 Yongchang Road",
    "工作日 09:00-17:00", "0374-2000002", "411003", ("取号机",), Decimal("113.852"), Decimal("34.0356"), "WGS-84",
)  # fmt: skip
MATTER = replace(testing.guide(unit="zone-market"), outlets=("zone-hall",), keywords=("开饭店",))
WHOLE = Catalogue(
    CITY,
    (Domain("market", "市场监管", "Market regulation"),),
    AREAS,
    (UNIT,),
    (LicenceType("food-business", "食品经营许可证", "Food business licence"),),
    (OUTLET,),
    (MATTER,),
)


def audited() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select about from audit_event where action = 'catalogue.loaded' and who = 'staff:1'")
        return [about for (about,) in cursor.fetchall()]


def load(whole: Catalogue) -> dict[str, facts.Changes]:
    return public.load(whole, by="staff:1", at=AT)


def test_what_is_loaded_is_read_back_as_it_was() -> None:
    load(WHOLE)
    assert public.city() == CITY
    assert public.domains() == list(WHOLE.domains)
    assert public.areas() == list(AREAS)
    assert public.units() == [UNIT]
    assert public.unit("zone-market") == UNIT
    assert public.outlet("zone-hall") == OUTLET
    assert public.matter("food-business") == MATTER
    assert public.matter(MATTER.implementing_code) == MATTER
    assert public.licence_type("food-business").name == "食品经营许可证"


def test_loading_twice_changes_nothing(django_assert_num_queries: object) -> None:
    first, second = load(WHOLE), load(WHOLE)
    assert first["matters"].added == ("food-business",)
    assert all(changes.nothing for changes in second.values())
    assert second["areas"].unchanged == 4


def test_a_change_is_told_by_kind_and_code() -> None:
    load(WHOLE)
    done = load(replace(WHOLE, matters=(replace(MATTER, phone="0374-9999999"),)))
    assert done["matters"].changed == ("food-business",)
    assert done["units"].nothing
    assert public.matter("food-business").phone == "0374-9999999"


def test_moving_a_matter_to_no_outlet_counts_as_a_change_of_the_matter() -> None:
    load(WHOLE)
    done = load(replace(WHOLE, matters=(replace(MATTER, outlets=()),)))
    assert done["matters"].changed == ("food-business",)
    assert public.matters(outlet="zone-hall") == []


def test_what_left_the_pack_is_retired_and_can_come_back() -> None:
    load(WHOLE)
    gone = load(replace(WHOLE, matters=()))
    assert gone["matters"].retired == ("food-business",)
    assert public.matters() == []
    assert public.matter("food-business") == MATTER  # a case that names it still finds it
    pk = models.Matter.objects.get().pk
    assert load(WHOLE)["matters"].changed == ("food-business",)
    assert models.Matter.objects.get(retired_at=None).pk == pk


def test_a_guide_with_a_catch_all_is_refused_and_nothing_is_written() -> None:
    """R-OT-3"""
    bad = replace(
        MATTER, materials=(facts.Material("其他材料", "Other documents", main=True, source=facts.Source.OWN),)
    )
    with pytest.raises(Refused) as no:
        load(replace(WHOLE, matters=(bad,)))
    assert no.value.code == "guide_incomplete"
    assert "其他" in no.value.says
    assert not models.Unit.objects.exists()


def test_two_cities_do_not_touch_each_other() -> None:
    load(WHOLE)
    other = replace(CITY, region="419001", name="济源市", name_en="Jiyuan")
    done = load(replace(WHOLE, city=other))
    assert done["units"].added == ("zone-market",)
    assert len(public.units("411000")) == len(public.units("419001")) == 1
    assert public.city("419001").name == "济源市"


def test_codes_know_the_days_on_which_they_are_in_force() -> None:
    load(WHOLE)
    assert [area.code for area in public.areas(on=date(2015, 1, 1))] == ["411000", "411002", "411023"]
    assert [area.code for area in public.areas(on=date(2026, 1, 1))] == ["411000", "411002", "411003"]
    assert public.current_area("411023").name == "建安区"


def test_a_zone_serves_parts_of_several_areas() -> None:
    load(WHOLE)
    assert public.units_serving("411002") == public.units_serving("411003") == [UNIT]
    assert public.units_serving("411000") == []


def test_loading_writes_one_audit_line_for_each_kind_that_changed() -> None:
    load(WHOLE)
    written = audited()
    kinds = ("city", "domains", "areas", "units", "licence_types", "outlets", "matters")
    assert sorted(written) == sorted(f"catalogue:411000:{kind}" for kind in kinds)
    load(WHOLE)
    assert audited() == written


def test_the_database_refuses_a_coordinate_without_its_datum() -> None:
    """R-MAP-2 B4.5"""
    load(WHOLE)
    with pytest.raises(IntegrityError, match="a_coordinate_has_its_datum"), transaction.atomic():
        models.Outlet.objects.update(datum="")


@pytest.mark.parametrize("ask", ["unit", "matter", "outlet", "area", "licence_type"])
def test_an_unknown_code_is_refused_with_a_sentence(ask: str) -> None:
    with pytest.raises(Refused) as no:
        getattr(public, ask)("nowhere")
    assert no.value.status == 404
    assert "nowhere" in no.value.says
