"""Lives of a parcel in two books: in this one by its operations, and in the oracle's by exact fractions. Tests and the bench walk them."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta

from django.db import transaction

from bancheng.kernel.titles import public as titles
from bancheng.kernel.titles.public import RightKind, SurveyStage
from bancheng.kernel.titles.testing import (
    AT,
    BANK,
    COURT,
    DEVELOPER,
    LI,
    PARCEL,
    REGION,
    parcel,
    said,
    sold,
    survey,
    unit,
)
from bancheng.kernel.titles.tests.oracle import Oracle
from bancheng.lib.refusal import Refused

STEPS = ["measure", "claim", "cancel", "mortgage", "release", "seize", "lift", "register", "transfer", "finish"]


class Life:
    """A parcel in both books; lives that are walked at the same time have parcels and a `name` of their own."""

    def __init__(self, buildings: Sequence[Sequence[int]], code: str = PARCEL, name: str = "N") -> None:
        self.code, self.name, self.day, self.recorded = code, name, 0, 0
        parcel(code, buildings=buildings)
        floors = {
            f"{code}F{b:04}": {unit(code, b, n): area for n, area in enumerate(units, 1)}
            for b, units in enumerate(buildings, 1)
        }
        self.oracle = Oracle(100_000, floors)
        self.oracle.split()
        self.lots = sorted(self.oracle.shares)

    def step(self, what: str, first: int, second: int) -> None:
        """Do it in the book; when it is recorded, do it in the other."""
        self.day += 1
        lot, other = self.lots[first % len(self.lots)], self.lots[second % len(self.lots)]
        with suppress(Refused), transaction.atomic():
            getattr(self, what)(lot, other, f"{self.name}{self.day}")
            self.recorded += 1

    @property
    def said(self) -> titles.Said:
        return said(AT + timedelta(days=self.day))

    def measure(self, lot: str, other: str, number: str) -> None:
        building = lot[:24]
        floors = {code: 5000 + (area * 7 + self.day * 13) % 9000 for code, area in self.oracle.floors[building].items()}
        survey(
            self.code,
            int(building[-4:]),
            {int(code[-4:]): area for code, area in floors.items()},
            SurveyStage.MEASURED,
            at=self.said["at"],
        )
        titles.quantify(parcel=self.code, **self.said)
        self.oracle.floors[building] = floors
        self.oracle.resplit()

    def claim(self, lot: str, other: str, number: str) -> None:
        sold(lot, titles.sole(LI), number, at=self.said["at"])
        self.oracle.claims[lot] = number

    def cancel(self, lot: str, other: str, number: str) -> None:
        titles.cancel_claim(number=self.oracle.claims.get(lot, "none"), **self.said)
        del self.oracle.claims[lot]

    def mortgage(self, lot: str, other: str, number: str) -> None:
        titles.register_mortgage(lots=[lot, other], bank=BANK, number=number, amount_fen=1, **self.said)
        for each in {lot, other}:
            self.oracle.mortgages[each].append(number)

    def release(self, lot: str, other: str, number: str) -> None:
        there = self.oracle.mortgages[lot]
        titles.release_mortgage(number=there[0] if there else "none", lots=[lot], **self.said)
        there.pop(0)

    def seize(self, lot: str, other: str, number: str) -> None:
        at = self.said["at"]
        titles.register_seizure(
            parcel=self.code,
            court=COURT,
            number=number,
            debtor=DEVELOPER,
            served_at=at,
            until=date(2028, 1, 1),
            **self.said,
        )
        self.oracle.take(number)

    def lift(self, lot: str, other: str, number: str) -> None:
        there = self.oracle.seizures[lot]
        titles.lift_seizure(number=there[-1] if there else "none", lots=[lot], **self.said)
        there.pop()

    def register(self, lot: str, other: str, number: str) -> None:
        titles.first_register(building=lot[:24], acceptance="验收", **self.said)

    def transfer(self, lot: str, other: str, number: str) -> None:
        titles.transfer(lot=lot, claim=self.oracle.claims.get(lot, ""), to=titles.sole(LI), **self.said)
        self.oracle.claims.pop(lot, None)
        self.oracle.holder[lot] = "buyer"

    def finish(self, lot: str, other: str, number: str) -> None:
        titles.finalise(parcel=self.code, **self.said)
        self.oracle.finish()

    def both_say_the_same(self) -> None:
        oracle = self.oracle
        found = {lot.code: lot for lot in titles.lots(REGION, self.code, open_only=True)}
        assert {code: lot.dm2 for code, lot in found.items()} == oracle.shares
        assert {code for code, lot in found.items() if not lot.with_developer} == {
            lot for lot, who in oracle.holder.items() if who == "buyer"
        }
        rests: dict[str, dict[RightKind, list[str]]] = {lot: {} for lot in self.lots}
        for one in titles.rights_on(REGION, self.lots):
            rests[one.lot].setdefault(one.kind, []).append(one.right)
        assert {lot: there.get(RightKind.MORTGAGE, []) for lot, there in rests.items()} == oracle.mortgages
        assert {lot: there.get(RightKind.SEIZURE, []) for lot, there in rests.items()} == oracle.seizures
        assert {
            lot: there[RightKind.CLAIM][0] for lot, there in rests.items() if RightKind.CLAIM in there
        } == oracle.claims
        total = titles.sheet(REGION, self.code).total
        assert total.free == oracle.free <= total.disposable
        assert total.disposable + total.presold + total.with_buyers + total.with_public == oracle.area
