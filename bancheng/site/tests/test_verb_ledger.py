"""The command line: `bancheng ledger`."""

import argparse
import json
from datetime import UTC, datetime

import pytest

from bancheng.kernel.ledger import public as ledger
from bancheng.kernel.ledger import testing
from bancheng.lib.refusal import Refused
from bancheng.site.verbs import ledger as verb

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
testing.declared()


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    verb.add(parser)
    return verb.run(parser.parse_args(words))


@pytest.fixture(autouse=True)
def _sold() -> None:
    lines = [ledger.Line("test/till/1", 500), ledger.Line("test/income", -500)]
    ledger.post(
        region="411000", key="s1", unit=ledger.Unit.FEN, lines=lines, kind="test.sold", about="s", at=AT, by="staff:1"
    )


def test_a_whole_ledger_is_said_to_be_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("verify") == 0
    assert "相符" in capsys.readouterr().out
    assert run("verify", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "faults": []}


def test_a_fault_is_named_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    testing.tampered("UPDATE ledger_account SET balance = 501 WHERE path = 'test/till/1'")
    assert run("verify") == 1
    assert "balance 501, its lines sum to 500" in capsys.readouterr().out
    assert run("verify", "--json") == 1
    assert [fault["what"] for fault in json.loads(capsys.readouterr().out)["faults"]] == ["account:test/till/1"]


def test_a_statement_tells_what_moved(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("statement", "test/till/1", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["account"]["balance"] == 500
    assert [(line["key"], line["amount"]) for line in told["lines"]] == [("s1", 500)]
    assert run("statement", "test/till/1", "--before", "2026-03-02") == 0
    assert "s1" not in capsys.readouterr().out
    with pytest.raises(Refused, match="没有账户"):
        run("statement", "test/nothing")
