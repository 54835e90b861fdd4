"""Surveys, plans and first registrations are handed in and pass four eyes; the leading group decides; banks, developers, buyers and courts hear of it."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents.testing import pdf
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.notices import public as notices
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.registrations import testing as offices
from bancheng.kernel.titles import public as titles
from bancheng.lib.refusal import Refused
from bancheng.services.landshares.models import Matter, Meeting
from bancheng.services.landshares.operations import handing

Desk = Callable[..., Client]
REGION, NEW, SHOUSHAN, WENMIAO = "411000", "411025001002GB00002", "411025001003GB00003", "411025001001GB00001"
SURVEY = f"unit,area,category\n{NEW}F00010001,100.01,saleable\n{NEW}F00010002,99.99,可售\n{NEW}F00019001,12.00,业主共有\ntotal,212.00,\n"


def sent(content: str = SURVEY, **said: str) -> dict[str, str]:
    return {"building": "1", "stage": "predicted", "content": content, **said}


def recorded(kind: str) -> registrations.Filed:
    """Let the county's office accept, review and record what was handed in last: three people."""
    (found,) = [
        each
        for each in registrations.of_lots([titles.land(NEW)], region=REGION)
        if each.kind.code == kind and each.recorded_at is None
    ]
    unit, at = "xiangcheng-registry", clocks.now()
    three = [
        people.actor(people.staff(role, unit=unit), at=at)
        for role in ("registry_acceptor", "registry_reviewer", "registry_booker")
    ]
    registrations.accept(application_id=found.id, by=three[0], at=at)
    registrations.review(application_id=found.id, by=three[1], at=at)
    registrations.book(application_id=found.id, by=three[2], at=at)
    return found  # type: ignore[return-value]  # its number is what is looked at


def test_a_survey_is_previewed_handed_in_and_recorded_by_three_others(desk: Desk) -> None:
    """F7.7, R7.1: from survey to shares, each by the office"""
    client = desk("surveyor")
    page = client.post(f"/landshares/parcels/{NEW}/survey/", sent()).content.decode()
    assert "212.00" in page
    assert "核对无误" in page
    assert client.post(f"/landshares/parcels/{NEW}/survey/hand-in/", sent()).status_code == 302
    assert titles.parcel(REGION, NEW).plan_version == 0  # handing in records nothing
    recorded("plan.survey")
    paper = {"planning_approval": _file(), "approval": "许规总平〔2026〕3号"}
    assert client.post(f"/landshares/parcels/{NEW}/hand-in/plan.quantify/", paper).status_code == 302
    recorded("plan.quantify")
    lots = {lot.code: lot for lot in titles.lots(REGION, NEW, open_only=True)}
    assert sum(lot.dm2 for lot in lots.values()) == titles.parcel(REGION, NEW).area_dm2
    assert not list(titles.verify())
    page = client.get(f"/landshares/parcels/{NEW}/steps/").content.decode()
    assert "份额量化" in page


def _file() -> SimpleUploadedFile:
    return SimpleUploadedFile("总平面图.pdf", pdf())


def test_what_the_office_did_not_accept_comes_as_a_letter_to_the_unit_that_filed(desk: Desk) -> None:
    """条例 第十七条: at the parcel's steps; to another unit's surveyor, and for another parcel, it is not there."""
    client, at = desk("surveyor"), clocks.now()
    client.post(f"/landshares/parcels/{NEW}/survey/hand-in/", sent())
    (filed,) = registrations.of_lots([titles.land(NEW)], region=REGION)
    officer = people.actor(people.staff("registry_acceptor", unit=filed.registry), at=at)
    registrations.not_accept(application_id=filed.id, reason="缺测绘报告", law="条例 第十七条", by=officer, at=at)
    letter = offices.written(filed.id, at=at)
    address = f"/landshares/parcels/{NEW}/letters/{filed.id}/{letter.id}.pdf"
    assert address in client.get(f"/landshares/parcels/{NEW}/steps/").content.decode()
    assert client.get(address).content.startswith(b"%PDF")
    assert client.get(address.replace(NEW, SHOUSHAN)).status_code == 404
    other = desk("surveyor", "xiangcheng-registry")
    assert other.get(address).status_code == 404
    assert address not in other.get(f"/landshares/parcels/{NEW}/steps/").content.decode()


def test_bad_rows_are_shown_with_their_lines_and_nothing_is_handed_in(desk: Desk) -> None:
    """B7.1, B7.8, B7.9"""
    client = desk("surveyor")
    for wrong, line in (
        (SURVEY.replace("100.01", "100.015"), "第2行"),
        (SURVEY.replace("GB00002F00010002", "GB00002F00020002"), "第3行"),
        (SURVEY.replace("212.00", "211.99"), "第5行"),
    ):
        answer = client.post(f"/landshares/parcels/{NEW}/survey/", sent(wrong))
        assert answer.status_code == 422
        assert line in answer.content.decode()
        assert client.post(f"/landshares/parcels/{NEW}/survey/hand-in/", sent(wrong)).status_code == 422
    for said in (sent(""), sent(building="x"), sent(stage="guessed")):
        assert client.post(f"/landshares/parcels/{NEW}/survey/", said).status_code == 422
    assert not registrations.of_lots([titles.land(NEW)], region=REGION)


def test_who_only_looks_hands_nothing_in_and_what_lacks_papers_is_refused(desk: Desk) -> None:
    assert desk("registry_reviewer").post(f"/landshares/parcels/{NEW}/survey/", sent()).status_code == 403
    assert (
        desk("registry_acceptor", "xiangcheng-registry")
        .post("/landshares/parcels/411002001001GB00011/survey/", sent())
        .status_code
        == 404
    )
    client = desk("surveyor")
    answer = client.post(f"/landshares/parcels/{NEW}/hand-in/plan.quantify/", {"approval": "x"})
    assert answer.status_code == 422
    assert "缺少材料" in answer.content.decode()
    assert client.post(f"/landshares/parcels/{NEW}/hand-in/transfer/", {}).status_code == 422
    assert client.post(f"/landshares/parcels/{NEW}/hand-in/mortgage.set/", {}).status_code == 404


def test_the_group_meets_and_decides_and_the_steps_follow(desk: Desk) -> None:
    """F7.1, F7.2, F7.4, F7.5"""
    client = desk("land_group")
    page = client.get("/landshares/group/").content.decode()
    assert "首山小区" in page
    assert "建设用地使用权份额量化登记实施方案" in page
    said = {"number": "〔2026〕9号", "held_on": "2026-03-01", "chair": "段正", "minutes": "研究首山小区。"}
    assert client.post("/landshares/group/hold/", said).status_code == 302
    assert client.post("/landshares/group/hold/", said).status_code == 409
    assert client.post("/landshares/group/hold/", said | {"number": "9", "held_on": "2099-01-01"}).status_code == 422
    meeting = Meeting.objects.get(number="〔2026〕9号")
    matter = {
        "parcel": titles.spaced(SHOUSHAN),
        "question": "房屋已登记，土地怎么办？",
        "kind": "e1",
        "decision": "按类型一办理。",
    }
    assert client.post(f"/landshares/group/{meeting.pk}/decide/", matter).status_code == 302
    assert client.post(f"/landshares/group/{meeting.pk}/decide/", matter).status_code == 409
    assert Matter.objects.get(parcel=SHOUSHAN).kind == "e1"
    assert "领导小组一事一议" in client.get(f"/landshares/parcels/{SHOUSHAN}/steps/").content.decode()
    assert desk("surveyor").post("/landshares/group/hold/", said).status_code == 403


def test_what_the_registry_itself_has_no_role_for_is_refused(loaded_city: None) -> None:
    nobody = people.actor(people.staff("land_group", unit="registry"))
    with pytest.raises(Refused):
        handing.hand_in_survey(
            building=f"{NEW}F0001",
            stage=titles.SurveyStage.PREDICTED,
            data=SURVEY.encode(),
            explanation="",
            by=nobody,
            at=clocks.now(),
        )


def test_the_developer_hears_that_his_share_fell_and_a_court_that_its_seizure_took_effect(desk: Desk) -> None:
    """F7.8, R7.5"""
    developer = next(iter(titles.parcel(REGION, WENMIAO).developer.hashes))
    titles.transfer(
        lot=f"{WENMIAO}F00020006",
        claim="YSGB00001-00020006",
        region=REGION,
        key="t1",
        registration="T1",
        by="t",
        at=clocks.now(),
    )
    clerk = people.staff("court_clerk", unit="weidu-court")
    desk("court_clerk", "city-court").post("/landshares/orders/lift/", {"number": "（2025）豫10执118号", "lots": ""})
    jobs.run_all()
    assert "土地份额已核减" in [one.title for one in notices.inbox([developer])]
    from bancheng.kernel.identity import public as identity

    assert "查封份额变动" in [one.title for one in notices.inbox([identity.staff_hash(clerk.pk)])]
