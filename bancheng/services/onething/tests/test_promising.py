"""A fire check on a promise, through the pages: chosen, granted at once, verified, mended or paid for; told at each step."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from bancheng.kernel.cases import public as cases
from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.credit import public as credit
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.licences import public as licences
from bancheng.kernel.notices import public as notices
from bancheng.services.onething import promising, queries
from bancheng.services.onething.tests.conftest import REGION, Town
from bancheng.services.onething.tests.test_obstacles import applied
from bancheng.services.onething.tests.test_obstacles import told as obstacles_told
from bancheng.services.onething.tests.test_walk import decide, submitted

FIRE = {
    "floor_area": "320",
    "floor_level": "ground",
    "floors_used": "1",
    "safe_exits": "2",
    "evacuation": "两个出口直通室外",
    "decorated": "no",
    "fire_route": "promise",
    "fire_promise": "yes",
    "seats": "90",
    "kitchen_area": "60",
}
NO = {"law": "消防法 第十五条", "remedy": "可以申请行政复议"}


def fire_of(root: UUID) -> cases.Matter:
    view = cases.view(root)
    assert view is not None
    return next(one for one in view.matters if one.step == "fire-check")


def granted(town: Town) -> tuple[UUID, UUID]:
    """Return a bundle whose fire check was granted on a promise, and that matter."""
    root = submitted(town, **FIRE)
    decide(town, root, "business-licence-check")
    decide(town, root, "food-business-new")
    decide(town, root, "fire-check")
    return root, fire_of(root).id


def officer(town: Town, role: str = "case_officer") -> Client:
    return town.desk(role, "fire")


def told(town: Town) -> list[str]:
    jobs.run_all()
    return [one.title for one in notices.inbox([bytes(town.shop.uscc_hash)])]


def post(client: Client, case_id: UUID, act: str, status: int = 302, **sent: Any) -> str:
    answer = client.post(f"/onething/desk/{case_id}/{act}/", sent)
    body = answer.content.decode()
    assert answer.status_code == status, re.findall(r"<p>(.*?)</p>", body, re.S)[:4]
    return body


def test_a_promise_is_granted_at_once_and_stands_on_every_page_until_it_is_verified(town: Town) -> None:
    """R-GC-1, R-GC-3, R14.5: no visit; the case, the desk and the certificate say so; its verification waits with its day."""
    root, case_id = granted(town)
    fire = fire_of(root)
    assert "visit" in fire.steps.skipped
    followed = promising.followed(fire)
    assert followed is not None
    assert (followed.state, followed.due_on is not None) == ("to_verify", True)
    page = town.applicant.get(f"/onething/cases/{root}/").content.decode()
    assert "已准予，待核查承诺" in page
    assert "到现场核查" in page
    desk = officer(town).get(f"/onething/desk/{case_id}/").content.decode()
    assert 'name="true" value="no"' in desk
    assert "安全出口数量、宽度符合标准" in desk
    jobs.run_all()
    (licence,) = [one for one in licences.held_by([bytes(town.shop.uscc_hash)], on=clocks.today()) if one.on_promise]
    assert licence.licence_type == "fire-check"
    (made,) = [
        one
        for one in certificates.held_by([bytes(town.shop.uscc_hash)], at=clocks.now())
        if one.licence_id == licence.id
    ]
    assert made.standing is certificates.Standing.VALID


def test_a_true_promise_ends_there_and_the_applicant_hears_it(town: Town) -> None:
    """R-GC-3"""
    root, case_id = granted(town)
    assert "no_result" not in post(officer(town), case_id, "done", 422, result="好")
    post(officer(town), case_id, "verify", 422, reason="看过")
    post(officer(town), case_id, "verify", true="yes", reason="现场逐条核对，与承诺一致")
    assert promising.followed(fire_of(root)).state == "true"  # type: ignore[union-attr]
    assert "承诺核查有结果" in told(town)
    assert "核查属实" in town.applicant.get(f"/onething/cases/{root}/").content.decode()


def test_an_untrue_promise_is_mended_in_time_or_costs_the_permit(town: Town) -> None:
    """R-GC-2: order to mend with its day, another person takes it back, the licence ends, the record stays until it is repaired."""
    root, case_id = granted(town)
    post(officer(town), case_id, "verify", 422, true="no", reason="出口被封堵", law="", remedy="")
    post(officer(town), case_id, "verify", true="no", reason="出口被封堵", **NO)
    assert promising.followed(fire_of(root)).state == "untrue"  # type: ignore[union-attr]
    assert "承诺不实，请限期改正" in told(town)
    page = town.applicant.get(f"/onething/cases/{root}/").content.decode()
    for words in ("核查不属实，限期改正", "出口被封堵", "修复前不再适用告知承诺", "承诺核查：承诺不实"):
        assert words in page
    approver = officer(town, "approver")
    assert 'name="mended"' in approver.get(f"/onething/desk/{case_id}/").content.decode()
    post(approver, case_id, "settle", mended="no", reason="逾期未改", **NO)
    assert "许可已撤销" in told(town)
    (licence,) = [one for one in licences.held_by([bytes(town.shop.uscc_hash)], on=clocks.today()) if one.on_promise]
    assert licence.status is licences.Status.REVOKED
    assert credit.barred(bytes(town.shop.uscc_hash), credit.Instrument.PROMISE)
    post(approver, case_id, "repair", 422, reason="")
    post(approver, case_id, "repair", reason="已拆除封堵，复查合格")
    assert credit.barred(bytes(town.shop.uscc_hash), credit.Instrument.PROMISE) == []
    assert "已拆除封堵，复查合格" in town.applicant.get(f"/onething/cases/{root}/").content.decode()
    letters_of = town.applicant.get(f"/onething/cases/{root}/").content.decode()
    assert "责令限期改正通知书" in letters_of
    assert "撤销许可决定书" in letters_of


def test_what_was_mended_is_held_against_nobody(town: Town) -> None:
    """R-GC-2"""
    root, case_id = granted(town)
    post(officer(town), case_id, "verify", true="no", reason="标志缺失", **NO)
    post(officer(town, "approver"), case_id, "settle", mended="yes", reason="标志已补齐")
    assert promising.followed(fire_of(root)).state == "mended"  # type: ignore[union-attr]
    assert credit.barred(bytes(town.shop.uscc_hash), credit.Instrument.PROMISE) == []


def test_nobody_but_its_unit_verifies_and_nothing_else_is_verified(town: Town) -> None:
    _, case_id = granted(town)
    stranger = town.desk("case_officer", "tobacco")
    assert stranger.post(f"/onething/desk/{case_id}/verify/", {"true": "yes", "reason": "x"}).status_code == 404
    post(officer(town, "approver"), case_id, "settle", 409, mended="yes", reason="x")
    stranger = town.desk("approver", "tobacco")
    assert stranger.post(f"/onething/desk/{case_id}/repair/", {"reason": "x"}).status_code == 404


def test_one_with_a_false_promise_on_record_is_told_at_the_choice_to_go_the_ordinary_way(town: Town) -> None:
    """R-GC-2: excluded until repair; the ordinary way stays open."""
    promise = {"fire_route": "promise", "floor_area": 32_000}
    found = applied(town, "open-restaurant", **promise)
    assert "fire_route" not in dict(obstacles_told(found))
    credit.note(
        region=REGION, holder_hash=bytes(town.shop.uscc_hash), kind=credit.Kind.FALSE_PROMISE, about="case:x", unit="fire",
        reason="承诺不实", law="消防法 第十五条", by="test", at=clocks.now() - timedelta(days=30),
    )  # fmt: skip
    assert "改选一般程序" in dict(obstacles_told(found))["fire_route"]
    ordinary = applied(town, "open-restaurant", **promise | {"fire_route": "inspection"})
    assert "fire_route" not in dict(obstacles_told(ordinary))


def test_the_guide_publishes_scope_conditions_standards_and_what_follows(town: Town, client: Client) -> None:
    """R-GC-1: published before anybody applies, on the bundle's guide and on the matter's own."""
    for address in ("/onething/open-restaurant/", "/guides/fire-check/"):
        page = client.get(address).content.decode()
        for words in ("告知承诺", "安全出口数量、宽度符合标准", "撤销许可", "20个工作日内核查", "消防法 第十五条"):
            assert words in page, (address, words)
    offers = promising.offers(queries.bundle("open-restaurant"))
    assert [one.name.zh for one in offers] == ["营业前消防安全检查"]
    assert "告知承诺" not in client.get("/guides/food-business-new/").content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_check_page_says_what_is_promised_before_it_is_sent(town: Town, language: str) -> None:
    """R-GC-1: read before it is sent."""
    from bancheng.services.onething.tests.test_walk import ANSWERS, fill_in

    start = town.applicant.post("/onething/open-restaurant/start/", {"subject": f"organisation:{town.shop.pk}"})
    fill_in(town.applicant, start["Location"], ANSWERS | FIRE)
    page = town.applicant.get(f"{start['Location']}check/", headers={"accept-language": language}).content.decode()
    assert "按告知承诺办理" in page or "On a promise" in page
    assert "愿意承担承诺不实的法律责任" in page or "I answer for an untrue promise" in page
