"""How Chinese names are found and sorted.

Each searchable row stores lines (name, other names, synonyms, pinyin, initials, English) and the set of their bigrams
under a GIN index: a two-character word is found by one index probe, with full recall. What is worked out when a row is
written costs nothing when it is read. Sorting goes by a stored key, because not every build of PostgreSQL has a pinyin
collation.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import ModuleType

# place names and words of the trade that the dictionary reads otherwise
READ_SO = {
    "长葛": [["cháng"], ["gě"]],
    "魏都": [["wèi"], ["dū"]],
    "鄢陵": [["yān"], ["líng"]],
    "禹州": [["yǔ"], ["zhōu"]],
    "襄城": [["xiāng"], ["chéng"]],
    "建安": [["jiàn"], ["ān"]],
    "许昌": [["xǔ"], ["chāng"]],
    "神垕": [["shén"], ["hòu"]],
    "都市": [["dū"], ["shì"]],
    "行政": [["xíng"], ["zhèng"]],
    "执行": [["zhí"], ["xíng"]],
    "银行": [["yín"], ["háng"]],
    "重点": [["zhòng"], ["diǎn"]],
    "行业": [["háng"], ["yè"]],
    "校验": [["jiào"], ["yàn"]],
    "长期": [["cháng"], ["qī"]],
    "兽药": [["shòu"], ["yào"]],
}
SYNONYMS = Path(__file__).parent / "data" / "synonyms.toml"
KEPT = re.compile(r"[^0-9a-z\u3007\u3400-\u9fff\U00020000-\U0003ffff]+")


def plain(text: str) -> str:
    """Return `text` in one width and case, without spaces and punctuation."""
    return KEPT.sub("", unicodedata.normalize("NFKC", text).lower())


def bigrams(text: str) -> set[str]:
    """Return the pairs of neighbouring characters of `text`; a single character stands for itself."""
    text = plain(text)
    return {text[i : i + 2] for i in range(max(len(text) - 1, 1))} if text else set()


def sort_key(name: str) -> str:
    """Return what `name` sorts by: its pinyin with tones, syllable by syllable, the name itself as the last word."""
    return " ".join([*_pinyin(name.lower(), style="TONE3", neutral_tone_with_five=True), name])


def spellings(name: str) -> list[str]:
    """Return the pinyin of `name` in full and by its initials."""
    return [plain("".join(_pinyin(name))), plain("".join(_pinyin(name, style="FIRST_LETTER")))]


def _pinyin(text: str, *, style: str = "NORMAL", **how: bool) -> list[str]:
    speller = _speller()
    return list(speller.lazy_pinyin(text, style=speller.Style[style], **how))


@cache
def _speller() -> ModuleType:
    """Return the speller with our words, loaded by whoever is the first to need it: it takes a third of a second, and few processes do."""
    import pypinyin

    pypinyin.load_phrases_dict(READ_SO)
    return pypinyin


def lines(names: Iterable[str], *, others: Iterable[str] = ()) -> list[str]:
    """Return every line by which a row can be found.

    `names` are found by their pinyin and initials too; `others` (the unit's name, the English one) as they stand.
    Synonyms join when a word of their group occurs in any line.
    """
    names = [name for name in names if name]
    found = [*names, *(other for other in others if other)]
    everything = "\n".join(plain(line) for line in found)
    for group in synonyms():
        if any(word in everything for word in group):
            names.extend(word for word in group if word not in everything)
    spelt = [spelling for name in names for spelling in spellings(name)]
    return sorted({line for line in map(plain, [*found, *names, *spelt]) if line})


def grams(found: Iterable[str]) -> list[str]:
    """Return the sorted bigrams of all lines."""
    return sorted(set().union(*(bigrams(line) for line in found)))


@cache
def synonyms() -> tuple[tuple[str, ...], ...]:
    """Return the groups of words that people use for one thing."""
    with SYNONYMS.open("rb") as file:
        return tuple(tuple(map(plain, group)) for group in tomllib.load(file)["groups"])
