"""The command line: `bancheng bills check`."""

import argparse
import json

import pytest

from bancheng.kernel.ledger import testing as ledger
from bancheng.services.sockets.tests import samples
from bancheng.site.verbs import bills as verb

pytestmark = pytest.mark.django_db


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    verb.add(parser)
    return verb.run(parser.parse_args(["check", *words]))


def test_right_bills_are_said_to_be_right_and_a_wrong_one_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    samples.use("XC0001", "1")
    assert run() == 0
    assert "1 sessions" in capsys.readouterr().out
    assert run("--json") == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "sessions": 1, "without_readings": 0, "faults": []}
    ledger.tampered("UPDATE sockets_session SET cost_fen = cost_fen + 1, refunded_fen = refunded_fen - 1")
    assert run() == 1
    assert "worked out" in capsys.readouterr().out
    assert run("--before", "2026-01-01") == 0
