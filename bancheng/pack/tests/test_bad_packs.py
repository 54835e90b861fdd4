"""What is wrong is told by file and line, all of it at once, and nothing is loaded."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bancheng.kernel.catalogue import public as catalogue
from bancheng.pack import loader
from bancheng.pack.reader import Faulty

TINY = Path(__file__).parent / "data" / "tiny"
AT = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


def problems(folder: Path) -> list[str]:
    with pytest.raises(Faulty) as faulty:
        loader.load_city(folder, by="staff:1", at=AT)
    assert catalogue.cities() == []  # nothing half-done
    assert all(problem.en and problem.of("en") != problem.of("zh") for problem in faulty.value.problems)
    return [str(problem) for problem in faulty.value.problems]


MARKET = "matters/market.toml"
# file, what stands there, what is put instead, the sentence (file and line first)
SLIPS = [
    ("units.toml", 'phone = "0391-6633001"', 'phone = "6633001"', "units.toml:11: “phone”不是电话号码"),
    ("units.toml", 'domain = "market"', 'domain = "health"', "units.toml:10: 领域“health”不存在。"),
    ("units.toml", 'kind = "市直"', 'kind = "省直"', "units.toml:5: “kind”应为市直、县市区、功能区、垂直管理之一。"),
    ("units.toml", 'areas = ["419001"]', 'areas = ["419009"]', "units.toml:9: 区划代码“419009”不存在。"),
    ("units.toml", 'code = "market"', 'code = "Market"', "units.toml:2: 代码用小写英文字母"),
    ("units.toml", "name_en = ", "nam_en = ", "units.toml:4: 不认识的键“nam_en”"),
    ("units.toml", "name_en = ", "nam_en = ", "units.toml:1: 缺少“name_en”。"),
    ("units.toml", "uscc = \"", "uscc = \"9", "units.toml:6: 统一社会信用代码应为18位"),
    ("units.toml", "demo = true", "demo = 1", "units.toml:7: “demo”应为 true 或 false。"),
    ("units.toml", 'kind = "市直"', 'kind = 市直', "units.toml:5: TOML格式有误"),
    ("city.toml", 'region = "419001"', 'region = "4190"', "city.toml:2: “region”应为六位区划代码。"),
    ("city.toml", 'region = "419001"', "region = 419001", "city.toml:2: “region”应为文字，请加引号。"),
    ("city.toml", 'west = "112.0"', "west = 112.0", "city.toml:11: “west”应为加引号的小数。"),
    ("city.toml", "每天 00:00-23:59", "随时", "city.toml:6: “help_hours”应如"),
    ("areas.csv", "419001001,沁园", "41900100,沁园", "areas.csv:3: 区划代码应为六位或九位数字。"),
    ("areas.csv", "街道,419001,,,", "街道,419001,2016-13-01,,", "areas.csv:3: “since”应为真实的日期"),
    ("areas.csv", "街道,419001,,,", "街道,419001,2016-01-01,2015-01-01,", "areas.csv:3: 截止日早于起始日。"),
    ("areas.csv", "街道,419001,,,", "街道,419002,,,", "areas.csv:3: 区划代码“419002”不存在。"),
    ("areas.csv", "街道,419001,,,", "街道,419001,,,,", "areas.csv:3: 这一行有9格，应有8格"),
    ("areas.csv", "since,until", "from,until", "areas.csv:1: 首行应列出"),
    ("outlets.csv", "112.6,35.07", "35.07,112.6", "outlets.csv:2: 坐标不在本市范围内，经度和纬度可能写反了。"),
    ("outlets.csv", "WGS-84", "", "outlets.csv:2: 坐标必须注明坐标系"),
    ("outlets.csv", "112.6,", ",", "outlets.csv:2: 经度和纬度要一起写。"),
    ("outlets.csv", "工作日 09:00-17:00", "朝九晚五", "outlets.csv:2: “hours”应如"),
    ("outlets.csv", "hall,market", "hall,police", "outlets.csv:2: 单位“police”不存在。"),
    (MARKET, 'unit = "market"', 'unit = "police"', "matters/market.toml:4: 单位“police”不存在。"),
    (MARKET, 'outlets = ["hall"]', 'outlets = ["mall"]', "matters/market.toml:19: 网点“mall”不存在。"),
    (
        "matters/market.toml",
        'licence_type = "food-business"',
        'licence_type = "food"',
        "matters/market.toml:8: 证照类型“food”不存在。",
    ),
    (MARKET, "1000000000001", "000000000001", "matters/market.toml:3: 实施编码应为31位"),
    (MARKET, 'unit = "WD" }\nfee', 'unit = "天" }\nfee', "matters/market.toml:12: “promised”应写成"),
    (MARKET, "fee = { fen = 0 }", 'fee = { fen = "免费" }', "matters/market.toml:13: “fen”应为不小于0的整数。"),
    (MARKET, "fee = { fen = 0 }", "fee = { fen = 1.5 }", "matters/market.toml:13: “fen”应为不小于0的整数。"),
    (MARKET, 'source = "免交"', 'source = "再说"', "matters/market.toml:16: “source”应为免交、可容缺、自备之一。"),
    (MARKET, 'source = "自备"', 'source = "可容缺"', "matters/market.toml:15: “延续申请书”可容缺的须写明gap"),
    (MARKET, 'domain = "market"', 'domain = "market"\nconcerns = ["weather"]', "matters/market.toml:6: “concerns”里的“weather”应为"),
    (MARKET, "https://www", "http://www", "matters/market.toml:18: “河南政务服务网”的网址应以https://开头。"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "says"), SLIPS, ids=[says.split("：")[0][:40] for *_, says in SLIPS])
def test_a_slip_is_told_by_file_and_line(tiny: Path, file: str, old: str, new: str, says: str) -> None:
    path = tiny / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = problems(tiny)
    assert any(line.startswith(says) for line in found), found


FORM_PAPER = 'name = "延续申请书", name_en = "Renewal application form", main = true, source = "自备"'
# R-OT-3: the case in which a paper is asked for, what is wrong with it, on the paper's own line
CASES = [
    ("cooked", "matters/market.toml:15: 缺少“says_en”。", False),
    ("smoky", "matters/market.toml:15: 条件里的“smoky”没有定义。", True),
    ("cooked = true", "matters/market.toml:15: “when”第8个字符：相等请写“==”。", True),
    ("cooked == 'yes'", "matters/market.toml:15: “cooked”与“yes”不能比较。", True),
    ("cooked and not cooked", "matters/market.toml:15: “延续申请书”在任何情况下都用不到", True),
    ("firm_name == '面馆'", "matters/market.toml:15: “firm_name”是个人信息", True),
]


@pytest.mark.parametrize(("when", "says", "whole"), CASES, ids=[when for when, *_ in CASES])
def test_the_case_in_which_a_paper_is_asked_for_is_checked_at_load(
    tiny: Path, when: str, says: str, whole: bool
) -> None:
    """R-OT-3: nobody is asked for a paper in a case that cannot be told from his own open answers."""
    path, elements = tiny / "matters" / "market.toml", tiny / "elements.toml"
    english = ', says_en = "Only then"' if whole else ""
    text = path.read_text(encoding="utf-8")
    only = f'{FORM_PAPER}, applies = {{ when = "{when}", says = "那时才要"{english} }}'
    path.write_text(text.replace(FORM_PAPER, only, 1), encoding="utf-8")
    named = elements.read_text(encoding="utf-8")
    sealed = named.replace('kind = "name"', 'kind = "name"\nsensitivity = "personal"', 1)
    elements.write_text(sealed, encoding="utf-8")
    found = problems(tiny)
    assert any(line.startswith(says) for line in found), found


# R-OT-3: the guide's own line, with the article
GUIDES = [
    ('name = "营业执照"', 'name = "其他材料"', "matters/market.toml:16: “其他材料”里的“其他”是兜底表述"),
    ('name = "营业执照"', 'name = "身份证等材料"', "matters/market.toml:16: “身份证等材料”里的“等材料”是兜底表述"),
    ("许可证在有效期内", "符合有关规定", "matters/market.toml:10: “符合有关规定”里的“有关”是兜底表述"),
    ('statutory = { n = 20, unit = "WD" }\n', "", "matters/market.toml:1: 缺少法定办结时限。"),
    ('promised = { n = 5, unit = "WD" }\n', "", "matters/market.toml:1: 缺少承诺办结时限。"),
    ("promised = { n = 5,", "promised = { n = 25,", "matters/market.toml:12: 承诺时限（25）长于法定时限（20）。"),
    ("fee = { fen = 0 }\n", "", "matters/market.toml:1: 缺少收费金额（免费写0）。"),
    ("fee = { fen = 0 }", "fee = { fen = 500 }", "matters/market.toml:13: 收费须写明收费依据。"),
    ('phone = "0391-6633001"\n', "", "matters/market.toml:1: 缺少咨询电话。"),
    ('basis = [{ law = "行政许可法", article = "第五十条" }]\n', "", "matters/market.toml:1: 缺少法律依据。"),
]


@pytest.mark.parametrize(("old", "new", "says"), GUIDES, ids=[says[22:] for *_, says in GUIDES])
def test_a_guide_that_is_open_or_incomplete_is_refused(tiny: Path, old: str, new: str, says: str) -> None:
    """R-OT-3 R-CLK-8 B4.7 B4.10"""
    path = tiny / "matters" / "market.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = problems(tiny)
    assert [line for line in found if line.startswith(says)], found


def test_everything_is_told_at_once_in_the_order_of_files_and_lines(tiny: Path) -> None:
    (tiny / "areas.csv").write_text("code,name\n", encoding="utf-8")
    text = (tiny / "units.toml").read_text(encoding="utf-8")
    (tiny / "units.toml").write_text(text.replace("0391-66330", "66330").replace("市直", "省直"), encoding="utf-8")
    found = problems(tiny)
    assert [line.split(": ")[0] for line in found[:1]] == ["areas.csv:1"]
    assert [line.split(": ")[0] for line in found if line.startswith("units")] == [
        "units.toml:5", "units.toml:8", "units.toml:9", "units.toml:11", "units.toml:12",
    ]  # fmt: skip


def test_code_does_not_belong_in_a_pack(tiny: Path) -> None:
    (tiny / "matters" / "rules.py").write_text("print()", encoding="utf-8")
    (tiny / "run.sh").write_text("", encoding="utf-8")
    found = problems(tiny)
    assert "matters/rules.py:1: 资料包只放数据，不能有“.py”文件。" in found
    assert "run.sh:1: 资料包只放数据，不能有“.sh”文件。" in found


def test_folders_and_files_nobody_reads_are_told(tiny: Path) -> None:
    (tiny / "services" / "expirey").mkdir(parents=True)
    (tiny / "matter").mkdir()
    (tiny / "unit.toml").write_text("", encoding="utf-8")
    found = problems(tiny)
    assert "services/expirey:1: 没有服务认领这个文件夹，请核对名称。" in found
    assert "matter:1: 没有服务认领这个文件夹，请核对名称。" in found
    assert "unit.toml:1: 不认识的文件，请核对名称。" in found


def test_a_code_that_stands_twice_names_the_first(tiny: Path) -> None:
    path = tiny / "units.toml"
    path.write_text(path.read_text(encoding="utf-8") * 2, encoding="utf-8")
    found = problems(tiny)
    assert "units.toml:14: “market”重复，先见于units.toml:1。" in found


def test_missing_files_wrong_bytes_and_no_folder(tiny: Path, tmp_path: Path) -> None:
    (tiny / "outlets.csv").unlink()
    (tiny / "areas.csv").write_bytes("code,name\n许昌".encode("gb18030"))
    found = problems(tiny)
    assert "outlets.csv:1: 缺少这个文件。" in found
    assert "areas.csv:2: 文件不是UTF-8编码，请另存为UTF-8。" in found
    assert any("没有这个文件夹" in line for line in problems(tmp_path / "nowhere"))
