"""The pages: an owner agrees or objects, three officers work their desks, anybody checks a certificate."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bancheng.kernel.audit import public as audit
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents import testing as documents
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.notices import public as notices
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.registrations import testing
from bancheng.kernel.titles import public as titles
from bancheng.services.registry import queries
from bancheng.services.registry.tests.conftest import HOME, REGISTRY, Town, work

State = registrations.State


def filed(town: Town, **over: Any) -> UUID:
    return testing.filed(town.office, at=clocks.now(), **_terms(over)).id


def _terms(over: dict[str, Any]) -> dict[str, Any]:
    """Return a term that lies in the future whatever day it is."""
    today = clocks.today()
    term = {"first": str(today), "last": str(today.replace(year=today.year + 20, day=1)), "areas": {HOME: 10_010}}
    return {"payload": {**testing.TERMS, **term}} | over


def accepted(town: Town) -> UUID:
    return testing.accepted(town.office, at=clocks.now(), **_terms({}))


def titles_of(town: Town) -> list[str]:
    work()
    return [one.title for one in notices.inbox([bytes(town.office.owner_user.person.citizen_id_hash)])]


def body(answer: Any) -> str:
    return str(answer.content.decode())


def test_an_owner_is_told_before_anything_is_recorded_and_agrees_on_his_own_page(town: Town) -> None:
    """R13.1, B13.2: "a mortgage on your home was filed"."""
    made = filed(town)
    assert titles_of(town) == ["登记申请待您同意"]
    home = body(town.owner.get("/registry/mine/"))
    assert "等您本人表态" in home
    page = body(town.owner.get(f"/registry/mine/{made}/"))
    for said in ("600000.00元", "中国银行", "以上内容是我本人的意思", "不同意"):
        assert said in page
    assert people.citizen_id(71) not in page  # masked
    unticked = town.owner.post(f"/registry/mine/{made}/consent/")
    assert unticked.status_code == 422
    assert town.owner.post(f"/registry/mine/{made}/consent/", {"agree": "yes"}).status_code == 302
    assert registrations.brief(made).state is State.SUBMITTED
    assert "已提交" in body(town.owner.get(f"/registry/mine/{made}/"))


def test_an_objection_before_recording_stops_it_and_is_told(town: Town) -> None:
    made = accepted(town)
    assert "您的不动产有登记申请" in titles_of(town)
    empty = town.owner.post(f"/registry/mine/{made}/object/", {"reason": " "})
    assert empty.status_code == 422
    assert town.owner.post(f"/registry/mine/{made}/object/", {"reason": "没有借过这笔款"}).status_code == 302
    assert registrations.brief(made).state is State.SUSPENDED
    assert "登记申请已中止" in titles_of(town)
    assert "没有借过这笔款" in body(town.reviewer.get(f"/registry/desk/{made}/"))


def test_a_stranger_finds_nothing_of_another_s(town: Town) -> None:
    """Default deny: page, consent, objection, certificate."""
    made = filed(town)
    assert town.stranger.get(f"/registry/mine/{made}/").status_code == 404
    for act in ("consent", "object", "withdraw"):
        answer = town.stranger.post(f"/registry/mine/{made}/{act}/", {"agree": "yes", "reason": "x"})
        assert answer.status_code == 404
    assert town.stranger.get(f"/registry/desk/{made}/").status_code == 403
    assert "登记簿上没有您名下的不动产" in body(town.stranger.get("/registry/mine/"))
    assert Client().get(f"/registry/mine/{made}/").status_code == 302


def test_three_desks_take_it_into_the_book(town: Town) -> None:
    """R13.2: works, wrong person, wrong moment; each step its own desk."""
    made = testing.consented(town.office, at=clocks.now(), **_terms({}))
    desk = f"/registry/desk/{made}/"
    assert "办理期限开始计算" in body(town.acceptor.post(f"{desk}accept/", follow=True))
    assert town.acceptor.post(f"{desk}accept/").status_code == 409  # the wrong moment
    assert town.acceptor.post(f"{desk}review/").status_code == 403  # the wrong person
    page = body(town.reviewer.get(desk))
    assert "与登记簿对照" in page
    assert "一致" in page
    assert town.reviewer.post(f"{desk}review/", {"note": "核对无误"}).status_code == 302
    assert town.booker.post(f"{desk}book/").status_code == 302
    assert registrations.brief(made).state is State.RECORDED
    assert titles.rights_on(testing.REGION, [HOME])
    town.certify()
    assert "不动产电子证照已制发" in titles_of(town)
    assert "豫(" in body(town.booker.get(desk))
    other = people.client_for(people.staff("registry_booker", unit="registry"))
    assert other.get(desk).status_code == 404
    assert other.post(f"{desk}book/").status_code == 404


def test_the_desk_lists_what_waits_says_when_nothing_does_and_goes_out_as_csv_without_names(town: Town) -> None:
    assert "没有等着办的申请" in body(town.acceptor.get("/registry/desk/"))
    made = testing.consented(town.office, at=clocks.now(), **_terms({}))
    number = registrations.brief(made).number
    for show in ("", "submitted"):
        assert number in body(town.acceptor.get(f"/registry/desk/?show={show}"))
    for show in ("accepted", "reviewed", "late", "over", "stopped"):
        assert number not in body(town.acceptor.get(f"/registry/desk/?show={show}"))
    assert "与登记簿对照" in body(town.acceptor.get(f"/registry/desk/?number={number}"))
    assert "没有这个受理编号" in body(town.acceptor.get("/registry/desk/?number=x"))
    file = body(town.acceptor.get("/registry/desk.csv"))
    assert number in file
    assert "王芳" not in file
    other = people.client_for(people.staff("registry_acceptor", unit="registry"))
    assert number not in body(other.get("/registry/desk/"))
    (todo,) = queries.to_do(town.office.acceptor)
    assert todo.words.zh == "1件登记申请待受理"


def test_an_officer_opens_the_papers_of_his_own_applications_and_each_look_is_on_record(town: Town) -> None:
    """F13.6: what is accepted was looked at; a paper of another application is not there."""
    kept, other = (documents.stored(about=f"filing:{n}", name=f"合同{n}.pdf", at=clocks.now()) for n in (1, 2))
    scanned = registrations.Paper("loan_contract", kept.name, "a" * 64, 1, kept.id)
    made = filed(town, papers=(scanned, *testing.papers("mortgage_contract")))
    page = body(town.acceptor.get(f"/registry/desk/{made}/"))
    assert f"/registry/desk/{made}/papers/{kept.id}/" in page
    answer = town.acceptor.get(f"/registry/desk/{made}/papers/{kept.id}/")
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert [one.action for one in audit.timeline(kept.ref)][-1] == "documents.read"
    assert town.acceptor.get(f"/registry/desk/{made}/papers/{other.id}/").status_code == 404
    assert town.owner.get(f"/registry/desk/{made}/papers/{kept.id}/").status_code == 403


def test_an_officer_reads_every_unit_of_a_survey_before_he_takes_it_in(town: Town) -> None:
    """F7.9: what will be written into the book stands on the case: stage, units with areas and categories, why it differs."""
    parcel = titles.parcel_of(HOME)
    building = f"{parcel}F0002"
    made = registrations.file(
        region=testing.REGION,
        kind="plan.survey",
        key="survey-1",
        channel="window",
        by=town.office.acceptor,
        parties=(),
        lots=(titles.land(parcel),),
        payload={
            "building": building,
            "stage": "measured",
            "units": [[f"{building}0001", 9_310, "saleable"], [f"{building}0002", 4_200, "common"]],
            "total_dm2": 13_510,
            "explanation": "阳台封闭",
        },
        papers=testing.papers("survey_result"),
        acting_for_unit=REGISTRY,
        at=clocks.now(),
    ).id
    page = body(town.reviewer.get(f"/registry/desk/{made}/"))
    for told in (titles.spaced(f"{building}0001"), "93.10", "可售", "业主共有", "实测", "135.10", "阳台封闭"):
        assert told in page


def test_corrections_are_one_list_the_applicant_reads(town: Town) -> None:
    made = testing.consented(town.office, at=clocks.now(), **_terms({}))
    sent = {"points": "抵押合同缺第3页\n借款合同未盖章", "law": "不动产登记暂行条例 第十七条"}
    assert town.acceptor.post(f"/registry/desk/{made}/correct/", sent).status_code == 302
    page = body(town.owner.get(f"/registry/mine/{made}/"))
    assert "抵押合同缺第3页" in page
    assert "借款合同未盖章" in page
    assert "登记申请需要补正" in titles_of(town)


def test_a_refusal_says_why_and_keeps_what_was_typed(town: Town) -> None:
    made = accepted(town)
    half = town.reviewer.post(f"/registry/desk/{made}/refuse/", {"reason": "印章不符", "law": ""})
    assert half.status_code == 422
    assert "印章不符" in body(half)
    sent = {"reason": "印章不符", "law": "不动产登记暂行条例 第二十二条"}
    assert town.reviewer.post(f"/registry/desk/{made}/refuse/", sent).status_code == 302
    assert "登记申请未办成" in titles_of(town)
    assert "印章不符" in body(town.owner.get(f"/registry/mine/{made}/"))


def test_a_stop_and_an_announcement_from_the_desk(town: Town) -> None:
    made = accepted(town)
    desk = f"/registry/desk/{made}/"
    sent = {"what": "site_visit", "days": "5", "reason": "现场核对界址"}
    assert town.reviewer.post(f"{desk}announce/", sent).status_code == 302
    assert registrations.brief(made).state is State.SITE_VISIT
    assert town.reviewer.post(f"{desk}go-on/").status_code == 302
    sent = {"cause": "court_order", "reason": "法院来函", "case_no": "（2026）豫10执1号"}
    assert town.reviewer.post(f"{desk}suspend/", sent).status_code == 302
    assert "豫10执1号" in body(town.owner.get(f"/registry/mine/{made}/"))
    assert town.reviewer.post(f"{desk}resume/", {"reason": "法院撤回"}).status_code == 302
    assert registrations.brief(made).state is State.ACCEPTED


def test_a_proof_is_downloaded_by_its_people_and_checked_by_anybody(town: Town) -> None:
    """R13.8: number, code and file."""
    made = testing.certified(town.office, at=clocks.now(), **_terms({}))
    (proof,) = registrations.certificates_of([made])
    mine = town.owner.get(f"/registry/mine/certificates/{proof.id}.pdf")
    again = town.owner.get(f"/registry/mine/certificates/{proof.id}.pdf")
    assert mine.content == again.content
    assert registrations.brief(made).state is State.DELIVERED
    assert town.stranger.get(f"/registry/mine/certificates/{proof.id}.pdf").status_code == 404
    assert town.booker.get(f"/registry/desk/certificates/{proof.id}.pdf").content == mine.content
    anybody = Client()
    assert "此刻有效" in body(anybody.get(f"/registry/c/{proof.code}/"))
    assert "此刻有效" in body(anybody.get("/registry/verify/", {"number": proof.number}))
    assert anybody.get("/registry/verify/", {"number": "豫(2020)许昌市不动产权第0000009号"}).status_code == 404
    upload = SimpleUploadedFile("a.pdf", mine.content, "application/pdf")
    assert "逐字节一致" in body(anybody.post("/registry/verify/file/", {"file": upload}))
    altered = SimpleUploadedFile("a.pdf", mine.content + b"x", "application/pdf")
    assert "文件已被改动" in body(anybody.post("/registry/verify/file/", {"file": altered}))
    assert anybody.post("/registry/verify/file/").status_code == 422
    assert "王芳" not in body(anybody.get(f"/registry/c/{proof.code}/"))


def test_the_book_answers_a_holder_and_an_interested_party_and_keeps_who_asked(town: Town) -> None:
    """R7.10"""
    testing.certified(town.office, at=clocks.now(), **_terms({}))
    own = body(town.owner.post("/registry/enquire/", {"lot": HOME, "purpose": "own"}))
    assert "中国银行" in own
    bare = town.stranger.post("/registry/enquire/", {"lot": HOME, "purpose": "own"})
    assert bare.status_code == 403
    no_interest = town.stranger.post("/registry/enquire/", {"lot": HOME, "purpose": "transaction", "interest": ""})
    assert no_interest.status_code == 422
    sent = {"lot": f"{HOME[:10]} {HOME[10:]}", "purpose": "transaction", "interest": "拟购买，意向书2026-3号"}
    told = body(town.stranger.post("/registry/enquire/", sent))
    assert "抵押 1" in told
    assert "中国银行" not in told
    assert "2次，都有记录" in body(town.owner.get("/registry/mine/"))
    assert town.stranger.post("/registry/enquire/", {"lot": "x", "purpose": "own"}).status_code == 404
    assert Client().get("/registry/enquire/").status_code == 302


def test_the_public_page_says_what_and_by_when_in_both_languages(town: Town) -> None:
    """R7.9"""
    page = body(Client().get("/registry/"))
    assert "抵押权注销登记" in page
    assert "当天" in page
    assert "Mortgage: cancellation" in body(Client().get("/registry/", headers={"Accept-Language": "en"}))


def test_what_is_late_is_told_to_who_supervises(town: Town) -> None:
    made = accepted(town)
    admin = people.staff("unit_admin", unit=REGISTRY)
    late = clocks.today() + timedelta(days=40)
    clocks.fire_due(today=late, at=clocks.now() + timedelta(days=40))
    work()
    said = [one.title for one in notices.inbox([identity.staff_hash(admin.pk)])]
    assert "登记办理逾期" in said
    assert registrations.brief(made).late_at


def test_the_booker_s_page_follows_until_the_proof_is_there(town: Town) -> None:
    """F13.6: the page asks again by itself, and by a link; once the proof is there it stops"""
    made = accepted(town)
    for client, act in ((town.reviewer, "review"), (town.booker, "book")):
        assert client.post(f"/registry/desk/{made}/{act}/").status_code == 302
    waiting = body(town.booker.get(f"/registry/desk/{made}/"))
    assert 'http-equiv="refresh"' in waiting
    assert "现在查看" in waiting
    town.certify()
    there = body(town.booker.get(f"/registry/desk/{made}/"))
    assert 'http-equiv="refresh"' not in there
    assert "下载" in there
