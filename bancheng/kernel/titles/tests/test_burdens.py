"""What claims and mortgages write, refuse and tell."""

from datetime import date

import pytest

from bancheng.kernel.titles import public as titles
from bancheng.kernel.titles.public import Blocked, Form, RightKind, State, SurveyStage
from bancheng.kernel.titles.testing import (
    AT,
    BANK,
    BANK_C,
    DEVELOPER,
    LI,
    PARCEL,
    REGION,
    WANG,
    parcel,
    said,
    sold,
    survey,
)
from bancheng.kernel.titles.tests.common import B1, U11, U12, U13, U21, day, ranks, refused, seize
from bancheng.lib.refusal import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole")]


# --- claims ---


def test_the_second_sale_of_a_unit_names_the_first_with_its_time() -> None:
    """B7.2"""
    parcel()
    sold(U11, titles.sole(LI), "HT-1")
    with pytest.raises(Blocked) as no:
        sold(U11, titles.sole(WANG), "HT-2", at=day(1))
    [stop] = no.value.blockers
    assert (stop.number, stop.entry[:19], "2026-03-02 10:00" in stop.says.zh) == ("HT-1", PARCEL, True)


def test_a_presale_needs_its_permit_and_land_whose_term_runs() -> None:
    """B7.6"""
    parcel(term_until=date(2026, 3, 5))
    with pytest.raises(Refused) as no:
        titles.open_claim(lot=U11, buyer=titles.sole(LI), number="HT-1", **said())
    assert no.value.code == "lot_blocked"
    assert refused(lambda: sold(U11, titles.sole(LI), "HT-1", at=day(4))) == "title_term_over"


def test_a_claim_on_which_a_bank_or_court_relies_is_not_cancelled() -> None:
    parcel()
    sold(U11, titles.sole(LI), "HT-1")
    titles.register_pre_mortgage(lot=U11, bank=BANK_C, number="PM1", amount_fen=1, **said())
    assert refused(lambda: titles.cancel_claim(number="HT-1", **said())) == "lot_blocked"
    titles.cancel_mortgage(number="PM1", **said())
    seize("S1", LI)
    assert refused(lambda: titles.cancel_claim(number="HT-1", **said())) == "lot_blocked"
    titles.lift_seizure(number="S1", **said())
    titles.cancel_claim(number="HT-1", **said())
    assert titles.right(REGION, "HT-1").state is State.CANCELLED
    sold(U11, titles.sole(WANG), "HT-2")


def test_a_notice_lapses_after_ninety_days_when_a_person_says_so_and_the_contract_still_protects() -> None:
    """民法典 第二百二十一条"""
    parcel()
    sold(U11, titles.sole(LI), "HT-1")
    survey(PARCEL, 1, {1: 10001, 2: 12002, 3: 9003}, SurveyStage.MEASURED)
    titles.quantify(parcel=PARCEL, **said())
    titles.first_register(building=B1, acceptance="验收", **said())
    assert titles.right(REGION, "HT-1").until == date(2026, 5, 31)
    assert refused(lambda: titles.lapse_claim(number="HT-1", **said(day(89)))) == "title_not_due"
    assert [one.number for one in titles.rights_ending(REGION, kind=RightKind.CLAIM, before=date(2026, 6, 1))] == [
        "HT-1"
    ]
    titles.lapse_claim(number="HT-1", **said(day(92)))
    assert titles.right(REGION, "HT-1").state is State.CONTRACT
    assert refused(lambda: titles.transfer(lot=U11, to=titles.sole(WANG), **said(day(93)))) == "lot_blocked"


# --- mortgages ---


def test_a_mortgage_of_bare_land_does_not_reach_what_is_built_later() -> None:
    """R7.3"""
    titles.open_parcel(parcel=PARCEL, area_dm2=1000, holder=titles.sole(DEVELOPER), **said())
    titles.register_mortgage(lots=[titles.land(PARCEL)], bank=BANK, number="M1", amount_fen=5, **said())
    found = titles.right(REGION, "M1")
    assert (found.land, found.building) == (True, False)


def test_house_and_land_are_mortgaged_together() -> None:
    """R7.2"""
    parcel(registered=True)
    titles.register_mortgage(lots=[U11], bank=BANK, number="M1", amount_fen=5, **said())
    found = titles.right(REGION, "M1")
    assert (found.land, found.building) == (True, True)


def test_ranks_follow_the_order_of_recording_and_close_up() -> None:
    """LI7, 民法典 第四百一十四条"""
    parcel()
    for number in ("M1", "M2", "M3"):
        titles.register_mortgage(lots=[U11, U12], bank=BANK, number=number, amount_fen=5, **said())
    titles.release_mortgage(number="M1", lots=[U11], **said())
    assert (ranks(U11), ranks(U12)) == ({"M2": 1, "M3": 2}, {"M1": 1, "M2": 2, "M3": 3})
    with pytest.raises(Blocked) as no:
        titles.rerank(lot=U11, order=["M3", "M2"], consents=["M3"], **said())
    assert [one.number for one in no.value.blockers] == ["M2"]
    titles.rerank(lot=U11, order=["M3", "M2"], consents=["M2", "M3"], **said())
    assert ranks(U11) == {"M3": 1, "M2": 2}
    assert refused(lambda: titles.rerank(lot=U11, order=["M3"], **said())) == "title_ranks"


def test_a_rank_agreement_puts_a_mortgage_before_one_that_consented() -> None:
    parcel()
    titles.register_mortgage(lots=[U11], bank=BANK, number="M1", amount_fen=5, **said())
    mine = {"lots": [U11], "bank": BANK_C, "number": "M2", "amount_fen": 5, "ranks": {U11: 1}}
    assert refused(lambda: titles.register_mortgage(**mine, **said())) == "lot_blocked"
    titles.register_mortgage(**mine, consents=["M1"], **said())
    assert ranks(U11) == {"M2": 1, "M1": 2}


@pytest.mark.parametrize("lots", [[], [U21], [U11, U21], [U11, U11]])
def test_a_release_list_that_is_wrong_releases_nothing(lots: list[str]) -> None:
    """F7.8, LI9"""
    parcel()
    titles.register_mortgage(lots=[U11, U12], bank=BANK, number="M1", amount_fen=5, **said())
    assert refused(lambda: titles.release_mortgage(number="M1", lots=lots, **said())) == "title_release_list"
    assert ranks(U11) == {"M1": 1}


def test_a_mortgage_that_covers_nothing_any_more_is_cancelled() -> None:
    """F7.8"""
    parcel()
    titles.register_mortgage(lots=[U11, U12], bank=BANK, number="M1", amount_fen=5, **said())
    titles.release_mortgage(number="M1", lots=[B1], **said())
    assert titles.right(REGION, "M1").state is State.CANCELLED
    assert refused(lambda: titles.cancel_mortgage(number="M1", **said())) == "title_ended"
    assert titles.mortgages_of(REGION, "bank_icbc") == []
    assert len(titles.mortgages_of(REGION, "bank_icbc", open_only=False)) == 1


def test_a_claimed_unit_is_left_out_of_a_mortgage_by_scope_and_refused_by_name() -> None:
    """B7.3, LI5"""
    parcel()
    sold(U11, titles.sole(LI), "HT-1")
    mine = {"lots": [U11, U12], "bank": BANK, "number": "M1", "amount_fen": 5}
    assert refused(lambda: titles.register_mortgage(**mine, **said())) == "lot_blocked"
    titles.register_mortgage(**mine, by_scope=True, **said())
    assert [one.lot for one in titles.right(REGION, "M1").lots] == [U12]


def test_a_mortgage_is_changed_assigned_and_fixed_in_its_place() -> None:
    parcel()
    titles.register_mortgage(lots=[U11], bank=BANK, number="M1", form=Form.MAXIMUM, amount_fen=5, **said())
    titles.change_mortgage(number="M1", amount_fen=7, transfer_restricted=True, **said())
    titles.fix_mortgage(number="M1", amount_fen=6, fixed_on=AT.date(), reason="约定期间届满", **said(day(1)))
    titles.transfer_mortgage(number="M1", to=BANK_C, **said(day(3)))
    found = titles.right(REGION, "M1")
    assert (found.amount_fen, found.transfer_restricted, found.fixed_at, found.party and found.party.unit) == (
        7,
        True,
        day(1),
        "bank_ccb",
    )
    assert found.priority_at == AT


def test_a_pre_mortgage_needs_the_buyers_notice_and_turns_into_a_mortgage_with_its_day() -> None:
    """F7.12, 担保解释 第五十二条"""
    parcel()
    titles.open_claim(lot=U11, buyer=titles.sole(LI), number="HT-1", permit="P", **said())
    mine = {"lot": U11, "bank": BANK_C, "number": "PM1", "amount_fen": 5}
    assert refused(lambda: titles.register_pre_mortgage(**mine, **said())) == "lot_blocked"
    titles.note_claim(number="HT-1", **said())
    titles.register_pre_mortgage(**mine, **said())
    survey(PARCEL, 1, {1: 10001, 2: 12002, 3: 9003}, SurveyStage.MEASURED)
    titles.quantify(parcel=PARCEL, **said())
    titles.first_register(building=B1, acceptance="验收", **said())
    titles.transfer(lot=U11, claim="HT-1", **said(day(30)))
    found = titles.right(REGION, "PM1")
    assert (found.kind, found.state, found.priority_at) == (RightKind.MORTGAGE, State.EFFECTIVE, AT)
    assert titles.right(REGION, "HT-1").state is State.FULFILLED


def test_a_construction_mortgage_becomes_one_of_houses_when_all_it_covers_is_registered() -> None:
    parcel()
    titles.register_mortgage(
        lots=[U11, U12, U13], bank=BANK, number="M1", form=Form.CONSTRUCTION, amount_fen=5, **said()
    )
    survey(PARCEL, 1, {1: 10001, 2: 12002, 3: 9003}, SurveyStage.MEASURED)
    titles.quantify(parcel=PARCEL, **said())
    titles.first_register(building=B1, acceptance="验收", **said())
    assert titles.right(REGION, "M1").form is Form.ORDINARY
