"""How many statements a request takes from the door to the last row, session and rights among them: the same of few as of many."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.cases import public as cases
from bancheng.kernel.documents.testing import pdf
from bancheng.kernel.identity import testing as people
from bancheng.services.onething.tests.conftest import Town
from bancheng.services.onething.tests.lives import filed
from bancheng.services.onething.tests.test_walk import ANSWERS, attach, fill_in, submitted

WHO = 1  # the session, with the account, what it may do, whom it acts for, and the edition of the pack
READ, QUEUE, CREATE = WHO + 3, WHO + 1, 15


def counted(client: Client, url: str, *, sent: Any = None) -> int:
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(url, sent) if sent else client.get(url)
    assert answer.status_code == (302 if sent else 200), answer.content.decode()
    return sum("SAVEPOINT" not in query["sql"] for query in asked)


def test_one_s_case_is_read_in_four_and_its_corrections_by_one_more(town: Town) -> None:
    """Issue 3, numbers: the case in three, and who asks; corrections are read where the log says that there were any."""
    root = submitted(town)
    url = f"/api/v1/onething/mine/{root}"
    counted(town.applicant, url)  # what a process keeps is kept by now
    assert counted(town.applicant, url) == READ
    view = cases.view(root)
    assert view
    (matter,) = view.matters
    defect = {"about": "field:business_address", "says": "地址与执照不一致"}
    town.desk("case_officer", matter.unit).post(f"/onething/desk/{matter.id}/correction/", defect)
    assert counted(town.applicant, url) == READ + 1


@pytest.mark.parametrize("unit", ["zone-market", ""], ids=["one unit", "every unit"])
def test_a_worker_s_page_takes_two_whatever_is_open(town: Town, unit: str) -> None:
    """Issue 3, numbers: the page itself is one, for a narrowly scoped worker as for one with every unit."""
    worker = people.client_for(people.staff("case_officer", unit=unit))
    counts = []
    for first, last in ((0, 1), (1, 40)):
        for serial in range(first, last):
            filed("open-restaurant", serial)
        counted(worker, "/api/v1/onething/queue?size=100")
        counts.append(counted(worker, "/api/v1/onething/queue?size=100"))
    assert counts == [QUEUE, QUEUE]


def test_sending_an_application_takes_as_many_with_six_files_as_with_two(town: Town) -> None:
    """Issue 3, numbers: taking in is five of them (kernel/cases), registers are asked by four; 11 where none is asked."""
    counts = [_sending(town, files) for files in (1, 1, 3)]
    assert counts[1] == counts[2] == CREATE


def _sending(town: Town, files: int) -> int:
    client = town.applicant
    start = client.post("/onething/open-restaurant/start/", {"subject": f"organisation:{town.shop.pk}"})["Location"]
    fill_in(client, start, ANSWERS)
    for n in range(files):
        attach(client, start, pdf(text=f"{files}-{n}"))
    seen = re.search(r'name="seen" value="(\d+)"', client.get(f"{start}check/").content.decode())
    assert seen
    count = counted(client, f"{start}check/", sent={"seen": seen[1]})
    for one in cases.of_applicants([bytes(town.shop.uscc_hash)], service="onething"):
        if not one.closed_at:
            cases.withdraw(case_id=one.id, reason="", by="test", at=one.received_at)  # another one may be sent
    return count
