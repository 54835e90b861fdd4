"""The guide's example against the real application: what a reader is told to run is what is run here."""

from collections.abc import Iterator

import httpx
import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

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


def test_the_example_hands_in_and_follows(loaded_city: None, one_connection: None) -> None:
    """docs/howto/connect-a-partner.md"""
    scopes = [(act, "onething", "") for act in ("submit", "read", "events")]
    program = exchange.client(exchange.partner(*scopes))
    transport = httpx.WSGITransport(app=get_wsgi_application())
    with httpx.Client(base_url="http://testserver", transport=transport) as client:
        example = bank.Bank(client, key_id=program.key_id, secret=program.key)
        told = bank.walk(example, peer="ftp://no.example", reference="demo-1", today=clocks.today())
    assert told[0].startswith("webhook 422")
    assert told[1].startswith("application 201")
    assert told[-1].startswith("events: ['case.submitted'")
