"""What tests of mortgages share: the people of a bank and of the registry, and what they agreed."""

from datetime import date
from typing import Any

from django.test import Client

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents.testing import pdf, stored
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.lib.identifiers import uuid7
from bancheng.services.mortgages.models import Agreement, Bundle
from bancheng.services.mortgages.operations import custody
from bancheng.services.mortgages.rules.agreements import State
from bancheng.services.mortgages.rules.channels import Kind

BANK, OTHER_BANK, REGISTRY = "boc", "icbc", "xiangcheng-registry"
SAID = dict.fromkeys(
    ("quality", "quality_en", "standard", "standard_en", "supervision", "supervision_en"), "样例 sample"
)


class Town:
    """Accounts by role and unit, always the same one; `client` is its browser, `actor` who it acts as."""

    def __init__(self) -> None:
        self.accounts: dict[tuple[str, str, int], Any] = {}

    def account(self, role: str, unit: str = BANK, n: int = 1) -> Any:
        if (role, unit, n) not in self.accounts:
            self.accounts[role, unit, n] = people.staff(role, unit=unit, name=f"{unit}{role}{n}")
        return self.accounts[role, unit, n]

    def actor(self, role: str, unit: str = BANK, n: int = 1) -> identity.Actor:
        return people.actor(self.account(role, unit, n), at=clocks.now())

    def client(self, role: str, unit: str = BANK, n: int = 1) -> Client:
        return people.client_for(self.account(role, unit, n))


def agreement(
    bank: str = BANK,
    first: date = date(2031, 1, 1),
    last: date = date(2031, 12, 31),
    state: State = State.SIGNED,
    **over: object,
) -> Agreement:
    """Return an agreement as it stands after its signing."""
    now = clocks.now()
    signed = {} if state is State.PROPOSED else {"signed_by": "staff:900001", "signed_at": now}
    fields: dict[str, object] = {
        "id": uuid7(now), "region": catalogue.city().region, "registry": REGISTRY, "bank": bank,
        "number": f"样例协议{Agreement.objects.count() + 1}号", "first_on": first, "last_on": last,
        "scope": [str(one) for one in Kind], "state": state, "proposed_by": "staff:900002", "proposed_at": now, **SAID, **signed,
    }  # fmt: skip
    return Agreement.objects.create(**(fields | over))


def without_agreements() -> None:
    """Let every agreement of the pack be over since yesterday: for tests of a bank that has none."""
    for one in Agreement.objects.filter(state=State.SIGNED):
        one.state, one.ended_at, one.ended_by, one.why = State.ENDED, clocks.now(), "staff:900003", "样例"
        one.save()


def recorded(n: int, bank: str = BANK, registry: str = REGISTRY) -> custody.Recorded:
    """Return what a recording says of its paper."""
    return custody.Recorded(
        catalogue.city().region, registry, bank, f"registration:{n}", f"样例登{n:05d}号", f"样例证{n:05d}号", "mortgage.set",
        f"样例房屋{n}号", clocks.now(),
    )  # fmt: skip


def bundle(n: int, bank: str = BANK, registry: str = REGISTRY) -> Bundle:
    """Return the bundle of a recorded mortgage: two documents, of two and of three pages."""
    one, region = recorded(n, bank, registry), catalogue.city().region
    scans = [
        custody.Scan(
            material, pages, stored(pdf(pages, text=str(n)), region=region, about=one.about, material=material).id
        )
        for material, pages in (("抵押合同", 2), ("身份证明", 3))
    ]
    return custody.open_bundle(recorded=one, scans=scans, at=clocks.now())
