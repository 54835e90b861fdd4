"""The command line: `bancheng audit`."""

import argparse
import json
from datetime import UTC, datetime

import pytest
from django.db import connection

from bancheng.kernel.audit import public as audit
from bancheng.lib.refusal import Refused
from bancheng.site.verbs import audit as verb

pytestmark = pytest.mark.django_db


AT = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def record_five():
    audit.record_many(audit.Event("a.b", "staff:1", f"case:{n}", AT, "411002") for n in range(5))


def run(*words):
    parser = argparse.ArgumentParser()
    verb.add(parser)
    return verb.run(parser.parse_args(words))


def test_seal_anchor_and_verify_on_the_command_line(capsys):
    record_five()
    assert run("seal", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"sealed": 5}
    assert run("anchor") == 0
    anchor = capsys.readouterr().out.strip()
    assert anchor == str(audit.anchor())
    assert run("verify", "--anchor", anchor) == 0
    assert "相符" in capsys.readouterr().out


def test_a_record_that_does_not_fit_ends_with_exit_code_one(capsys):
    record_five()
    audit.seal(at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # the machine's master: no guard fires
        cursor.execute("DELETE FROM audit_event WHERE about = 'case:1' RETURNING id")
        event = cursor.fetchone()[0]
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert run("verify", "--json") == 1
    faults = json.loads(capsys.readouterr().out)["faults"]
    assert [(fault["kind"], fault["event"]) for fault in faults] == [("removed", event)]
    assert run("verify") == 1
    assert f"事件 {event} 已被删除" in capsys.readouterr().out


def test_an_anchor_that_is_none_and_a_record_without_seals_are_refused_in_words():
    with pytest.raises(Refused, match="not_an_anchor"):
        run("verify", "--anchor", "7")
    with pytest.raises(Refused, match="nothing_sealed"):
        run("anchor")
