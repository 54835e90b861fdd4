"""The worked examples of the reference as tables: shares to the dm² after every step (F7.6, F7.8, F7.10, LI1, LI3, LI8, LI9)."""

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bancheng.kernel.titles import public as titles
from bancheng.kernel.titles.public import SurveyStage
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

pytestmark = pytest.mark.django_db
TABLE = tomllib.loads((Path(__file__).parent / "examples.toml").read_text("utf-8"))
U11, U12, U13 = (unit(PARCEL, 1, n) for n in (1, 2, 3))
U21, U22, U23 = (unit(PARCEL, 2, n) for n in (1, 2, 3))
B1, B2 = f"{PARCEL}F0001", f"{PARCEL}F0002"
NAMES = {"U11": U11, "U12": U12, "U13": U13, "U21": U21, "U22": U22, "U23": U23, "B1": B1, "B2": B2}
SERVED = AT + timedelta(days=1)


def shares() -> dict[str, int]:
    short = {code: name for name, code in NAMES.items()}
    return {short.get(lot.code, "root"): lot.dm2 for lot in titles.lots(REGION, PARCEL, open_only=True)}


def stands(step: str) -> None:
    """Compare shares and sheet with the table, and the whole book with itself."""
    row: dict[str, Any] = TABLE["A"][step]
    assert shares() == row["shares"]
    total = titles.sheet(REGION, PARCEL).total
    for name, value in row.get("sheet", {}).items():
        assert getattr(total, name) == value, name
    assert total.disposable + total.presold + total.with_buyers + total.with_public == 100_000  # LI14
    assert total.free <= total.disposable
    assert list(titles.verify()) == []


def opened() -> None:
    titles.open_parcel(parcel=PARCEL, area_dm2=100_000, holder=titles.sole(DEVELOPER), use="住宅", **said())
    stands("open")
    root = titles.land(PARCEL)
    titles.register_mortgage(lots=[root], bank=BANK, number="M1", amount_fen=5_000_000_00, **said())
    survey(PARCEL, 1, {1: 10001, 2: 12002, 3: 9003}, SurveyStage.PREDICTED)
    titles.accept_survey(building=B2, stage=SurveyStage.PLANNED, total_dm2=33000, **said())
    titles.quantify(parcel=PARCEL, **said())
    stands("plan")
    assert {one.lot for one in titles.right(REGION, "M1").lots if one.open} == {U11, U12, U13, B2}


def presold() -> None:
    opened()
    titles.release_mortgage(number="M1", lots=[B1], **said())
    stands("release")
    sold(U11, titles.sole(LI), "HT-1")
    sold(U12, titles.sole(WANG), "HT-2")
    titles.register_pre_mortgage(lot=U12, bank=BANK_C, number="PM1", amount_fen=800_000_00, **said())
    stands("presold")


def test_example_a_one_parcel_from_grant_to_close() -> None:
    """LI1 LI3 LI16: to the dm² at every step, and fractions that sum to one."""
    presold()
    survey(PARCEL, 1, {1: 10010, 2: 11990, 3: 9020}, SurveyStage.MEASURED)
    titles.quantify(parcel=PARCEL, **said())
    stands("measured")
    titles.first_register(building=B1, acceptance="验收1", **said())
    titles.transfer(lot=U11, claim="HT-1", **said())
    titles.transfer(lot=U12, claim="HT-2", **said())
    stands("transferred")
    assert titles.right(REGION, "PM1").kind is titles.RightKind.MORTGAGE
    survey(PARCEL, 2, {1: 11000, 2: 11555, 3: 10444}, SurveyStage.PREDICTED)
    titles.quantify(parcel=PARCEL, **said())
    stands("second")
    survey(PARCEL, 2, {1: 11030, 2: 11520, 3: 10460}, SurveyStage.MEASURED)
    titles.quantify(parcel=PARCEL, **said())
    stands("second_measured")
    titles.finalise(parcel=PARCEL, **said())
    stands("final")
    plan = titles.plan(REGION, PARCEL)
    assert plan is not None
    fractions = {row.lot: row.num for row in plan.rows if row.level is titles.LotKind.UNIT}
    assert {name: fractions[NAMES[name]] // 10 for name in TABLE["A"]["final"]["fractions"]} == TABLE["A"]["final"][
        "fractions"
    ]
    assert sum(fractions.values()) == plan.weight_dm2 == 64030  # LI16


def seize(number: str, court: titles.Party, debtor: titles.Party, day: int) -> titles.Recorded:
    at = AT + timedelta(days=day)
    return titles.register_seizure(
        parcel=PARCEL, court=court, number=number, debtor=debtor, served_at=at, until=date(2028, 3, 1), **said(at)
    )


def reach(number: str, state: titles.State) -> dict[str, int]:
    short = {code: name for name, code in NAMES.items()}
    return {short[one.lot]: one.dm2 for one in titles.right(REGION, number).lots if one.open and one.state is state}


def test_example_b_seizure_while_two_units_are_presold() -> None:
    """Only the remainder is taken, what waits waits in its place, and dates outlive conversion (F7.10, R7.5, B7.4, LI6)."""
    effective, waiting = titles.State.EFFECTIVE, titles.State.WAITING
    presold()
    seize("C1", COURT, DEVELOPER, 1)
    assert reach("C1", effective) == {"U13": 14066, "B2": 51558}
    seize("C2", COURT_2, DEVELOPER, 2)
    assert reach("C2", waiting) == {"U13": 14066, "B2": 51558}
    seize("C3", COURT, WANG, 3)
    assert reach("C3", effective) == {"U12": 18751}
    with pytest.raises(titles.Blocked) as no:
        sold(U13, titles.sole(LI), "HT-3")
    assert {one.number for one in no.value.blockers} == {"C1", "C2"}
    assert all(one.entry and one.lot == U13 for one in no.value.blockers)
    titles.release_mortgage(number="M1", lots=[B2], **said(AT + timedelta(days=4)))  # a release is never blocked
    titles.lift_seizure(number="C1", lots=[B2], **said(AT + timedelta(days=5)))
    assert (reach("C1", effective), reach("C2", effective), reach("C2", waiting)) == (
        {"U13": 14066}, {"B2": 51558}, {"U13": 14066},
    )  # fmt: skip
    survey(PARCEL, 1, {1: 10010, 2: 11990, 3: 9020}, SurveyStage.MEASURED, at=AT + timedelta(days=6))
    titles.quantify(parcel=PARCEL, **said(AT + timedelta(days=6)))
    titles.first_register(building=B1, acceptance="验收1", **said(AT + timedelta(days=6)))
    assert (reach("C1", effective), reach("C2", waiting)) == ({"U13": 14086}, {"U13": 14086})
    titles.exhaust_seizure(number="C1", lots=[U13], to=titles.sole(LI), **said(AT + timedelta(days=7)))
    assert (reach("C2", effective), reach("C2", waiting)) == ({"B2": 51558}, {})
    assert titles.right(REGION, "C1").state is titles.State.EXHAUSTED
    titles.transfer(lot=U11, claim="HT-1", **said(AT + timedelta(days=8)))
    titles.transfer(lot=U12, claim="HT-2", **said(AT + timedelta(days=8)))
    [one] = [one for one in titles.right(REGION, "C3").lots if one.open]
    assert (one.dm2, one.pre, one.since) == (18724, False, AT + timedelta(days=3))
    assert list(titles.verify()) == []


V = {name: unit(PARCEL, int(name[1]), int(name[2])) for name in ("V11", "V12", "V13", "V21", "V22", "V23")}
SOLD = ("V11", "V12", "V13", "V21")


def test_example_c_an_existing_parcel_mortgaged_and_seized_as_a_whole() -> None:
    """Quantified, released and narrowed by list, transferred; before either step the transfer is refused by name (F7.4, LI9)."""
    row = TABLE["C"]
    titles.open_parcel(
        parcel=PARCEL, area_dm2=row["area"], holder=titles.sole(DEVELOPER), origin=titles.Origin.E3, **said()
    )
    root = titles.land(PARCEL)
    titles.register_mortgage(lots=[root], bank=BANK, number="M9", amount_fen=1_000_000_00, **said())
    seize("S9", COURT, DEVELOPER, 1)
    for number, floors in enumerate(row["floors"], 1):
        survey(PARCEL, number, dict(enumerate(floors, 1)), SurveyStage.MEASURED)
    titles.quantify(parcel=PARCEL, **said())
    assert {name: titles.lot(REGION, code).dm2 for name, code in V.items()} == row["shares"]
    for number in (1, 2):
        titles.first_register(building=f"{PARCEL}F000{number}", acceptance="已有房屋登记", **said())
    lots = [V[name] for name in SOLD]
    for step in (
        lambda: titles.release_mortgage(number="M9", lots=lots, **said()),
        lambda: titles.lift_seizure(number="S9", lots=lots, **said()),
    ):
        with pytest.raises(titles.Blocked) as no:
            titles.transfer(lot=V["V11"], to=titles.sole(LI), **said())
        assert no.value.blockers[0].number in {"M9", "S9"}
        step()
    for number in ("M9", "S9"):
        assert sum(one.dm2 for one in titles.right(REGION, number).lots if one.open) == row["rest"]
    items = [titles.Transfer(V[name], titles.sole(LI if name == "V11" else WANG)) for name in SOLD]
    titles.transfer_many(parcel=PARCEL, items=items, **said())
    total = titles.sheet(REGION, PARCEL).total
    assert (total.developer_registered, total.with_buyers) == (row["rest"], row["area"] - row["rest"])
    seize("S10", COURT_2, DEVELOPER, 2)
    assert sum(one.dm2 for one in titles.right(REGION, "S10").lots if one.state is titles.State.WAITING) == row["rest"]
    assert list(titles.verify()) == []


def test_example_d_a_planning_change_needs_the_buyers_who_would_lose() -> None:
    row = TABLE["D"]
    titles.open_parcel(parcel=PARCEL, area_dm2=row["area"], holder=titles.sole(DEVELOPER), **said())
    survey(PARCEL, 1, {1: 10001, 2: 12002, 3: 9003}, SurveyStage.PREDICTED)
    for number, total in ((2, 33000), (3, 36000)):
        titles.accept_survey(building=f"{PARCEL}F000{number}", stage=SurveyStage.PLANNED, total_dm2=total, **said())
    titles.quantify(parcel=PARCEL, **said())
    assert envelopes() == row["first"]
    sold(U11, titles.sole(LI), "HT-1")
    titles.accept_survey(building=f"{PARCEL}F0002", stage=SurveyStage.PLANNED, total_dm2=39600, **said())
    with pytest.raises(titles.Blocked.__mro__[1]) as no:
        titles.quantify(parcel=PARCEL, reason=titles.PlanReason.REPLAN, approval="规划变更", **said())
    assert no.value.code == "title_consent_missing"
    assert envelopes() == row["first"]
    titles.quantify(parcel=PARCEL, reason=titles.PlanReason.REPLAN, approval="规划变更", consents=["HT-1"], **said())
    assert envelopes() == row["second"]
    assert list(titles.verify()) == []


def envelopes() -> list[int]:
    rows = titles.lots(REGION, PARCEL)
    return [lot.envelope_dm2 for lot in rows if lot.kind is titles.LotKind.BUILDING and lot.envelope_dm2 is not None]


def test_as_of_any_pair_of_times_the_sheet_says_what_was_true_as_it_was_known() -> None:
    """A ruling takes effect earlier than it is recorded (F7.9, R7.1, LI11, LI12)."""
    parcel(registered=True)
    later = AT + timedelta(days=10)
    ruled = AT + timedelta(days=5)
    titles.correct_holder(lot=U11, to=titles.sole(LI), reason="判决", **{**said(later), "valid_from": ruled})
    before = titles.sheet(REGION, PARCEL, valid_at=AT + timedelta(days=7), recorded_at=AT + timedelta(days=9))
    after = titles.sheet(REGION, PARCEL, valid_at=AT + timedelta(days=7), recorded_at=later)
    earlier = titles.sheet(REGION, PARCEL, valid_at=AT + timedelta(days=3), recorded_at=later)
    assert [each.total.with_buyers > 0 for each in (before, after, earlier)] == [False, True, False]
    assert list(titles.verify()) == []
