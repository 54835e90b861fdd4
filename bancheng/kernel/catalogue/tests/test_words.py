"""Names are read, sorted and cut rightly."""

import pytest

from bancheng.kernel.catalogue import words


@pytest.mark.parametrize(
    ("name", "full", "initials"),
    [
        ("长葛市", "changgeshi", "cgs"),
        ("魏都区", "weiduqu", "wdq"),
        ("鄢陵县", "yanlingxian", "ylx"),
        ("禹州市", "yuzhoushi", "yzs"),
        ("襄城县", "xiangchengxian", "xcx"),
        ("建安区", "jiananqu", "jaq"),
        ("神垕镇", "shenhouzhen", "shz"),
        ("行政许可", "xingzhengxuke", "xzxk"),
        ("重点行业", "zhongdianhangye", "zdhy"),
        ("银行", "yinhang", "yh"),
    ],
)
def test_names_are_read_as_people_say_them(name: str, full: str, initials: str) -> None:
    """D1b"""
    assert words.spellings(name) == [full, initials]


def test_places_sort_by_pinyin() -> None:
    """D1b"""
    places = ["禹州市", "魏都区", "长葛市", "襄城县", "鄢陵县", "建安区"]
    assert sorted(places, key=words.sort_key) == ["长葛市", "建安区", "魏都区", "襄城县", "鄢陵县", "禹州市"]


def test_one_width_one_case_no_spaces() -> None:
    assert words.plain("Ｋ ＴＶ（一）、证·照") == "ktv一证照"
    assert words.bigrams("驾驶证") == {"驾驶", "驶证"}
    assert words.bigrams("证") == {"证"}
    assert words.bigrams("，") == set()


def test_rare_characters_outside_the_basic_plane_are_kept() -> None:
    assert words.plain("𠮷野") == "𠮷野"


def test_a_synonym_is_added_where_its_group_is_met() -> None:
    lines = words.lines(["机动车驾驶证期满换证"])
    assert "驾照" in lines
    assert "烟证" not in lines
