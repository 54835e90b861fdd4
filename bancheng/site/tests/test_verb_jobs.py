"""The command line: `bancheng jobs`."""

import argparse
import json

import pytest
from django.db import connection

from bancheng.kernel.audit import testing as audit_testing
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.jobs import testing
from bancheng.site.verbs import jobs as verb

pytestmark = pytest.mark.django_db


def run(*words):
    parser = argparse.ArgumentParser()
    verb.add(parser)
    return verb.run(parser.parse_args(words))


def fail():
    jobs.later("audit.seal")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE status = 'todo' RETURNING id")
        return cursor.fetchone()[0]


def test_the_queue_is_shown_and_put_right_on_the_command_line(capsys):
    job_id = fail()
    assert run("status", "--json") == 0
    assert json.loads(capsys.readouterr().out)["failures"][0]["id"] == job_id
    run("status")
    assert "audit.seal" in capsys.readouterr().out
    run("discard", str(job_id))
    run("retry", str(fail()))
    assert testing.promised() == [("audit.seal", {})]
    run("run", "audit.open_months")
    assert [name for name, _ in testing.promised()] == ["audit.seal", "audit.open_months"]
    assert {event.who.split(":")[0] for event in audit_testing.recorded("jobs.")} == {"cli"}
