"""What a city's matters ask is read from its pack, and a slip is told by file and line."""

import shutil
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
