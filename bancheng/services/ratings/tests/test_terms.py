"""What the city's pack sets."""

import shutil
from pathlib import Path

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.ratings.public import Terms
from bancheng.pack.reader import Faulty
from bancheng.services.ratings import terms

PACK = Path(__file__).parents[4] / "packs" / "xuchang" / "services" / "ratings"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PACK, tmp_path / "ratings"))


def rewrite(folder: Path, old: str, new: str) -> None:
    path = folder / terms.FILE
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_xuchang_sets_one_five_and_fifteen_days() -> None:
    """R-RT-7."""
    found = terms.read(PACK)
    assert found.terms == Terms()
    assert {tag.good for tag in found.tags} == {True, False}


def test_a_city_may_set_fewer_days(folder: Path) -> None:
    rewrite(folder, "fix = { n = 5,", "fix = { n = 3,")
    assert terms.read(folder).terms.fix == clocks.Length(3, clocks.Unit.WD)


@pytest.mark.parametrize(
    ("old", "new"),
    [("fix = { n = 5,", "fix = { n = 6,"), ('complex = { n = 15, unit = "WD"', 'complex = { n = 15, unit = "ND"')],
)
def test_more_days_or_other_days_are_refused_on_their_line(folder: Path, old: str, new: str) -> None:
    """C-93."""
    rewrite(folder, old, new)
    with pytest.raises(Faulty) as faulty:
        terms.read(folder)
    (problem,) = faulty.value.problems
    assert problem.file == "ratings.toml"
    assert problem.line > 1


def test_a_misspelt_key_is_told(folder: Path) -> None:
    rewrite(folder, "change_days", "chnge_days")
    with pytest.raises(Faulty):
        terms.read(folder)
