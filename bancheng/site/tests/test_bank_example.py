"""The guide's example against the real application: what a reader is told to run is what is run here."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.apps import apps
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import testing as exchange
from bancheng.sim import bank


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Let requests leave the test's own connection open, as Django's client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_the_example_hands_in_with_papers_follows_and_fetches_what_came_of_it(
    loaded_city: None, one_connection: None, tmp_path: Path
) -> None:
    """docs/howto/connect-a-partner.md: both commands, and between them a department's system at its own desk."""
    scopes = [(act, "onething", "") for act in ("submit", "read", "events", "collect")]
    program = exchange.client(exchange.partner(*scopes))
    desk = exchange.client(exchange.partner(*((act, "onething", "zone-market") for act in ("handle", "decide"))))
    transport = httpx.WSGITransport(app=get_wsgi_application())
    with httpx.Client(base_url="http://testserver", transport=transport) as client:
        example = bank.Bank(client, key_id=program.key_id, secret=program.key)
        told = bank.walk(example, peer="ftp://no.example", reference="demo-1", today=clocks.today())
        assert told[0].startswith("webhook 422")
        assert [line for line in told if line.startswith("upload 201")] == told[1:3]
        assert told[3].startswith("application 201")
        assert "  Floor plan, layout of equipment and flow of work: handed_in" in told
        assert told[-1].startswith("events: ['case.submitted'")
        department = bank.Bank(client, key_id=desk.key_id, secret=desk.key)
        for _ in range(2):  # the check of the licence, then the food licence that waits for it
            (task,) = department.ask("GET", "/desk").json()["items"]
            handle(department, f"/desk/{task['case']}")
        before = bank.fetch(example, reference="demo-1", folder=tmp_path)
        assert any(line.startswith("result 409") for line in before)
        make_certificates()
        after = bank.fetch(example, reference="demo-1", folder=tmp_path)
        assert any(line.startswith("result 200") for line in after)
        assert "case.issued" in after[-1]
    (file,) = tmp_path.glob("*.pdf")
    assert file.read_bytes().startswith(b"%PDF-")


def handle(department: bank.Bank, desk: str) -> None:
    """Read a paper, accept, visit where it is asked, and let another officer decide."""
    shown = department.ask("GET", f"{desk}?officer=A01").json()
    for file in (file for paper in shown["papers"] for file in paper["files"]):
        assert department.ask("GET", f"{desk}/files/{file['id']}?officer=A01").content.startswith(b"\x89PNG")
    assert department.ask("POST", f"{desk}/accept", {"officer": "A01"}).status_code == 200
    if "visit" in department.ask("GET", f"{desk}?officer=A01").json()["steps"]:
        department.ask("POST", f"{desk}/result", {"officer": "A01", "result": "现场核查符合要求"}).raise_for_status()
    department.ask("POST", f"{desk}/decide", {"officer": "B02", "outcome": "granted"}).raise_for_status()


def make_certificates() -> None:
    """Do what the worker does within seconds."""
    (licence_id,) = apps.get_model("licences", "Licence").objects.values_list("pk", flat=True)
    certificates.make(licence_id=licence_id, at=clocks.now())
