"""Sixty-four people send their application in the same instant, to a web process as it is served, all for one unit."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier
from urllib.parse import urlencode

import pytest

from tests.whole.city import City

pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]
AT_ONCE = 64


def send(city: City, gate: Barrier, path: str, seen: int, cookie: str, token: str) -> tuple[int, str]:
    """Open a line, wait for the others, send; return the status and where it leads."""
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    with closing(http.client.HTTPConnection(city.web, timeout=60)) as door:
        door.connect()
        gate.wait(60)
        door.request("POST", path, urlencode({"seen": seen, "csrfmiddlewaretoken": token}), kind)
        answer = door.getresponse()
        answer.read()
        return answer.status, answer.headers.get("Location", "")


def test_sixty_four_applications_in_one_instant_are_sixty_four_cases_with_numbers_of_their_own(city: City) -> None:
    """Issue 3, numbers: 64 creations in the same instant for one unit: no error, no duplicate number."""
    told = city.folder / "ready.json"
    city.work("apply", str(AT_ONCE), str(told))
    city.start("web")
    city.until(city.serves, "the web process")
    ready, gate = json.loads(told.read_text(encoding="utf-8")), Barrier(AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        sent = [pool.submit(send, city, gate, *one) for one in ready]
        answers = [one.result() for one in sent]
    assert {status for status, _ in answers} == {302}
    assert len({where for _, where in answers}) == AT_ONCE
    assert city.count("select count(distinct number) from cases_case where step = ''") == AT_ONCE
    assert city.count("select count(distinct number) from cases_case") == 2 * AT_ONCE
    assert city.ask("select distinct unit from cases_case where step <> ''") == [("zone-market",)]
    city.check_audit()
