"""`bancheng clock` as typed at a terminal."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bancheng.site import cli

ROOT = Path(__file__).resolve().parents[3]


def answered(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert cli.main(["clock", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_due_prints_the_date_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    """R-CLK-2: the first example of the clock rules."""
    law = "行政许可法 第三十二条"
    assert cli.main(["clock", "due", "--from", "2026-02-13", "--length", "5", "--unit", "wd", "--law", law]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2026年2月27日（周五）"
    assert lines[1].startswith("依据《行政许可法》第三十二条，期限5个工作日")
    assert lines[2].startswith("Under the Administrative Licensing Law, art. 32")


def test_due_leaves_out_the_days_of_pauses(capsys: pytest.CaptureFixture[str]) -> None:
    """R-CLK-4."""
    words = ["due", "--from", "2026-03-02", "--length", "20", "--unit", "wd", "--pause", "2026-03-09:2026-03-13"]
    answer = answered(capsys, *words)
    assert (answer["on"], answer["provisional"]) == ("2026-04-07", False)


def test_a_pause_is_called_so_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["due", "--from", "2026-03-02", "--length", "20", "--unit", "wd", "--pause", "2026-03-09:2026-03-13"]
    explain = answered(capsys, *words)["explain"]
    assert "扣除已书面告知的暂停（2026年3月9日至2026年3月13日）" in explain["zh"]
    assert "leaving out the pause (9 March 2026 to 13 March 2026)" in explain["en"]
    # what stays Chinese is the number of the State Council's notice, which has no translation
    assert re.findall("[一-鿿]+", re.sub(r"\(国办发明电〔\d+〕\d+号\)", "", explain["en"])) == []


def test_due_beyond_the_published_years_says_provisional(capsys: pytest.CaptureFixture[str]) -> None:
    """R-CLK-9."""
    answer = answered(capsys, "due", "--from", "2026-12-21", "--length", "20", "--unit", "wd")
    assert answer["provisional"] is True
    assert "预计" in answer["explain"]["zh"]
    assert answer["calendar"]["known_until"] == "2026-12-31"


def test_before_counts_back_and_does_not_roll(capsys: pytest.CaptureFixture[str]) -> None:
    answer = answered(capsys, "before", "--event", "2026-12-31", "--length", "30", "--unit", "nd")
    assert answer["on"] == "2026-12-01"


def test_hours_start_at_an_instant(capsys: pytest.CaptureFixture[str]) -> None:
    answer = answered(capsys, "due", "--from", "2026-03-06T10:20", "--length", "48", "--unit", "hour")
    assert answer["at"] == "2026-03-08T11:00:00+08:00"
    assert cli.main(["clock", "due", "--from", "2026-03-06", "--length", "48", "--unit", "hour"]) == 2
    assert "instant" in capsys.readouterr().err


def test_an_end_on_a_rest_day_stays_when_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["due", "--from", "2026-08-04", "--length", "60", "--unit", "nd"]
    assert answered(capsys, *words)["on"] == "2026-10-08"
    assert answered(capsys, *words, "--no-roll")["on"] == "2026-10-03"


def test_a_date_is_worked_out_without_django_and_without_a_database() -> None:
    code = (
        "import sys; from bancheng.site import cli;"
        "cli.main(['clock', 'due', '--from', '2026-02-13', '--length', '5', '--unit', 'wd']);"
        "sys.exit('django' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": "postgresql:///nowhere"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "2026年2月27日" in done.stdout


@pytest.mark.django_db
def test_the_loaded_calendar_is_used_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """R-CLK-9: once 2027 is loaded the date is certain."""
    from bancheng.kernel.clocks import testing

    testing.loaded(2027)
    answer = answered(capsys, "due", "--from", "2026-12-21", "--length", "20", "--unit", "wd", "--loaded")
    assert (answer["provisional"], answer["calendar"]["known_until"]) == (False, "2027-12-31")


@pytest.mark.django_db
def test_the_sandbox_is_set_shown_and_ended(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["clock", "sandbox", "--set", "2036-01-05T08:00", "--rate", "0"]) == 0
    assert "2036-01-05 08:00:00 × 0" in capsys.readouterr().out
    assert cli.main(["clock", "sandbox", "--off"]) == 1
    assert "不能拨回" in capsys.readouterr().err
    assert cli.main(["clock", "sandbox", "--off", "--reason", "演示结束"]) == 0
    assert cli.main(["clock", "sandbox"]) == 0
