"""The reference city, an applicant with a decided matter, and the people of its unit and of the supervision."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.ratings import public as ratings
from bancheng.services.ratings import jobs as own

REGION, UNIT = "411000", "market"


def work() -> None:
    """Do what ratings promised, and nothing of others: no message leaves the house."""
    for name, do in (("ratings.invite", own.invite), ("ratings.tell", own.tell)):
        for _, args in jobs.promised(name):
            do(**args)


@dataclass
class Town:
    """Who takes part, each in a browser; who did the work is kept apart from who calls back."""

    user: Any
    applicant: Client
    officer: Any
    approver: Any
    desks: dict[tuple[str, str], Any] = field(default_factory=dict)

    def staff(self, role: str, unit: str = "") -> Any:
        """Return somebody with `role` in `unit`, always the same."""
        if (role, unit) not in self.desks:
            self.desks[role, unit] = people.staff(role, unit=unit, name=f"{unit}{role}")
        return self.desks[role, unit]

    def desk(self, role: str, unit: str = "") -> Client:
        """Return his browser."""
        return people.client_for(self.staff(role, unit))

    def decided(self, key: str = "k1", *, denied: bool = False) -> cases.Filed:
        """Return a matter of the applicant that was decided and served, its invitation sent."""
        citizen_id = people.citizen_id(7)
        filed = cases.file(
            region=REGION,
            service="onething",
            flow="business-licence-check",
            unit=UNIT,
            applicant=cases.Applicant(
                "person",
                "王芳",
                identity.find_hash(citizen_id, kind="citizen_id"),
                identity.seal(citizen_id, kind="citizen_id"),
                "citizen_id",
            ),
            said=cases.Said({}),
            key=key,
            by=f"person:{self.user.person_id}",
            at=clocks.now(),
        )
        cases.accept(case_id=filed.id, by=f"staff:{self.officer.pk}", at=clocks.now())
        no = cases.Because("不符合条件", "行政许可法 第三十八条", "可在六十日内申请行政复议")
        cases.decide(
            case_id=filed.id,
            outcome=cases.Outcome.DENIED if denied else cases.Outcome.GRANTED,
            because=no if denied else cases.Because(""),
            by=f"staff:{self.approver.pk}",
            at=clocks.now(),
        )
        work()
        return filed

    def occasion(self, filed: cases.Filed) -> ratings.Occasion:
        """Return what may be rated of a matter."""
        (found,) = ratings.of_cases([filed.id])
        return found

    def call_back(self, grade: int = 2, key: str = "k1") -> UUID:
        """Return the call-back of a bad rating of a new matter."""
        found = self.occasion(self.decided(key))
        self.applicant.post(f"/ratings/mine/{found.id}/", {"grade": grade, "words": "等了很久", "tag": "slow"})
        work()
        (made,) = [one.pk for one in ratings.call_backs(units=None) if one.occasion_id == found.id]
        return made


@pytest.fixture
def town(loaded_city: None) -> Town:
    user = people.citizen("王芳", serial=7, mobile="13900000007")
    officer, approver = people.staff("case_officer", unit=UNIT), people.staff("approver", unit=UNIT)
    return Town(user, people.client_for(user), officer, approver)
