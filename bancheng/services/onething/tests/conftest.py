"""The reference city, a shop with its legal representative, and the officers of the departments."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.lib.identifiers import make_uscc
from bancheng.services.onething.registers import gateway

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
REGION = "411000"


@dataclass
class Town:
    """Who takes part: the applicant in a browser, his shop, and an officer and an approver for each unit."""

    applicant: Client
    user: Any
    shop: identity.Organisation
    desks: dict[tuple[str, str], Client] = field(default_factory=dict)

    def desk(self, role: str, unit: str) -> Client:
        """Return the browser of somebody with `role` in `unit`."""
        if (role, unit) not in self.desks:
            self.desks[role, unit] = people.client_for(people.staff(role, unit=unit))
        return self.desks[role, unit]


@pytest.fixture(autouse=True)
def rested() -> None:
    """An exchange that was silent before other tests of this process does not rest in this one."""
    gateway.configured.cache_clear()


@pytest.fixture
def town(loaded_city: None) -> Town:
    user = people.citizen("王芳", serial=7, mobile="13900000007")
    uscc = make_uscc("411002", 16)
    shop = identity.register_organisation(region=REGION, name="许昌市王记饭店有限公司", uscc=uscc, by="test", at=AT)
    identity.link_agent(
        principal=shop,
        agent=user.person,
        first=date(2026, 1, 1),
        last=None,
        document="营业执照",
        by="test",
        at=AT,
        legal_representative=True,
    )
    return Town(people.client_for(user), user, shop)
