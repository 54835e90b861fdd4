"""At the counter, in a case: what the applicant may do is done by a clerk while he, or who acts for him, is there; and nothing else."""

from uuid import UUID

import pytest
from django.test import Client

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.identity import testing as people
from bancheng.services.onething.tests.conftest import Town
from bancheng.services.onething.tests.test_walk import decide, submitted

OWNER = {"visitor-name": "王芳", "visitor-citizen_id": people.citizen_id(7), "visitor-agreed": "yes"}
STRANGER = {"visitor-name": "钱二", "visitor-citizen_id": people.citizen_id(9), "visitor-agreed": "yes"}
NO = {"reason": "不符合条件", "law": "行政许可法 第三十八条", "remedy": "可在六十日内申请行政复议", "outcome": "denied"}


def asked(town: Town) -> tuple[UUID, Client]:
    """Return a case in which the address is to be corrected, and a clerk."""
    case_id = submitted(town)
    view = cases.view(case_id)
    assert view
    (matter,) = view.matters
    defect = {"about": "field:business_address", "says": "地址与执照不一致"}
    town.desk("case_officer", matter.unit).post(f"/onething/desk/{matter.id}/correction/", defect)
    return case_id, town.desk("window_clerk", "zone-market")


def acts(case_id: UUID) -> list[dict[str, object]]:
    return [dict(e.detail) for e in audit.timeline(f"case:{case_id}") if e.action == "onething.attended"]


def test_a_clerk_answers_the_corrections_for_the_applicant_at_his_counter(town: Town) -> None:
    """F14.3, P-5: with name and number from the card; the record says in which capacity he came and not who he is."""
    case_id, clerk = asked(town)
    page = f"/onething/counter/cases/{case_id}/correct/"
    assert page in clerk.get(f"/onething/counter/cases/{case_id}/").content.decode()
    assert "谁在窗口" in clerk.get(page).content.decode()
    new = {"business_address": "许昌市魏都区七一路2号"}
    for who in ({}, OWNER | {"visitor-agreed": ""}, STRANGER):
        no = clerk.post(page, new | who)
        assert no.status_code in (403, 422)
        assert "七一路2号" in no.content.decode()  # what was typed stays
    assert acts(case_id) == []
    assert clerk.post(page, new | OWNER).status_code == 302
    content = cases.said(case_id, personal=True)
    assert content
    assert {**content.values, **content.personal}["business_address"] == "许昌市魏都区七一路2号"
    assert acts(case_id) == [{"act": "correct", "capacity": "representative"}]
    assert people.citizen_id(7) not in str(audit.timeline(f"case:{case_id}"))


@pytest.mark.parametrize(
    ("who", "capacity"),
    [
        (OWNER, "representative"),
        (STRANGER | {"visitor-document": "委托书2026-3号"}, "document"),
    ],
)
def test_a_matter_is_taken_back_by_who_may(town: Town, who: dict[str, str], capacity: str) -> None:
    """B14.5: the log says in which capacity the visitor came, and by which paper."""
    case_id, clerk = asked(town)
    page = f"/onething/counter/cases/{case_id}/act/"
    assert clerk.post(page, {"act": "withdraw", "target": str(case_id), **STRANGER}).status_code == 403
    sent = {"act": "withdraw", "target": str(case_id), "reason": "不开了", **who}
    assert clerk.post(page, sent).status_code == 302
    view = cases.view(case_id)
    assert view
    line = next(one for one in view.case.lines if one.act is cases.Act.WITHDRAWN)
    assert "不开了；窗口代为提交" in line.reason
    assert ("委托书2026-3号" in line.reason) is (capacity == "document")
    assert acts(case_id)[0]["capacity"] == capacity


def test_a_refused_matter_is_applied_for_again_or_given_up_at_the_counter(town: Town) -> None:
    """R14.2"""
    case_id = submitted(town)
    clerk = town.desk("window_clerk", "zone-market")
    for act, target, after in (("retry", "business-licence-check", 2), ("give_up", "food-business-new", 2)):
        view = cases.view(case_id)
        assert view
        matter = next(one for one in view.matters if one.step == "business-licence-check")
        town.desk("case_officer", matter.unit).post(f"/onething/desk/{matter.id}/accept/")
        town.desk("approver", matter.unit).post(f"/onething/desk/{matter.id}/decide/", NO)
        page = clerk.get(f"/onething/counter/cases/{case_id}/").content.decode()
        assert f"act={act}&amp;target={target}" in page
        url = f"/onething/counter/cases/{case_id}/act/"
        assert clerk.get(url, {"act": act, "target": target}).status_code == 200
        assert clerk.post(url, {"act": act, "target": target}).status_code == 422
        assert clerk.post(url, {"act": act, "target": target, **OWNER}).status_code == 302
        assert len(acts(case_id)) <= after
    found = cases.view(case_id)
    assert found
    assert "food-business-new" not in found.case.steps.held


def test_the_counter_neither_waives_nor_moves_a_case_nor_does_what_there_is_not(town: Town) -> None:
    """P-2: a finding against the applicant, and where a case belongs, are the office's; only a clerk stands at a counter."""
    case_id, clerk = asked(town)
    view = cases.view(case_id)
    assert view
    (matter,) = view.matters
    for act in ("waive/", "hand-over/"):
        assert clerk.post(f"/onething/desk/{matter.id}/{act}", {"reason": "x", **OWNER}).status_code == 403
    url = f"/onething/counter/cases/{case_id}/act/"
    for wrong in ({"act": "waive", "target": str(case_id)}, {"act": "retry", "target": "no-such"}, {"target": "x"}):
        assert clerk.get(url, wrong).status_code == 404
    assert town.applicant.get(url).status_code == 403
    assert town.desk("case_officer", matter.unit).get(url).status_code == 403


def test_a_decided_matter_is_not_taken_back_at_the_counter_either(town: Town) -> None:
    case_id = submitted(town)
    decide(town, case_id, "business-licence-check")
    view = cases.view(case_id)
    assert view
    done = next(one for one in view.matters if one.step == "business-licence-check")
    clerk = town.desk("window_clerk", "zone-market")
    url = f"/onething/counter/cases/{case_id}/act/"
    no = clerk.post(url, {"act": "withdraw", "target": str(done.id), **OWNER})
    assert no.status_code == 409
    assert acts(case_id) == []
