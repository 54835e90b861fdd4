"""Over the wire: acts on a mortgage that stands. A maximum amount is fixed; a claim goes to another bank, and both hear what their proofs are worth (§13.3, §13.4)."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.registrations import testing as office
from bancheng.kernel.titles import public as titles
from bancheng.services.mortgages.tests import wire
from bancheng.services.mortgages.tests.wire import HOME, PARCEL, Desk, application, papers, work

pytestmark = pytest.mark.django_db
MAXIMUM, OWED = 60_000_000, 51_234_567


@pytest.fixture
def found(loaded_city: None, settings: Any, tmp_path: Path) -> office.Office:
    return wire.office_found(settings, tmp_path)


@pytest.fixture
def desk(found: office.Office) -> Desk:
    return Desk()


def proven(found: office.Office, desk: Desk, **payload: Any) -> dict[str, Any]:
    """Return the proof of the owner's home's mortgage, recorded for the desk's bank."""
    body = application(found)
    body["payload"] |= payload
    filed = desk.post("applications", body).json()
    work(found, filed["id"])
    (proof,) = desk.get(f"applications/{filed['id']}").json()["certificates"]
    return proof  # type: ignore[no-any-return]  # JSON


def carried_on(found: office.Office, application_id: str) -> None:
    """Let the office do its work on what everybody agreed to."""
    at = clocks.now()
    registrations.accept(application_id=application_id, by=found.acceptor, at=at)
    registrations.review(application_id=application_id, by=found.reviewer, at=at)
    registrations.book(application_id=application_id, by=found.booker, at=at)
    jobs.run_all()


def fixing(found: office.Office, desk: Desk, proof: dict[str, Any], **over: Any) -> Any:
    owner = {"role": "mortgagor", "kind": "person", "name": "王芳", "identifier": found.owner_id}
    body = {
        "reason": "约定的债权确定期间届满", "principal_fen": OWED, "fixed_on": str(clocks.today()), "parties": [owner],
        "papers": papers("fixing_statement"),
    }  # fmt: skip
    return desk.post(f"mortgages/{quote(proof['number'])}/fixings", body | over)


def test_a_maximum_amount_is_fixed_at_so_much_and_the_day_s_file_says_so(found: office.Office, desk: Desk) -> None:
    """民法典 第四百二十三条: the proof says the maximum and what was fixed; the bank's day the amount fixed (§13.6)."""
    first = proven(found, desk, maximum=True)
    filed = fixing(found, desk, first)
    assert filed.status_code == 202, filed.json()
    work(found, filed.json()["id"])
    shown = desk.get(f"applications/{filed.json()['id']}").json()
    (proof,) = shown["certificates"]
    right = titles.right(office.REGION, shown["right"])
    assert (right.amount_fen, right.fixed_fen, right.fixed_on) == (MAXIMUM, OWED, clocks.today())
    rows = str(desk.get(f"certificates/{quote(proof['number'])}").json()["fields"])
    assert "最高债权额：600000.00元" in rows
    assert "确定的债权额：512345.67元" in rows
    assert desk.get(f"certificates/{quote(first['number'])}").json()["standing"] == "replaced"
    assert "mortgage.fixed_by_seizure" not in desk.told()
    at = clocks.now() + timedelta(days=1)
    exchange.make_day(service="mortgages", partner_id=desk.partner.pk, day=clocks.today(), at=at)
    lines = desk.get(f"reconciliations/{clocks.today()}/file").content.decode().splitlines()
    line = next(line for line in lines if line.startswith(proof["number"])).split("|")
    assert (line[3], line[4]) == (str(OWED), "mortgage.fix")


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"principal_fen": MAXIMUM + 1}, "principal_fen"),
        ({"principal_fen": None}, "principal_fen"),
        ({"fixed_on": None}, "fixed_on"),
        ({"fixed_on": "2020-01-01"}, "fixed_on"),
    ],
)
def test_a_fixing_that_cannot_be_is_answered_field_by_field(
    found: office.Office, desk: Desk, over: dict[str, Any], field: str
) -> None:
    answer = fixing(found, desk, proven(found, desk, maximum=True), **over)
    assert answer.status_code == 422
    assert [one["at"] for one in answer.json()["fields"]] == [[field]]


@pytest.mark.parametrize("over", [{"principal_fen": 1.5}, {"principal_fen": -1}, {"fixed_on": "2026-02-30"}])
def test_a_fixing_that_cannot_be_read_is_refused(found: office.Office, desk: Desk, over: dict[str, Any]) -> None:
    """B7.8: whole fen, and a day that there is."""
    assert fixing(found, desk, {"number": "无"}, **over).status_code in (400, 422)


def test_a_seizure_fixes_the_day_and_the_bank_tells_the_amount_later(found: office.Office, desk: Desk) -> None:
    """民法典 第四百二十三条第（四）项; land register §2: its date is stored, the bank hears."""
    proof = proven(found, desk, maximum=True)
    titles.register_seizure(
        **office.said("seize-9", at=clocks.now()), parcel=PARCEL, number="（2026）豫10执保12号", served_at=clocks.now(),
        court=titles.unit_party(titles.PartyKind.COURT, "city-court", "许昌市中级人民法院"), lots=[HOME],
        debtor=titles.person("王芳", found.owner_id), until=date(2029, 3, 1), scope=titles.Scope.EXPLICIT,
    )  # fmt: skip
    (told,) = [one for one in events(desk) if one["kind"] == "mortgage.fixed_by_seizure"]
    assert told["data"]["fixed_on"] == str(clocks.today())
    filed = fixing(found, desk, proof, fixed_on=None)
    assert filed.status_code == 202, filed.json()
    work(found, filed.json()["id"])
    mortgage = titles.right(office.REGION, told["data"]["right"])
    assert (mortgage.fixed_on, mortgage.fixed_fen) == (clocks.today(), OWED)


def events(desk: Desk) -> list[dict[str, Any]]:
    return desk.get("events?limit=500").json()["items"]  # type: ignore[no-any-return]  # JSON


def transferred(found: office.Office, giver: Desk, taker: str, number: str) -> str:
    """Let a claim go over: the giving bank files, the taking bank agrees, the office records. Return the application."""
    party = {"role": "transferee", "kind": "unit", "name": "受让银行", "unit": taker}
    body = {"reason": "债权转让协议1号", "parties": [party], "papers": papers("assignment")}
    filed = giver.post(f"mortgages/{quote(number)}/transfers", body)
    assert filed.status_code == 202, filed.json()
    made = str(filed.json()["id"])
    registrations.consent(application_id=made, by=f"unit:{taker}", channel="bank", at=clocks.now())  # type: ignore[arg-type]
    carried_on(found, made)
    return made


def test_after_a_transfer_the_taking_bank_hears_of_its_proof_and_fetches_it(found: office.Office, desk: Desk) -> None:
    """F13.6, F13.9, 民法典 第四百零七条: the proof is the taking bank's, and so is the word of it; the giving bank's own is worth nothing."""
    first, taker = proven(found, desk), Desk(unit="icbc")
    before = len(events(desk))
    transferred(found, desk, "icbc", first["number"])
    (issued,) = [one["data"] for one in events(taker) if one["kind"] == "certificate.issued"]
    certificate = f"certificates/{quote(issued['certificate'])}"
    twin = taker.get(certificate).json()
    assert (twin["standing"], twin["digest"], twin["right"]) == ("issued", issued["digest"], issued["right"])
    assert issued["standing"] == "issued"
    assert taker.get(f"{certificate}/file").content.startswith(b"%PDF")
    since = events(desk)[before:]
    (ended,) = [one["data"] for one in since if one["kind"] == "certificate.revoked"]
    assert (ended["certificate"], ended["standing"]) == (first["number"], "replaced")
    assert "certificate.issued" not in {one["kind"] for one in since}  # what is issued is not the giving bank's
    assert "application.recorded" in {one["kind"] for one in since}
    assert desk.get(certificate).status_code == 404
    assert desk.get(f"certificates/{quote(first['number'])}").json()["standing"] == "replaced"


def test_a_claim_that_goes_on_is_told_to_who_gives_it_not_to_who_had_it_first(found: office.Office, desk: Desk) -> None:
    """The second transfer ends the second bank's proof; the first bank, who filed what led to it, hears nothing of that."""
    first, second, third = proven(found, desk), Desk(unit="icbc"), Desk(unit="abc")
    transferred(found, desk, "icbc", first["number"])
    (issued,) = [one["data"] for one in events(second) if one["kind"] == "certificate.issued"]
    before = len(events(desk))
    transferred(found, second, "abc", issued["certificate"])
    assert [one["data"]["certificate"] for one in events(second) if one["kind"] == "certificate.revoked"] == [
        issued["certificate"]
    ]
    assert "certificate.issued" in third.told()
    assert not {one["kind"] for one in events(desk)[before:]} & {"certificate.revoked", "certificate.issued"}
