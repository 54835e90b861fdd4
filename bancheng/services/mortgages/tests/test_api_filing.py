"""A mortgage over the wire: quoted, filed by an SM2 signature, agreed to by its owner, recorded, proven, told, reconciled, released (F13.6 F13.9)."""

import hashlib
import json
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.registrations import testing as office
from bancheng.kernel.titles import public as titles
from bancheng.lib import sigalgs
from bancheng.services.mortgages.tests import towns, wire
from bancheng.services.mortgages.tests.wire import API, HOME, PARCEL, POWER, SECOND, Desk, application, papers, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(loaded_city: None, settings: Any, tmp_path: Path) -> office.Office:
    return wire.office_found(settings, tmp_path)


@pytest.fixture
def desk(found: office.Office) -> Desk:
    return Desk()


def test_a_mortgage_from_quote_to_proof_to_cancellation(found: office.Office, desk: Desk) -> None:
    """F13.6 F13.9 R13.2: nothing has effect before it is recorded; then the proof goes straight to the bank."""
    quoted = desk.post("quotes", {"lots": [HOME], "authorisation": POWER}).json()
    (lot,) = quoted["lots"]
    assert (lot["holders"][0]["name"], lot["blockers"], lot["floor_dm2"]) == ("王*", [], 10_010)
    body = application(found, expected_version=quoted["register_version"])
    head = {"headers": {"Idempotency-Key": "loan-2026-1"}}
    filed = desk.post("applications", body, **head)
    assert (filed.status_code, filed.json()["again"]) == (202, False)
    assert desk.post("applications", body, **head)["Idempotency-Replayed"] == "true"
    assert (
        desk.post("applications", body).json()["id"] == filed.json()["id"]
    )  # another key, the same loan and lot: that case
    path = f"applications/{filed.json()['id']}"
    assert desk.get(path).json()["waiting_for"] == ["mortgagor"]
    work(found, filed.json()["id"])
    shown = desk.get(path).json()
    assert shown["recorded_at"]
    (proof,) = shown["certificates"]
    told = desk.get("events?limit=500").json()["items"]
    kinds = [one["kind"] for one in told]
    assert [one["seq"] for one in told] == list(range(1, len(told) + 1))
    assert {"application.accepted", "application.recorded", "certificate.issued", "lot.changed"} <= set(kinds)
    assert found.owner_id not in json.dumps(told)
    assert "王芳" not in json.dumps(told, ensure_ascii=False)
    issued = next(one["data"] for one in told if one["kind"] == "certificate.issued")
    certificate = f"certificates/{quote(proof['number'])}"
    twin, file = desk.get(certificate).json(), desk.get(f"{certificate}/file")
    assert twin["digest"] == proof["digest"] == issued["digest"] == file["ETag"].strip('"')
    assert file.content.startswith(b"%PDF")
    assert file.content == desk.get(f"{certificate}/file").content
    cancelled = desk.post(
        f"mortgages/{quote(proof['number'])}/cancellations", {"reason": "paid", "papers": papers("release_statement")}
    )
    assert cancelled.status_code == 202
    at = clocks.now()
    registrations.accept(application_id=cancelled.json()["id"], by=found.acceptor, at=at)
    registrations.review(application_id=cancelled.json()["id"], by=found.reviewer, at=at)
    registrations.book(application_id=cancelled.json()["id"], by=found.booker, at=at)
    jobs.run_all()
    assert desk.get(certificate).json()["standing"] == "revoked"
    assert {"mortgage.cancelled", "certificate.revoked"} <= set(desk.told())
    reconciled(desk, proof["number"])


def test_a_loan_s_mortgage_that_is_recorded_is_not_set_up_twice(found: office.Office, desk: Desk) -> None:
    """B13.1 F13.9: a retry that comes after the recording, under another key, is that case; once it is cancelled the loan may be secured anew."""
    filed = desk.post("applications", application(found)).json()
    work(found, filed["id"])
    again = desk.post("applications", application(found))
    assert (again.status_code, again.json()["again"], again.json()["id"]) == (200, True, filed["id"])
    assert desk.post("applications", application(found, loan_no="贷2026-9")).json()["id"] != filed["id"]
    wider = desk.post(
        "applications", application(found, lots=[HOME, SECOND])
    )  # another unit comes to it: judged by itself
    assert (wider.status_code, wider.json()["code"]) == (422, "not_the_holder"), wider.json()
    (proof,) = desk.get(f"applications/{filed['id']}").json()["certificates"]
    over = desk.post(
        f"mortgages/{quote(proof['number'])}/cancellations", {"reason": "paid", "papers": papers("release_statement")}
    )
    at = clocks.now()
    for act, by in (
        (registrations.accept, found.acceptor),
        (registrations.review, found.reviewer),
        (registrations.book, found.booker),
    ):
        act(application_id=over.json()["id"], by=by, at=at)  # type: ignore[operator]  # three of one shape
    assert desk.post("applications", application(found)).json()["again"] is False


def reconciled(desk: Desk, number: str) -> None:
    """The day's file holds both, with the lot's dm² and the claim; asked again, the same bytes."""
    made = exchange.make_day(
        service="mortgages", partner_id=desk.partner.pk, day=clocks.today(), at=clocks.now() + timedelta(days=1)
    )
    assert (made.count, made.sum_fen) == (2, 60_000_000)
    lines = desk.get(f"reconciliations/{clocks.today()}/file").content.decode().splitlines()
    proof = next(line for line in lines if line.startswith(number)).split("|")
    code, dm2 = proof[2].split(":")
    assert (code, proof[3], proof[4]) == (HOME, "60000000", "mortgage.set")
    assert int(dm2) > 0
    answers = [{"number": line.split("|")[0], "answer": "MATCH"} for line in lines[1:]]
    assert desk.post(f"reconciliations/{clocks.today()}/responses", {"lines": answers}).json()["differ"] == []
    assert list(exchange.verify_days()) == []


def seized(found: office.Office) -> None:
    titles.register_seizure(
        **office.said("seize-1", at=clocks.now()),
        parcel=PARCEL,
        court=titles.unit_party(titles.PartyKind.COURT, "city-court", "许昌市中级人民法院"),
        number="（2026）豫10执保12号",
        debtor=titles.person("王芳", found.owner_id),
        served_at=clocks.now(),
        until=date(2029, 3, 1),
        scope=titles.Scope.EXPLICIT,
        lots=[HOME],
    )


def test_what_stands_in_the_way_is_named(found: office.Office, desk: Desk) -> None:
    """B13.5: a seizure by its court and entry; a book that went on by its difference; another application as being under way."""
    version = desk.post("quotes", {"lots": [HOME], "authorisation": POWER}).json()["register_version"]
    seized(found)
    changed = desk.post("applications", application(found, expected_version=version))
    problem = changed.json()
    assert changed.status_code == 409
    assert problem["code"] in ("REGISTER_CHANGED", "LOT_BLOCKED")
    blocked = desk.post("applications", application(found)).json()
    assert (blocked["code"], blocked["status"]) == ("LOT_BLOCKED", 409)
    (seizure,) = blocked["blocking"]
    assert (seizure["standing"], seizure["number"], seizure["lot"]) == ("seizure", "（2026）豫10执保12号", HOME)
    assert seizure["entry"]
    assert seizure["clears"]
    assert desk.post("quotes", {"lots": [HOME], "authorisation": POWER}).json()["lots"][0]["blockers"]


def test_a_book_that_changed_since_the_quote_is_shown_with_the_difference(found: office.Office, desk: Desk) -> None:
    stale = desk.post("quotes", {"lots": [HOME], "authorisation": POWER}).json()["register_version"] - 1
    answer = desk.post("applications", application(found, expected_version=stale))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "REGISTER_CHANGED")
    assert problem["register_version"] == stale + 1
    assert problem["changed"]
    assert problem["lots"][0]["lot"] == HOME


def test_a_lot_under_another_s_application_is_in_flight(found: office.Office, desk: Desk) -> None:
    """B13.1: two banks in one minute: one case goes on, the other hears that it is under way."""
    first = desk.post("applications", application(found)).json()["id"]
    at = clocks.now()
    registrations.consent(application_id=first, by=found.owner, channel="app", at=at)
    registrations.accept(application_id=first, by=found.acceptor, at=at)
    other = Desk("icbc", sigalgs.P256)
    answer = other.post("applications", application(found, loan_no="工2026-1"))
    assert (answer.status_code, answer.json()["code"]) == (409, "IN_FLIGHT")


def test_a_bank_that_only_applied_hears_what_is_recorded_on_the_lot_and_another_does_not(
    found: office.Office, desk: Desk
) -> None:
    """F13.9 R13.8: an application is enough to be concerned; a bank with neither mortgage nor application hears nothing."""
    filed = desk.post("applications", application(found)).json()
    other = Desk("icbc")
    seized(found)
    told = [one["data"] for one in desk.get("events?limit=500").json()["items"] if one["kind"] == "lot.changed"]
    assert [one["lots"] for one in told] == [[HOME]], filed
    assert "lot.changed" not in other.told()


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_filed(found: office.Office, desk: Desk) -> None:
    """B13.4 B13.6: field by field, with the lot."""
    body = application(found, papers=[])
    body["payload"] |= {"currency": "USD", "areas": {HOME: 9_999}, "last": "1999-01-01"}
    answer = desk.post("applications", body)
    assert answer.status_code == 422
    codes = {one["code"] for one in answer.json()["fields"]}
    assert {"currency_unknown", "term_absurd", "papers_missing", "area_differs"} <= codes
    assert desk.get("applications").json()["items"] == []
    body["payload"] |= {"principal_fen": 0.5}
    assert desk.post("applications", body).json()["code"] == "invalid"


def test_another_bank_s_things_do_not_exist(found: office.Office, desk: Desk) -> None:
    """B13.7: nor does it cancel a mortgage that is not its own."""
    filed = desk.post("applications", application(found)).json()["id"]
    work(found, filed)
    (proof,) = desk.get(f"applications/{filed}").json()["certificates"]
    other = Desk("icbc", sigalgs.RSA_PSS)
    number = quote(proof["number"])
    for path in (f"applications/{filed}", f"certificates/{number}", f"certificates/{number}/file"):
        assert other.get(path).status_code == 404
    for path in (f"applications/{filed}/withdrawals", f"applications/{filed}/supplements"):
        assert other.post(path, {}).status_code == 404
    body = {"papers": papers("release_statement")}
    refused = other.post(f"mortgages/{number}/cancellations", body)
    assert refused.json()["code"] == "not_the_mortgagee"
    assert other.get("applications").json()["items"] == []
    assert other.told() == []


def test_an_application_is_taken_back_until_it_is_recorded(found: office.Office, desk: Desk) -> None:
    filed = desk.post("applications", application(found)).json()["id"]
    assert desk.post(f"applications/{filed}/withdrawals", {"reason": "客户改主意"}).json()["state"] == "withdrawn"
    assert desk.post("applications", application(found)).status_code == 202
    moved = desk.get("applications?after=0").json()
    assert len(moved["items"]) == 2
    assert desk.get(f"applications?after={moved['next']}").json()["items"] == []


def test_a_letter_of_the_registry_comes_with_the_application(found: office.Office, desk: Desk) -> None:
    """条例 第二十二条: its number, its day, its digest and the sealed bytes; to another bank it is not there."""
    filed = desk.post("applications", application(found)).json()["id"]
    at = clocks.now()
    registrations.consent(application_id=filed, by=found.owner, channel="app", at=at)
    registrations.accept(application_id=filed, by=found.acceptor, at=at)
    registrations.refuse(application_id=filed, by=found.reviewer, at=at, reason="权属有争议", law="条例 第二十二条")
    assert desk.get(f"applications/{filed}").json()["letters"] == []  # decided, its letter not yet written
    jobs.run_all()
    (letter,) = desk.get(f"applications/{filed}").json()["letters"]
    assert (letter["kind"], letter["dated"]) == ("refused", str(clocks.today()))
    address = f"applications/{filed}/letters/{letter['id']}"
    file = desk.get(address)
    assert file["ETag"].strip('"') == letter["digest"] == hashlib.sha256(file.content).hexdigest()
    assert file.content == desk.get(address).content
    assert Desk("icbc").get(address).status_code == 404


def test_a_bank_whose_agreement_ran_out_files_nothing_new(found: office.Office, desk: Desk) -> None:
    """B13.9"""
    towns.without_agreements()
    answer = desk.post("applications", application(found))
    assert answer.status_code in (403, 409)
    assert answer.json()["code"] == "agreement_over"


def test_a_batch_is_worked_off_item_by_item(found: office.Office, desk: Desk) -> None:
    """F13.9: one answer each; `atomic` only where it can be kept."""
    bad = application(found, lots=[f"{HOME[:19]}F00019999"])
    taken = desk.post("batches", {"items": [{"application": application(found)}, {"application": bad}, {}]})
    assert taken.status_code == 202
    jobs.run_all()
    whole = desk.get(taken.json()["status"].removeprefix(f"{API}/")).json()
    assert (whole["count"], whole["done"]) == (3, 3)
    assert whole["items"][0]["status"] == 202
    assert all(one["status"] >= 400 and one["said"]["code"] for one in whole["items"][1:])
    release = {"act": "release", "mortgage": "x", "body": {"lots": [HOME]}}
    other = {"act": "release", "mortgage": "x", "body": {"lots": [SECOND.replace("F0001", "F0002")]}}
    assert desk.post("batches", {"items": [release, other], "atomic": True}).json()["code"] == "not_atomic"
    assert desk.post("batches", {"items": [{}] * 501}).status_code == 422


@pytest.mark.parametrize("algorithm", sigalgs.PUBLIC)
def test_a_signed_submit_is_cheap(found: office.Office, algorithm: str) -> None:
    """One request: its statements are bounded, whatever it is signed with; so is its processor time, far above what it takes."""
    desk = Desk("boc", algorithm)
    desk.post("applications", application(found))
    desk.post(f"applications/{desk.get('applications').json()['items'][0]['id']}/withdrawals", {})
    with CaptureQueriesContext(connection) as captured:
        began = time.process_time()
        answer = desk.post("applications", application(found, loan_no="贷2026-2"))
        took = time.process_time() - began
    assert answer.status_code == 202
    assert len(captured) <= 36
    assert took < 1.0


def test_a_day_that_has_no_registration_is_an_empty_file(found: office.Office, desk: Desk) -> None:
    made = exchange.make_day(service="mortgages", partner_id=desk.partner.pk, day=date(2026, 1, 1), at=clocks.now())
    assert (made.count, made.sum_fen) == (0, 0)
