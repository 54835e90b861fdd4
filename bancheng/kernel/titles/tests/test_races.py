"""Many write in one parcel's book at once: one after the other, and of two that conflict one (LI15, B7.7)."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.ledger import testing as ledger_testing
from bancheng.kernel.titles import public as titles
from bancheng.kernel.titles import testing
from bancheng.kernel.titles.testing import BANK, LI, PARCEL, REGION, WANG, parcel, said, unit
from bancheng.lib.refusal import Refused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
LOT = unit(PARCEL, 1, 1)
WORKERS = 8


@pytest.fixture(autouse=True)
def _clean(transactional_db: None) -> Iterator[None]:
    yield
    testing.wipe()
    ledger_testing.wipe()


def outcome(work: Callable[[], titles.Recorded], into: list[str]) -> Callable[[], None]:
    def run() -> None:
        try:
            into.append("again" if work().again else "recorded")
        except Refused as no:
            into.append(no.code)

    return run


def test_eight_presell_one_unit_and_one_does() -> None:
    """Example E, LI5, B7.2"""
    parcel()
    came: list[str] = []

    def presell(number: int) -> Callable[[], titles.Recorded]:
        return lambda: titles.open_claim(lot=LOT, buyer=titles.sole(LI), number=f"HT-{number}", permit="P", **said())

    jobs.together(*[outcome(presell(n), came) for n in range(WORKERS)])
    assert Counter(came) == {"recorded": 1, "lot_blocked": WORKERS - 1}
    assert list(titles.verify()) == []


def test_one_key_from_eight_at_once_is_recorded_once() -> None:
    parcel(registered=True)
    came: list[str] = []
    mine = said(key="once")
    work = outcome(lambda: titles.transfer(lot=LOT, to=titles.jointly(LI, WANG), **mine), came)
    jobs.together(*[work for _ in range(WORKERS)])
    assert Counter(came) == {"recorded": 1, "again": WORKERS - 1}
    assert len(titles.history(REGION, PARCEL, registration=mine["registration"])) == 1


def test_eight_write_on_eight_lots_and_the_chain_has_no_gap() -> None:
    parcel(buildings=[[10_000 + n for n in range(WORKERS)]], registered=True)
    came: list[str] = []

    def write(number: int) -> Callable[[], titles.Recorded]:
        lot = unit(PARCEL, 1, number + 1)
        if number % 2:
            return lambda: titles.register_mortgage(lots=[lot], bank=BANK, number=f"M{number}", amount_fen=1, **said())
        return lambda: titles.transfer(lot=lot, to=titles.sole(LI if number % 4 else WANG), **said())

    jobs.together(*[outcome(write(n), came) for n in range(WORKERS)])
    assert Counter(came) == {"recorded": WORKERS}
    assert list(titles.verify()) == []


def test_eight_open_one_parcel_and_one_does() -> None:
    came: list[str] = []
    work = outcome(lambda: titles.open_parcel(parcel=PARCEL, area_dm2=100, holder=titles.sole(LI), **said()), came)
    jobs.together(*[work for _ in range(WORKERS)])
    assert Counter(came) == {"recorded": 1, "title_open_already": WORKERS - 1}
    assert list(titles.verify()) == []
