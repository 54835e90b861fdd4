"""What a city's matters ask is read from its pack, and a slip is told by file and line."""

import shutil
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bancheng.kernel.forms import public as forms
from bancheng.pack import checks, loader, reader
from bancheng.pack import forms as asking

TINY = Path(__file__).parent / "data" / "tiny"
AT = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
ELEMENTS, FORMS = "elements.toml", "forms/market.toml"


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


def problems(folder: Path, **more: bool) -> list[str]:
    notes = reader.Notes(folder)
    whole = checks.read(folder, notes=notes)
    asking.read(folder, notes=notes, catalogue=whole, **more)
    return [str(problem) for problem in sorted(set(notes.problems))]


def load(folder: Path) -> loader.LoadReport:
    return loader.load_city(folder, by="staff:1", at=AT)


@pytest.mark.django_db
def test_elements_and_forms_come_in_with_the_city_and_twice_changes_nothing(tiny: Path) -> None:
    """F14.2"""
    changes = load(tiny).changes
    assert changes["elements"].added == ("cooked", "firm_name", "smoke_outlet")
    assert changes["forms"].added == ("food-business",)
    assert load(tiny).nothing
    form = forms.form("419001", ["food-business"])
    [problem] = forms.problems(form, {"firm_name": "面馆", "cooked": True, "smoke_outlet": "roof"}, AT.date())
    assert problem.says.zh == "现场热加工应有专用烟道。"


@pytest.mark.django_db
def test_a_pack_without_forms_asks_nothing_and_retires_what_was_asked(tiny: Path) -> None:
    load(tiny)
    (tiny / ELEMENTS).unlink()
    shutil.rmtree(tiny / "forms")
    changes = load(tiny).changes
    assert len(changes["elements"].retired) == 3
    assert changes["forms"].retired == ("food-business",)


@pytest.mark.django_db
def test_a_faulty_form_leaves_nothing_of_the_whole_pack(tiny: Path) -> None:
    rewrite(tiny / FORMS, 'element = "firm_name"', 'element = "firm"')
    with pytest.raises(reader.Faulty, match=r"forms/market\.toml:9"):
        load(tiny)
    assert forms.elements("419001") == {}


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


SLIPS = [
    (ELEMENTS, 'law = "行政许可法 第三十一条"\n', "", "elements.toml:1: 没有写明依据"),
    (ELEMENTS, 'owner = "market"\nsource', "source", "elements.toml:1: 没有写明由哪个单位对它负责。"),
    (ELEMENTS, 'owner = "market"', 'owner = "nobody"', "elements.toml:7: 单位“nobody”不存在。"),
    (ELEMENTS, 'kind = "yes_no"', 'kind = "maybe"', "elements.toml:14: “kind”应为"),
    (ELEMENTS, ', name_en = "Over the roof"', "", "elements.toml:27: 选项“roof”要有中英文两种名称。"),
    (ELEMENTS, 'name = "专用烟道", ', "", "elements.toml:26: 选项“shared”要有中英文两种名称。"),
    (ELEMENTS, 'source = ["organisation.name"]', 'source = ["somewhere"]', "elements.toml:8: 来源应如"),
    (ELEMENTS, 'code = "cooked"', 'code = "firm_name"', "elements.toml:11: “firm_name”重复。"),
    (ELEMENTS, 'code = "firm_name"', 'code = "firm-name"', "elements.toml:2: 数据项代码用小写字母"),
    (ELEMENTS, 'kind = "name"', 'kind = "name"\ncolour = "red"', "elements.toml:6: 不认识的键“colour”"),
    (FORMS, 'element = "cooked"', 'element = "gone"', "forms/market.toml:10: 没有“gone”这个数据项。"),
    (FORMS, 'element = "cooked"', 'element = "firm_name"', "forms/market.toml:10: “firm_name”在表单里出现两次。"),
    (FORMS, 'shown = "cooked"', 'shown = "cooked ="', "forms/market.toml:11: “shown”第8个字符：相等请写“==”。"),
    (FORMS, 'required = "cooked"', 'required = "cooked > 1"', "forms/market.toml:11: “cooked”与“1”不能比较。"),
    (FORMS, 'shown = "cooked"', 'shown = "seats > 1"', "forms/market.toml:11: 条件里的“seats”没有定义。"),
    (FORMS, 'shown = "cooked"', "shown = false", "forms/market.toml:11: “smoke_outlet”在任何情况下都不会显示"),
    (FORMS, 'shown = "cooked"', "shown = 3", "forms/market.toml:11: “shown”应为文字"),
    (FORMS, '"firm_name" }', '"firm_name", shown = "cooked and not cooked" }', "forms/market.toml:9: “firm_name”在任何情况"),
    (FORMS, '{ element = "cooked" }', '{ element = "cooked", shown = "smoke_outlet == \'roof\'" }',
     "forms/market.toml:10: “cooked”是否显示取决于它自己。"),
    (FORMS, "'shared'", "'pipe'", "forms/market.toml:15: “smoke_outlet”没有“pipe”这一项。"),
    (FORMS, 'at = "smoke_outlet"', 'at = "roof"', "forms/market.toml:18: 表单里没有“roof”。"),
    (FORMS, 'says_en = "Hot food needs a flue of its own."\n', "", "forms/market.toml:14: 缺少“says_en”。"),
    (FORMS, 'holds = "not cooked or smoke_outlet == \'shared\'"\n', "", "forms/market.toml:14: 缺少“holds”。"),
    (FORMS, '"firm_name" }', '"firm_name", note = "只有中文" }', "forms/market.toml:9: 说明要有中英文两种。"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "says"), SLIPS, ids=[says.split("：")[0][:44] for *_, says in SLIPS])
def test_a_slip_is_told_by_file_and_line(tiny: Path, file: str, old: str, new: str, says: str) -> None:
    rewrite(tiny / file, old, new)
    found = problems(tiny)
    assert any(line.startswith(says) for line in found), found


def test_one_matter_has_one_form_and_one_section_has_one_name(tiny: Path) -> None:
    text = (tiny / FORMS).read_text(encoding="utf-8")
    (tiny / "forms" / "other.toml").write_text(text.replace("申请单位", "单位"), encoding="utf-8")
    assert problems(tiny) == [
        "forms/other.toml:2: “food-business”有两张表单。",
        "forms/other.toml:6: 同一栏目在别处叫“申请单位”。",
    ]


def test_a_form_of_a_matter_without_a_guide_is_told_when_that_is_asked_for(tiny: Path) -> None:
    rewrite(tiny / FORMS, 'matter = "food-business"', 'matter = "food-new"')
    assert problems(tiny) == []
    assert problems(tiny, matters_are_known=True) == ["forms/market.toml:2: 没有“food-new”这个事项。"]


XUCHANG = Path(__file__).parents[3] / "packs" / "xuchang"
BUNDLES = {
    "restaurant": ["business-licence-check", "food-business-new", "sign-board", "fire-check", "tobacco-retail-new"],
    "migration": ["migration-in"],
    "change": [
        "registration-change", "seal-engraving", "tax-change", "social-insurance-change", "housing-fund-change",
        "bank-account-change",
    ],
    "cancellation": [
        "tax-cancellation", "registration-cancellation", "customs-cancellation", "social-insurance-cancellation",
        "bank-account-cancellation", "seal-cancellation", "housing-fund-cancellation",
    ],
    "opening": [
        "registration-opening", "seal-engraving", "invoice-setup", "social-insurance-registration",
        "housing-fund-registration", "bank-account-booking",
    ],
}  # fmt: skip
KNOWN = {
    "person.name", "person.citizen_id", "organisation.name", "organisation.uscc", "person.mobile",
    "organisation.representative_name", "organisation.representative_citizen_id", "organisation.representative_mobile",
}  # fmt: skip


@pytest.fixture(scope="module")
def xuchang() -> forms.Forms:
    notes = reader.Notes(XUCHANG)
    sections = [f"services/{one.name}" for one in (XUCHANG / "services").iterdir()]
    whole = checks.read(XUCHANG, notes=notes, sections=sections)
    found = asking.read(XUCHANG, notes=notes, catalogue=whole)
    notes.check()
    return found


def bundle(xuchang: forms.Forms, name: str) -> forms.Form:
    specs = {spec.matter: spec for spec in xuchang.specs}
    elements = {element.code: element for element in xuchang.elements}
    return forms.union([specs[matter] for matter in BUNDLES[name]], elements)


def test_every_matter_of_the_five_bundles_has_its_form_and_every_element_is_asked(xuchang: forms.Forms) -> None:
    """F14.1 F14.2 F14.4 F14.5 F14.6 R14.9"""
    matters = {matter for matters in BUNDLES.values() for matter in matters}
    assert {spec.matter for spec in xuchang.specs} == matters
    asked = {one.element for spec in xuchang.specs for one in spec.fields}
    assert asked == {element.code for element in xuchang.elements}


def test_a_restaurant_is_asked_each_shared_thing_once_for_all_that_use_it(xuchang: forms.Forms) -> None:
    """F14.2 R14.3"""
    form = bundle(xuchang, "restaurant")
    assert set(form.fields["uscc"].asked_by) == set(BUNDLES["restaurant"])
    assert form.fields["floor_area"].asked_by == ("food-business-new", "fire-check", "tobacco-retail-new")
    apart = sum(len(spec.fields) for spec in xuchang.specs if spec.matter in BUNDLES["restaurant"])
    assert len(form.fields) == 37
    assert apart == 68
    assert [section.code for section in form.sections] == [
        "applicant", "plan", "contact", "premises", "food", "sign", "fire", "tobacco",
    ]  # fmt: skip


def test_a_restaurant_is_told_what_does_not_fit(xuchang: forms.Forms) -> None:
    """R14.5"""
    form = bundle(xuchang, "restaurant")
    today = AT.date()
    values = {
        "food_business_kind": "sales", "food_items": ("hot", "packed"), "floor_area": 10000, "fire_route": "promise",
        "fire_promise": False, "premises_right": "leased", "lease_until": today.replace(year=2025),
    }  # fmt: skip
    wrong = {one.element for one in forms.problems(form, values, today) if not one.missing}
    assert wrong == {"food_items", "fire_promise", "lease_until"}
    shown = forms.visible(form, values, today)
    assert "kitchen_area" not in shown
    assert "fire_visit_day" not in shown
    assert "seats" not in forms.required(form, values, today)
    assert "seats" in forms.required(form, values | {"food_business_kind": "canteen"}, today)


def test_who_opens_a_business_is_not_asked_for_the_code_he_does_not_have_yet(xuchang: forms.Forms) -> None:
    form = bundle(xuchang, "opening")
    assert "uscc" not in forms.visible(form, {"seal_reason": "new"}, AT.date())
    assert "uscc" in forms.visible(form, {"seal_reason": "lost"}, AT.date())


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_can_be_filled_in(xuchang: forms.Forms, name: str) -> None:
    """Every field brought up by some answer, in each bundle, is asked in both languages and can be answered"""
    form = bundle(xuchang, name)
    assert forms.required(form, {}, AT.date())
    for one in form.fields.values():
        assert one.element.name_en.isascii() or "m²" in one.element.name_en


def test_what_identifies_a_person_is_never_open(xuchang: forms.Forms) -> None:
    """P-9"""
    for element in xuchang.elements:
        if element.kind in (forms.Kind.CITIZEN_ID, forms.Kind.MOBILE) or any(
            "person." in one for one in element.source
        ):
            assert element.sensitivity is not forms.Sensitivity.OPEN, element.code


# a paper of the guide says it: floor plan and flow of work, picture of the sign, plans of the fire equipment, the seals themselves,
# the promise of all investors, the resolution
ANSWERED_BY_PAPERS = ("equipment_layout", "sign_design", "evacuation", "old_seals_returned", "no_debts", "change_date")


def test_every_source_is_one_that_somebody_answers(xuchang: forms.Forms) -> None:
    """R2.4"""
    units = {unit["code"] for unit in tomllib.loads((XUCHANG / "units.toml").read_text(encoding="utf-8"))["unit"]}
    for element in xuchang.elements:
        for source in element.source:
            kind, _, rest = source.partition(".")
            licence = kind == "licence" and rest.endswith((".number", ".holder_name"))
            shared = kind == "shared" and rest.partition(".")[0] in units
            assert source in KNOWN or licence or shared or source == f"earlier.{element.code}", source


@pytest.mark.parametrize("name", BUNDLES)
def test_nothing_is_asked_twice_in_a_bundle(xuchang: forms.Forms, name: str) -> None:
    """R2.4, F14.2: each datum once, no two fields of one name, and nobody asks for what the law leaves no choice in"""
    form = bundle(xuchang, name)
    listed = [one.code for section in form.sections for one in section.fields]
    assert len(listed) == len(set(listed))
    titles = [one.element.title.zh for one in form.fields.values()]
    assert len(titles) == len(set(titles))
    sources = [source for one in form.fields.values() for source in one.element.source[:1]]
    doubled = {source for source in sources if sources.count(source) > 1}
    assert doubled <= {"person.name", "person.citizen_id", "person.mobile"}  # one may be contact and applicant
    assert [one for one in ANSWERED_BY_PAPERS if one in form.fields] == []


def test_what_a_bundle_leaves_no_choice_in_is_filled_in(xuchang: forms.Forms) -> None:
    """R2.4"""
    wanted = {"opening": ("seal_reason", "new"), "change": ("seal_reason", "change")}
    wanted |= {"restaurant": ("food_business_kind", "catering")}
    for name, (element, value) in wanted.items():
        (one,) = forms.derive(bundle(xuchang, name), {}, AT.date()).values()
        assert (one.element, one.value) == (element, value)
