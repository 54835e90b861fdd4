"""What is wrong in the book: corrected with its holder's consent, objected to without; an objection lapses unless a suit follows (民法典 第二百二十条)."""

from datetime import date, timedelta

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.notices import public as notices
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.services.landshares.tests.conftest import Desk
from bancheng.services.landshares.tests.office import ONE, PARCEL, REGION, SOLD, TWO, Office

Act = titles.Act
OTHER = {"who_name": "李四", "who_id": people.citizen_id(72), "reason": "本人才是真正的买受人"}


@pytest.fixture
def office(desk: Desk) -> Office:
    found = Office(desk)
    found.divided()
    return found


def objected(office: Office) -> tuple[str, object]:
    """Return the number of an objection in the book and the browser of who objected."""
    objector = people.client_for(people.citizen("李四", serial=72))
    made = office.filed("objection.set", lot=ONE, **OTHER)
    office.agree(made, objector)
    office.record(made)
    return registrations.brief(made).number, objector


def lapsed(days: int) -> list[str]:
    at = clocks.now() + timedelta(days=days)
    return [one.right for one in titles.lapse_objections(region=REGION, by="test", at=at)]


def standing(number: str) -> titles.State:
    return titles.right(REGION, number).state


def test_an_objection_warns_and_lapses_after_fifteen_days_without_a_suit(office: Office) -> None:
    """F7.9, R7.6: the matrix's row of objections, and 民法典 第二百二十条"""
    number, _ = objected(office)
    stops = titles.check(REGION, Act.PRESALE, [ONE])
    assert [one.number for one in stops] == [number]
    assert not titles.check(REGION, Act.PRESALE, [ONE], undertaking=True)
    assert not titles.check(REGION, Act.PRESALE, [TWO])
    assert not lapsed(15)
    assert standing(number) is titles.State.EFFECTIVE
    assert len(lapsed(16)) == 1
    assert standing(number) is titles.State.LAPSED
    assert not lapsed(17)
    assert not titles.check(REGION, Act.PRESALE, [ONE])
    assert not list(titles.verify())


def test_with_a_suit_an_objection_stands_until_it_is_decided(office: Office) -> None:
    """F7.9: 民法典 第二百二十条"""
    number, objector = objected(office)
    made = office.filed("objection.suit", objection=number, case_no="（2026）豫1025民初9号")
    office.agree(made, objector)  # type: ignore[arg-type]
    office.record(made)
    assert not lapsed(40)
    assert titles.right(REGION, number).detail["case_no"] == "（2026）豫1025民初9号"
    made = office.filed("objection.end", objection=number, how="decided")
    office.agree(made, objector)  # type: ignore[arg-type]
    office.record(made)
    assert standing(number) is titles.State.DECIDED
    assert office.send("objection.end", objection=number, how="withdrawn").status_code in (404, 422)


def test_the_holder_in_the_book_agrees_before_he_is_corrected(office: Office) -> None:
    """R7.1: 更正登记"""
    claimant = people.client_for(people.citizen("李四", serial=72))
    made = office.filed("correction.holder", lot=ONE, **OTHER)
    office.agree(made, claimant)
    assert registrations.brief(made).state is registrations.State.DRAFT
    office.agree(made, office.developer)
    office.record(made)
    held = titles.lot(REGION, ONE).holder
    assert held is not None
    assert [one.party.name for one in held.members] == ["李四"]
    assert office.certificates(made)
    assert not list(titles.verify())


def test_a_holder_who_does_not_agree_ends_the_correction_and_nothing_changes(office: Office) -> None:
    """R7.1"""
    made = office.filed("correction.holder", lot=ONE, **OTHER)
    answer = office.developer.post(f"/registry/mine/{made}/object/", {"reason": "登记没有错"})
    assert answer.status_code == 302
    assert registrations.brief(made).state in registrations.ENDED
    assert titles.lot(REGION, ONE).with_developer


# --- the parcel's area ---

WIDER = {"area": "1010.00", "reason": "界址点测量有误"}


def areas() -> tuple[int, int]:
    lots = titles.lots(REGION, PARCEL, open_only=True)
    return titles.parcel(REGION, PARCEL).area_dm2, sum(lot.dm2 for lot in lots)


def test_a_wrong_area_is_corrected_with_its_holder_s_consent_and_divided_anew(office: Office) -> None:
    """F7.6, R7.1: against the grant, then over what is not locked; the old statement stays, closed"""
    before = titles.plan(REGION, PARCEL)
    made = office.filed("correction.area", **WIDER)
    assert registrations.brief(made).state is registrations.State.DRAFT
    office.agree(made, office.developer)
    office.record(made)
    assert areas() == (101_000, 101_000)
    after = titles.plan(REGION, PARCEL)
    assert before is not None
    assert after is not None
    assert (after.version, after.reason) == (before.version + 1, titles.PlanReason.REPLAN)
    page = office.counter.get(f"/landshares/parcels/{PARCEL}/history/").content.decode()
    assert "更正面积" in page
    assert not list(titles.verify())


def test_land_that_is_one_lot_still_gets_a_new_title_and_its_bank_is_asked(office: Office) -> None:
    """F7.8: the covered amount changes, so the mortgagee agrees: asked in the application, or on paper"""
    other = office.at("411025001009GB00092")
    other.opened()
    first = other.last("land.first")
    assert [one.standing for one in other.certificates(first)] == [registrations.Standing.ISSUED]
    other.mortgaged(titles.land(other.parcel))
    answer = other.send("correction.area", **WIDER)
    assert answer.status_code == 409
    assert "M9" in answer.content.decode()
    made = other.filed("correction.area", **WIDER, signed=[("M9", clocks.today().isoformat(), True)])
    other.agree(made, other.developer)
    other.record(made)
    assert titles.lot(REGION, titles.land(other.parcel)).dm2 == 101_000
    (title,) = other.certificates(made)
    full = registrations.by_id(title.id, open_said=True)
    assert full is not None
    assert ["面积", "Area", "宗地面积1010.00㎡"] in full.said["rows"]
    assert [one.standing for one in other.certificates(first)] == [registrations.Standing.REPLACED]
    assert not list(titles.verify())


def test_what_is_sold_keeps_its_share_when_the_area_is_corrected(office: Office) -> None:
    """R7.7: with nothing unlocked to take the difference it is refused, and nothing changes"""
    made = office.filed("claim.notice", lot=ONE, **SOLD)
    office.agree(made, office.developer, office.buyer)
    office.record(made)
    made = office.filed("correction.area", **WIDER)
    office.agree(made, office.developer)
    for act, status in (("accept", 302), ("review", 302), ("book", 409)):
        client = office.three[("accept", "review", "book").index(act)]
        answer = client.post(f"/registry/desk/{made}/{act}/")
        assert answer.status_code == status
    assert "份额不能变动" in answer.content.decode()
    assert areas() == (100_000, 100_000)


# --- on the registry's own motion ---


def own(kind: str, **other: str) -> dict[str, str]:
    """Return what the form says: the notice was served long enough ago, the mistake was made before anything was disposed of."""
    days = {"noticed_on": long_ago().isoformat(), "erred_on": clocks.today().isoformat()}
    what = {"lot": ONE, **OTHER} if kind == "correction.own_holder" else WIDER
    return what | days | other


def long_ago() -> date:
    return clocks.today() - timedelta(days=90)


def test_the_registry_corrects_by_itself_once_it_is_announced_and_the_holder_hears_of_it(office: Office) -> None:
    """R7.1, 实施细则 第八十一条: without the holder's application, with evidence; before the announcement is over nothing is recorded"""
    made = office.filed("correction.own_area", **own("correction.own_area"))
    assert registrations.brief(made).state is registrations.State.SUBMITTED
    assert office.three[0].post(f"/registry/desk/{made}/accept/").status_code == 302
    jobs.run_all()
    developer = next(iter(titles.parcel(REGION, PARCEL).developer.hashes))
    assert [one for one in notices.inbox([developer]) if one.subject == f"registration:{made}"]
    said = {"what": "announcing", "days": "15", "reason": "实施细则第八十一条"}
    assert office.three[1].post(f"/registry/desk/{made}/announce/", said).status_code == 302
    assert office.three[1].post(f"/registry/desk/{made}/go-on/").status_code == 302
    assert office.three[1].post(f"/registry/desk/{made}/review/").status_code == 302
    answer = office.three[2].post(f"/registry/desk/{made}/book/")
    assert answer.status_code == 409
    assert "公告15个工作日" in answer.content.decode()
    assert areas() == (100_000, 100_000)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"noticed_on": "today"}, "自己申请更正"),
        ({"erred_on": "today"}, "须由权利人申请"),
        ({"erred_on": "tomorrow"}, "错误何时登簿"),
        ({"reason": ""}, "没有填写"),
    ],
)
def test_it_waits_for_the_holder_and_leaves_alone_what_was_disposed_of_since(
    office: Office, wrong: dict[str, str], says: str
) -> None:
    """实施细则 第八十一条: not within the 30 working days of the notice, not after a disposal that followed the mistake"""
    if "erred_on" in wrong:
        office.mortgaged(ONE, TWO)
    days = {"today": clocks.today().isoformat(), "tomorrow": (clocks.today() + timedelta(days=1)).isoformat()}
    said = own("correction.own_holder")
    answer = office.send("correction.own_holder", **said | {name: days.get(day, day) for name, day in wrong.items()})
    assert answer.status_code in (409, 422)
    assert says in answer.content.decode()
    assert titles.lot(REGION, ONE).with_developer


def test_the_holder_objects_and_the_correction_stands_still(office: Office) -> None:
    """R7.1: whoever is told may say no until it is recorded"""
    made = office.filed("correction.own_area", **own("correction.own_area"))
    page = office.developer.get(f"/registry/mine/{made}/").content.decode()
    assert "提出异议" in page
    answer = office.developer.post(f"/registry/mine/{made}/object/", {"reason": "面积没有错"})
    assert answer.status_code == 302
    assert registrations.brief(made).state is registrations.State.SUSPENDED
    assert office.buyer.post(f"/registry/mine/{made}/object/", {"reason": "x"}).status_code == 404


def test_a_correction_under_way_holds_everything_else_up(office: Office) -> None:
    """R7.6: the matrix's row of corrections"""
    made = office.filed("correction.own_area", **own("correction.own_area"))
    assert office.three[0].post(f"/registry/desk/{made}/accept/").status_code == 302
    stops = titles.check(REGION, Act.PRESALE, [ONE])
    assert {one.standing for one in stops} >= {titles.Standing.CORRECTION}


def test_dividing_the_land_leaves_its_title_true(office: Office) -> None:
    """F7.3: the parcel's certificate ends with the final adjustment, not with a survey or a plan"""
    made = office.last("land.first")
    assert [one.standing for one in office.certificates(made)] == [registrations.Standing.ISSUED]
