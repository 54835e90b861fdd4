"""The replay of a year, in small and in part: real web, gateways and database, stopped and killed on the way."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import psycopg
import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.lib import loopback
from tests.whole.city import ROOT

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]


class Machine:
    """A database with the pack in it and nothing else, and its var folder, on which the command is run."""

    def __init__(self, folder, url):
        self.folder, self.url = folder, url
        web, sim = loopback.spare_addresses(2)
        outside = {"DB_POOLING", "BANCHENG_SANDBOX_CLOCK"}
        self.environment = {name: value for name, value in os.environ.items() if name not in outside} | {
            "DATABASE_URL": url,
            "BANCHENG_VAR": str(folder),
            "BANCHENG_WEB": web,
            "BANCHENG_SIM": sim,
            "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
        }

    def start(self, *words, **how):
        return subprocess.Popen(
            [sys.executable, "-m", "bancheng.site.cli", *words],
            env=self.environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **how,
        )

    def run(self, *words, code=0):
        """Run a command to its end; return what it wrote for programs and what it told people."""
        with self.start(*words) as process:
            out, told = process.communicate(timeout=200)
        assert process.returncode == code, out + told
        return out, told

    def replay(self, until):
        return self.figures("replay", "--until", until.isoformat())

    def figures(self, *words):
        """Run a replay to its end and return what it found."""
        return json.loads(self.run(*words, "--json")[0])

    def reminders(self):
        """Return the title of every reminder that reached a phone by its id, from the simulator's journal."""
        events = map(json.loads, (self.folder / "sim" / "journal.jsonl").read_text().splitlines())
        reached = [event for event in events if event["e"] == "delivered"]
        titles = {event["id"]: event["content"]["title"] for event in reached}
        assert len(titles) == len(reached)  # no id twice
        with psycopg.connect(self.url) as line:
            kinds = dict(line.execute("select region || replace(client_id::text, '-', ''), kind from notices_delivery"))
        return {id_: title for id_, title in titles.items() if kinds[id_].startswith("expiry.")}


@pytest.fixture
def machine(city):
    return Machine(city.folder, city.url)


def killed_under_way(machine, until):
    """Kill a replay, and all it started, while it lives its days."""
    process = machine.start("replay", "--scale", "0.01", "--until", until.isoformat(), process_group=0)
    journal = machine.folder / "sim" / "journal.jsonl"
    end = time.monotonic() + 120
    while not (journal.exists() and journal.stat().st_size):  # the first message has left
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_a_replay_that_is_killed_and_stopped_goes_on_to_the_plan_s_figures(machine):
    """A10.4 A10.5 A10.6 A14.1 A14.2 A14.3 A14.4 R10.6 F10.5 F10.6 B10.4 B10.9: nothing lost, nothing twice, and the figures are what was planned."""
    start = clocks.today() - timedelta(days=365)
    until = start + timedelta(days=86)  # by then six of an agent's shops have been reminded of on one day
    killed_under_way(machine, until)
    whole = machine.replay(until)
    assert whole["found"] == whole["planned"], whole
    assert (whole["found"]["licences"], whole["found"]["bad"]) == (620, 11)
    assert whole["found"]["renewed"] == whole["found"]["should_renew"] > 0
    phones = machine.reminders()
    assert len(phones) == whole["found"]["messages"]
    assert "6件证照请尽快申请续办" in phones.values()
    proved = json.loads(
        machine.run("prove", "--service", "S10", "--json", code=1)[0]
    )  # a hundredth is not the source's
    found = {claim["id"]: claim["computed"] for claim in proved["claims"]}
    assert (found["A10.5"], found["A10.6"], found["A10.4"]) == (str(len(phones)), "100", "620")
    assert whole["found"]["applications"] > 0
    one_thing = json.loads(machine.run("prove", "--service", "S14", "--json", code=1)[0])
    counted = {claim["id"]: claim["computed"] for claim in one_thing["claims"]}
    assert (counted["A14.1b"], counted["A14.2"], counted["A14.3"]) == ("1", "6", "7")
    assert int(counted["A14.4"]) > 0
