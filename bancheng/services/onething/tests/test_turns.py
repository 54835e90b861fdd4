"""What happens to a matter besides a decision, through the pages: handed over, waived, asked late, visited another day, given in writing."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.credit import public as credit
from bancheng.kernel.documents.testing import pdf
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.letters import public as letters
from bancheng.kernel.notices import public as notices
from bancheng.services.onething import figures, papers, telling, visiting, waiting
from bancheng.services.onething.models import JointVisit, PaperPromise
from bancheng.services.onething.tests.conftest import REGION, Town
from bancheng.services.onething.tests.test_papers import RIGHT, SIGN, begun, promised
from bancheng.services.onething.tests.test_walk import decide, submitted

WHY = {"reason": "属烟草专卖局职权", "law": "行政许可法 第三十二条"}
TOBACCO = {
    "wants_tobacco": "yes",
    "tobacco_kind": ["cigarettes"],
    "tobacco_separate": "yes",
    "tobacco_distance": "500米",
}


def one_of(root: UUID, step: str) -> cases.Matter:
    view = cases.view(root)
    assert view is not None
    return next(one for one in view.matters if one.step == step)


def told(*hashes: bytes) -> list[str]:
    jobs.run_all()
    return [one.title for one in notices.inbox(list(hashes))]


def shop_hash(town: Town) -> bytes:
    return bytes(town.shop.uscc_hash)


def post(client: Client, case_id: UUID, act: str, status: int = 302, **sent: Any) -> str:
    answer = client.post(f"/onething/desk/{case_id}/{act}/", sent)
    body = answer.content.decode()
    assert answer.status_code == status, re.findall(r"<p>(.*?)</p>", body, re.S)[:4]
    return body


# --- handed over ---


def test_a_matter_goes_to_the_unit_whose_it_is_and_everybody_hears_it(town: Town) -> None:
    """转办: its queue, its officers told, the applicant told; the clock runs on; who handed it over sees it no more."""
    root = submitted(town)
    matter = one_of(root, "business-licence-check")
    officer, other = town.desk("case_officer", matter.unit), people.staff("case_officer", unit="tobacco")
    town.desk("approver", "tobacco")
    desk = officer.get(f"/onething/desk/{matter.id}/").content.decode()
    assert '<option value="tobacco"' in desk
    assert '<option value="fire"' not in desk  # nobody sits there
    post(officer, matter.id, "hand-over", 422, to="fire", **WHY)
    post(officer, matter.id, "hand-over", 422, to="tobacco", reason="", law="")
    due = matter.clocks[0].due.on
    post(officer, matter.id, "hand-over", to="tobacco", **WHY)
    now = one_of(root, "business-licence-check")
    assert (now.unit, now.clocks[0].due.on) == ("tobacco", due)
    assert officer.get(f"/onething/desk/{matter.id}/").status_code == 404
    assert str(matter.id) in people.client_for(other).get("/onething/desk/").content.decode()
    assert "新办件" in told(identity.staff_hash(other.pk))
    assert "已转其他单位办理" in told(shop_hash(town))
    page = town.applicant.get(f"/onething/cases/{root}/").content.decode()
    assert "属烟草专卖局职权" in page
    assert "烟草专卖局" in page


def test_what_is_an_outside_authority_s_ends_here_and_says_where_to_go(town: Town) -> None:
    root = submitted(town)
    matter = one_of(root, "business-licence-check")
    officer = town.desk("case_officer", matter.unit)
    post(officer, matter.id, "hand-over", 422, to="outside", **WHY)
    post(officer, matter.id, "hand-over", to="outside", outside="省市场监督管理局", **WHY)
    assert one_of(root, "business-licence-check").state is cases.State.TRANSFERRED
    page = town.applicant.get(f"/onething/cases/{root}/").content.decode()
    assert "请向省市场监督管理局申请" in page


def test_who_has_no_step_hands_nothing_over(town: Town) -> None:
    root = submitted(town)
    matter = one_of(root, "business-licence-check")
    town.desk("case_officer", "tobacco"), town.desk("approver", "tobacco")
    post(town.desk("approver", matter.unit), matter.id, "hand-over", 409, to="tobacco", **WHY)


# --- waived ---


def test_an_answer_that_is_late_is_seen_and_taken_as_waived_with_reason_article_and_remedy(town: Town) -> None:
    """视为放弃: on the home page, in the queue's tab, on the case; told to the applicant."""
    root = submitted(town)
    matter = one_of(root, "business-licence-check")
    officer = people.staff("case_officer", unit=matter.unit)
    desk = people.client_for(officer)
    post(desk, matter.id, "correction", about="field:business_address", says="地址不符")
    assert desk.get("/onething/desk/?show=late").content.decode().count("没有逾期未补正的") == 1
    why = {"reason": "逾期未补正", "law": "本市办事指南", "remedy": "可以重新申请"}
    post(desk, matter.id, "waive", 409, **why)
    set_due(root, clocks.today() - timedelta(days=1))
    assert str(matter.id) in desk.get("/onething/desk/?show=late").content.decode()
    assert any("逾期未补正" in todo.words.zh for todo in waiting.to_do(people.actor(officer)))
    assert "视为放弃" in desk.get(f"/onething/desk/{matter.id}/").content.decode()
    post(desk, matter.id, "waive", 422, reason="逾期", law="", remedy="")
    post(town.desk("approver", matter.unit), matter.id, "waive", 403, **why)
    post(desk, matter.id, "waive", **why)
    assert one_of(root, "business-licence-check").state is cases.State.WAIVED
    assert "有结果了" in told(shop_hash(town))
    assert "可以重新申请" in town.applicant.get(f"/onething/cases/{root}/").content.decode()


def set_due(root: UUID, day: date) -> None:
    """Let the day to answer be another: what a calendar would bring, without waiting for it."""
    from django.apps import apps

    apps.get_model("cases", "CorrectionItem").objects.filter(root_id=root).update(due_on=day)


# --- asked late ---


def asked_once(town: Town) -> tuple[UUID, cases.Matter, Client]:
    """Return a case whose officer asked one thing, had it corrected, and now sees another that stood there all the time."""
    root = submitted(town)
    matter = one_of(root, "business-licence-check")
    desk = town.desk("case_officer", matter.unit)
    post(desk, matter.id, "correction", about="field:business_address", says="地址不符")
    page = f"/onething/cases/{root}/correct/"
    assert town.applicant.post(page, {"business_address": "许昌市魏都区七一路2号"}).status_code == 302
    return root, matter, desk


def test_what_could_be_seen_the_first_time_is_not_asked_again_without_leave(town: Town) -> None:
    """R-OT-1: blocked on the desk; the supervisor allows it, it goes to the applicant, and it counts as a defect of the service."""
    root, matter, desk = asked_once(town)
    late = {"about": "field:contact_name", "says": "联系人不符"}
    body = post(desk, matter.id, "correction", 409, **late)
    assert f"/onething/desk/{matter.id}/late/" in body
    post(desk, matter.id, "late", 422, reason="", **late)
    post(desk, matter.id, "late", reason="首次漏看", **late)
    post(desk, matter.id, "late", 409, reason="再来一次", **late)
    admin = people.staff("unit_admin", unit=matter.unit)
    boss = people.client_for(admin)
    assert any("待确认" in todo.words.zh for todo in waiting.to_do(people.actor(admin)))
    page = boss.get("/onething/late/").content.decode()
    assert "首次漏看" in page
    (url,) = re.findall(r'action="(/onething/late/\d+/)"', page)
    stranger = people.client_for(people.staff("unit_admin", unit="tobacco"))
    assert "首次漏看" not in stranger.get("/onething/late/").content.decode()
    assert stranger.post(url, {"allow": "yes"}).status_code == 404
    assert boss.post(url, {"allow": "yes"}).status_code == 302
    assert one_of(root, "business-licence-check").state is cases.State.CORRECTING
    board = figures.board(clocks.today())
    assert board.overlooked == 1
    assert next(line for line in board.units if line.unit.code == matter.unit).overlooked == 1
    shown = people.client_for(people.staff("supervisor")).get("/onething/board/").content.decode()
    assert "迟到的补正" in shown


def test_what_the_supervisor_does_not_allow_is_not_asked(town: Town) -> None:
    """R-OT-1"""
    root, matter, desk = asked_once(town)
    post(desk, matter.id, "late", reason="漏看", about="field:contact_name", says="联系人不符")
    boss = people.client_for(people.staff("unit_admin", unit=matter.unit))
    (url,) = re.findall(r'action="(/onething/late/\d+/)"', boss.get("/onething/late/").content.decode())
    assert boss.post(url, {"allow": "no"}).status_code == 302
    assert boss.post(url, {"allow": "yes"}).status_code == 404
    assert one_of(root, "business-licence-check").state is cases.State.REVIEWING
    assert figures.board(clocks.today()).overlooked == 0


def test_the_same_correction_asked_twice_before_it_is_told_is_refused_in_one_sentence(town: Town) -> None:
    """R-OT-1: the desk pressed twice, or two officers: never a fault, and told once."""
    root = submitted(town, **TOBACCO)
    decide(town, root, "business-licence-check")
    food = one_of(root, "food-business-new")
    desk = town.desk("case_officer", food.unit)
    twice = {"about": "field:seats", "says": "座位数不符"}
    post(desk, food.id, "correction", **twice)
    assert one_of(root, "food-business-new").state is cases.State.REVIEWING  # tobacco still looks
    assert "写了两次" in post(desk, food.id, "correction", 422, **twice)
    assert len(cases.corrections(root)) == 1


# --- visited another day ---


def booked(town: Town) -> tuple[UUID, cases.Matter, cases.Matter, date]:
    root = submitted(town, **TOBACCO)
    decide(town, root, "business-licence-check")
    food, tobacco = one_of(root, "food-business-new"), one_of(root, "tobacco-retail-new")
    for one in (food, tobacco):
        post(town.desk("case_officer", one.unit), one.id, "accept")
    day = clocks.calendar().next_working(clocks.today() + timedelta(days=3))
    post(town.desk("case_officer", food.unit), food.id, "visit", day=str(day), half="am", **{"with": [str(tobacco.id)]})
    return root, food, tobacco, day


def test_a_visit_is_moved_and_called_off_and_both_sides_hear_each_turn(town: Town) -> None:
    """R14.4: applicant and inspectors; the inspectors find it on the home page and in the queue."""
    inspector = people.staff("case_officer", unit="tobacco")
    root, food, _, day = booked(town)
    mine = identity.staff_hash(inspector.pk)
    assert "联合核查安排" in told(mine)
    todo = [one for one in waiting.to_do(people.actor(inspector)) if "联合核查" in one.words.zh]
    assert [str(day) in (one.hint.zh if one.hint else "") for one in todo] == [True]
    assert "已约" in people.client_for(inspector).get("/onething/desk/").content.decode()
    desk = town.desk("case_officer", food.unit)
    later = clocks.calendar().next_working(day + timedelta(days=2))
    post(desk, food.id, "visit", day=str(later), half="pm")
    assert told(shop_hash(town)).count("联合核查改期") == 1
    assert "联合核查取消" in told(mine)  # the second time without tobacco
    post(desk, food.id, "visit/cancel", 422, reason="")
    post(desk, food.id, "visit/cancel", reason="设备故障")
    assert "联合核查取消" in told(shop_hash(town))
    view = cases.view(root)
    assert view is not None
    assert visiting.of(view) is None
    assert JointVisit.objects.get(cancelled="设备故障").ended_at is not None
    assert "visit" in one_of(root, "food-business-new").steps.open
    post(desk, food.id, "visit/cancel", 409, reason="再取消")
    subject = f"case:{root}"
    check = notices.Check("onething.visit", (subject,), clocks.now())
    assert telling.still_wanted(check) == {subject}


# --- papers that follow ---


def signed(town: Town, **sent: str) -> tuple[str, int]:
    draft = begun(town, **SIGN)
    url = f"{draft}papers/{papers.slug_of(RIGHT)}/"
    return draft, town.applicant.post(url, {"act": "promise", **sent}).status_code


def test_a_promise_of_a_paper_is_signed_in_the_pack_s_words_and_sealed_for_an_organisation(town: Town) -> None:
    """R-RQ-3: five points, who, when, in which capacity, which version; without the seal nothing is promised."""
    draft, status = signed(town)
    assert status == 422
    assert not PaperPromise.objects.exists()
    page = town.applicant.get(f"{draft}papers/").content.decode()
    for words in ("真实意思", "已知晓缺少的材料", "真实、合法、有效", "期限内补交", "愿意承担"):
        assert words in page
    signed(town, sealed="yes")
    row = PaperPromise.objects.get()
    assert (row.signed_as, row.sealed, row.words) == ("legal_representative", True, "gap-2026-1")
    assert row.made_by.startswith("person:")


def test_an_agent_signs_within_his_writing_and_not_beyond(town: Town) -> None:
    """R-RQ-3, P-5: an agent's promise names his writing; what his writing does not cover he does not promise."""
    within, without = people.citizen("赵六", serial=21), people.citizen("孙七", serial=22)
    for user, matters in ((within, ()), (without, ("tax-change",))):
        identity.link_agent(
            principal=town.shop, agent=user.person, first=date(2026, 1, 1), document=f"委托{user.pk}", matters=matters,
            by="test", at=clocks.now(),
        )  # fmt: skip
    draft, _ = signed(town)
    url = f"{draft}papers/{papers.slug_of(RIGHT)}/"
    sent = {"act": "promise", "sealed": "yes"}
    assert people.client_for(without).post(url, sent).status_code in (403, 404)
    assert people.client_for(within).post(url, sent).status_code == 302
    row = PaperPromise.objects.get()
    assert row.signed_as == "agent"
    assert row.document.startswith("agency:")


def test_who_is_listed_as_dishonest_is_told_to_upload_it_now(town: Town) -> None:
    """R-RQ-6: refused for serious dishonesty until repaired."""
    given: dict[str, Any] = {
        "region": REGION,
        "kind": credit.Kind.DISHONEST,
        "about": "list:1",
        "by": "test",
        "at": clocks.now(),
    }
    credit.note(
        holder_hash=shop_hash(town), unit="market", reason="列入名单", law="河南省社会信用条例 第二十八条", **given
    )
    assert signed(town, sealed="yes")[1] == 409
    credit.repair(because="已移出", **given)
    assert signed(town, sealed="yes")[1] == 302


def test_what_may_follow_is_listed_on_the_guide_and_on_the_check_page_with_its_terms(
    town: Town, client: Client
) -> None:
    """R-RQ-2: public: why, how long, and whether the result waits."""
    draft = begun(town, **SIGN)
    for page in (
        client.get("/onething/open-restaurant/").content.decode(),
        client.get("/guides/sign-board/").content.decode(),
        town.applicant.get(f"{draft}check/").content.decode(),
    ):
        assert RIGHT in page
        assert "列入本市容缺清单" in page
        assert "20个工作日内补交" in page
        assert "结果等它" in page


def test_a_promised_paper_is_brought_to_the_counter(town: Town) -> None:
    """R-RQ-1, R-RQ-5: supplied by the clerk for whoever brings it; the officer's decision may go on."""
    case_id, slug = promised(town)
    root = UUID(case_id)
    decide(town, root, "business-licence-check")
    sign = one_of(root, "sign-board")
    desk = town.desk("case_officer", sign.unit)
    assert "法定代表人，已签章" in desk.get(f"/onething/desk/{sign.id}/").content.decode()
    post(desk, sign.id, "accept")
    clerk = town.desk("window_clerk", "zone-market")
    address = f"/onething/counter/cases/{case_id}/papers/{slug}/"
    assert address in clerk.get(f"/onething/counter/cases/{case_id}/").content.decode()
    assert clerk.get(address).status_code == 200
    file = SimpleUploadedFile("租赁合同.pdf", pdf(text="lease"))
    assert clerk.post(address, {"file": file}).headers["Location"] == f"/onething/counter/cases/{case_id}/"
    assert [one.state for one in cases.gaps([sign.id])] == ["supplied"]


@pytest.mark.parametrize(("freely", "waits"), [([], True), ([papers.slug_of(RIGHT)], False)])
def test_the_result_waits_for_a_gap_unless_the_officer_says_it_cannot_change_it(
    town: Town, freely: list[str], waits: bool
) -> None:
    """R-RQ-4: two modes."""
    root = UUID(promised(town)[0])
    decide(town, root, "business-licence-check")
    sign = one_of(root, "sign-board")
    post(town.desk("case_officer", sign.unit), sign.id, "accept", freely=freely)
    (gap,) = cases.gaps([sign.id])
    assert gap.holds_result is waits
    post(town.desk("approver", sign.unit), sign.id, "decide", 409 if waits else 302, outcome="granted")


# --- given in writing ---


def test_the_receipt_is_sealed_downloaded_by_all_three_sides_and_the_same_each_time(town: Town) -> None:
    """R-OT-2: made by a job, offered to the applicant, the desk and the counter."""
    root = submitted(town)
    matter = one_of(root, "business-licence-check")
    desk, clerk = town.desk("case_officer", matter.unit), town.desk("window_clerk", "zone-market")
    post(desk, matter.id, "accept")
    assert "正在盖章" in town.applicant.get(f"/onething/cases/{root}/").content.decode()
    jobs.run_all()
    (letter,) = letters.of_bundles([root])
    assert letter.kind is letters.Kind.ACCEPTED
    files = []
    for client, page in (
        (town.applicant, f"/onething/cases/{root}/"),
        (desk, f"/onething/desk/{matter.id}/"),
        (clerk, f"/onething/counter/cases/{root}/"),
    ):
        address = f"{page}letters/{letter.id}.pdf"
        assert address in client.get(page).content.decode()
        answer = client.get(address)
        assert answer["Content-Type"] == "application/pdf"
        files.append(answer.content)
    assert len({bytes(file) for file in files}) == 1
    found = letters.examine(files[0])
    assert found is not None
    assert found.holds
    stranger = people.client_for(people.citizen(serial=50))
    assert stranger.get(f"/onething/cases/{root}/letters/{letter.id}.pdf").status_code == 404
    other = submitted(town, business_address="许昌市魏都区八一路9号")
    assert town.applicant.get(f"/onething/cases/{other}/letters/{letter.id}.pdf").status_code == 404


def test_an_officer_fetches_letters_of_his_own_matter_and_no_sister_s(town: Town) -> None:
    """P-3"""
    root = submitted(town, **TOBACCO)
    decide(town, root, "business-licence-check")
    food, tobacco = one_of(root, "food-business-new"), one_of(root, "tobacco-retail-new")
    post(town.desk("case_officer", tobacco.unit), tobacco.id, "accept")
    jobs.run_all()
    letter = next(one for one in letters.of_bundles([root]) if one.case == tobacco.id)
    desk = town.desk("case_officer", food.unit)
    assert desk.get(f"/onething/desk/{food.id}/letters/{letter.id}.pdf").status_code == 404


# --- alike ---


def test_the_desk_shows_what_the_applicant_asked_before(town: Town) -> None:
    """K23: number, state and in what it is alike; no more of it."""
    first = submitted(town)
    second = submitted(town, business_address="许昌市魏都区八一路9号")
    matter, before = one_of(second, "business-licence-check"), one_of(first, "business-licence-check")
    page = town.desk("case_officer", matter.unit).get(f"/onething/desk/{matter.id}/").content.decode()
    assert "相似办件" in page
    assert before.number in page
