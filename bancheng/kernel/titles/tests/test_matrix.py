"""Every cell of the conflict matrix by the operations themselves: what it refuses is not recorded and named, what it allows is recorded."""

import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import transaction

from bancheng.kernel.titles import public as titles
from bancheng.kernel.titles.public import Act, Blocked, SurveyStage
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
LOT = unit(PARCEL, 1, 1)
UNTIL = date(2028, 3, 1)
REFERENCE = tomllib.loads((Path(__file__).parent / "matrix.toml").read_text("utf-8"))


def seize(number: str, court: titles.Party, debtor: titles.Party, lots: tuple[str, ...] = (LOT,)) -> titles.Recorded:
    scope = titles.Scope.EXPLICIT if lots else titles.Scope.REMAINING
    return titles.register_seizure(
        parcel=PARCEL,
        court=court,
        number=number,
        debtor=debtor,
        scope=scope,
        lots=lots,
        served_at=AT,
        until=UNTIL,
        **said(),
    )


def mortgaged() -> None:
    titles.register_mortgage(lots=[LOT], bank=BANK, number="M1", amount_fen=100, **said())


def claimed(noticed: bool = True) -> None:
    titles.open_claim(lot=LOT, buyer=titles.sole(WANG), number="HT-1", noticed=noticed, permit="P", **said())


def pre_mortgaged() -> None:
    claimed()
    titles.register_pre_mortgage(lot=LOT, bank=BANK_C, number="PM1", amount_fen=100, **said())


def pre_seized() -> None:
    claimed()
    seize("S0", COURT, WANG)


def transferred() -> None:
    registered()
    titles.transfer(lot=LOT, to=titles.sole(WANG), **said())


def registered() -> None:
    survey(PARCEL, 1, {1: 10001, 2: 12002, 3: 9003}, SurveyStage.MEASURED)
    titles.quantify(parcel=PARCEL, **said())
    titles.first_register(building=f"{PARCEL}F0001", acceptance="验收", **said())


STANDS: dict[str, Callable[[], object]] = {
    "free": lambda: None,
    "contract": lambda: claimed(noticed=False),
    "notice": claimed,
    "mortgage": mortgaged,
    "pre_mortgage": pre_mortgaged,
    "seizure": lambda: seize("S0", COURT, DEVELOPER),
    "pre_seizure": pre_seized,
    "objection": lambda: titles.register_objection(lots=[LOT], who=LI, number="Y1", **said()),
    "pending": lambda: titles.pend(region=REGION, application="A1", lots=[LOT], act=Act.TRANSFER, at=AT),
    "correction": lambda: titles.pend(region=REGION, application="A1", lots=[LOT], act=None, at=AT, correction=True),
    "held": transferred,
}


def resplit(reason: titles.PlanReason | None = None) -> None:
    survey(PARCEL, 1, {1: 10500, 2: 12002, 3: 9003}, SurveyStage.MEASURED)
    titles.quantify(parcel=PARCEL, reason=reason, **said())


def replan() -> None:
    titles.accept_survey(building=f"{PARCEL}F0003", stage=SurveyStage.PLANNED, total_dm2=20_000, **said())
    titles.quantify(parcel=PARCEL, reason=titles.PlanReason.REPLAN, **said())


ACTS: dict[str, Callable[[], object]] = {
    "presale": lambda: titles.open_claim(lot=LOT, buyer=titles.sole(LI), number="HT-2", **said()),
    "developer_mortgage": lambda: titles.register_mortgage(
        lots=[LOT], bank=BANK_C, number="M2", amount_fen=1, **said()
    ),
    "pre_mortgage": lambda: titles.register_pre_mortgage(lot=LOT, bank=BANK, number="PM2", amount_fen=1, **said()),
    "first_registration": registered,
    "transfer": lambda: titles.transfer(lot=LOT, to=titles.sole(LI), **said()),
    "seize_developer": lambda: seize("S2", COURT_2, DEVELOPER),
    "seize_owner": lambda: seize("S2", COURT_2, WANG),
    "resplit": resplit,
    "replan": replan,
}
GOES = {"yes", "notify", "convert", "queue"}
# an envelope is not moved where its units are sold or seized: the plan itself leaves the lot as it is (§4.4)
LEFT_ALONE = {("contract", "replan"), ("notice", "replan"), ("pre_mortgage", "replan"), ("seizure", "replan"),
              ("pre_seizure", "replan"), ("held", "replan")}  # fmt: skip
# what is not the debtor's is refused as such; a buyer's right comes with his claim, whose row says to whom the lot may go; whose mortgage
# it is follows from who holds the lot
NO_SUCH_CASE = {("free", "seize_owner"), ("mortgage", "seize_owner"), ("objection", "seize_owner"), ("pending", "seize_owner"),
                ("correction", "seize_owner"), ("seizure", "seize_owner"), ("pre_mortgage", "transfer"), ("pre_seizure", "transfer"),
                ("held", "developer_mortgage"), ("held", "first_registration")}  # fmt: skip


@pytest.mark.parametrize("row", STANDS)
def test_what_a_row_refuses_is_named_and_not_recorded_and_what_it_allows_is(row: str) -> None:
    """F7.10, LI5, R7.4, R7.6, B7.2, B7.3"""
    parcel()
    STANDS[row]()
    for act, says in REFERENCE[row].items():
        if (row, act) in NO_SUCH_CASE | LEFT_ALONE:
            continue
        version = titles.parcel(REGION, PARCEL).version
        with transaction.atomic():
            refused = _tried(act)
            assert (refused is None) == (says in GOES), (row, act, says, refused)
            if refused is not None:
                assert isinstance(refused, Blocked) or refused.code in {
                    "title_not_registered",
                    "title_no_permit",
                    "title_unmeasured",
                }
                assert titles.parcel(REGION, PARCEL).version - version <= 3  # surveys only
            assert not isinstance(refused, Blocked) or all(
                stop.lot.startswith(PARCEL) and stop.says.zh and stop.clears.en for stop in refused.blockers
            )
            transaction.set_rollback(True)


def _tried(act: str) -> Refused | None:
    try:
        with transaction.atomic():
            ACTS[act]()
    except Refused as no:
        return no
    return None


def test_several_burdens_are_named_together_the_strictest_first() -> None:
    parcel()
    mortgaged()
    titles.pend(region=REGION, application="A1", lots=[LOT], act=Act.TRANSFER, at=AT)
    found = titles.check(REGION, Act.PRESALE, [LOT])
    assert [(one.code, one.number) for one in found] == [("lot_pending", "A1"), ("lot_mortgage", "M1")]
    assert found[1].entry.startswith(PARCEL)
    assert [one.code for one in titles.check(REGION, Act.PRESALE, [LOT], apart_from="A1", consents=["M1"])] == []
    titles.unpend(region=REGION, application="A1", at=AT + timedelta(hours=1))
    assert [one.code for one in titles.check(REGION, Act.PRESALE, [LOT])] == ["lot_mortgage"]


def test_who_is_touched_without_standing_in_the_way_is_to_be_told() -> None:
    parcel()
    sold(LOT, titles.sole(LI), "HT-9")
    assert [one.number for one in titles.to_be_told(REGION, Act.RESPLIT, [LOT])] == ["HT-9"]
