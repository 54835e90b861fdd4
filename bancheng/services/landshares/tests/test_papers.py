"""The papers of a parcel's steps are kept with the application: scanned, sealed, opened by officers with a line left behind, and no other's."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bancheng.kernel.audit import public as audit
from bancheng.kernel.audit import testing as audit_testing
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents import public as documents
from bancheng.kernel.documents.testing import pdf
from bancheng.kernel.identity import testing as people
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.services.landshares.models import Upload
from bancheng.services.landshares.operations import handing, keeping
from bancheng.services.landshares.tests.conftest import Desk

REGION, COUNTY, NEW = "411000", "xiangcheng-registry", "411025001002GB00002"
SURVEY = f"unit,area,category\n{NEW}F00010001,100.01,saleable\n{NEW}F00010002,99.99,saleable\ntotal,200.00,\n"
PLAN = "许规总平〔2026〕3号"
DATA = pdf(3, text="总平面图")


def last(kind: str) -> registrations.View:
    found = [each for each in registrations.of_lots([titles.land(NEW)], region=REGION) if each.kind.code == kind]
    return registrations.view(found[0].id)


def send(client: Client, data: bytes = DATA, **said: str) -> Any:
    paper = {"planning_approval": SimpleUploadedFile("总平面图.pdf", data)}
    return client.post(f"/landshares/parcels/{NEW}/hand-in/plan.quantify/", {"approval": PLAN, **said, **paper})


def surveyed(client: Client, **more: Any) -> None:
    said = {"building": "1", "stage": "predicted", "content": SURVEY, **more}
    assert client.post(f"/landshares/parcels/{NEW}/survey/hand-in/", said).status_code == 302


def held() -> list[UUID]:
    """Return the papers of every form that was ever taken in here and is still held."""
    abouts = {event.detail["for"] for event in audit_testing.recorded("documents.stored")}
    return [use.id for use in documents.uses(about=[each for each in abouts if each.startswith("handed:")])]


def test_a_paper_is_kept_and_opened_by_an_officer_of_the_registry_alone(desk: Desk) -> None:
    """F7.3: what is accepted was looked at; each look is on record."""
    client = desk("surveyor")
    assert send(client).status_code == 302
    made = last("plan.quantify")
    (paper,) = made.papers
    assert (paper.name, paper.pages) == ("总平面图.pdf", 3)
    assert paper.use is not None
    assert not Upload.objects.exists()
    officer = desk("registry_acceptor", COUNTY)
    address = f"/registry/desk/{made.id}/papers/{paper.use}/"
    assert address in officer.get(f"/registry/desk/{made.id}/").content.decode()
    assert b"".join(officer.get(address).streaming_content) == DATA
    kept = documents.find(paper.use)
    assert kept is not None
    assert [one.action for one in audit.timeline(kept.ref)][-1] == "documents.read"
    assert client.get(address).status_code == 403
    assert desk("registry_acceptor", "registry").get(address).status_code == 404


def test_the_same_form_sent_again_keeps_nothing_twice(desk: Desk) -> None:
    client = desk("surveyor")
    for _ in range(2):
        assert send(client).status_code == 302
    assert held() == [last("plan.quantify").papers[0].use]
    assert not Upload.objects.exists()


def test_what_the_office_refuses_leaves_no_paper_behind(desk: Desk) -> None:
    client = desk("surveyor")
    assert send(client, ask="X1").status_code in (404, 422)  # no such mortgage: refused before anything is kept
    paper = {"sale_contract": SimpleUploadedFile("a.pdf", pdf())}
    said = {"lot": titles.land(NEW), "contract_no": "HT-1", "buyer_name": "王芳", "buyer_id": people.citizen_id(71)}
    answer = client.post(f"/landshares/parcels/{NEW}/hand-in/transfer/", said | paper)
    assert answer.status_code == 422
    assert "缺少材料" in answer.content.decode()
    assert held() == []
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("data", "says"), [(b"not a paper at all", "PDF"), (b"", "请"), (b"%PDF-1.7 broken", "没有")], ids=str
)
def test_what_is_no_paper_is_refused_in_words_and_nothing_is_filed(desk: Desk, data: bytes, says: str) -> None:
    answer = send(desk("surveyor"), data)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not registrations.of_lots([titles.land(NEW)], region=REGION)
    assert not Upload.objects.exists()


def test_a_survey_takes_its_sealed_report_along(desk: Desk) -> None:
    """F7.7: the rows are known by their digest, the report under seal is kept."""
    surveyed(desk("surveyor"), report=SimpleUploadedFile("测绘报告.pdf", pdf(2)))
    rows, report = last("plan.survey").papers
    assert (rows.use, rows.name) == (None, "测绘成果数据")
    assert report.name == "测绘报告.pdf"
    assert report.use is not None


def test_a_survey_goes_in_without_a_report(desk: Desk) -> None:
    surveyed(desk("surveyor"))
    (rows,) = last("plan.survey").papers
    assert rows.use is None


def test_papers_of_a_form_that_died_on_its_way_are_let_go_the_next_night_and_those_taken_stay(desk: Desk) -> None:
    """A kill between paper and application, and one between application and its note."""
    now, by = clocks.now(), people.actor(people.staff("surveyor", unit="registry"))
    given: dict[str, Any] = {"key": "filed", "by": by, "at": now}
    keeping.keep(
        [("planning_approval", keeping.Given("a.pdf", pdf()))], scope="registry", **given | {"key": "never-filed"}
    )
    _, kept = keeping.keep([("planning_approval", keeping.Given("b.pdf", pdf(2)))], scope="registry", **given)
    registrations.file(
        region=REGION, kind="plan.quantify", channel="window", parties=(), lots=[titles.land(NEW)],
        payload={"approval": PLAN}, papers=kept, acting_for_unit="registry", **given,
    )  # fmt: skip
    assert keeping.forget(at=now + timedelta(hours=23)) == 0
    assert len(held()) == 2
    assert keeping.forget(at=now + timedelta(days=2)) == 1
    assert held() == [last("plan.quantify").papers[0].use]
    assert not Upload.objects.exists()
    assert keeping.forget(at=now + timedelta(days=3)) == 0


def test_who_may_not_file_keeps_nothing(desk: Desk) -> None:
    nobody = people.actor(people.staff("land_group", unit="registry"))
    files = {"planning_approval": keeping.Given("a.pdf", pdf())}
    with pytest.raises(Exception, match="not_your_application"):
        handing.hand_in(
            kind="plan.quantify", parcel=NEW, said={"approval": PLAN}, files=files, by=nobody, at=clocks.now()
        )
    assert held() == []
    assert not Upload.objects.exists()
