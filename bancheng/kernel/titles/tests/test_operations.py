"""What each operation writes, refuses and tells."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.titles import public as titles
from bancheng.kernel.titles.public import Blocked, Form, PlanReason, Residue, RightKind, Scope, State, SurveyStage
from bancheng.kernel.titles.testing import (
    AT,
    BANK,
    BANK_C,
    COURT,
    COURT_2,
    DEVELOPER,
    LI,
    PARCEL,
    REGION,
    WANG,
    parcel,
    said,
    sold,
    survey,
    unit,
)  # fmt: skip
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
U11, U12, U13 = (unit(PARCEL, 1, n) for n in (1, 2, 3))
U21 = unit(PARCEL, 2, 1)
B1 = f"{PARCEL}F0001"
UNTIL = date(2028, 3, 1)


@pytest.fixture(autouse=True)
def _whole() -> Iterator[None]:
    yield
    assert list(titles.verify()) == []


@pytest.fixture
def heard() -> Iterator[list[titles.Changed]]:
    found: list[titles.Changed] = []
    titles.changed.connect(found.append)
    yield found
    titles.changed._listeners.remove(found.append)


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(Refused) as no:
        work()
    return no.value.code


def day(number: int) -> datetime:
    return AT + timedelta(days=number)


def ranks(lot: str) -> dict[str, int]:
    return {one.right: one.rank for one in titles.rights_on(REGION, [lot]) if one.kind is not RightKind.CLAIM}


# --- once ---


def test_the_same_key_records_once_and_another_act_under_it_is_refused() -> None:
    parcel(registered=True)
    mine = said(key="k")
    first = titles.transfer(lot=U11, to=titles.sole(LI), **mine)
    again = titles.transfer(lot=U11, to=titles.sole(LI), **mine)
    assert (again.again, again.seq, again.lots) == (True, first.seq, first.lots)
    assert titles.recorded(REGION, "k") == again
    assert (
        refused(lambda: titles.transfer(lot=U11, to=titles.sole(LI), **said(key="k", registration="R2")))
        == "title_key_taken"
    )


def test_a_transfer_is_few_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    """D6: the parcel is locked for as short as it goes: locked, read, the holder found, what stood closed, written, posted."""
    monkeypatch.setattr(titles.changed, "_listeners", [])  # what others do is theirs to count
    parcel(registered=True)
    sold(U12, titles.sole(LI), "HT-1")
    titles.transfer(lot=U11, to=titles.sole(LI), **said())
    for work, most in (
        (lambda: titles.transfer(lot=U13, to=titles.sole(LI), **said(day(1))), 7),
        (lambda: titles.transfer(lot=U12, claim="HT-1", **said(day(1))), 6),
        (lambda: titles.register_mortgage(lots=[U21], bank=BANK, number="M1", amount_fen=1, **said(day(1))), 7),
    ):
        with CaptureQueriesContext(connection) as asked:
            work()
        statements = [one["sql"] for one in asked.captured_queries if "SAVEPOINT" not in one["sql"]]
        assert len(statements) <= most, statements


def test_whoever_listens_hears_of_an_act_inside_its_transaction(heard: list[titles.Changed]) -> None:
    parcel(registered=True)
    titles.register_mortgage(lots=[U11], bank=BANK, number="M1", form=Form.MAXIMUM, amount_fen=5, **said())
    seize("S1", DEVELOPER, lots=[U11])
    assert [(one.kind, one.right, one.unit) for one in heard[-1].told] == [
        ("seizure_registered", "M1", "bank_icbc"),
        ("mortgage_fixed", "M1", "bank_icbc"),
    ]
    assert (heard[-1].act, heard[-1].lots) == ("seizure.register", (U11,))
    assert titles.right(REGION, "M1").fixed_at == AT


# --- surveys and plans ---


def test_a_survey_with_other_units_needs_an_explanation() -> None:
    parcel()
    with_fourth = {1: 10001, 2: 12002, 3: 9003, 4: 5000}
    units = [titles.UnitArea(unit(PARCEL, 1, n), area) for n, area in with_fourth.items()]
    measured = SurveyStage.MEASURED
    assert (
        refused(lambda: titles.accept_survey(building=B1, stage=measured, units=units, **said()))
        == "title_units_differ"
    )
    titles.accept_survey(building=B1, stage=measured, units=units, explanation="分户", **said())
    titles.quantify(parcel=PARCEL, **said())
    assert titles.lot(REGION, unit(PARCEL, 1, 4)).dm2 > 0


def test_floor_areas_beyond_the_plan_permit_stop_the_survey() -> None:
    """B7.1"""
    titles.open_parcel(parcel=PARCEL, area_dm2=1000, holder=titles.sole(DEVELOPER), permit_dm2=20_000, **said())
    survey(PARCEL, 1, {1: 10_000}, SurveyStage.PREDICTED)
    assert refused(lambda: survey(PARCEL, 2, {1: 10_001}, SurveyStage.PREDICTED)) == "title_permit_differs"


def test_floor_areas_short_of_the_plan_permit_stop_the_division_until_they_are_explained() -> None:
    """B7.1: whoever divides, drafts or ends, and whichever survey is in force"""
    titles.open_parcel(parcel=PARCEL, area_dm2=1000, holder=titles.sole(DEVELOPER), permit_dm2=20_000, **said())
    survey(PARCEL, 1, {1: 19_999}, SurveyStage.PREDICTED)
    assert refused(lambda: titles.quantify(parcel=PARCEL, **said())) == "title_permit_short"
    drafted = titles.draft_plan(parcel=PARCEL, **said())
    assert (
        refused(lambda: titles.approve_plan(parcel=PARCEL, version=drafted.version, **said())) == "title_permit_short"
    )
    assert titles.parcel(REGION, PARCEL).plan_version == 0
    titles.quantify(parcel=PARCEL, explanation="阳台未计", **said())
    survey(PARCEL, 1, {1: 20_000}, SurveyStage.MEASURED)
    titles.quantify(parcel=PARCEL, **said())
    survey(PARCEL, 1, {1: 19_990}, SurveyStage.MEASURED)
    assert refused(lambda: titles.finalise(parcel=PARCEL, **said())) == "title_permit_short"
    titles.finalise(parcel=PARCEL, explanation="阳台未计", **said())
    assert titles.parcel(REGION, PARCEL).plan_final
    assert list(titles.verify()) == []


def test_an_area_with_decimals_is_refused() -> None:
    """B7.8"""
    parcel()
    assert refused(lambda: survey(PARCEL, 1, {1: 100.5, 2: 1, 3: 1}, SurveyStage.MEASURED)) == "title_area"  # type: ignore[dict-item]


def test_what_owners_have_in_common_has_no_share_and_what_is_handed_over_has() -> None:
    """F7.6, §4.3"""
    titles.open_parcel(parcel=PARCEL, area_dm2=90_000, holder=titles.sole(DEVELOPER), **said())
    kinds = [titles.Category.SALEABLE, titles.Category.HANDED, titles.Category.COMMON, titles.Category.SHELTER]
    units = [titles.UnitArea(unit(PARCEL, 1, n), 10_000, kind) for n, kind in enumerate(kinds, 1)]
    titles.accept_survey(building=B1, stage=SurveyStage.MEASURED, units=units, **said())
    titles.quantify(parcel=PARCEL, **said())
    titles.first_register(building=B1, acceptance="验收", **said())
    assert [titles.lot(REGION, each.unit).dm2 for each in units] == [45_000, 45_000, 0, 0]
    school = titles.unit_party(titles.PartyKind.PUBLIC, "education", "教育局")
    titles.transfer(lot=units[1].unit, to=titles.sole(school), **said())
    total = titles.sheet(REGION, PARCEL).total
    assert (total.with_public, total.developer_registered) == (45_000, 45_000)


def test_a_draft_moves_nothing_and_one_that_was_overtaken_is_refused() -> None:
    """F7.7"""
    parcel()
    survey(PARCEL, 1, {1: 10_500, 2: 12_002, 3: 9003}, SurveyStage.MEASURED)
    before = titles.lot(REGION, U11).dm2
    draft = titles.draft_plan(parcel=PARCEL, **said())
    assert (draft.reason, draft.state, titles.lot(REGION, U11).dm2) == (
        PlanReason.RESURVEY,
        titles.PlanState.DRAFT,
        before,
    )
    survey(PARCEL, 1, {1: 10_600, 2: 12_002, 3: 9003}, SurveyStage.MEASURED)
    assert refused(lambda: titles.approve_plan(parcel=PARCEL, version=draft.version, **said())) == "title_stale"
    newer = titles.draft_plan(parcel=PARCEL, **said())
    titles.approve_plan(parcel=PARCEL, version=newer.version, **said())
    [row] = [row for row in newer.rows if row.lot == U11]
    assert (titles.lot(REGION, U11).dm2, row.before_dm2) == (row.dm2, before)
    assert [plan.state.value for plan in titles.plans(REGION, PARCEL)] == ["approved", "superseded", "superseded"]
    assert refused(lambda: titles.draft_plan(parcel=PARCEL, **said())) == "title_nothing_to_plan"


@pytest.mark.parametrize(("residue", "buyers"), [(Residue.RECOMPUTE_ALL, "moves"), (Residue.TO_DEVELOPER, "stays")])
def test_a_later_survey_restates_the_buyer_or_the_developer_absorbs_as_the_parcel_is_set(
    residue: Residue, buyers: str
) -> None:
    """R7.7, B7.5: the source has the developer absorb; the reference restates; it is a setting of the parcel, and both hold to the dm²."""
    parcel(residue=residue)
    sold(U11, titles.sole(LI), "HT-1")
    before = titles.lot(REGION, U11).dm2
    survey(PARCEL, 1, {1: 9000, 2: 12_002, 3: 9003}, SurveyStage.MEASURED)
    titles.quantify(parcel=PARCEL, **said())
    assert (titles.lot(REGION, U11).dm2 == before) == (buyers == "stays")
    titles.first_register(building=B1, acceptance="验收", **said())
    titles.transfer(lot=U11, claim="HT-1", **said())
    now = titles.lot(REGION, U11).dm2
    survey(PARCEL, 2, {1: 12_000, 2: 11_555, 3: 10_444}, SurveyStage.MEASURED)
    titles.quantify(parcel=PARCEL, **said())
    titles.finalise(parcel=PARCEL, **said())
    assert (titles.lot(REGION, U11).dm2 == now) == (buyers == "stays")
    assert sum(lot.dm2 for lot in titles.lots(REGION, PARCEL)) == 100_000
    found = titles.parcel(REGION, PARCEL)
    assert (found.stage, found.plan_final) == (5, True)


def test_the_end_waits_for_the_last_measured_survey() -> None:
    parcel()
    assert refused(lambda: titles.finalise(parcel=PARCEL, **said())) == "title_unmeasured"


def test_units_with_one_holder_and_the_same_burdens_are_one_lot_again() -> None:
    """LI8: rank, place and date of what rests there stay."""
    parcel()
    titles.register_mortgage(lots=[U11, U12, U13], bank=BANK, number="M1", amount_fen=5, **said())
    whole = sum(titles.lot(REGION, code).dm2 for code in (U11, U12, U13))
    titles.merge(building=B1, **said(day(1)))
    assert titles.lot(REGION, B1).dm2 == whole
    assert [(one.lot, one.rank, one.since) for one in titles.rights_on(REGION, [B1])] == [(B1, 1, AT)]
    titles.quantify(parcel=PARCEL, **said(day(2)))
    assert {one.lot for one in titles.right(REGION, "M1").lots if one.open} == {U11, U12, U13}
    titles.release_mortgage(number="M1", lots=[U11], **said(day(3)))
    assert refused(lambda: titles.merge(building=B1, **said(day(4)))) == "title_cannot_merge"


def test_a_corrected_area_goes_against_the_grant_and_is_divided_anew() -> None:
    parcel()
    titles.correct_area(parcel=PARCEL, area_dm2=100_001, reason="面积更正", **said(day(1)))
    assert sum(lot.dm2 for lot in titles.lots(REGION, PARCEL)) == 100_001


def test_the_area_of_undivided_land_waits_for_whoever_it_secures() -> None:
    titles.open_parcel(parcel=PARCEL, area_dm2=1000, holder=titles.sole(DEVELOPER), **said())
    titles.register_mortgage(lots=[titles.land(PARCEL)], bank=BANK, number="M1", amount_fen=5, **said())
    wrong = {"parcel": PARCEL, "area_dm2": 900, "reason": "面积更正"}
    assert refused(lambda: titles.correct_area(**wrong, **said())) == "lot_blocked"
    titles.correct_area(**wrong, consents=("M1",), **said())
    assert sum(one.dm2 for one in titles.right(REGION, "M1").lots if one.open) == 900
    assert list(titles.verify()) == []


def test_a_parcel_is_closed_when_nothing_rests_there_and_then_stays_closed() -> None:
    parcel()
    sold(U11, titles.sole(LI), "HT-1")
    assert refused(lambda: titles.close_parcel(parcel=PARCEL, reason="收回", **said())) == "title_burdened"
    titles.cancel_claim(number="HT-1", **said())
    titles.close_parcel(parcel=PARCEL, reason="收回", **said())
    assert refused(lambda: sold(U11, titles.sole(LI), "HT-2")) == "title_closed"
    assert titles.sheet(REGION, PARCEL, valid_at=AT, recorded_at=AT).parcel == PARCEL


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


# --- first registration and transfer ---


def test_a_building_is_registered_when_it_was_accepted_and_measured() -> None:
    parcel()
    assert refused(lambda: titles.first_register(building=B1, acceptance="", **said())) == "title_no_acceptance"
    assert refused(lambda: titles.first_register(building=B1, acceptance="验收", **said())) == "title_unmeasured"
    assert refused(lambda: titles.transfer(lot=U11, to=titles.sole(LI), **said())) == "title_not_registered"


def test_a_claimed_unit_goes_to_its_buyer_and_to_nobody_else() -> None:
    """R7.4"""
    parcel(registered=True)
    sold(U11, titles.sole(LI), "HT-1")
    assert refused(lambda: titles.transfer(lot=U11, to=titles.sole(WANG), **said())) == "lot_blocked"
    titles.transfer(lot=U11, claim="HT-1", **said())
    assert titles.holders(REGION, U11).names == "李明"


# --- seizures ---


def seize(
    number: str,
    debtor: titles.Party,
    *,
    court: titles.Party = COURT,
    lots: list[str] | None = None,
    at: datetime = AT,
    insisted: bool = False,
) -> titles.Recorded:
    return titles.register_seizure(
        parcel=PARCEL, court=court, number=number, debtor=debtor, scope=Scope.EXPLICIT if lots else Scope.REMAINING, lots=lots or (),
        served_at=at, until=UNTIL, insisted=insisted, **said(at),
    )  # fmt: skip


def test_the_quote_divides_the_parcel_and_the_order_takes_exactly_that() -> None:
    """F7.10, B7.4: what is presold or with others is left out; what is seized already waits."""
    parcel(registered=True)
    titles.transfer(lot=U11, to=titles.sole(WANG), **said())
    sold(U12, titles.sole(LI), "HT-1")
    seize("S1", DEVELOPER, lots=[U13])
    quote = titles.quote_seizure(REGION, PARCEL)
    groups = (quote.seizable, quote.would_wait, quote.presold, quote.with_others)
    assert [len(group) for group in groups] == [3, 1, 1, 1]
    assert sum(line.dm2 for group in groups for line in group) == quote.area_dm2
    done = seize("S2", DEVELOPER, court=COURT_2, at=day(1))
    assert set(done.lots) == {line.lot for line in (*quote.seizable, *quote.would_wait)}


def test_a_presold_lot_that_is_named_is_refused_and_contested_when_the_court_insists() -> None:
    parcel()
    sold(U11, titles.sole(LI), "HT-1")
    with pytest.raises(Blocked) as no:
        seize("S1", DEVELOPER, lots=[U11])
    assert (no.value.code, no.value.blockers[0].number) == ("seizure_presold", "HT-1")
    seize("S1", DEVELOPER, lots=[U11], insisted=True)
    [one] = titles.right(REGION, "S1").lots
    assert (one.contested, one.state) == (True, State.EFFECTIVE)


def test_nobody_is_seized_for_anothers_debt_nor_for_more_than_three_years() -> None:
    parcel()
    assert refused(lambda: seize("S1", WANG)) == "title_nothing_to_seize"
    assert refused(lambda: seize("S1", WANG, lots=[U11])) == "seizure_presold"
    late = {
        "parcel": PARCEL,
        "court": COURT,
        "number": "S1",
        "debtor": DEVELOPER,
        "served_at": AT,
        "until": date(2029, 3, 3),
    }
    assert refused(lambda: titles.register_seizure(**late, **said())) == "title_seizure_term"


def test_who_was_served_first_comes_first_whoever_was_written_first() -> None:
    """LI6, 查封规定 第二十三条: to the second."""
    parcel()
    seize("S1", DEVELOPER, lots=[U11], at=AT + timedelta(seconds=1))
    titles.register_seizure(
        parcel=PARCEL,
        court=COURT_2,
        number="S2",
        debtor=DEVELOPER,
        scope=Scope.EXPLICIT,
        lots=[U11],
        served_at=AT,
        until=UNTIL,
        **said(day(1)),
    )
    states = {one.right: (one.rank, one.state) for one in titles.rights_on(REGION, [U11])}
    assert states == {"S2": (1, State.EFFECTIVE), "S1": (2, State.WAITING)}


def test_a_seizure_is_renewed_in_time_keeps_its_place_or_expires_and_the_next_takes_effect() -> None:
    """R7.5, 民诉法解释 第四百八十五条"""
    parcel()
    seize("S1", DEVELOPER, lots=[U11])
    seize("S2", DEVELOPER, court=COURT_2, lots=[U11], at=day(1))
    titles.renew_seizure(number="S1", until=date(2029, 3, 1), **said(day(10)))
    after = datetime(2029, 3, 2, 4, 0, tzinfo=AT.tzinfo)
    assert titles.expire_seizures(region=REGION, by="night", at=after - timedelta(days=1)) == []
    assert (
        refused(lambda: titles.renew_seizure(number="S1", until=date(2030, 1, 1), **said(after)))
        == "title_renewal_late"
    )
    assert len(titles.expire_seizures(region=REGION, by="night", at=after)) == 1
    assert titles.expire_seizures(region=REGION, by="night", at=after) == []
    [one] = titles.rights_on(REGION, [U11])
    assert (one.right, one.state, one.rank, one.since) == ("S2", State.EFFECTIVE, 1, after)
    assert one.until == date(2029, 3, 2) + (UNTIL - date(2026, 3, 3))
    assert titles.right(REGION, "S1").state is State.EXPIRED


def test_an_accepted_application_does_not_stop_a_court_and_is_suspended(heard: list[titles.Changed]) -> None:
    parcel()
    titles.pend(region=REGION, application="A1", lots=[U11], act=titles.Act.PRESALE, at=AT)
    titles.pend(region=REGION, application="A1", lots=[U11], act=titles.Act.PRESALE, at=AT)
    seize("S1", DEVELOPER, lots=[U11])
    assert ("application_suspended", "A1", U11) in [(one.kind, one.right, one.lot) for one in heard[-1].told]


# --- objections ---


def test_an_objection_lets_only_go_on_who_undertakes_in_writing_and_ends() -> None:
    """民法典 第二百二十条"""
    parcel(registered=True)
    titles.register_objection(lots=[U11], who=WANG, number="Y1", **said())
    assert titles.right(REGION, "Y1").until == date(2026, 3, 17)
    assert refused(lambda: titles.transfer(lot=U11, to=titles.sole(LI), **said())) == "lot_blocked"
    titles.transfer(lot=U11, to=titles.sole(LI), undertaking=True, **said())
    titles.end_objection(number="Y1", how=State.WITHDRAWN, **said())
    assert titles.rights_on(REGION, [U11]) == []


# --- reading ---


def test_a_code_is_found_however_it_is_spaced_and_history_is_kept_for_ever() -> None:
    """R7.11"""
    parcel(registered=True)
    found = titles.find(REGION, titles.spaced(U11).lower())
    assert isinstance(found, titles.LotView)
    assert (found.code, found.parent, found.kind.value) == (U11, B1, "unit")
    assert found.num * 63025 == found.den * found.floor_dm2 or found.den > 0
    assert titles.find(REGION, "4110") is None
    titles.transfer(lot=U11, to=titles.sole(LI), **said(day(1)))
    entries = titles.history(REGION, PARCEL, lot=U11)
    assert [(one.holder and one.holder.names, one.valid_until) for one in entries[:2]] == [
        ("李明", None),
        (DEVELOPER.name, day(1)),
    ]
    assert len(titles.entries_about(REGION, U11)) == 2


def test_a_quote_names_holder_burdens_and_version() -> None:
    parcel()
    titles.register_mortgage(lots=[U11], bank=BANK, number="M1", amount_fen=5, **said())
    quote = titles.quote(REGION, [U11, U12], titles.Act.PRESALE)
    assert quote.register_version == titles.parcel(REGION, PARCEL).version
    assert [(line.lot.code, len(line.rights), len(line.blockers)) for line in quote.lots] == [(U11, 1, 1), (U12, 0, 0)]


def test_claims_and_parcels_are_found_by_whose_they_are() -> None:
    parcel()
    sold(U11, titles.jointly(LI, WANG), "HT-1")
    buyer = titles.right(REGION, "HT-1").holder
    assert buyer is not None
    for member in buyer.members:
        assert [one.number for one in titles.claims_of(REGION, [member.party.hash])] == ["HT-1"]
    [developer] = titles.parcel(REGION, PARCEL).developer.members
    assert [one.code for one in titles.parcels(REGION, developer=[developer.party.hash])] == [PARCEL]
    assert titles.parcels(REGION, stage=5) == []
