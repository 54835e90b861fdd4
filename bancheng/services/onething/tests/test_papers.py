"""One set of papers: brought once, fetched, promised, supplied later, and never replaced under a decision."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents import public as documents
from bancheng.kernel.documents.testing import pdf
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import testing as people
from bancheng.kernel.licences import public as licences
from bancheng.kernel.licences import testing as library
from bancheng.services.onething import operations, papers, queries
from bancheng.services.onething.tests.conftest import Town
from bancheng.services.onething.tests.test_walk import ANSWERS, decide, fill_in, submitted

SIGN = {
    "wants_sign": "yes",
    "sign_text": "王记饭店",
    "sign_position": "lintel",
    "sign_width": "300",
    "sign_height": "80",
    "sign_lit": "no",
}
RIGHT = "经营场所使用证明"  # asked for by the sign and the tobacco licence, and may follow


def begun(town: Town, **more: Any) -> str:
    client = town.applicant
    start = client.post("/onething/open-restaurant/start/", {"subject": f"organisation:{town.shop.pk}"})
    fill_in(client, start["Location"], ANSWERS | more)
    return str(start["Location"])


def business_licence(town: Town, **over: object) -> object:
    values = {
        "number": "411002000000016",
        "licence_type": "business-licence",
        "holder_kind": licences.Kind.ORGANISATION,
        "holder_hash": bytes(town.shop.uscc_hash),
        "holder_name": town.shop.name,
        "valid_to": None,
    }
    return library.issued(**(values | over))


def test_each_paper_stands_there_once_and_says_for_which_matters(town: Town) -> None:
    """R14.3, R-OT-4: materials are collected once; what can be fetched is not asked for."""
    draft = begun(
        town, **SIGN, wants_tobacco="yes", tobacco_kind=["cigarettes"], tobacco_separate="yes", tobacco_distance="500米"
    )
    page = town.applicant.get(f"{draft}papers/").content.decode()
    assert page.count(f'id="p-{papers.slug_of("营业执照")}"') == 1
    section = page.split(f'id="p-{papers.slug_of(RIGHT)}"')[1].split("</section>")[0]
    assert "户外招牌" in section
    assert "烟草专卖零售许可新办" in section
    assert "可容缺" in section
    fetched = page.split(f'id="p-{papers.slug_of("营业执照")}"')[1].split("</section>")[0]
    assert 'type="file"' not in fetched


def test_a_bad_file_is_refused_at_its_field_and_a_good_one_can_be_taken_back(town: Town) -> None:
    draft = begun(town)
    page = town.applicant.get(f"{draft}papers/").content.decode()
    slug = re.findall(r'id="f-([0-9a-f]+)"', page)[0]
    evil = SimpleUploadedFile("图.png", b"<svg onload=alert(1)>")
    no = town.applicant.post(f"{draft}papers/{slug}/", {"act": "upload", "file": evil})
    assert no.status_code in (409, 415, 422)
    assert f'id="x-{slug}"' in no.content.decode()
    two = [SimpleUploadedFile(f"{n}.pdf", pdf(text=str(n))) for n in (1, 2)]
    assert town.applicant.post(f"{draft}papers/{slug}/", {"act": "upload", "file": two}).status_code == 302
    about = f"draft:{draft.split('/')[3]}"
    uses = documents.uses(about=about)
    assert [use.name for use in uses] == ["1.pdf", "2.pdf"]
    town.applicant.post(f"{draft}papers/{slug}/", {"act": f"remove:{uses[0].id}"})
    assert [use.name for use in documents.uses(about=about)] == ["2.pdf"]
    assert town.applicant.get(f"{draft}files/{uses[1].id}/").status_code == 200


def test_sending_without_a_paper_names_it_and_keeps_everything(town: Town) -> None:
    draft = begun(town)
    page = town.applicant.get(f"{draft}check/").content.decode()
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    answer = town.applicant.post(f"{draft}check/", {"seen": seen[1]})
    assert answer.status_code == 422
    assert "请上传经营场所平面图、设备布局和操作流程文件" in answer.content.decode()


def test_the_operation_itself_refuses_what_the_page_refuses(town: Town) -> None:
    """Whoever sends it, page, counter, API or replay: what is missing of form and papers is said at once, and nothing is filed."""
    draft = begun(town)
    actor, now = people.actor(town.user), clocks.now()
    found = queries.application(actor, UUID(draft.split("/")[3]), now)
    lacking = replace(found.draft, held={code: one for code, one in found.draft.held.items() if code != "seats"})
    with pytest.raises(forms.Unfinished) as no:
        operations.submit(application=replace(found, draft=lacking), seen=found.draft.version, by=actor, at=now)
    plan = f"paper:{papers.slug_of('经营场所平面图、设备布局和操作流程文件')}"
    assert {"seats", plan} <= {one.element for one in no.value.problems}
    assert cases.of_applicants([bytes(town.shop.uscc_hash)], service="onething") == []


def test_the_same_file_as_a_correction_stays(town: Town) -> None:
    """A paper that is handed in again unchanged is not lost with the old one."""
    case_id = submitted(town)
    decide(town, case_id, "business-licence-check")
    view = cases.view(case_id)
    assert view is not None
    food = next(one for one in view.matters if one.step == "food-business-new")
    name = "食品安全管理制度目录"
    (before,) = (use for use in documents.uses(about=f"case:{case_id}") if use.material == name)
    content = b"".join(documents.read(use_id=before.id, about=before.about, by="test", at=clocks.now()).pieces)
    desk = town.desk("case_officer", food.unit)
    desk.post(f"/onething/desk/{food.id}/correction/", {"about": f"material:{name}", "says": "缺少签名"})
    file = SimpleUploadedFile("材料.pdf", content)
    page = f"/onething/cases/{case_id}/correct/"
    assert town.applicant.post(page, {f"paper-{papers.slug_of(name)}": file}).status_code == 302
    assert [use.id for use in documents.uses(about=f"case:{case_id}") if use.material == name] == [before.id]


def test_a_licence_from_the_library_is_recorded_with_the_case(town: Town) -> None:
    """R-E-3: who asked, for which case, the purpose, the authorisation, the hash, the status at that second."""
    business_licence(town)
    view = cases.view(submitted(town))
    assert view is not None
    (use,) = licences.uses([bytes(town.shop.uscc_hash)])
    assert use.case == view.case.number
    assert use.purpose
    assert use.snapshot_hash


@pytest.mark.parametrize(
    ("over", "says"),
    [({"valid_to": date(2026, 3, 31)}, "到期"), ({"holder_hash": bytes(31) + b"1"}, "")],
)
def test_a_licence_that_ran_out_stops_the_sending_and_anothers_is_not_seen(
    town: Town, over: dict[str, object], says: str
) -> None:
    """B2.4, R-E-4: a fetched licence that is expired is refused with the reason; another holder's is not attached."""
    business_licence(town, **over)
    draft = begun(town)
    page = town.applicant.get(f"{draft}papers/").content.decode()
    section = page.split(f'id="p-{papers.slug_of("营业执照")}"')[1].split("</section>")[0]
    assert ("不能使用" in section) is bool(says)
    assert says in section


def promised(town: Town) -> tuple[str, str]:
    """Return a case in which the proof of the premises was promised, and that paper's address."""
    draft = begun(town, **SIGN)
    slug = papers.slug_of(RIGHT)
    assert town.applicant.post(f"{draft}papers/{slug}/", {"act": "promise", "sealed": "yes"}).status_code == 302
    assert 'value="ordinary"' in town.applicant.get(f"{draft}papers/").content.decode()
    for other in re.findall(r'id="f-([0-9a-f]+)"', town.applicant.get(f"{draft}papers/").content.decode()):
        file = SimpleUploadedFile("图.pdf", pdf(text=other))
        town.applicant.post(f"{draft}papers/{other}/", {"act": "upload", "file": file})
    seen = re.search(r'name="seen" value="(\d+)"', town.applicant.get(f"{draft}check/").content.decode())
    assert seen
    sent = town.applicant.post(f"{draft}check/", {"seen": seen[1]})
    assert sent.status_code == 302, sent.content.decode()[-3000:]
    return sent["Location"].split("/")[3], slug


def test_a_promised_paper_is_accepted_with_a_day_supplied_later_and_then_left_as_it_is(town: Town) -> None:
    """R-RQ-1, R-RQ-4, R-RQ-7: accepted first, told the day; the result waits for it; a paper under a decision stays."""
    case_id, slug = promised(town)
    decide(town, case_id, "business-licence-check")  # type: ignore[arg-type]
    view = cases.view(case_id)  # type: ignore[arg-type]
    assert view is not None
    sign = next(one for one in view.matters if one.step == "sign-board")
    officer, approver = town.desk("case_officer", sign.unit), town.desk("approver", sign.unit)
    desk = f"/onething/desk/{sign.id}/"
    assert "容缺承诺" in officer.get(desk).content.decode()
    assert officer.post(f"{desk}accept/").status_code == 302
    (gap,) = cases.gaps([sign.id])
    assert gap.due_on > clocks.today() + timedelta(days=20)
    assert approver.post(f"{desk}decide/", {"outcome": "granted"}).status_code == 409
    page = town.applicant.get(f"/onething/cases/{case_id}/").content.decode()
    assert f"/papers/{slug}/" in page
    supply = f"/onething/cases/{case_id}/papers/{slug}/"
    assert town.applicant.post(supply, {}).status_code == 422
    file = SimpleUploadedFile("租赁合同.pdf", pdf(text="lease"))
    assert town.applicant.post(supply, {"file": file}).status_code == 302
    assert [one.state for one in cases.gaps([sign.id])] == ["supplied"]
    assert approver.post(f"{desk}decide/", {"outcome": "granted"}).status_code == 302
    again = town.applicant.post(supply, {"file": SimpleUploadedFile("新.pdf", pdf(text="new"))})
    assert again.status_code == 409
    assert "不能再替换" in again.content.decode()


def test_the_ordinary_way_stays_open_and_a_main_paper_cannot_be_promised(town: Town) -> None:
    """R-RQ-6, R-RQ-7: no promise for a main paper; who promised may still use the ordinary way."""
    draft = begun(town, **SIGN)
    main = papers.slug_of("经营场所平面图、设备布局和操作流程文件")
    assert town.applicant.post(f"{draft}papers/{main}/", {"act": "promise"}).status_code == 409
    url = f"{draft}papers/{papers.slug_of(RIGHT)}/"
    town.applicant.post(url, {"act": "promise", "sealed": "yes"})
    town.applicant.post(url, {"act": "ordinary"})
    assert 'value="ordinary"' not in town.applicant.get(f"{draft}papers/").content.decode()


def test_an_officer_reads_a_paper_of_his_matter_and_leaves_a_line(town: Town) -> None:
    """P-3: only what his matter uses, only while a step is his; the reading is on record."""
    case_id = submitted(town)
    decide(town, case_id, "business-licence-check")
    view = cases.view(case_id)
    assert view is not None
    food = next(one for one in view.matters if one.step == "food-business-new")
    use = documents.uses(about=f"case:{case_id}")[0]
    officer = town.desk("case_officer", food.unit)
    answer = officer.get(f"/onething/desk/{food.id}/files/{use.id}/")
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
    assert town.desk("approver", food.unit).get(f"/onething/desk/{food.id}/files/{use.id}/").status_code == 403
    stranger = town.desk("case_officer", "tobacco")
    assert stranger.get(f"/onething/desk/{food.id}/files/{use.id}/").status_code == 404


def test_a_paper_is_corrected_with_everything_else_and_none_outside_the_guide_is_asked_for(town: Town) -> None:
    """R-OT-1, R-OT-3, R14.9: the new file replaces the old one in the one answer; a paper that no guide names is not asked for."""
    case_id = submitted(town)
    decide(town, case_id, "business-licence-check")
    view = cases.view(case_id)
    assert view is not None
    food = next(one for one in view.matters if one.step == "food-business-new")
    desk = town.desk("case_officer", food.unit)
    url = f"/onething/desk/{food.id}/correction/"
    assert desk.post(url, {"about": "material:无犯罪记录证明", "says": "请提供"}).status_code == 422
    name = "食品安全管理制度目录"
    assert desk.post(url, {"about": f"material:{name}", "says": "缺少签名"}).status_code == 302
    page = f"/onething/cases/{case_id}/correct/"
    assert f'name="paper-{papers.slug_of(name)}"' in town.applicant.get(page).content.decode()
    file = SimpleUploadedFile("签名.pdf", pdf(text="signed"))
    assert town.applicant.post(page, {f"paper-{papers.slug_of(name)}": file}).status_code == 302
    now = [use.name for use in documents.uses(about=f"case:{case_id}") if use.material == name]
    assert now == ["签名.pdf"]
    assert "签名.pdf" in desk.get(f"/onething/desk/{food.id}/").content.decode()


def test_who_looked_at_a_case_and_its_papers_stands_with_its_holder(town: Town) -> None:
    """R-E-3, P-5: the case, its matters and its papers are things of the organisation."""
    case_id = submitted(town)
    holders = audit.Holders((bytes(town.shop.uscc_hash),))
    things = {thing.about for found in audit.things_of.fire(holders) for thing in found}
    view = cases.view(case_id)
    assert view is not None
    assert {f"case:{one.id}" for one in (view.case, *view.matters)} <= things
    assert {use.ref for use in documents.uses(about=f"case:{case_id}")} <= things
