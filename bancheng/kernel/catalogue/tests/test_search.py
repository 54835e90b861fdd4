"""People find a matter by two characters, by pinyin, by the word they use."""

import random

import pytest

from bancheng.kernel.catalogue import public, testing

pytestmark = pytest.mark.django_db

NAMES = {
    "driving": "机动车驾驶证期满换证",
    "food": "食品经营许可延续",
    "tobacco": "烟草专卖零售许可证延续",
    "clinic": "医疗机构执业许可证延续",
    "entertainment": "娱乐经营许可证延续",
}


@pytest.fixture
def _guides() -> None:
    testing.unit("market", "长葛市市场监督管理局")
    for code, name in NAMES.items():
        testing.matter(code, name=name, name_en=f"Renewal of {code} licence", licence_type="")


def codes(asked: str) -> list[str]:
    found = public.search(asked)
    return [] if found.near else [matter.code for matter in found.matters]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("驾照", "driving"),
        ("驾驶", "driving"),
        ("驾驶证 换证", "driving"),
        ("jiashizheng", "driving"),
        ("jdcjsz", "driving"),
        ("烟证", "tobacco"),
        ("开饭店", "food"),
        ("KTV", "entertainment"),
        ("诊所", "clinic"),
        ("tobacco licence", "tobacco"),
        ("ＳＰＪＹ", "food"),
    ],
)
@pytest.mark.usefixtures("_guides")
def test_the_word_people_use_finds_the_matter(asked: str, code: str) -> None:
    """R4.1 D1b"""
    assert codes(asked) == [code]


@pytest.mark.usefixtures("_guides")
def test_every_two_character_word_of_every_name_is_found() -> None:
    """D1b: recall 1.00"""
    for code, name in NAMES.items():
        for i in range(len(name) - 1):
            assert code in codes(name[i : i + 2]), name[i : i + 2]


@pytest.mark.usefixtures("_guides")
def test_a_word_lying_apart_is_not_a_hit() -> None:
    assert codes("换证期满") == []  # each of its pairs is in the name, the whole is not


@pytest.mark.usefixtures("_guides")
def test_a_whole_question_brings_the_nearest_guides() -> None:
    """R4.1 B4.3"""
    found = public.search("想要办理驾驶证换证，我都需要准备啥？")
    assert found.near
    assert found.matters[0].code == "driving"


@pytest.mark.usefixtures("_guides")
def test_what_matches_nothing_brings_nothing() -> None:
    """B4.3"""
    for asked in ("火箭发射", "", "  ", "%_'", "，。"):
        assert public.search(asked).matters == ()


@pytest.mark.usefixtures("_guides")
def test_the_unit_is_found_too_and_a_name_that_begins_with_the_word_comes_first() -> None:
    assert len(codes("长葛")) == len(NAMES)
    testing.matter("other", name="补办食品经营许可证", name_en="Replacement", licence_type="")
    assert codes("食品")[0] == "food"


def test_lists_come_by_pinyin() -> None:
    for code, name in (("yz", "禹州市局"), ("cg", "长葛市局"), ("wd", "魏都区局")):
        testing.unit(code, name)
    assert [unit.code for unit in public.units()] == ["cg", "wd", "yz"]


def test_recall_is_whole_over_random_titles() -> None:
    """D1b: recall 1.00, against a scan of the titles"""
    dice = random.Random(7)
    letters = "许可证照食品药经营运输登记变更延续注销换发公共场所卫生"
    titles = {f"m{i}": "".join(dice.choices(letters, k=8)) for i in range(60)}
    for code, title in titles.items():
        testing.matter(code, name=title, name_en="x", licence_type="")
    for _ in range(25):
        word = "".join(dice.choices(letters, k=2))
        expected = {code for code, title in titles.items() if word in title}
        found = public.search(word, limit=100)
        assert expected <= ({matter.code for matter in found.matters} if not found.near else set()), word
