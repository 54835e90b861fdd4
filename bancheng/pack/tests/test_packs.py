"""A city is data: two packs load, twice nothing changes, a change is told."""

import re
import shutil
import tomllib
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.catalogue.public import Changes
from bancheng.kernel.notices import public as notices
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.pack import loader, reader

TINY = Path(__file__).parent / "data" / "tiny"
XUCHANG = Path(__file__).parents[3] / "packs" / "xuchang"
AT = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)


def nobody_reads(folder: Path, *, region: str, by: str, at: datetime) -> Mapping[str, Changes] | None:
    return None


def load(folder: Path, **more: object) -> loader.LoadReport:
    read = (*(f"services/{one.name}" for one in (XUCHANG / "services").iterdir()), "claims")
    sections = dict.fromkeys(read, nobody_reads)
    return loader.load_city(folder, by="staff:1", at=AT, **{"sections": sections, **more})  # type: ignore[arg-type]


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.django_db
def test_another_city_is_another_folder() -> None:
    report = load(TINY)
    assert report.region == "419001"
    assert report.changes["units"].added == ("market",)
    assert catalogue.city().name_en == "Jiyuan"
    assert catalogue.outlet("hall").aliases == ("市民之家", "政务大厅")
    assert [matter.code for matter in catalogue.search("饭店").matters] == ["food-business"]


@pytest.mark.django_db
def test_two_cities_live_side_by_side() -> None:
    load(TINY)
    load(XUCHANG)
    assert len(catalogue.units("419001")) == 1
    assert len(catalogue.units("411000")) == 54


@pytest.mark.django_db
@pytest.mark.parametrize("folder", [TINY, XUCHANG], ids=["tiny", "xuchang"])
def test_loading_twice_changes_nothing(folder: Path) -> None:
    first, second = load(folder), load(folder)
    assert not first.nothing
    assert second.nothing
    assert first.digest == second.digest


@pytest.mark.django_db
def test_a_second_load_tells_the_difference(tiny: Path) -> None:
    load(tiny)
    rewrite(tiny / "units.toml", "0391-6633001", "0391-6633009")
    with (tiny / "areas.csv").open("a", encoding="utf-8") as file:
        file.write("419001002,济水街道,Jishui Subdistrict,街道,419001,,,\n")
    (tiny / "matters" / "market.toml").unlink()
    report = load(tiny)
    assert report.changes["units"].changed == ("market",)
    assert report.changes["areas"].added == ("419001002",)
    assert report.changes["matters"].retired == ("food-business",)
    assert "  ~ market" in report.lines()
    assert any(line.startswith("areas: 1 added") for line in report.lines("en"))


@pytest.mark.django_db
def test_a_dry_run_says_the_same_and_leaves_nothing() -> None:
    tried = load(TINY, dry_run=True)
    assert tried.changes["units"].added == ("market",)
    assert catalogue.cities() == []
    assert load(TINY).changes == tried.changes


@pytest.mark.django_db
def test_a_load_is_audited_by_its_caller_and_a_dry_run_is_not() -> None:
    load(TINY, dry_run=True)
    load(TINY)
    with connection.cursor() as cursor:
        cursor.execute("select who, about, region from audit_event where action = 'pack.loaded'")
        assert cursor.fetchall() == [("staff:1", "pack:419001", "419001")]


@pytest.mark.django_db
def test_a_service_reads_its_own_section_in_the_same_transaction(tiny: Path) -> None:
    (tiny / "services" / "lost").mkdir(parents=True)
    (tiny / "services" / "lost" / "shelves.toml").write_text(
        '[[shelf]]\ncode = "a"\ncolour = "red"\n', encoding="utf-8"
    )
    heard = []

    def read(folder: Path, *, region: str, by: str, at: datetime) -> dict[str, Changes]:
        heard.append((region, by, at, len(catalogue.units(region))))
        return {"shelves": Changes(added=("a",))}

    report = load(tiny, sections={"services/lost": read})
    assert heard == [("419001", "staff:1", AT, 1)]
    assert report.changes["lost.shelves"].added == ("a",)


@pytest.mark.django_db
def test_what_is_wrong_in_a_section_undoes_the_whole_load(tiny: Path) -> None:
    (tiny / "services" / "lost").mkdir(parents=True)
    (tiny / "services" / "lost" / "shelves.toml").write_text('[[shelf]]\ncode = "a"\n\ncolour = 1\n', encoding="utf-8")

    def garbled(folder: Path, *, region: str, by: str, at: datetime) -> None:
        notes = reader.Notes(folder)
        for entry in reader.tables(folder / "shelves.toml", "shelf", notes=notes):
            entry.text("code")
            entry.text("colour")
        notes.check()

    def refused(folder: Path, *, region: str, by: str, at: datetime) -> None:
        raise Refused("no_shelf", "没有架子。", en="There is no shelf.")

    with pytest.raises(reader.Faulty) as faulty:
        load(tiny, sections={"services/lost": garbled})
    assert str(faulty.value) == "services/lost/shelves.toml:4: “colour”应为文字，请加引号。"
    with pytest.raises(reader.Faulty, match="services/lost:1: 没有架子"):
        load(tiny, sections={"services/lost": refused})
    assert catalogue.cities() == []


def items() -> list[dict[str, object]]:
    text = (XUCHANG / "services" / "expiry" / "items.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(text)["item"])


@pytest.mark.django_db
def test_xuchang_has_its_37_units_and_58_items() -> None:
    """A10.2 A10.3 F10.15: units that only act in other cases are not among the 37"""
    load(XUCHANG)
    units, matters = {unit.code for unit in catalogue.units()}, {matter.code: matter for matter in catalogue.matters()}
    assert len(items()) == len({item["code"] for item in items()}) == 58
    with_items = {item["unit"] for item in items()}
    assert len(with_items) == 37
    elsewhere = {"fire", "tax", "housing-fund", "customs", "bank", "power", "night-market"}
    elsewhere |= {"registry", "xiangcheng-registry", "city-court", "weidu-court"}
    elsewhere |= {"boc", "abc", "icbc", "ccb", "psbc", "rcb"}
    assert units - with_items == elsewhere
    assert with_items <= units
    for item in items():
        matter = matters[str(item["matter"])]
        assert (matter.unit, matter.licence_type) == (item["unit"], item["licence_type"])
    assert {"market", "health", "transport", "tobacco"} <= {matter.domain for matter in matters.values()}


def test_each_window_names_its_law_and_how_sure_we_are() -> None:
    """R10.1"""
    windows = {item["code"]: item["window"] for item in items() if "window" in item}
    endless = [item["code"] for item in items() if item["validity_years"] == 0]
    assert set(endless).isdisjoint(windows)
    assert len(endless) + len(windows) == 58
    assert all(window["tag"] in "LSM" and window["law"] for window in windows.values())
    food, tobacco = windows["food-business"], windows["tobacco-retail"]
    assert (food["opens"], food["closes"], food["unit"], food["tag"]) == (90, 15, "WD", "M")
    assert (tobacco.get("opens"), tobacco["closes"], tobacco["unit"], tobacco["tag"]) == (None, 30, "ND", "M")
    production = windows["food-production"]
    assert (production["closes"], production["unit"], production["tag"]) == (30, "WD", "S")
    default = Counter(window["closes"] for window in windows.values() if window["law"] == "行政许可法 第五十条")
    assert set(default) == {30}


@pytest.mark.django_db
def test_the_traps_of_xuchangs_codes() -> None:
    """Section 5.3: a code has its days, one is statistical, a zone has none of its own"""
    load(XUCHANG)
    assert catalogue.current_area("411023").code == "411003"
    on = {area.code for area in catalogue.areas(on=datetime(2016, 1, 1, tzinfo=UTC).date())}
    assert "411023" in on
    assert "411003" not in on
    assert catalogue.area("411071").kind is catalogue.AreaKind.STATISTICAL
    assert catalogue.area("411002570").parent == "411002"
    zone = catalogue.unit("zone-market")
    assert zone.kind is catalogue.UnitKind.ZONE
    assert zone.areas == ("411002", "411003")
    assert sum(area.kind is catalogue.AreaKind.COUNTY and area.until is None for area in catalogue.areas()) == 6


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("驾照", "driving"),
        ("烟证", "tobacco-retail"),
        ("开饭店", "food-business"),
        ("ddcz", None),
        ("电工证", "special-operation"),
    ],
)
def test_people_find_the_guide_by_their_own_word(asked: str, code: str | None) -> None:
    """R4.1 D1b"""
    load(XUCHANG)
    found = catalogue.search(asked)
    assert (code in [matter.code for matter in found.matters]) is (code is not None)


def test_no_person_and_no_code_stands_in_a_pack() -> None:
    for path in XUCHANG.rglob("*"):
        assert path.suffix != ".py"
        if path.is_file() and "claims" not in path.parts:  # claims hold large figures
            assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", path.read_text(encoding="utf-8")), path


def templates() -> tuple[dict[str, notices.Variable], list[dict[str, Any]]]:
    text = (XUCHANG / "services" / "expiry" / "templates.toml").read_text(encoding="utf-8")
    read = tomllib.loads(text)
    variables = {
        name: notices.Variable(notices.Type(one["type"]), one["longest"]) for name, one in read["variables"].items()
    }
    return variables, read["template"]


@pytest.mark.django_db
def test_every_reminder_text_is_fit_to_be_published() -> None:
    """N-2 N-7 N-9 F10.11 R10.4 B10.7"""
    variables, found = templates()
    slots = ("sms", "push_title", "push_body", "inbox_title", "inbox_body")
    for kind in {template["kind"] for template in found}:
        notices.define_kind(code=kind, name=Text(kind, kind), ladder=[], by="test", at=AT)
    for template in found:
        texts = {slot: template[slot] for slot in slots}
        rows = [(Text(row["zh"], row["en"]), row["value"]) for row in template.get("rows", [])]
        everything = " ".join(
            [said for slot in texts.values() for said in slot.values()] + [row[1] for row in rows] + [template["page"]]
        )
        used = {name: variable for name, variable in variables.items() if f"{{{name}}}" in everything}
        draft = notices.Draft(
            texts=texts,
            variables=used,
            rows=rows,
            page=template["page"],
            variant=template["variant"],
            dated=template.get("dated", True),
        )
        made = notices.draft(kind=template["kind"], text=draft, by="test", at=AT)
        notices.publish(template_id=made, by="test", at=AT)
        if template["kind"] in ("expiry.window", "expiry.expiring"):  # R10.4
            assert "不免责" in texts["sms"]["zh"] or "不免除" in texts["sms"]["zh"]


@pytest.mark.parametrize("template", templates()[1], ids=lambda each: f"{each['kind']}/{each['variant']}")
def test_every_message_s_page_says_what_it_is_and_whom_to_call(template: dict[str, Any]) -> None:
    """R10.4 N-1 N-10: a service, no duty and no excuse, not legal service (送达); a number that a person answers."""
    page = template["inbox_body"]
    assert "不是法律文书的送达；不增加" in page["zh"]
    assert "不免除" in page["zh"]
    assert "not legal service of a document: it adds no duty and" in page["en"]
    to_one_holder = (
        template["kind"] in ("expiry.window", "expiry.expiring", "expiry.lapsed") and template["variant"] != "digest"
    )
    for slot in ("sms", "push_body", "inbox_body"):
        for said in template[slot].values():
            assert "{hotline}" in said
            assert "{phone}" in said or not to_one_holder


def test_every_kind_of_licence_that_expires_has_its_own_texts() -> None:
    """F10.11"""
    kinds = {item["licence_type"] for item in items() if item["validity_years"]}
    for occasion in ("expiry.window", "expiry.expiring"):
        variants = [template["variant"] for template in templates()[1] if template["kind"] == occasion]
        assert len(variants) == len(set(variants))
        assert set(variants) == kinds | {"", "digest"}
