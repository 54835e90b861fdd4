"""The pages: a rating from a phone, by link, at a counter; what the desk shows and what it hides; reviews; the board."""

import re
from datetime import date

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents import public as documents
from bancheng.kernel.documents.testing import pdf
from bancheng.kernel.identity import public as identity
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
    assert device.post(f"/ratings/d/{row.token}/", sent).status_code == 200
    assert main_of(desk.get(answer["Location"])) == before
    after = main_of(device.get(f"/ratings/d/{row.token}/"))
    assert "谢谢" in after
    assert "等得久" not in after
    assert "不满意" not in after
    assert device.post(f"/ratings/d/{row.token}/", {"grade": "5"}).status_code == 409
    (call_back,) = ratings.call_backs(units=[UNIT])
    assert call_back.real_name
    assert desk.get(f"/ratings/r/{row.token}/").status_code == 404


def on_the_spot(town: Town, grade: str) -> tuple[str, str]:
    """Rate at a counter without leaving a number, and return the device's address and the page that is shown then."""
    town.desk("window_clerk", UNIT).post("/ratings/counter/start/", {"matter": ""})
    row = apps.get_model("ratings", "Occasion").objects.filter(mode="on_site", grade=None).get()
    address = f"/ratings/d/{row.token}/"
    page = main_of(Client().post(address, {"grade": grade, "words": "等得久"}))
    return address, re.sub(r' datetime="[^"]+"', "", page)


def code_in(page: str) -> str:
    found = re.search(r"[2-9A-Z]{4}(?:-[2-9A-Z]{4}){3}", page)
    assert found, page
    return found[0]


def test_a_visitor_without_a_phone_reads_the_answer_by_the_code_of_his_slip(town: Town) -> None:
    """R-RT-3: 反馈 also to who left no number; R-RT-5: everybody gets a slip, so that it tells the clerk nothing."""
    address, good = on_the_spot(town, "5")
    other, bad = on_the_spot(town, "2")
    assert "等得久" not in bad
    code = code_in(bad)
    assert good.replace(code_in(good), code).replace(address, other) == bad  # word for word
    again = main_of(Client().post(other, {"grade": "2", "words": "等得久"}, follow=True))
    assert code not in again
    assert not re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}-", again)

    at_home = Client()
    page = at_home.post("/ratings/slip/", {"code": f" {code.lower().replace('-', ' ')} "}).content.decode()
    assert "正在处理" in page
    assert "等得久" in page
    (call_back,) = ratings.call_backs(units=[UNIT])
    desk, base = town.desk("section_officer", UNIT), f"/ratings/call-backs/{call_back.pk}/"
    for act, said in (("take", {}), ("checked", {"route": "fix", "words": "属实"}), ("settled", {"words": "已改"})):
        assert desk.post(f"{base}{act}/", said).status_code == 302
    assert "凭评价后拿到的查询码" in desk.get(base).content.decode()
    assert desk.post(f"{base}answered/", {"words": "已加开窗口"}).status_code == 302
    assert "已加开窗口" in at_home.post("/ratings/slip/", {"code": code}).content.decode()
    assert "没有要答复" in at_home.post("/ratings/slip/", {"code": code_in(good)}).content.decode()


def test_a_wrong_code_is_told_at_its_field_and_opens_nothing(town: Town) -> None:
    on_the_spot(town, "2")
    phone = Client()
    assert phone.get("/ratings/slip/").status_code == 200
    for wrong in ("", "1234", "ABCD-2345-EFGH-6789", "\x00" * 16):
        no = phone.post("/ratings/slip/", {"code": wrong})
        assert no.status_code == 422
        assert "没有找到这个查询码" in no.content.decode()
    assert phone.post("/ratings/slip/object/", {"code": "", "reason": "x"}).status_code == 422


def test_who_holds_the_slip_may_object_that_his_rating_was_left_out(town: Town) -> None:
    """R-RT-4"""
    _, page = on_the_spot(town, "1")
    code = code_in(page)
    (call_back,) = ratings.call_backs(units=[UNIT])
    asked = {"flaw": "mistaken", "reason": "评错", "evidence": "监控"}
    town.desk("section_officer", UNIT).post(f"/ratings/call-backs/{call_back.pk}/appeal/", asked)
    appeal = ratings.appeal_of(occasion_id=call_back.occasion_id)
    assert appeal
    decide = {"decision": "leave_out", "reason": "确系评错"}
    town.desk("supervisor").post(f"/ratings/reviews/{appeal.id}/decide/", decide)
    phone = Client()
    shown = phone.post("/ratings/slip/", {"code": code}).content.decode()
    assert "确系评错" in shown
    assert f'name="code" value="{code}"' in shown
    assert phone.post("/ratings/slip/object/", {"code": code, "reason": ""}).status_code == 422
    assert phone.post("/ratings/slip/object/", {"code": code, "reason": "就是这次"}).status_code == 200
    after = ratings.appeal_of(occasion_id=call_back.occasion_id)
    assert after
    assert after.state is ratings.Ruling.OBJECTED


def test_files_prove_an_appeal_and_are_seen_by_the_reviewer_and_the_unit_alone(town: Town) -> None:
    """R-RT-4: evidence is more than words; each look on record; what is refused leaves nothing behind."""
    pk = town.call_back()
    desk, base = town.desk("section_officer", UNIT), f"/ratings/call-backs/{pk}/"
    asked = {"flaw": "mistaken", "reason": "评错单位", "evidence": "见附件"}
    found = ratings.call_back(pk).occasion
    about = f"appeal:{found.id}"
    evil = SimpleUploadedFile("图.png", b"<svg onload=alert(1)>")
    good = SimpleUploadedFile("登记本.pdf", pdf(text="ledger"))
    no = desk.post(f"{base}appeal/", asked | {"file": [good, evil]})
    assert no.status_code in (409, 415, 422)
    assert "见附件" in no.content.decode()
    assert documents.uses(about=about) == []
    many = [SimpleUploadedFile(f"{n}.pdf", pdf(text=str(n))) for n in range(6)]
    assert desk.post(f"{base}appeal/", asked | {"file": many}).status_code == 422
    good.seek(0)
    again = SimpleUploadedFile("再来.pdf", pdf(text="again"))
    assert desk.post(f"{base}appeal/", asked | {"file": good}).status_code == 302
    assert desk.post(f"{base}appeal/", asked | {"file": again}).status_code == 409  # once only, and no file stays
    (use,) = documents.uses(about=about)
    appeal = ratings.appeal_of(occasion_id=found.id)
    assert appeal
    reviewer = town.desk("supervisor")
    page = reviewer.get(f"/ratings/reviews/{appeal.id}/").content.decode()
    link = f"/ratings/reviews/{appeal.id}/files/{use.id}/"
    assert link in page
    assert "登记本.pdf" in page
    answer = reviewer.get(link)
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert any(e.action == "documents.read" for e in audit.timeline(use.ref))
    assert f"{base}files/{use.id}/" in desk.get(base).content.decode()
    assert desk.get(f"{base}files/{use.id}/").status_code == 200
    assert town.desk("section_officer", "tobacco").get(f"{base}files/{use.id}/").status_code == 404
    assert people.client_for(town.officer).get(f"{base}files/{use.id}/").status_code in (403, 404)
    assert town.applicant.get(link).status_code == 403
    assert "登记本" not in town.applicant.get(f"/ratings/mine/{found.id}/").content.decode()


def test_what_an_agent_says_is_recorded_as_his_and_the_principal_sees_by_whom(town: Town) -> None:
    """P-5, R-RT-5: on the principal's page by name; the desk learns that it was an agent and not who."""
    found = town.occasion(town.decided())
    agent = people.citizen("钱代办", serial=9)
    identity.link_agent(
        principal=town.user.person,
        agent=agent.person,
        first=date(2026, 1, 1),
        document="委托书",
        by="test",
        at=clocks.now(),
    )
    address = f"/ratings/mine/{found.id}/"
    assert people.client_for(agent).post(address, {"grade": "2"}).status_code == 302
    assert "由钱代办代为评价" in town.applicant.get(address).content.decode()
    (said,) = ratings.said(found.id)
    assert said.by_agent
    (event,) = [e for e in audit.timeline(f"rating:{found.id}") if e.action == "ratings.rated"]
    assert (event.who, event.detail) == ("rater", {"seq": 1, "agent": True})
    (call_back,) = ratings.call_backs(units=[UNIT])
    shown = town.desk("section_officer", UNIT).get(f"/ratings/call-backs/{call_back.pk}/").content.decode()
    assert "由代理人评价" in shown
    assert "钱代办" not in shown
    assert town.applicant.post(address, {"grade": "2"}).status_code == 302  # the same, said by himself: another row
    assert [one.by_agent for one in ratings.said(found.id)] == [True, False]
    assert "代为评价" not in town.applicant.get(address).content.decode()


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


def test_a_unit_that_nobody_had_to_call_back_for_stands_on_the_board(town: Town) -> None:
    """R-RT-6: with nothing where there was nothing."""
    town.decided("k1")
    page = town.desk("supervisor").get("/ratings/board/")
    assert page.status_code == 200
    assert "0 / 0" in page.content.decode()


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
