"""The procedures of new and existing land by their pages alone, from application to certificate: counter, parties, banks and three officers."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.services.landshares.tests.conftest import Desk
from bancheng.services.landshares.tests.office import COUNTY, LAND, ONE, PARCEL, REGION, SOLD, TWO, Office

State = registrations.State


@pytest.fixture(autouse=True)
def _own_seals(settings: Any, tmp_path: Any) -> None:
    """Let each test make its own test authority."""
    settings.VAR = tmp_path


@pytest.fixture
def office(desk: Desk) -> Office:
    return Office(desk)


def test_a_new_parcel_is_handed_in_by_a_form_and_its_title_follows(office: Office) -> None:
    """F7.3, R7.1: stage 1 from application to certificate"""
    made = office.filed("land.first", **LAND)
    assert titles.find(REGION, PARCEL) is None  # handing in records nothing
    office.record(made)
    found = titles.parcel(REGION, PARCEL)
    assert (found.area_dm2, found.permit_dm2, found.origin) == (100_000, 25_000, titles.Origin.NEW)
    assert [one.standing for one in office.certificates(made)] == [registrations.Standing.ISSUED]
    again = office.send("land.first", **LAND)
    assert again.status_code in (302, 409, 422)
    assert titles.parcel(REGION, PARCEL).version == found.version


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("area", "1000.005"), ("area", ""), ("term_until", "never"), ("developer_uscc", "1"), ("parcel", "x")],
)
def test_a_form_with_a_mistake_is_shown_again_with_everything_typed(office: Office, field: str, wrong: str) -> None:
    """B7.8, B7.9"""
    answer = office.send("land.first", **LAND | {field: wrong})
    assert answer.status_code == 422
    assert "没有提交" in (page := answer.content.decode()) or "代码" in page
    assert "城镇住宅用地" in page
    assert not registrations.of_lots([titles.land(PARCEL)], region=REGION)


def test_a_presale_under_a_mortgage_waits_for_the_bank_s_own_yes(office: Office) -> None:
    """F7.8, R7.4: stage 3, with the developer's, the buyer's and the mortgagee's consent each by an account of his own"""
    office.divided()
    office.mortgaged(ONE, TWO)
    made = office.filed("claim.notice", lot=ONE, **SOLD)
    office.agree(made, office.developer, office.buyer)
    assert registrations.brief(made).state is State.DRAFT  # the bank is still to answer
    assert office.three[0].post(f"/registry/desk/{made}/accept/").status_code == 409
    assert str(made) in office.bank.get("/registry/asks/").content.decode()
    page = office.bank.get(f"/registry/asks/{made}/").content.decode()
    assert "M9" in page
    assert office.other_bank.get(f"/registry/asks/{made}/").status_code == 404
    assert office.other_bank.post(f"/registry/asks/{made}/agree/").status_code == 404
    assert office.bank.post(f"/registry/asks/{made}/agree/").status_code == 302
    office.record(made)
    assert titles.right(REGION, "YS-9-1").state is titles.State.NOTICED
    assert office.certificates(made)
    assert not list(titles.verify())


def test_a_bank_that_says_no_says_why_and_nothing_is_recorded(office: Office) -> None:
    """F7.8"""
    office.divided()
    office.mortgaged(ONE, TWO)
    made = office.filed("claim.notice", lot=ONE, **SOLD)
    assert office.bank.post(f"/registry/asks/{made}/decline/", {"reason": " "}).status_code == 422
    assert office.bank.post(f"/registry/asks/{made}/decline/", {"reason": "贷款尚未归还"}).status_code == 302
    assert registrations.brief(made).state in registrations.ENDED
    assert "贷款尚未归还" in office.buyer.get(f"/registry/mine/{made}/").content.decode()
    assert registrations.brief(made).right == ""


TODAY = clocks.today().isoformat()
TOMORROW = (clocks.today() + timedelta(days=1)).isoformat()


def test_a_consent_on_paper_serves_with_its_day_and_scan_and_stands_beside_the_act(office: Office) -> None:
    """F7.8: the bank is not asked again; desk, party and history show what was signed when, and the scan's hash"""
    office.divided()
    office.mortgaged(ONE, TWO)
    made = office.filed("claim.notice", lot=ONE, signed=[("M9", TODAY, True)], **SOLD)
    assert registrations.asked_units(made) == []
    (consent,) = registrations.view(made).paper_consents
    assert (consent.right, consent.dated, consent.scan.name) == ("M9", clocks.today(), "同意书1.pdf")
    office.agree(made, office.developer, office.buyer)
    office.record(made)
    for client, page in (
        (office.three[1], f"/registry/desk/{made}/"),
        (office.buyer, f"/registry/mine/{made}/"),
        (office.counter, f"/landshares/parcels/{PARCEL}/history/"),
    ):
        shown = client.get(page).content.decode()
        assert consent.scan.digest in shown
        assert "书面同意" in shown
        assert TODAY in shown
    assert consent.scan.use is not None
    scan = office.three[1].get(f"/registry/desk/{made}/papers/{consent.scan.use}/")
    assert hashlib.sha256(b"".join(scan) if scan.streaming else scan.content).hexdigest() == consent.scan.digest


@pytest.mark.parametrize(
    ("signed", "says"),
    [
        (("M9", "", True), "没有写明签署日期"),
        (("M9", TODAY, False), "没有附扫描件"),
        (("M9", TOMORROW, True), "晚于办理日"),
        (("M0", TODAY, True), "登记簿中没有权利M0"),
    ],
)
def test_a_consent_without_day_or_scan_or_dated_after_the_act_is_refused(
    office: Office, signed: tuple[str, str, bool], says: str
) -> None:
    """F7.8"""
    office.divided()
    office.mortgaged(ONE, TWO)
    answer = office.send("claim.notice", lot=ONE, signed=[signed], **SOLD)
    assert answer.status_code in (404, 409, 422)
    page = answer.content.decode()
    assert says in page
    assert signed[0] in page  # what was written is still there
    assert not [one for one in registrations.of_lots([ONE], region=REGION) if one.kind.code == "claim.notice"]


def test_floor_areas_short_of_the_plan_permit_stop_until_a_check_of_the_survey_explains_them(office: Office) -> None:
    """B7.1: at the division and again at the end; more than the permit never comes in (it is refused as a survey)"""
    office.opened(permit="251.00")
    office.survey("predicted")
    assert "1.00" in office.counter.get(f"/landshares/parcels/{PARCEL}/hand-in/plan.quantify/").content.decode()
    for said in ({}, {"explanation": "阳台未计"}, {"more": ("survey_check",)}):
        answer = office.send("plan.quantify", approval="许规总平9号", **said)
        assert answer.status_code == 422
        assert "251.00" in answer.content.decode()
    told: dict[str, Any] = {"explanation": "阳台未计", "more": ("survey_check",)}
    made = office.filed("plan.quantify", approval="许规总平9号", **told)
    assert "阳台未计" in office.three[1].get(f"/registry/desk/{made}/").content.decode()
    office.record(made)
    office.survey("measured")
    assert office.send("plan.final", approval="终核9号").status_code == 422
    office.record(office.filed("plan.final", approval="终核9号", **told))
    assert titles.parcel(REGION, PARCEL).plan_final


def test_a_sold_flat_is_released_registered_and_transferred_by_forms(office: Office) -> None:
    """F7.3, F7.8, R7.1: stages 3 to 5, to the buyer's own title"""
    office.divided()
    made = office.filed("claim.notice", lot=ONE, **SOLD)
    office.agree(made, office.developer, office.buyer)
    office.record(made)
    office.survey("measured")
    office.record(office.filed("plan.quantify", approval="实测核定9号"))
    office.record(office.filed("building.first", building=f"{PARCEL}F0001", approval="竣工9号"))
    made = office.filed("transfer", lot=ONE, claim="YS-9-1", contract_no="MM-9-1")
    office.agree(made, office.developer, office.buyer)
    office.record(made)
    assert [one.party.name for one in titles.lot(REGION, ONE).holder.members] == ["王芳"]  # type: ignore[union-attr]
    assert len(office.certificates(made)) == 1
    office.record(office.filed("plan.final", approval="终核9号"))
    assert titles.parcel(REGION, PARCEL).plan_final
    assert not list(titles.verify())


def test_a_release_at_the_counter_waits_for_the_mortgagee(office: Office) -> None:
    """F7.4, F7.8: what kind E3 of existing land does once its bank agrees"""
    office.divided()
    office.mortgaged(ONE, TWO)
    made = office.filed("mortgage.release", right="M9", lots=ONE)
    assert registrations.brief(made).state is State.DRAFT
    assert office.bank.post(f"/registry/asks/{made}/agree/").status_code == 302
    office.record(made)
    assert [one.lot for one in titles.right(REGION, "M9").lots if one.open] == [TWO]


def test_a_notice_ends_by_a_form(office: Office) -> None:
    """F7.3"""
    office.divided()
    made = office.filed("claim.notice", lot=ONE, **SOLD)
    office.agree(made, office.developer, office.buyer)
    office.record(made)
    made = office.filed("claim.cancel", claim="YS-9-1")
    office.agree(made, office.buyer)
    office.record(made)
    assert titles.right(REGION, "YS-9-1").state is titles.State.CANCELLED


def test_who_files_nothing_here_is_shown_no_form(office: Office, desk: Desk) -> None:
    for client in (desk("registry_reviewer", COUNTY), office.bank, office.buyer):
        assert client.get("/landshares/parcels/new/").status_code in (302, 403)
    office.opened()
    assert office.counter.get(f"/landshares/parcels/{PARCEL}/hand-in/mortgage.set/").status_code == 404
