"""At the counter: a clerk files for somebody, sees the whole bundle, and decides nothing."""

import re

from bancheng.kernel.cases import public as cases
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.lib.identifiers import make_uscc
from bancheng.services.onething.tests.conftest import Town
from bancheng.services.onething.tests.test_walk import ANSWERS, attach, fill_in

CLERK = {
    "bundle": "open-restaurant",
    "name": "赵大爷",
    "citizen_id": people.citizen_id(31),
    "mobile": "13900000031",
    "organisation": "许昌市赵记面馆",
    "agreed": "yes",
}


def test_a_clerk_files_for_somebody_at_the_counter_and_decides_nothing(town: Town) -> None:
    """F14.3, P-2, P-3: filed by the clerk with the applicant's leave; another clerk does not see the draft; no step is his."""
    clerk = town.desk("window_clerk", "zone-market")
    uscc = make_uscc("411002", 77)
    assert clerk.post("/onething/counter/start/", CLERK | {"uscc": uscc, "agreed": ""}).status_code == 422
    wrong = clerk.post("/onething/counter/start/", CLERK | {"uscc": uscc[:-1] + "!"})
    assert wrong.status_code == 422
    assert CLERK["name"] in wrong.content.decode()
    begun = clerk.post("/onething/counter/start/", CLERK | {"uscc": uscc})
    assert begun.status_code == 302, begun.content.decode()[-2000:]
    draft = begun["Location"]
    other = people.client_for(people.staff("window_clerk", unit="market"))
    assert other.get(draft).status_code == 404
    fill_in(clerk, draft, ANSWERS | {"legal_person_name": "赵大爷", "legal_person_id": people.citizen_id(31)})
    attach(clerk, draft)
    seen = re.search(r'name="seen" value="(\d+)"', clerk.get(f"{draft}check/").content.decode())
    assert seen
    sent = clerk.post(f"{draft}check/", {"seen": seen[1]})
    assert sent.status_code == 302, re.findall(r"<li><a href=[^>]*>(.*?)</a>", sent.content.decode(), re.S)
    assert sent["Location"].startswith("/onething/counter/cases/")
    page = clerk.get(sent["Location"]).content.decode()
    view = cases.view(sent["Location"].split("/")[4])  # type: ignore[arg-type]
    assert view is not None
    assert view.filed_by.startswith("staff:")
    assert view.case.number in page
    for asked in (view.case.number, uscc):
        assert view.case.number in clerk.get("/onething/counter/", {"q": asked}).content.decode()
    assert "没有找到" in clerk.get("/onething/counter/", {"q": "411000-1"}).content.decode()
    assert clerk.get(f"/onething/desk/{view.matters[0].id}/").status_code == 403
    assert clerk.post(f"/onething/desk/{view.matters[0].id}/accept/").status_code == 403


def test_a_clerk_records_who_has_proven_his_identity_here(town: Town) -> None:
    """R14.10, R-ID-4: in person or by a notary; a face is never the only way"""
    clerk = town.desk("window_clerk", "zone-market")
    who = {"name": "李四", "citizen_id": people.citizen_id(44)}
    proven = identity.find_hash(who["citizen_id"], kind="citizen_id")
    for wrong, says in (
        ({}, "请选择核验方式"),
        ({"method": "notarised"}, "公证书编号"),
        ({"method": "city"}, "请选择"),
    ):
        answer = clerk.post("/onething/counter/identity/", who | wrong)
        assert answer.status_code == 422
        assert says in answer.content.decode()
        assert who["name"] in answer.content.decode()
    assert identity.proofs([proven], region="411000") == {}
    sent = who | {"method": "notarised", "document": "（2026）许证字第3号"}
    assert clerk.post("/onething/counter/identity/", sent).status_code == 302
    assert identity.proofs([proven], region="411000") == {proven: "notarised"}
    assert clerk.post("/onething/counter/identity/", sent | {"name": "李五"}).status_code == 422
    assert town.applicant.post("/onething/counter/identity/", sent).status_code == 403


def test_who_only_says_that_he_comes_for_a_firm_is_not_told_what_is_personal_of_it(town: Town) -> None:
    """P-5: its public name is filled in, its representative's number and its account are not"""
    clerk = town.desk("window_clerk", "zone-market")
    asked = CLERK | {"uscc": town.shop.uscc, "organisation": town.shop.name, "bundle": "change-information"}
    draft = clerk.post("/onething/counter/start/", asked)["Location"]
    page = clerk.get(f"{draft}pages/applicant/").content.decode()
    assert town.shop.name in page
    assert "王*" not in page
