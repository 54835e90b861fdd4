"""The pages: a rating from a phone, by link, at a counter; what the desk shows and what it hides; reviews; the board."""

import pytest
from django.apps import apps
from django.http import HttpResponse
from django.test import Client

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import testing as people
from bancheng.kernel.ratings import public as ratings
from bancheng.services.ratings.tests.conftest import UNIT, Town, work


def test_nothing_is_chosen_for_the_rater(town: Town) -> None:
    """R-RT-5, R-RT-6: five grades, none checked; no choice is refused, and what was written stays."""
    found = town.occasion(town.decided())
    page = town.applicant.get(f"/ratings/mine/{found.id}/").content.decode()
    assert page.count('type="radio" name="grade"') == 5
    assert " checked" not in page
    answer = town.applicant.post(f"/ratings/mine/{found.id}/", {"words": "窗口很耐心", "tag": "kind"})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "还没有选择评价等次" in shown
    assert "窗口很耐心" in shown
    assert 'value="kind" checked' in shown
    assert ratings.said(found.id) == []


def test_a_rating_is_made_and_changed(town: Town) -> None:
    """R-RT-1, R-RT-2."""
    found = town.occasion(town.decided())
    address = f"/ratings/mine/{found.id}/"
    assert town.applicant.post(address, {"grade": "4", "tag": ["quick", "no-such-tag"]}).status_code == 302
    assert town.applicant.post(address, {"grade": "5"}).status_code == 302
    assert [(one.grade, one.tags) for one in ratings.said(found.id)] == [(4, ("quick",)), (5, ())]
    shown = town.applicant.get(address).content.decode()
    assert "非常满意" in shown
    assert "改过1次" in shown


def test_the_case_s_page_leads_to_the_rating(town: Town) -> None:
    filed = town.decided()
    page = town.applicant.get(f"/onething/cases/{filed.id}/").content.decode()
    assert f"/ratings/mine/{town.occasion(filed).id}/" in page
    assert "未评价" in page


def test_the_home_page_offers_it_until_it_is_rated(town: Town) -> None:
    found = town.occasion(town.decided())
    link = f"/ratings/mine/{found.id}/"
    assert link in town.applicant.get("/").content.decode()
    town.applicant.post(link, {"grade": "3"})
    assert link not in town.applicant.get("/").content.decode()


def test_who_holds_the_link_rates_without_signing_in(town: Town) -> None:
    found = town.occasion(town.decided())
    phone = Client()
    assert phone.get(f"/ratings/r/{found.token}/").status_code == 200
    assert phone.post(f"/ratings/r/{found.token}/", {"grade": "1"}).status_code == 302
    assert ratings.occasion(found.id).grade == 1
    assert phone.get(f"/ratings/r/{found.token[:-1]}/").status_code == 404


def test_another_s_rating_does_not_exist(town: Town) -> None:
    """P-4."""
    found = town.occasion(town.decided())
    stranger = people.client_for(people.citizen("钱二", serial=9))
    assert stranger.get(f"/ratings/mine/{found.id}/").status_code == 404
    assert stranger.post(f"/ratings/mine/{found.id}/", {"grade": "1"}).status_code == 404


def test_a_bad_rating_reaches_the_call_back_officer_and_not_who_did_the_work(town: Town) -> None:
    """R-RT-3, R-RT-5: 谁办理谁负责, but not the one who did it."""
    officer = town.staff("section_officer", UNIT)
    people.grant(town.officer, "section_officer", unit=UNIT)
    pk = town.call_back()
    told = set(
        apps.get_model("notices", "Message").objects.filter(kind="ratings.call_back").values_list("key", flat=True)
    )
    assert told == {f"ratings-call_back-{pk}-{officer.pk}"}
    his = people.client_for(officer)
    page = his.get(f"/ratings/call-backs/{pk}/").content.decode()
    assert "等了很久" in page
    assert "超期、办得慢" in page
    for secret in ("王芳", "13900000007"):
        assert secret not in page
    own = people.client_for(town.officer)
    assert own.get(f"/ratings/call-backs/{pk}/").status_code == 404
    assert "等了很久" not in own.get("/ratings/call-backs/").content.decode()
    assert f"/ratings/call-backs/{pk}/" not in own.get("/ratings/call-backs/").content.decode()


def test_another_unit_does_not_see_it(town: Town) -> None:
    pk = town.call_back()
    assert town.desk("section_officer", "tobacco").get(f"/ratings/call-backs/{pk}/").status_code == 404


def test_a_call_back_is_worked_to_its_end_and_the_rater_reads_the_answer(town: Town) -> None:
    """R-RT-3: called, put right, told."""
    pk = town.call_back()
    desk, base = town.desk("section_officer", UNIT), f"/ratings/call-backs/{pk}/"
    assert desk.post(f"{base}take/").status_code == 302
    shown = desk.post(f"{base}contact/").content.decode()
    assert "13900000007" in shown
    assert desk.post(f"{base}checked/", {"words": "属实"}).status_code == 422
    assert desk.post(f"{base}checked/", {"route": "fix", "words": "属实"}).status_code == 302
    assert desk.post(f"{base}settled/", {"words": "已整改"}).status_code == 302
    assert desk.post(f"{base}answered/", {"words": "已加开窗口，抱歉"}).status_code == 302
    work()
    found = ratings.call_back(pk).occasion
    page = town.applicant.get(f"/ratings/mine/{found.id}/").content.decode()
    assert "已加开窗口，抱歉" in page
    assert apps.get_model("notices", "Message").objects.filter(kind="ratings.answered").count() == 1
    over = desk.get("/ratings/call-backs/?show=over").content.decode()
    assert base in over
    assert "13900000007" not in desk.get(base).content.decode()


def test_each_look_at_the_contact_is_on_record_and_the_rater_sees_it(town: Town) -> None:
    """P-3."""
    pk = town.call_back()
    desk, base = town.desk("section_officer", UNIT), f"/ratings/call-backs/{pk}/"
    assert "请先领取" in desk.post(f"{base}contact/").content.decode()
    desk.post(f"{base}take/")
    desk.post(f"{base}contact/")
    about = f"rating:{ratings.call_back(pk).occasion.id}"
    looks = [one for one in audit.about_any([about], limit=20) if one.action == "identity.revealed"]
    assert len(looks) == 1
    page = town.applicant.get("/mine/looks/").content.decode()
    assert "评价人的姓名和手机号" in page
    assert "差评回访" in page


def test_an_administrator_follows_but_does_not_open_the_contact(town: Town) -> None:
    """P-10."""
    pk = town.call_back()
    admin = town.desk("unit_admin", UNIT)
    assert admin.get(f"/ratings/call-backs/{pk}/").status_code == 200
    for act in ("take", "contact", "checked"):
        assert admin.post(f"/ratings/call-backs/{pk}/{act}/").status_code == 403


def test_an_appeal_is_decided_outside_the_unit_and_the_rater_may_object(town: Town) -> None:
    """R-RT-4."""
    pk = town.call_back()
    desk = town.desk("section_officer", UNIT)
    asked = {"flaw": "mistaken", "reason": "评错单位", "evidence": "办件编号不符"}
    assert desk.post(f"/ratings/call-backs/{pk}/appeal/", asked | {"flaw": ""}).status_code == 422
    assert desk.post(f"/ratings/call-backs/{pk}/appeal/", asked).status_code == 302
    found = ratings.call_back(pk).occasion
    appeal = ratings.appeal_of(occasion_id=found.id)
    assert appeal
    ours = people.staff("supervisor")
    ours.unit = UNIT
    ours.save()
    assert people.client_for(ours).get(f"/ratings/reviews/{appeal.id}/").status_code == 404
    outside = town.desk("supervisor")
    page = outside.get(f"/ratings/reviews/{appeal.id}/").content.decode()
    assert "评错单位" in page
    for secret in ("王芳", "13900000007"):
        assert secret not in page
    decide = f"/ratings/reviews/{appeal.id}/decide/"
    assert outside.post(decide, {"decision": "leave_out"}).status_code == 422
    assert outside.post(decide, {"decision": "leave_out", "reason": "编号确属另一单位"}).status_code == 302
    work()
    assert apps.get_model("notices", "Message").objects.filter(kind="ratings.decided").count() == 1
    page = town.applicant.get(f"/ratings/mine/{found.id}/").content.decode()
    assert "不予采纳" in page
    assert "编号确属另一单位" in page
    assert town.applicant.post(f"/ratings/mine/{found.id}/object/", {"reason": ""}).status_code == 422
    assert town.applicant.post(f"/ratings/mine/{found.id}/object/", {"reason": "就是这件"}).status_code == 302
    assert outside.post(decide, {"decision": "stands", "reason": "再看"}).status_code == 403
    second = people.client_for(people.staff("supervisor", name="第二人"))
    assert second.post(decide, {"decision": "stands", "reason": "评价属实"}).status_code == 302
    assert not ratings.occasion(found.id).excluded


def main_of(answer: HttpResponse) -> str:
    """Return what the page says, without tokens and numbers of the request."""
    return answer.content.decode().partition("<main")[2].partition("</main>")[0]


def test_at_a_counter_the_clerk_asks_and_sees_no_answer(town: Town) -> None:
    """R-RT-2, R-RT-5: 一次一评; no prompting, no answer shown."""
    desk = town.desk("window_clerk", UNIT)
    answer = desk.post("/ratings/counter/start/", {"matter": "", "number": "A012"})
    assert answer.status_code == 302
    row = apps.get_model("ratings", "Occasion").objects.get(mode="on_site")
    device = Client()
    page = device.get(f"/ratings/d/{row.token}/").content.decode()
    assert page.count('type="radio" name="grade"') == 5
    assert " checked" not in page
    before = main_of(desk.get(answer["Location"]))
    sent = {"grade": "2", "words": "等得久", "contact": "13812345678"}
    assert device.post(f"/ratings/d/{row.token}/", sent).status_code == 302
    assert main_of(desk.get(answer["Location"])) == before
    after = main_of(device.get(f"/ratings/d/{row.token}/"))
    assert "谢谢" in after
    assert "等得久" not in after
    assert "不满意" not in after
    assert device.post(f"/ratings/d/{row.token}/", {"grade": "5"}).status_code == 409
    (call_back,) = ratings.call_backs(units=[UNIT])
    assert call_back.real_name
    assert desk.get(f"/ratings/r/{row.token}/").status_code == 404


def test_a_clerk_asks_about_his_own_window_only(town: Town) -> None:
    desk = town.desk("window_clerk", "tobacco")
    answer = desk.post("/ratings/counter/start/", {"matter": "business-licence-check"})
    assert answer.status_code == 422
    own = town.desk("window_clerk", UNIT).post("/ratings/counter/start/", {"number": "13800000000"})
    assert own.status_code == 422
    assert not apps.get_model("ratings", "Occasion").objects.filter(mode="on_site").exists()


def test_the_board_counts_silence_apart_and_says_how(town: Town) -> None:
    """R-RT-6."""
    town.call_back()
    town.decided("k2")
    page = town.desk("supervisor").get("/ratings/board/").content.decode()
    assert "不算满意" in page
    assert "0 ÷ 1 = 0.0%" in page
    rows = town.desk("unit_admin", UNIT).get("/ratings/board.csv").content.decode("utf-8-sig").splitlines()
    assert rows[-9].split(",")[:5] == ["全部", "合计", "2", "1", "1"]
    other = town.desk("unit_admin", "tobacco").get("/ratings/board.csv").content.decode("utf-8-sig")
    assert "全部,合计,0,0,0" in other


def test_a_public_line_of_few_ratings_stands_in_the_sum_only(town: Town) -> None:
    """R-RT-5: nobody can be made out."""
    town.call_back()
    public = Client()
    page = public.get("/ratings/").content.decode()
    assert "许昌市市场监督管理局" not in page
    for n in range(4):
        found = town.occasion(town.decided(f"more{n}"))
        town.applicant.post(f"/ratings/mine/{found.id}/", {"grade": 5})
    assert "许昌市市场监督管理局" in public.get("/ratings/").content.decode()


@pytest.mark.parametrize("path", ["/ratings/", "/ratings/mine/"])
def test_an_empty_page_says_so(town: Town, path: str) -> None:
    assert "还没有" in town.applicant.get(path).content.decode()


def test_the_pages_speak_english(town: Town) -> None:
    found = town.occasion(town.decided())
    page = town.applicant.get(f"/ratings/mine/{found.id}/", headers={"accept-language": "en"}).content.decode()
    assert "Very satisfied" in page
    assert "Rate freely" in page
