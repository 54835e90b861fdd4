"""Who is let in, what a key may, and that a change sent twice is done once."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.exchange import testing
from bancheng.kernel.exchange.models import Answer, Nonce, PartnerKey
from bancheng.kernel.exchange.operations import answering, calling
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import testing as jobs
from bancheng.lib import httpsig, signing
from bancheng.lib.refusal import Garbled, Refused

pytestmark = pytest.mark.django_db
BODY = b'{"a":1}'


def request(client: testing.Signing, *, nonce: str = "n" * 12, body: bytes = BODY) -> httpsig.Message:
    message = httpsig.Message.to("POST", "http://testserver/api/v1/x", body=body)
    head = httpsig.sign(message, key_id=client.key_id, key=client.key, at=signing.seconds(), nonce=nonce)
    return httpsig.Message.to("POST", "http://testserver/api/v1/x", body=body, headers=head)


def test_a_signed_request_tells_who_calls_and_what_he_may(django_assert_num_queries) -> None:
    """P-7 P-8: in two statements."""
    partner = testing.partner(("submit", "onething", ""), ("handle", "onething", "market"))
    message = request(testing.client(partner))
    with django_assert_num_queries(2):
        caller = exchange.authenticate(message, at=clocks.now())
    assert caller == testing.caller(partner)
    assert caller.may("submit", service="onething")
    assert not caller.may("submit", service="expiry")
    assert caller.covers("handle", service="onething", unit="market")
    assert not caller.covers("handle", service="onething", unit="tobacco")
    assert caller.actor("A17").ref == f"machine:{partner.user_id}/A17"
    assert caller.actor().has("case_officer", service="onething", unit="market")
    assert not caller.actor().has("approver")


def test_a_request_is_good_once_and_a_forged_one_uses_up_no_nonce() -> None:
    client = testing.client(testing.partner())
    forged = testing.Signing(client.key_id, b"?" * 32)
    with pytest.raises(Garbled, match="wrong signature"):
        exchange.authenticate(request(forged), at=clocks.now())
    exchange.authenticate(request(client), at=clocks.now())
    with pytest.raises(Garbled, match="replayed"):
        exchange.authenticate(request(client), at=clocks.now())
    assert Nonce.objects.count() == 1
    assert calling.forget_nonces(before=clocks.real_now() + timedelta(seconds=1)) == 1


def test_two_keys_work_while_one_replaces_the_other_and_a_revoked_one_stops_at_once() -> None:
    partner = testing.partner()
    old, now = testing.client(partner), clocks.now()
    new = testing.client(partner)
    for client, nonce in ((old, "one-nonce"), (new, "two-nonce")):
        exchange.authenticate(request(client, nonce=nonce), at=now)
    with pytest.raises(Garbled, match="no key"):
        exchange.authenticate(request(old, nonce="three-nonce"), at=now + timedelta(days=15))
    exchange.authenticate(request(new, nonce="four-nonce"), at=now + timedelta(days=15))
    exchange.revoke_key(key_id=new.key_id, by=identity.MACHINE, at=now)
    with pytest.raises(Garbled, match="no key"):
        exchange.authenticate(request(new, nonce="five-nonce"), at=now)


def test_a_closed_partner_is_not_let_in() -> None:
    partner = testing.partner()
    client = testing.client(partner)
    exchange.close_partner(partner_id=partner.pk, by=identity.MACHINE, at=clocks.now())
    with pytest.raises(Garbled, match="no key"):
        exchange.authenticate(request(client), at=clocks.now())


def test_the_database_alone_cannot_sign() -> None:
    """A copy holds the secret under a key that is not in the database, or no secret at all."""
    partner = testing.partner()
    client = testing.client(partner)
    (row,) = PartnerKey.objects.filter(key_id=client.key_id)
    assert client.key not in bytes(row.secret_sealed)
    assert client.key.hex().encode() not in bytes(row.secret_sealed)
    with connection.cursor() as cursor:
        cursor.execute("SELECT detail::text FROM audit_event WHERE action = 'exchange.key_made'")
        assert all(client.key.hex() not in text for (text,) in cursor.fetchall())


def test_a_partner_may_keep_its_own_secret() -> None:
    import base64

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    secret = Ed25519PrivateKey.generate()
    public = base64.b64encode(secret.public_key().public_bytes_raw()).decode()
    partner = testing.partner()
    made = exchange.make_key(partner_id=partner.pk, public_key=public, by=identity.MACHINE, at=clocks.now())
    assert made.secret == ""
    message = httpsig.Message.to("GET", "http://testserver/x?y=1")
    head = httpsig.sign(
        message,
        key_id=made.key_id,
        key=secret.private_bytes_raw(),
        at=signing.seconds(),
        nonce="n" * 9,
        algorithm=httpsig.ED25519,
    )
    caller = exchange.authenticate(httpsig.Message.to("GET", "http://testserver/x?y=1", headers=head), at=clocks.now())
    assert caller.code == partner.code
    with pytest.raises(Refused, match="not_a_key"):
        exchange.make_key(partner_id=partner.pk, public_key="AAAA", by=identity.MACHINE, at=clocks.now())


def test_handling_and_deciding_are_allowed_for_one_unit_only() -> None:
    partner = testing.partner()
    for unit in ("", "*"):
        with pytest.raises(Refused, match="scope_needs_unit"):
            exchange.give_scope(
                partner_id=partner.pk, act="decide", service="onething", unit=unit, by=identity.MACHINE, at=clocks.now()
            )


def test_only_an_operator_opens_a_partner() -> None:
    with pytest.raises(Refused, match="may_not_keep_accounts"):
        exchange.open_partner(
            region="411000",
            code="x1",
            name="某系统",
            by=people.actor(people.staff("unit_admin", unit="market")),
            at=clocks.now(),
        )


# --- once


def answer(number: int) -> exchange.Answered:
    return exchange.Answered(201, "application/json", json.dumps({"n": number}).encode())


def once(caller: exchange.Caller, key: str, asked: bytes, number: int) -> exchange.Answered:
    return exchange.once(caller, key=key, asked=asked, at=clocks.now(), do=lambda: answer(number))


def test_the_same_key_and_request_is_answered_alike_and_another_request_is_refused() -> None:
    caller = testing.caller(testing.partner())
    first = once(caller, "key-00001", b"one", 1)
    again = once(caller, "key-00001", b"one", 2)
    assert (again.body, again.status, first.again, again.again) == (first.body, 201, False, True)
    with pytest.raises(Refused, match="key_of_another_request") as no:
        once(caller, "key-00001", b"two", 3)
    assert no.value.status == 422
    other = testing.caller(testing.partner())
    assert once(other, "key-00001", b"one", 4).body == answer(4).body
    assert answering.forget_answers(before=clocks.now() + timedelta(days=2), banks_before=clocks.now()) == 2


def test_a_refusal_changes_nothing_and_leaves_its_key_free() -> None:
    caller = testing.caller(testing.partner())

    def refused() -> exchange.Answered:
        testing.partner(code="half-done")
        return exchange.Answered(409, "application/problem+json", b"{}")

    assert exchange.once(caller, key="key-00002", asked=b"x", at=clocks.now(), do=refused).status == 409
    assert not Answer.objects.exists()
    assert "half-done" not in [line.code for line in exchange.partners(at=clocks.now())]
    assert once(caller, "key-00002", b"other", 1).status == 201


@pytest.mark.parametrize("key", ["", "short", "k" * 65, "键键键键键键键键"])
def test_a_change_without_a_proper_key_is_refused(key: str) -> None:
    with pytest.raises(Refused, match="no_key"):
        once(testing.caller(testing.partner()), key, b"x", 1)


def test_what_keeps_its_own_transactions_is_answered_alike_too() -> None:
    """A file taken in, a register asked: done again only when a process died before it had answered."""
    caller, done = testing.caller(testing.partner()), [0]

    def do() -> exchange.Answered:
        done[0] += 1
        return answer(1)

    def outside(asked: bytes = b"one") -> exchange.Answered:
        return exchange.once_outside(caller, key="key-00004", asked=asked, at=clocks.now(), do=do)

    assert (outside().again, outside().again, done[0]) == (False, True, 1)
    with pytest.raises(Refused, match="key_of_another_request"):
        outside(b"two")
    testing.unanswered()
    assert (outside().body, done[0]) == (answer(1).body, 2)
    refused = exchange.Answered(422, "application/problem+json", b"{}")
    for _ in range(2):
        no = exchange.once_outside(caller, key="key-00005", asked=b"x", at=clocks.now(), do=lambda: refused)
        assert (no.status, no.again) == (422, False)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", [exchange.once, exchange.once_outside])
def test_of_eight_that_come_at_once_one_is_done_and_the_others_wait_or_hear_its_answer(way: Any) -> None:
    caller = testing.caller(testing.partner())
    done: list[int] = []
    heard: list[str] = []

    def one() -> None:
        def do() -> exchange.Answered:
            done.append(1)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.2)")
            return answer(1)

        try:
            heard.append(way(caller, key="key-00003", asked=b"x", at=clocks.now(), do=do).body.decode())
        except Refused as no:
            heard.append(no.code)

    jobs.together(*[one] * 8)
    assert len(done) == 1
    assert set(heard) <= {'{"n": 1}', "under_way"}
    assert '{"n": 1}' in heard
    with transaction.atomic():
        assert once(caller, "key-00003", b"x", 9).again
