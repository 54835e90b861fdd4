"""The simulated exchange of registers: who may ask, what it answers, and how it is made to fail."""

import asyncio
import json
import secrets
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bancheng.lib import signing
from bancheng.lib.refusal import Garbled
from bancheng.sim.people import DEMO_PEOPLE
from bancheng.sim.registers import LABELS, Faults, Office, routes
from bancheng.sim.state import now

SECRET, PATH = b"shared", "/registers/v1/questions"
FIRMS = {one.code: one.organisation.uscc for one in DEMO_PEOPLE if one.organisation}


@pytest.fixture
def office() -> Office:
    return Office(lambda: SECRET)


def ask(office: Office, method: str, path: str, **how: Any) -> httpx.Response:
    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=list(routes(office))))
        async with httpx.AsyncClient(transport=transport, base_url="http://sim") as client:
            return await client.request(method, path, **how)

    return asyncio.run(once())


def question(
    office: Office, uscc: str, *registers: str, secret: bytes = SECRET, nonce: str = "", lease: str = ""
) -> httpx.Response:
    said = {
        "lease": lease,
        "uscc": uscc,
        "registers": list(registers),
        "purpose": "查",
        "about": "draft:1",
        "by": "person:1",
    }
    body = json.dumps(said).encode()
    head = signing.sign(
        secret=secret, method="POST", path=PATH, body=body, at=int(now()), nonce=nonce or secrets.token_hex(8)
    )
    return ask(office, "POST", PATH, content=body, headers=head)


def test_one_known_firm_has_frozen_equity_and_one_is_on_the_list(office: Office) -> None:
    """B14.1 B14.6: and each register answers for itself only."""
    wanted = ("frozen_equity", "abnormal_list")
    for who, register in (("zhang-wei", "frozen_equity"), ("zhao-jianjun", "abnormal_list")):
        (entry,) = question(office, FIRMS[who], *wanted).json()["entries"]
        assert entry["register"] == register
        assert entry["number"]
        assert entry["authority"]
    assert question(office, FIRMS["zhang-wei"], "unpaid_tax").json()["entries"] == []
    assert [one.by for one in office.taken] == ["person:1"] * 3


def test_an_answer_is_signed_over_the_nonce_of_its_question(office: Office) -> None:
    answer = question(office, FIRMS["zhang-wei"], "frozen_equity", nonce="n" * 12)
    how: dict[str, Any] = {
        "secret": SECRET, "method": "ANSWER", "path": PATH, "body": answer.content, "headers": answer.headers, "now": int(now()),
    }  # fmt: skip
    signing.verify(**how, seen=lambda nonce: nonce != "n" * 12)
    with pytest.raises(Garbled):
        signing.verify(**how, seen=lambda nonce: nonce != "another")
    assert question(office, FIRMS["zhang-wei"], "frozen_equity", nonce="n" * 12).status_code == 401  # replayed
    assert question(office, FIRMS["zhang-wei"], "frozen_equity", secret=b"other").status_code == 401
    assert ask(office, "POST", PATH, content=b"{}").status_code == 401


def test_the_panel_sets_every_fault_and_what_is_known(office: Office) -> None:
    assert set(LABELS) == set(Faults.__dataclass_fields__)
    page = ask(office, "GET", "/registers/?lang=en").text
    assert all(f'name="{name}"' in page for name in LABELS)
    saved = ask(
        office, "POST", "/registers/", data={"down": "1", "slow_ms": "5", "days_off": "-3", "error_rate": "0.5"}
    )
    assert saved.status_code == 303
    assert (office.faults.down, office.faults.slow_ms, office.faults.days_off) == (True, 5, -3)
    for wrong in ({"down": 1}, {"no_such": True}, {"slow_ms": -1}, {"days_off": True}):
        assert ask(office, "POST", "/registers.json", json=wrong).status_code == 422
    assert question(office, "x", "frozen_equity").status_code == 503
    entry = {"register": "unpaid_fine", "number": "1", "authority": "局", "since": "2026-01-01"}
    assert ask(office, "PUT", "/registers/XY", json=[entry]).json()["known"] == [entry]
    assert ask(office, "PUT", "/registers/XY", json=[{"register": "unpaid_fine"}]).status_code == 422
    ask(office, "POST", "/registers.json", json={"down": False, "error_rate": 0.0, "slow_ms": 0, "other_firm": True})
    answer = question(office, "XY", "unpaid_fine").json()
    assert (answer["uscc"], answer["entries"]) == ("YX", [entry])


def test_a_lease_is_told_to_its_tenant_by_its_number_and_the_panel_can_have_it_wrong(office: Office) -> None:
    """B14.2"""
    shop, number = FIRMS["zhao-jianjun"], "豫许房租第2024113号"
    (entry,) = question(office, shop, "lease", lease=number).json()["entries"]
    assert (entry["number"], entry["area_dm2"]) == (number, 12_000)
    assert question(office, shop, "lease", lease="豫许房租第1号").json()["entries"] == []
    assert question(office, FIRMS["zhang-wei"], "lease", lease=number).json()["entries"] == []
    assert question(office, shop, "frozen_equity", lease=number).json()["entries"] == []
    office.change({"lease_m2_off": -30, "other_lease": True})
    (entry,) = question(office, shop, "lease", lease=number).json()["entries"]
    assert entry["number"] != number
    assert entry["area_dm2"] == 9_000


@pytest.mark.parametrize(
    "entry",
    [
        {"register": "lease"},
        {"area_dm2": 0},
        {"area_dm2": "12"},
        {"register": "frozen_equity"},
        {"number": None, "more": 1},
    ],
    ids=str,
)
def test_what_is_no_entry_is_not_written(office: Office, entry: dict[str, Any]) -> None:
    whole = {"register": "lease", "number": "1", "authority": "a", "since": "2026-01-01", "area_dm2": 100}
    made = {**whole, **entry} if entry != {"register": "lease"} else {k: v for k, v in whole.items() if k != "area_dm2"}
    with pytest.raises(ValueError, match="an entry has"):
        office.write("x", [made])
