from pathlib import Path

import pytest

from bancheng.kernel.claims.reading import BadPack, read
from bancheng.kernel.claims.rules import Kind

CITY = Path(__file__).parents[4] / "packs" / "xuchang" / "claims"
HEAD = 'case = 10\ntitle = "甲"\ntitle_en = "a"\nunit = "市司法局"\nunit_en = "Justice"\n'
CLAIM = """
[[claim]]
id = "A10.2"
kind = "computed"
sentence = "全市37家单位"
sentence_en = "37 units"
expected = "37家"
number = "37"
unit = "家"
unit_en = "units"
definition = "单位数"
definition_en = "Units"
section = "三、工作成效"
paragraph = 9
topic = "scale"
"""


def folder(tmp_path, claims=CLAIM, head=HEAD, checks=""):
    (tmp_path / "10-alarm.toml").write_text(head + claims, encoding="utf-8")
    if checks:
        (tmp_path / "checks.toml").write_text(checks, encoding="utf-8")
    return tmp_path


def mistakes(path):
    with pytest.raises(BadPack) as bad:
        read(path)
    return bad.value.mistakes


def test_a_right_folder_is_read(tmp_path):
    [claim] = read(folder(tmp_path)).claims
    assert (claim.code, claim.kind, claim.number, claim.paragraph) == ("A10.2", Kind.COMPUTED, 37, 9)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('sentence = "全市37家单位"', 'sentence = " "', "sentence is missing"),
        ('expected = "37家"', 'expected = "38家"', "expected does not stand in the sentence"),
        ('expected = "37家"\n', "", "a figure needs expected"),
        ('kind = "computed"', 'kind = "typed"', "kind must be one of"),
        ('kind = "computed"', 'kind = "promise"', "a promise needs check"),
        ('definition = "单位数"\n', "", "needs definition"),
        ('number = "37"', 'number = "many"', "number must be a decimal"),
        ('number = "37"', "number = 37.5", "number must be a decimal"),
        ('number = "37"\n', "", "a computed figure needs a number"),
        ('number = "37"', 'number = "37"\ncomparison = "≈"', "≈ needs a tolerance"),
        ('number = "37"', 'number = "37"\ncomparison = "~"', "comparison must be one of"),
        ('topic = "scale"', 'topic = "weather"', "topic must be one of"),
        ("paragraph = 9", 'paragraph = "9"', "paragraph must be"),
        ('id = "A10.2"', 'id = "A9.2"', "id must look like A10.1"),
        ('definition = "单位数"', 'definiton = "单位数"', "definiton is not a field"),
    ],
)
def test_a_mistake_names_file_line_and_claim(tmp_path, old, new, says):
    found = mistakes(folder(tmp_path, "\n# a note\n" + CLAIM.replace(old, new)))
    assert any(mistake.startswith("10-alarm.toml:9: ") and says in mistake for mistake in found), found


def test_every_mistake_is_told_at_once(tmp_path):
    """Two wrong rows, and the second has the first one's id."""
    wrong = CLAIM.replace('"37家"', '"38家"') + CLAIM.replace("scale", "weather")
    assert len(mistakes(folder(tmp_path, wrong))) == 3


def test_a_code_that_stands_twice_is_told(tmp_path):
    assert mistakes(folder(tmp_path, CLAIM + CLAIM)) == [
        "10-alarm.toml:22: A10.2: 编号重复，已见于 10-alarm.toml:7 · the id stands there already"
    ]


def test_a_file_that_is_not_toml_is_told_with_its_line(tmp_path):
    assert mistakes(folder(tmp_path, "\nx = ="))[0].startswith("10-alarm.toml:7: 不是有效的 TOML")


def test_a_case_without_its_title_or_with_anothers_number_is_told(tmp_path):
    head = HEAD.replace('title_en = "a"\n', "").replace("case = 10", "case = 9")
    assert mistakes(folder(tmp_path, head=head)) == [
        "10-alarm.toml:1: 案例缺少 title_en · the case needs title_en",
        "10-alarm.toml:1: 案例号应与文件名一致 · case must be 10, as the file's name says",
    ]


def test_an_empty_folder_is_told(tmp_path):
    assert "no case files" in mistakes(tmp_path)[0]


def test_a_check_on_an_unknown_claim_is_told(tmp_path):
    checks = '[[check]]\nid = "K1"\nsays = "甲"\nsays_en = "a"\nleft = "A10.9"\nrelation = "="\nright = "1"\n'
    assert "checks.toml:1: K1: " in mistakes(folder(tmp_path, checks=checks))[0]


def test_the_citys_own_claims_are_in_order():
    """A1.1 to A15.7: every figure of the fifteen cases and the frame is entered, with every feature."""
    pack = read(CITY)
    assert [case.number for case in pack.cases] == list(range(16))
    assert all(case.claims for case in pack.cases)
    codes = {claim.code for claim in pack.claims}
    features = {
        1: 21,
        2: 16,
        3: 17,
        4: 12,
        5: 19,
        6: 13,
        7: 12,
        8: 24,
        9: 11,
        10: 15,
        11: 20,
        12: 14,
        13: 12,
        14: 8,
        15: 10,
    }
    for case, last in features.items():
        assert {f"F{case}.{n}" for n in range(1, last + 1)} <= codes, case
    topmost = {0: 2, 1: 11, 2: 9, 3: 7, 4: 4, 5: 3, 6: 10, 7: 6, 8: 22, 9: 5, 10: 8, 11: 4, 12: 12, 13: 5, 14: 5, 15: 7}
    for case, last in topmost.items():
        for n in range(1, last + 1):
            assert any(code == f"A{case}.{n}" or code[:-1] == f"A{case}.{n}" for code in codes), f"A{case}.{n}"


def test_the_citys_computed_claims_are_those_of_the_built_services():
    computed = {claim.code for claim in read(CITY).claims if claim.kind is Kind.COMPUTED}
    assert computed == {
        *("A1.1", "A1.2", "A1.3", "A1.4", "A1.6", "A1.10", "A1.11", "A1.12", "A1.13"),
        *("A10.1a", "A10.1b", "A10.1c", "A10.2", "A10.3", "A10.4", "A10.5", "A10.6"),
        *("A10.7a", "A10.7b", "A10.7c", "A10.9"),
        *("A7.1", "A7.2", "A7.3", "A7.4a", "A7.4b", "A7.5", "A7.6"),
        *("A13.1", "A13.2", "A13.3", "A13.4", "A13.5a", "A13.5b", "A13.5c", "A13.5d", "A13.5e", "A13.5f"),
        *("A14.1b", "A14.2", "A14.3", "A14.4", "A14.5"),
    }
