"""What tests of a bank's interface share: an owner with a home that no sample estate has, a bank's program, and the office's work."""

import json
from pathlib import Path
from typing import Any

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import testing
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.registrations import testing as office
from bancheng.kernel.titles import public as titles
from bancheng.lib import sigalgs

PARCEL = "411025009009GB00077"
HOME, SECOND = f"{PARCEL}F00010001", f"{PARCEL}F00010002"
API = "/api/v1/mortgages"
POWER = "授权书2026-1：查询并申报抵押，至2026-12-31"


class Desk:
    """A bank's program: asks, and reads the answer."""

    def __init__(self, unit: str = "boc", algorithm: str = sigalgs.SM2) -> None:
        self.partner, self.client = testing.bank(unit=unit, algorithm=algorithm)

    def get(self, path: str) -> Any:
        return self.client.get(f"{API}/{path}")

    def post(self, path: str, body: Any, **how: Any) -> Any:
        return self.client.post(f"{API}/{path}", json.dumps(body), content_type="application/json", **how)

    def told(self) -> list[str]:
        return [one["kind"] for one in self.get("events?limit=500").json()["items"]]


def office_found(settings: Any, tmp_path: Path) -> office.Office:
    """Return the registry's people and the owner, her home laid out."""
    settings.VAR = tmp_path  # a test authority of its own seals
    user = people.citizen("王芳", serial=71)
    staff = ((registrations.ACCEPTOR, "倪娜"), (registrations.REVIEWER, "钟磊"), (registrations.BOOKER, "葛婷"))
    officers = [people.actor(people.staff(role, unit=office.REGISTRY, name=name)) for role, name in staff]
    banker = people.actor(people.staff("bank_approver", unit="boc", name="施文"))
    whole = office.Office(*officers, banker, user, people.actor(user), people.citizen_id(71))
    office.laid_out(owner=titles.person("王芳", whole.owner_id), parcel=PARCEL)
    return whole


def papers(*materials: str) -> list[dict[str, Any]]:
    return [{"material": one, "name": f"{one}.pdf", "digest": f"{n:064x}"} for n, one in enumerate(materials, 1)]


def application(found: office.Office, **over: Any) -> dict[str, Any]:
    owner = {"role": "mortgagor", "kind": "person", "name": "王芳", "identifier": found.owner_id}
    today = clocks.today()
    terms = {"principal_fen": 60_000_000, "first": str(today), "last": str(today.replace(year=today.year + 20))}
    return {
        "kind": "mortgage.set",
        "lots": [HOME],
        "loan_no": "贷2026-1",
        "parties": [owner],
        "payload": {**terms, "location": "襄城县样例路1号", "areas": {HOME: 10_010}},
        "papers": papers("loan_contract", "mortgage_contract"),
        **over,
    }


def work(found: office.Office, application_id: str) -> None:
    """Let the owner agree and the office do its work, each by another person."""
    at = clocks.now()
    registrations.consent(application_id=application_id, by=found.owner, channel="app", at=at)
    registrations.accept(application_id=application_id, by=found.acceptor, at=at)
    registrations.review(application_id=application_id, by=found.reviewer, at=at)
    registrations.book(application_id=application_id, by=found.booker, at=at)
    jobs.run_all()
