"""`bancheng load`: what it says, what it returns, what it leaves."""

import shutil
from pathlib import Path

import pytest

from bancheng.kernel.catalogue import public as catalogue
from bancheng.site import cli
from bancheng.site.verbs import load

TINY = Path(__file__).parents[2] / "pack" / "tests" / "data" / "tiny"
pytestmark = pytest.mark.django_db


def bancheng(*words: str) -> int:
    """Run the verb in the test's own connection."""
    return int(load.run(cli.parse(load, "load", list(words))))


def test_a_good_pack_is_loaded_and_its_changes_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert bancheng(str(TINY)) == 0
    said = capsys.readouterr()
    assert "units：新增1" in said.out
    assert "  + market" in said.out
    assert "Reading and checking the pack" in said.err
    assert catalogue.city().name == "济源市"


def test_checking_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert bancheng(str(TINY), "--check") == 0
    assert "没有问题" in capsys.readouterr().out
    assert catalogue.cities() == []


def test_a_dry_run_lists_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert bancheng(str(TINY), "--dry-run") == 0
    assert "  + market" in capsys.readouterr().out
    assert catalogue.cities() == []


def test_a_faulty_pack_is_told_by_file_and_line_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    (pack / "rules.py").write_text("", encoding="utf-8")
    assert bancheng(str(pack)) == 1
    said = capsys.readouterr().err
    assert "rules.py:1: 资料包只放数据" in said
    assert "共1处需要改正" in said
    assert catalogue.cities() == []


def test_mistakes_of_another_reader_keep_their_file_and_line() -> None:
    faulty = load.faulty_from(["10-licence.toml:7: 缺少 id", "没有行号"])
    assert [(one.file, one.line, one.zh) for one in faulty.problems] == [
        ("10-licence.toml", 7, "缺少 id"),
        (".", 1, "没有行号"),
    ]
