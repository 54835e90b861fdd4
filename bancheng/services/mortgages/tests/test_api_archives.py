"""The archive at the bank over its own system: catalogues that are the list, and look-ups answered with a scan (F13.8, R13.7, land-registry 13.5)."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents.testing import pdf
from bancheng.kernel.registrations import testing as office
from bancheng.lib import sigalgs
from bancheng.services.mortgages.models import Bundle, Custody, LookUp
from bancheng.services.mortgages.operations import supervising
from bancheng.services.mortgages.queries import archive as queries
from bancheng.services.mortgages.rules.custody import State
from bancheng.services.mortgages.tests import wire
from bancheng.services.mortgages.tests.towns import Town
from bancheng.services.mortgages.tests.wire import Desk

pytestmark = pytest.mark.django_db
SM3 = "3" * 64


@pytest.fixture
def found(town: Town, settings: Any, tmp_path: Path) -> office.Office:
    return wire.office_found(settings, tmp_path)


@pytest.fixture
def desk(found: office.Office) -> Desk:
    return Desk()


def recorded(found: office.Office, desk: Desk) -> str:
    """Return an application that the bank's system filed and the registry recorded: its bundle is owed."""
    papers = [one | {"pages": n} for n, one in enumerate(wire.papers("loan_contract", "mortgage_contract"), 1)]
    filed: str = desk.post("applications", wire.application(found, papers=papers)).json()["id"]
    wire.work(found, filed)
    return filed


def catalogue(town: Town, application: str, **over: Any) -> dict[str, Any]:
    documents = [
        {"material": one["material"], "pages": n, "sha256": one["digest"], "sm3": SM3}
        for n, one in enumerate(wire.papers("loan_contract", "mortgage_contract"), 1)
    ]
    keeper = town.account("bank_archivist").username
    said = {"application": application, "documents": documents, "box": "B12", "shelf": "3-2", "keeper": keeper}
    return said | over


def test_a_bank_s_system_files_the_catalogue_and_names_the_keeper(town: Town, found: office.Office, desk: Desk) -> None:
    """F13.8: kinds, pages, digests, box, shelf and keeper; once a key, and the chain holds with the SM3 the bank added."""
    application = recorded(found, desk)
    owed = desk.get(f"archives/{application}").json()
    assert (owed["state"], owed["pages"], owed["keeper"], len(owed["documents"])) == ("owed", 3, "", 2)
    head = {"headers": {"Idempotency-Key": "archive-2026-1"}}
    answer = desk.post("archives", catalogue(town, application), **head)
    filed = answer.json()
    assert answer.status_code == 201, filed
    assert (filed["state"], filed["box"], filed["shelf"]) == ("kept", "B12", "3-2")
    assert filed["keeper"] == town.account("bank_archivist").username
    assert filed["filed_at"]
    assert desk.post("archives", catalogue(town, application), **head)["Idempotency-Replayed"] == "true"
    line = Custody.objects.get()
    assert (filed["chain"], line.told["sm3"]) == (line.hash, {"1": SM3, "2": SM3})
    assert list(queries.verify()) == []
    again = desk.post("archives", catalogue(town, application))
    assert (again.status_code, again.json()["code"]) == (409, "bundle_cannot")
    page = town.client("bank_clerk").get(f"/mortgages/archive/{Bundle.objects.get().pk}/").content.decode()
    assert "中国银行" in page


def test_what_differs_from_the_list_is_told_place_by_place_and_nothing_is_filed(
    town: Town, found: office.Office, desk: Desk
) -> None:
    """B13.8: pages, a digest, a document too many, one that is missing."""
    application = recorded(found, desk)
    loan, mortgage = catalogue(town, application)["documents"]

    def told(*documents: dict[str, Any]) -> list[tuple[list[str], str]]:
        answer = desk.post("archives", catalogue(town, application, documents=documents))
        assert (answer.status_code, answer.json()["code"]) == (422, "catalogue_differs")
        return [(one["at"], one["code"]) for one in answer.json()["fields"]]

    assert told(loan, mortgage | {"pages": 1}) == [(["documents", "1"], "pages_differ")]
    assert told(loan | {"sha256": "a" * 64}, mortgage) == [(["documents", "0"], "digest_differs")]
    assert told(loan) == [(["documents"], "missing")]
    extra = {"material": "identity", "pages": 1, "sha256": "b" * 64}
    assert told(mortgage, extra, loan) == [(["documents", "1"], "not_listed")]
    assert Bundle.objects.get().state == State.OWED
    assert Custody.objects.count() == 0


def test_the_keeper_is_an_archivist_of_the_bank(town: Town, found: office.Office, desk: Desk) -> None:
    """R13.7: a named keeper; a clerk, another bank's archivist and nobody are none."""
    application = recorded(found, desk)
    others = (town.account("bank_clerk").username, town.account("bank_archivist", "icbc").username, "nobody")
    for keeper in others:
        answer = desk.post("archives", catalogue(town, application, keeper=keeper))
        assert (answer.status_code, answer.json()["code"]) == (422, "no_keeper")
    assert Bundle.objects.get().state == State.OWED


def asked(town: Town, found: office.Office, desk: Desk) -> LookUp:
    """Return what the registry asked to look at of a bundle the bank filed."""
    application = recorded(found, desk)
    assert desk.post("archives", catalogue(town, application)).status_code == 201
    by = town.actor("registry_reviewer", office.REGISTRY)
    return supervising.ask(bundle_id=Bundle.objects.get().pk, purpose="行政复议答复", by=by, at=clocks.now())


def sent(desk: Desk, one: LookUp, scan: bytes, **over: str) -> Any:
    said = {"id": str(one.pk), "sha256": hashlib.sha256(scan).hexdigest(), "name": "抵押.pdf"} | over
    return desk.client.post(
        f"{wire.API}/archive-requests", scan, content_type="application/octet-stream", query_params=said
    )


def test_a_request_is_told_by_an_event_and_answered_with_the_scan(town: Town, found: office.Office, desk: Desk) -> None:
    """F13.8: purpose and due time are named; scan and hash come back; the registry reads it, to the byte."""
    one, scan = asked(town, found, desk), pdf(3, text="scan")
    (event,) = [each for each in desk.get("events?limit=500").json()["items"] if each["kind"] == "archive.requested"]
    assert event["data"]["request"] == str(one.pk)
    assert "行政复议" not in str(event)
    (shown,) = desk.get("archive-requests?waiting=true").json()["items"]
    assert (shown["id"], shown["purpose"], shown["due_on"]) == (str(one.pk), "行政复议答复", str(one.due_on))
    assert (shown["application"], shown["late"]) == (event["data"]["application"], False)
    answer = sent(desk, one, scan)
    assert answer.status_code == 200, answer.json()
    assert (answer.json()["sha256"], len(answer.json()["sm3"])) == (hashlib.sha256(scan).hexdigest(), 64)
    assert sent(desk, one, scan).status_code == 200
    assert sent(desk, one, pdf(2, text="other")).json()["code"] == "answered_already"
    listed = desk.get("archive-requests").json()
    assert listed["items"][0]["answered_at"]
    assert desk.get(f"archive-requests?after={listed['next']}").json()["items"] == []
    assert desk.get("archive-requests?waiting=true").json()["items"] == []
    where = f"/mortgages/archive/{one.bundle_id}/look-up/{one.pk}/scan/"
    assert b"".join(town.client("registry_reviewer", office.REGISTRY).get(where).streaming_content) == scan


def test_a_scan_that_is_not_what_its_digest_says_is_not_kept(town: Town, found: office.Office, desk: Desk) -> None:
    one, scan = asked(town, found, desk), pdf(3, text="scan")
    wrong = sent(desk, one, scan, sha256="c" * 64)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "digest_differs")
    assert wrong["Content-Type"].startswith("application/problem+json")
    assert sent(desk, one, b"no document at all").status_code == 422
    one.refresh_from_db()
    assert one.answered_at is None


def test_a_request_that_is_late_says_so(town: Town, found: office.Office, desk: Desk) -> None:
    """R13.7: late ones escalate, and the bank's system sees which."""
    one = asked(town, found, desk)
    supervising.supervise(today=one.due_on + timedelta(days=1), at=clocks.now())
    (shown,) = desk.get("archive-requests").json()["items"]
    assert shown["late"]


def test_another_bank_s_paper_does_not_exist(town: Town, found: office.Office, desk: Desk) -> None:
    """R13.7: neither to read, nor to file, nor to answer."""
    one, scan = asked(town, found, desk), pdf(3, text="scan")
    application = one.bundle.about.removeprefix("registration:")
    other = Desk("icbc", sigalgs.P256)
    assert other.get(f"archives/{application}").status_code == 404
    keeper = town.account("bank_archivist", "icbc").username
    assert other.post("archives", catalogue(town, application, keeper=keeper)).status_code == 404
    assert other.get("archive-requests").json()["items"] == []
    assert sent(other, one, scan).status_code == 404
    assert "archive.requested" not in other.told()
    one.refresh_from_db()
    assert one.answered_at is None
