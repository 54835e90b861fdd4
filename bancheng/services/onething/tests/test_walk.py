"""A restaurant opened from a phone, department by department, as people do it: through the pages."""

import re
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bancheng.kernel.cases import public as cases
from bancheng.kernel.documents.testing import pdf
from bancheng.kernel.licences import public as licences
from bancheng.services.onething.tests.conftest import AT, Town

ANSWERS = {
    "premises_right": "leased",
    "lease_until": "2031-12-31",
    "premises_proof": "豫许租2026001",
    "business_address": "许昌市魏都区七一路1号",
    "contact_name": "王芳",
    "contact_mobile": "13900000007",
    "legal_person_name": "王芳",
    "legal_person_id": "",
    "food_business_kind": "catering",
    "food_items": ["hot"],
    "food_delivery": "no",
    "food_officer_name": "李强",
    "kitchen_area": "30",
    "floor_area": "120",
    "seats": "40",
    "opening_date": "2027-03-01",
    "wants_sign": "no",
    "wants_tobacco": "no",
}


def fill_in(client: Client, draft: str, answers: dict[str, Any]) -> None:
    """Go through the pages of the task list until nothing is left but the check."""
    for _ in range(3):
        for url in re.findall(r'href="([^"]+/pages/[^"]+)"', client.get(draft).content.decode()):
            page = client.get(url).content.decode()
            seen = re.search(r'name="seen" value="(\d+)"', page)
            assert seen, page
            names = set(re.findall(r'name="([a-z_]+)"', page))
            sent = {name: value for name, value in answers.items() if name in names}
            answer = client.post(url, {"seen": seen[1], **sent})
            assert answer.status_code == 302, re.findall(
                r"bc-field-error.*?<span>(.*?)</span>", answer.content.decode(), re.S
            )


def attach(client: Client, draft: str, data: bytes = b"") -> None:
    """Upload every paper that is asked for."""
    page = client.get(f"{draft}papers/").content.decode()
    for n, slug in enumerate(re.findall(r'id="f-([0-9a-f]+)"', page)):
        file = SimpleUploadedFile("材料.pdf", data or pdf(text=str(n)))
        answer = client.post(f"{draft}papers/{slug}/", {"act": "upload", "file": file})
        assert answer.status_code == 302, answer.content.decode()


def submitted(town: Town, **more: Any) -> UUID:
    """Apply for a restaurant and return the bundle's case."""
    client = town.applicant
    begun = client.post("/onething/open-restaurant/start/", {"subject": f"organisation:{town.shop.pk}"})
    assert begun.status_code == 302, begun.content.decode()[:500]
    draft = begun["Location"]
    fill_in(client, draft, ANSWERS | more)
    attach(client, draft)
    page = client.get(f"{draft}check/").content.decode()
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    sent = client.post(f"{draft}check/", {"seen": seen[1]})
    assert sent.status_code == 302, re.findall(r"<li><a href=[^>]*>(.*?)</a>", sent.content.decode(), re.S)
    return UUID(sent["Location"].split("/")[3])


def test_a_restaurant_is_opened_with_one_application(town: Town) -> None:
    """F14.1, F14.2: one form, one submission, results as they are ready, the licence in the library."""
    case_id = submitted(town)
    page = town.applicant.get(f"/onething/cases/{case_id}/?sent=1").content.decode()
    view = cases.view(case_id)
    assert view is not None
    assert view.case.number in page
    assert [one.step for one in view.matters] == ["business-licence-check"]
    decide(town, case_id, "business-licence-check")
    decide(town, case_id, "food-business-new")
    (licence,) = licences.held_by([bytes(town.shop.uscc_hash)], on=AT.date())
    assert licence.licence_type == "food-business"
    assert licence.holder_name == town.shop.name
    assert "准予" in town.applicant.get(f"/onething/cases/{case_id}/").content.decode()


def decide(town: Town, root: UUID, step: str) -> None:
    """Let the department accept, visit and grant a matter through its desk."""
    view = cases.view(root)
    assert view is not None
    matter = next(one for one in view.matters if one.step == step)
    officer, approver = town.desk("case_officer", matter.unit), town.desk("approver", matter.unit)
    desk = f"/onething/desk/{matter.id}/"
    assert str(matter.id) in officer.get("/onething/desk/").content.decode()
    assert officer.get(desk).status_code == 200
    assert officer.post(f"{desk}accept/").status_code == 302
    found = cases.view(root)
    assert found is not None
    now = found.of(matter.id)
    assert now is not None
    if "visit" in now.steps.open:
        assert officer.post(f"{desk}done/", {"result": "现场核查符合要求"}).status_code == 302
    granted = approver.post(f"{desk}decide/", {"outcome": "granted"})
    assert granted.status_code == 302, re.findall(r"<p>(.*?)</p>", granted.content.decode(), re.S)[:3]
