"""Webhooks against the simulated partner, over the wire: signed, in order, once, whatever the receiver or the worker does."""

import json
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import gateway, testing
from bancheng.kernel.exchange import jobs as exchange_jobs
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.exchange.models import Delivery, Partner, Subscription
from bancheng.kernel.exchange.operations import webhooks
from bancheng.kernel.exchange.rules.words import TRIES, wait_after
from bancheng.kernel.exchange.tests.test_feed import said
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import testing as jobs
from bancheng.lib import httpsig, sigalgs, signing
from bancheng.lib.refusal import Refused, Unavailable
from bancheng.site import outside

pytestmark = pytest.mark.django_db
POST = exchange_jobs._post  # the worker's own


class Peer:
    """The partner's system, as its owner sees it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx.Client(base_url=url, trust_env=False, timeout=10)

    def fails(self, **faults: Any) -> None:
        blank = {"down": False, "error_rate": 0.0, "slow_ms": 0, "wrong_rate": 0.0, "duplicate_rate": 0.0}
        self.client.post("/partner.json", json={**blank, **faults}).raise_for_status()

    def taken(self, hook: UUID) -> list[tuple[int, int]]:
        """Return what it took of a webhook: the event's number, and how often it came."""
        known = self.client.get("/partner.json").json()["taken"]
        return [(one["event"]["data"]["n"], one["times"]) for one in known if one["webhook"] == str(hook)]


class Keys(BaseHTTPRequestHandler):
    """Publishes the house's keys, as the web process does."""

    def do_GET(self) -> None:
        body = json.dumps(exchange.house_keys()).encode() if self.path == "/.well-known/bancheng-keys" else b"{}"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """An address at which the house's keys are published."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Keys) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def served(site: str) -> Iterator[Peer]:
    with outside.served("bancheng.sim.tests.partner_app:app", BANCHENG_SITE_URL=site) as origin:
        peer = Peer(origin)
        yield peer
        peer.client.close()
        POST._client.close()
        del POST._client


@pytest.fixture
def peer(served: Peer) -> Peer:
    served.fails()
    return served


@pytest.fixture
def partner(db: None) -> Partner:
    return testing.partner(("events", "onething", "*"))


def hooked(partner: Partner, peer: Peer) -> UUID:
    """Return a webhook of the partner's that leads to its system, which knows the secret."""
    made = exchange.subscribe(
        testing.caller(partner), service="onething", url=f"{peer.url}/partner/webhooks/x", at=now()
    )
    url = f"{peer.url}/partner/webhooks/{made.id}"
    Subscription.objects.filter(pk=made.id).update(url=url)
    peer.client.put(url, json={"id": str(made.id), "secret": made.secret}).raise_for_status()
    return made.id


def now() -> datetime:
    return clocks.real_now()


def carried(hook: UUID, *, at: datetime | None = None, post: gateway.Post | None = None) -> int:
    exchange.settle()
    return webhooks.deliver(hook, now=lambda: at or now(), post=post or POST)


def test_a_bank_s_events_come_with_its_own_numbers_signed_by_the_house(peer: Peer) -> None:
    """F13.9: no secret is shared; what another has signed is refused, and the list gives what came."""
    bank, _ = testing.bank()
    url = f"{peer.url}/partner/webhooks/bank"
    made = exchange.subscribe(testing.caller(bank), service="mortgages", url=url, at=now(), own_numbers=True)
    peer.client.put(url, json={"id": str(made.id)}).raise_for_status()
    exchange.publish([said(n, service="mortgages", owner=f"machine:{bank.user_id}") for n in (1, 2)])
    assert carried(made.id) == 2
    came = peer.client.get(url, params={"after": 0}).json()
    assert [(one["seq"], one["data"]["n"]) for one in came] == [(1, 1), (2, 2)]
    assert peer.client.get(url, params={"after": 1}).json() == came[1:]
    stranger = sigalgs.pair(sigalgs.ED25519)
    forged = httpsig.sign(
        httpsig.Message.to("POST", url, body=b"{}"), key_id="house-x", key=stranger.private, at=signing.seconds(), nonce="n" * 16,
        algorithm=httpsig.ED25519,
    )  # fmt: skip
    assert peer.client.post(url, content=b"{}", headers=forged).status_code == 401
    assert len(peer.client.get(url).json()) == 2


def test_events_come_signed_in_order_and_once(partner: Partner, peer: Peer) -> None:
    hook = hooked(partner, peer)
    exchange.publish([said(1), said(2)])
    assert [name for name, _ in jobs.promised("exchange.dispatch")] == ["exchange.dispatch"]
    jobs.run_all()
    exchange.publish([said(3)])
    jobs.run_all()
    assert peer.taken(hook) == [(1, 1), (2, 1), (3, 1)]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}


def test_a_delivery_costs_three_statements_however_many_there_are(partner: Partner, peer: Peer) -> None:
    """Its row before it is sent; after it the row and the line, together. BEGIN and COMMIT apart."""
    hook = hooked(partner, peer)
    exchange.publish([said(n) for n in (1, 2)])
    exchange.settle()
    with CaptureQueriesContext(connection) as of_two:
        assert webhooks.deliver(hook, now=now, post=POST) == 2
    exchange.publish([said(n) for n in range(3, 13)])
    exchange.settle()
    with CaptureQueriesContext(connection) as of_ten:
        assert webhooks.deliver(hook, now=now, post=POST) == 10
    assert len(_of(of_ten)) - len(_of(of_two)) == 8 * 3


def _of(captured: CaptureQueriesContext) -> list[str]:
    return [one["sql"] for one in captured.captured_queries if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]


def test_a_line_longer_than_one_job_goes_on_by_another(
    partner: Partner, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "AT_ONCE", 3)
    hook = hooked(partner, peer)
    exchange.publish([said(n) for n in range(1, 8)])
    assert [carried(hook) for _ in range(4)] == [3, 3, 1, 0]
    assert peer.taken(hook) == [(n, 1) for n in range(1, 8)]


def test_a_line_set_back_while_its_job_sends_is_not_pushed_forward_again(partner: Partner, peer: Peer) -> None:
    """The operator asks for the first event once more while the worker sends the second: both come again, under their ids."""
    hook = hooked(partner, peer)
    exchange.publish([said(1), said(2)])
    sent: list[str] = []

    def post(url: str, *, body: bytes, headers: Mapping[str, str]) -> None:
        POST(url, body=body, headers=headers)
        sent.append(headers[webhooks.ID])
        if len(sent) == 2:
            exchange.replay(subscription_id=hook, after=0, by="staff:1", at=now())

    assert carried(hook, post=post) == 1
    assert carried(hook, at=now() + webhooks.LEASE) == 2
    assert peer.taken(hook) == [(1, 2), (2, 2)]


def test_a_job_ends_after_a_minute_and_asks_anew_what_the_partner_may_see(partner: Partner, peer: Peer) -> None:
    hook, began = hooked(partner, peer), now()
    exchange.publish([said(1), said(2)])
    exchange.settle()
    times = iter([began, began, began, began + webhooks.LEASE, began + webhooks.LEASE])
    assert webhooks.deliver(hook, now=lambda: next(times), post=POST) == 1
    assert carried(hook) == 1


def test_who_does_not_know_the_secret_is_not_believed(partner: Partner, peer: Peer) -> None:
    hook = hooked(partner, peer)
    Subscription.objects.update(secret_sealed=identity.seal("00" * 32, kind=webhooks.SECRET_KIND))
    exchange.publish([said(1)])
    assert carried(hook) == 0
    assert peer.taken(hook) == []
    assert Delivery.objects.get().error == "answered 401"


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        ({"down": True}, "answered 503"),
        ({"error_rate": 1.0}, "answered 500"),
        ({"wrong_rate": 1.0}, "answered 302"),
    ],
)
def test_a_failing_receiver_is_tried_again_later_and_nothing_overtakes(
    partner: Partner, peer: Peer, faults: dict[str, Any], error: str
) -> None:
    hook = hooked(partner, peer)
    exchange.publish([said(1), said(2)])
    peer.fails(**faults)
    assert carried(hook) == 0
    (waiting,) = Delivery.objects.all()
    assert (waiting.error, waiting.tries) == (error, 1)
    peer.fails()
    assert carried(hook) == 0  # not yet: it waits
    assert carried(hook, at=now() + timedelta(seconds=11)) == 2
    assert peer.taken(hook) == [(1, 1), (2, 1)]


def test_an_answer_that_was_lost_brings_the_delivery_again_under_its_id(partner: Partner, peer: Peer) -> None:
    hook = hooked(partner, peer)
    exchange.publish([said(1)])
    peer.fails(duplicate_rate=1.0)
    assert carried(hook) == 0
    peer.fails()
    assert carried(hook, at=now() + timedelta(seconds=11)) == 1
    assert peer.taken(hook) == [(1, 2)]


def test_a_worker_killed_while_it_sends_leaves_the_delivery_to_the_next_under_the_same_id(
    partner: Partner, peer: Peer
) -> None:
    hook = hooked(partner, peer)
    exchange.publish([said(1)])

    class Killed(BaseException):
        pass

    def dies(url: str, *, body: bytes, headers: Any) -> None:
        POST(url, body=body, headers=headers)
        raise Killed

    with pytest.raises(Killed):
        carried(hook, post=dies)
    assert carried(hook) == 0  # the dead one's lease still holds
    assert carried(hook, at=now() + webhooks.LEASE + timedelta(seconds=1)) == 1
    assert peer.taken(hook) == [(1, 2)]


def test_tried_in_vain_too_often_a_line_halts_until_a_person_tries_again_or_passes_over(
    partner: Partner, peer: Peer
) -> None:
    hook = hooked(partner, peer)
    exchange.publish([said(1), said(2)])
    peer.fails(down=True)
    at = now()
    for tries in range(1, TRIES + 1):
        carried(hook, at=at)
        at += wait_after(tries) + timedelta(seconds=1)
    assert Subscription.objects.get().halted_at is not None
    peer.fails()
    assert carried(hook, at=at + timedelta(days=1)) == 0
    assert exchange.partners(at=now())[0].halted == 1
    exchange.retry(subscription_id=hook, by="staff:1", at=now())
    jobs.run_all()
    assert peer.taken(hook) == [(1, 1), (2, 1)]
    with pytest.raises(Refused, match="not_halted"):
        exchange.pass_over(subscription_id=hook, by="staff:1", at=now())


def test_a_delivery_passed_over_lets_those_behind_it_through(partner: Partner, peer: Peer) -> None:
    hook = hooked(partner, peer)
    exchange.publish([said(1), said(2)])
    peer.fails(down=True)
    carried(hook)
    Subscription.objects.update(halted_at=now())
    peer.fails()
    exchange.pass_over(subscription_id=hook, by="staff:1", at=now())
    jobs.run_all()
    assert peer.taken(hook) == [(2, 1)]


def test_what_is_not_a_partner_s_is_looked_at_once(peer: Peer) -> None:
    partner = testing.partner(("events", "onething", ""))
    hook = hooked(partner, peer)
    exchange.publish([said(1), said(2)])
    exchange.settle()
    assert webhooks.dispatch(at=now()) == 1
    assert carried(hook) == 0
    assert webhooks.dispatch(at=now()) == 0
    exchange.publish([said(3, owner=testing.caller(partner).ref)])
    assert carried(hook) == 1
    assert peer.taken(hook) == [(3, 1)]


def test_a_webhook_that_ended_or_whose_partner_was_closed_gets_nothing_more(partner: Partner, peer: Peer) -> None:
    one, two = hooked(partner, peer), hooked(partner, peer)
    exchange.unsubscribe(testing.caller(partner), one, service="onething", at=now())
    exchange.publish([said(1)])
    exchange.close_partner(partner_id=partner.pk, by=identity.MACHINE, at=now())
    assert carried(one) == carried(two) == 0
    with pytest.raises(Refused, match="no_such_webhook"):
        exchange.unsubscribe(testing.caller(testing.partner()), two, service="onething", at=now())


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/x",
        "https://user:secret@example.com/",
        "https:///nowhere",
        "https://example.com:0/",
        "https://例子.cn/",
        "javascript:alert(1)",
        "https://example.com/ x",
        "https://example.com/#here",
        "http://example.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest",
        "https://0x7f000001/",
        "https://localhost/",
    ],
)
def test_no_webhook_leads_into_our_own_network(url: str, partner: Partner, settings: Any) -> None:
    """SSRF: https only, public addresses only, as production has it."""
    settings.WEBHOOK_PLAIN = settings.WEBHOOK_PRIVATE = False
    with pytest.raises(Refused, match="unfit_url"):
        exchange.subscribe(testing.caller(partner), service="onething", url=url, at=now())
    with pytest.raises(Unavailable):
        POST(url, body=b"", headers={})


def test_addresses_that_hide_in_others_are_seen() -> None:
    for address in (
        "10.0.0.1",
        "100.64.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::a00:1",
        "fe80::1%eth0",
        "2002:a00:1::",
        "224.0.0.1",
    ):
        assert not gateway.public(address), address
    assert gateway.public("93.184.215.14")
    assert gateway.public("2606:2800:21f:cb07:6820:80da:af6b:8b2c")
