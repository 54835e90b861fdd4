"""What is wrong in the book: corrected with its holder's consent, objected to without; an objection lapses unless a suit follows (民法典 第二百二十条)."""

from datetime import timedelta

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import testing as people
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.services.landshares.tests.conftest import Desk
from bancheng.services.landshares.tests.office import ONE, REGION, TWO, Office

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


def test_dividing_the_land_leaves_its_title_true(office: Office) -> None:
    """F7.3: the parcel's certificate ends with the final adjustment, not with a survey or a plan"""
    made = office.last("land.first")
    assert [one.standing for one in office.certificates(made)] == [registrations.Standing.ISSUED]
