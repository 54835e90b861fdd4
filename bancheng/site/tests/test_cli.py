"""The command itself: help without imports, sentences instead of tracebacks."""

import re
import subprocess
import sys

import pytest

from bancheng.site import cli


def test_help_names_every_verb_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    said = capsys.readouterr().out
    for verb, words in cli.verbs().items():
        assert verb in said
        assert re.search("[一-鿿]", words), verb
        assert re.search("[a-z]{3}", words), verb


def test_an_unknown_verb_is_told_and_the_known_ones_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["dance"]) == 2
    said = capsys.readouterr()
    assert "dance" in said.err
    assert "version" in said.out


def test_asking_for_help_loads_no_django() -> None:
    code = "import sys; from bancheng.site import cli; cli.main(['--help']); sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=False).returncode == 0


def test_django_commands_are_passed_through(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["manage", "check"]) == 0
    assert "no issues" in capfd.readouterr().out


def test_versions_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["version"]) == 0
    assert "PostgreSQL" in capsys.readouterr().out
