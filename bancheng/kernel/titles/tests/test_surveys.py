"""What surveys and plans write, refuse and absorb."""

import pytest

from bancheng.kernel.titles import public as titles
from bancheng.kernel.titles.public import PlanReason, Residue, SurveyStage
from bancheng.kernel.titles.testing import AT, BANK, DEVELOPER, LI, PARCEL, REGION, parcel, said, sold, survey, unit
from bancheng.kernel.titles.tests.common import B1, U11, U12, U13, day, refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole")]


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
