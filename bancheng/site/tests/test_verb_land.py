"""The command line: `bancheng land`."""

import argparse
import json

import pytest

from bancheng.kernel.ledger import testing as ledger
from bancheng.kernel.titles import testing as titles
from bancheng.lib.refusal import Refused
from bancheng.site.verbs import land as verb

pytestmark = pytest.mark.django_db


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    verb.add(parser)
    return verb.run(parser.parse_args(words))


def test_a_whole_book_is_said_to_be_whole_and_a_changed_one_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    titles.parcel()
    assert run("verify") == 0
    assert "everything fits" in capsys.readouterr().out
    ledger.tampered("UPDATE titles_act SET document = 'x' WHERE seq = 1")
    assert run("verify", "--json") == 1
    assert not json.loads(capsys.readouterr().out)["ok"]


def test_the_sheet_of_a_parcel_is_printed_and_of_none_refused(capsys: pytest.CaptureFixture[str]) -> None:
    titles.parcel()
    assert run("sheet", titles.PARCEL) == 0
    assert "1,000.00" in capsys.readouterr().out
    assert run("sheet", titles.PARCEL, "--recorded", "2026-01-01T00:00", "--json") == 0
    assert json.loads(capsys.readouterr().out)["total"]["registered"] == 0
    with pytest.raises(Refused):
        run("sheet", "411025001001GB09999")
