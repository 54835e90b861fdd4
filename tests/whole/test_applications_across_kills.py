"""Each application is one case: web and database are killed while eight programs of a partner hand in."""

import base64
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import httpx
import pytest

from bancheng.lib import identifiers
from bancheng.lib.days import SHANGHAI
from bancheng.sim.bank import BUNDLE, PAPERS, Bank, application, photograph
from bancheng.sim.state import now
from tests.whole.city import City

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]
APPLICATIONS = 160
CASES = "select count(*) from cases_case where step = ''"


class Sender:
    """The partner's program: what got no answer is sent again under its key, until it has one."""

    def __init__(self, city: City) -> None:
        key = json.loads((city.folder / "partner.json").read_text())
        self.key_id, self.secret = key["key_id"], base64.b64decode(key["secret"])
        self.client = httpx.Client(base_url=f"http://{city.web}", timeout=20, trust_env=False)
        self.tries = 0
        bank = Bank(self.client, key_id=self.key_id, secret=self.secret)
        self.codes = {paper: bank.code_of(BUNDLE, paper) for paper in PAPERS}

    def hand_in(self, n: int) -> dict[str, Any]:
        bank = Bank(self.client, key_id=self.key_id, secret=self.secret)
        papers = {self.codes[paper]: [self.uploaded(bank, n, place)] for place, paper in enumerate(PAPERS)}
        asked = application(f"whole-{n}", today=datetime.fromtimestamp(now(), SHANGHAI).date(), papers=papers)
        asked["applicant"] = {
            "kind": "organisation",
            "identifier": identifiers.make_uscc("411002", 1000 + n),
            "name": f"许昌市样例饭店{n}号",
        }
        return dict(self.sent(lambda: bank.ask("POST", "/applications", asked, key=f"whole-key-{n:04d}")))

    def uploaded(self, bank: Bank, n: int, place: int) -> str:
        """Upload a paper of application `n`; sent again under its key it is one upload."""
        made = self.sent(lambda: bank.upload(photograph(n + place), name="材料.png", key=f"whole-file-{n:04d}-{place}"))
        return str(made["file"]["id"])

    def sent(self, ask: Callable[[], httpx.Response]) -> dict[str, Any]:
        while True:
            self.tries += 1
            try:
                answer = ask()
            except httpx.TransportError:
                time.sleep(0.1)
                continue
            if answer.is_success:
                return dict(answer.json())
            assert answer.status_code in (409, 503), answer.text  # under way, or its database is gone
            time.sleep(0.1)


def test_each_application_is_one_case_whatever_is_killed_while_it_is_handed_in(city: City) -> None:
    """B14.9: kill -9 of web with requests under way, of the database, and of web before a commit."""
    city.work("partner", str(city.folder / "partner.json"))
    city.start("web")
    city.until(city.serves, "the web process")
    sender = Sender(city)
    with ThreadPoolExecutor(8) as programs:
        receipts = [programs.submit(sender.hand_in, n) for n in range(APPLICATIONS)]
        city.until(lambda: city.count(CASES) >= APPLICATIONS // 4, "the first cases")
        city.kill("web")
        city.revive("web")
        city.until(lambda: city.count(CASES) >= APPLICATIONS // 2, "half of the cases")
        city.kill("postgres")
        city.revive("postgres")
        city.until(lambda: city.count(CASES) >= APPLICATIONS * 3 // 4, "more cases")
        with city.halted("lock table audit_event in exclusive mode"):
            city.kill("web")
        city.revive("web")
        given = [receipt.result() for receipt in receipts]
    sender.client.close()

    assert sender.tries > APPLICATIONS * 3
    files = "select count(*), count(distinct about) from documents_use where about like 'case:%%' and ended_at is null"
    assert city.ask(files) == [(APPLICATIONS * 2, APPLICATIONS)]
    kept = dict(city.ask("select id::text, number from cases_case where step = ''"))
    assert {one["id"]: one["number"] for one in given} == kept
    assert len(set(kept.values())) == len(kept) == APPLICATIONS
    submitted = city.ask("select about, count(*) from exchange_event where kind = 'case.submitted' group by about")
    assert {
        about.removeprefix("case:"): n for about, n in submitted if about.removeprefix("case:") in kept
    } == dict.fromkeys(kept, 1)
    city.work("compare")
    city.check_audit()
