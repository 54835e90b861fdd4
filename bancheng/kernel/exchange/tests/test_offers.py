"""How a bank's key comes to work: handed in, proven, let in by another; replaced with an overlap; revoked at once (F13.7, B13.9)."""

import base64
from datetime import timedelta

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.exchange import testing
from bancheng.kernel.exchange.models import KeyOffer, Partner
from bancheng.kernel.identity import public as identity
from bancheng.lib import httpsig, sigalgs, signing
from bancheng.lib.refusal import Garbled, Refused

pytestmark = pytest.mark.django_db
CLERK, OPERATOR = identity.Actor("staff:11"), identity.Actor("staff:12")
URL = "http://testserver/api/v1/x?y=1"


def bank(*, agreed: bool = True) -> Partner:
    made = exchange.open_partner(
        region="411000", code="boc", name="中国银行", unit="boc", by=identity.MACHINE, at=clocks.now()
    )
    if agreed:
        until = clocks.now().date() + timedelta(days=30)
        exchange.agree(partner_id=made.pk, agreement="协议1", until=until, by=identity.MACHINE, at=clocks.now())
    return made


def offered(made: Partner, pair: sigalgs.Pair, *, signer: str = "") -> KeyOffer:
    return exchange.offer_key(partner_id=made.pk, public_key=pair.public, signer=signer, by=CLERK, at=clocks.now())


def prove(offer: KeyOffer, pair: sigalgs.Pair, *, der: bool = False) -> None:
    said = exchange.challenge_text(offer, partner=offer.partner.code)
    proof = sigalgs.sign(pair.algorithm, pair.private, said, user=offer.signer or sigalgs.USER_ID)
    proof = sigalgs._der(proof) if der else proof
    text = base64.encodebytes(proof).decode()  # wrapped, as tools write it
    exchange.prove_key(offer_id=offer.pk, signature=text, by=CLERK, at=clocks.now())


def ask(client: testing.Signing, nonce: str = "n" * 12) -> exchange.Caller:
    message = httpsig.Message.to("POST", URL, body=b"{}", headers={"Bank-Id": "boc"})
    head = httpsig.sign(
        message,
        key_id=client.key_id,
        key=client.key,
        at=signing.seconds(),
        nonce=nonce,
        algorithm=client.algorithm,
        user=client.user,
    )
    signed = httpsig.Message.to("POST", URL, body=b"{}", headers={"Bank-Id": "boc", **head})
    return exchange.authenticate(signed, at=clocks.now())


@pytest.mark.parametrize("algorithm", sigalgs.PUBLIC)
def test_a_key_that_is_proven_and_confirmed_by_another_lets_in(algorithm: str, django_assert_num_queries) -> None:
    """F13.9: each algorithm; a request still takes two statements."""
    made, pair = bank(), sigalgs.pair(algorithm)
    offer = offered(made, pair, signer="agreed-id")
    prove(offer, pair, der=algorithm in (sigalgs.P256, sigalgs.SM2))
    key_id = exchange.confirm_key(offer_id=offer.pk, by=OPERATOR, at=clocks.now())
    user = "agreed-id" if algorithm == sigalgs.SM2 else sigalgs.USER_ID
    client = testing.Signing(key_id, pair.private, algorithm, user)
    with django_assert_num_queries(2):
        caller = ask(client)
    assert (caller.code, caller.unit) == ("boc", "boc")
    assert caller.agreed_until is not None
    with pytest.raises(Refused, match="no_such_offer"):
        exchange.confirm_key(offer_id=offer.pk, by=OPERATOR, at=clocks.now())


def test_who_cannot_sign_the_challenge_does_not_have_the_key() -> None:
    made, pair, other = bank(), sigalgs.pair(sigalgs.SM2), sigalgs.pair(sigalgs.SM2)
    offer = offered(made, pair)
    for proof in ("", "%%%", base64.b64encode(bytes(64)).decode(), base64.b64encode(b"\x30\x02\x01\x01").decode()):
        with pytest.raises(Refused, match="not_proven"):
            exchange.prove_key(offer_id=offer.pk, signature=proof, by=CLERK, at=clocks.now())
    with pytest.raises(Refused, match="not_proven"):
        prove(offer, other)
    with pytest.raises(Refused, match="offer_not_proven"):
        exchange.confirm_key(offer_id=offer.pk, by=OPERATOR, at=clocks.now())


def test_who_handed_a_key_in_does_not_let_it_in() -> None:
    """Four eyes; and without an agreement in force nobody does."""
    made, pair = bank(agreed=False), sigalgs.pair(sigalgs.P256)
    offer = offered(made, pair)
    prove(offer, pair)
    with pytest.raises(Refused, match="own_offer"):
        exchange.confirm_key(offer_id=offer.pk, by=CLERK, at=clocks.now())
    with pytest.raises(Refused, match="no_agreement"):
        exchange.confirm_key(offer_id=offer.pk, by=OPERATOR, at=clocks.now())
    with pytest.raises(Refused, match="agreement_incomplete"):
        exchange.agree(partner_id=made.pk, agreement=" ", until=clocks.today(), by=OPERATOR, at=clocks.now())
    exchange.agree(partner_id=made.pk, agreement="协议2", until=clocks.today(), by=OPERATOR, at=clocks.now())
    assert exchange.confirm_key(offer_id=offer.pk, by=OPERATOR, at=clocks.now())


def test_keys_overlap_on_rotation_and_a_revoked_one_fails_at_once() -> None:
    made, old = testing.bank(algorithm=sigalgs.ED25519)
    new = testing.program(made, algorithm=sigalgs.SM2)
    for client, nonce in ((old, "old-nonce"), (new, "new-nonce")):
        assert _partner_asks(client, nonce) == made.code
    exchange.revoke_key(key_id=new.key_id, by=OPERATOR, at=clocks.now())
    with pytest.raises(Garbled, match="no key"):
        _partner_asks(new, "third-nonce")


def _partner_asks(client: testing.Signing, nonce: str) -> str:
    message = httpsig.Message.to("GET", URL)
    head = httpsig.sign(
        message, key_id=client.key_id, key=client.key, at=signing.seconds(), nonce=nonce, algorithm=client.algorithm
    )
    return exchange.authenticate(httpsig.Message.to("GET", URL, headers=head), at=clocks.now()).code


def test_a_new_offer_takes_the_place_of_the_one_before_and_an_old_one_is_too_late() -> None:
    made, pair = bank(), sigalgs.pair(sigalgs.ED25519)
    first, second = offered(made, sigalgs.pair(sigalgs.ED25519)), offered(made, pair)
    assert [one.id for one in exchange.offers(at=clocks.now())] == [second.pk]
    with pytest.raises(Refused, match="no_such_offer"):
        exchange.withdraw_offer(offer_id=first.pk, by=CLERK, at=clocks.now())
    prove(second, pair)
    with pytest.raises(Refused, match="no_such_offer"):
        exchange.confirm_key(offer_id=second.pk, by=OPERATOR, at=clocks.now() + timedelta(days=8))
    exchange.confirm_key(offer_id=second.pk, by=OPERATOR, at=clocks.now())
    with pytest.raises(Refused, match="key_is_known"):
        offered(made, pair)


def test_nobody_makes_a_bank_s_key_for_it_and_a_unit_has_one_system() -> None:
    made = bank()
    with pytest.raises(Refused, match="offer_a_key"):
        exchange.make_key(partner_id=made.pk, by=identity.MACHINE, at=clocks.now())
    with pytest.raises(Refused, match="not_a_key"):
        exchange.offer_key(partner_id=made.pk, public_key="AAAA", by=CLERK, at=clocks.now())
    with pytest.raises(Refused, match="unit_has_a_partner"):
        exchange.open_partner(region="411000", code="boc2", name="x", unit="boc", by=identity.MACHINE, at=clocks.now())


def test_a_request_that_names_another_bank_is_not_let_in() -> None:
    _, client = testing.bank(unit="icbc", algorithm=sigalgs.P256)
    with pytest.raises(Garbled, match="bank-id names another"):
        ask(client)


def test_a_partner_that_asks_too_often_is_told_when_to_come_again(settings) -> None:
    """429 with Retry-After; the other banks go on."""
    settings.PARTNER_PACE = 2
    _, client = testing.bank(unit="boc", algorithm=sigalgs.ED25519)
    _, other = testing.bank(unit="icbc", algorithm=sigalgs.ED25519)
    for n in range(2):
        _partner_asks(client, f"nonce-{n:04}")
    with pytest.raises(exchange.TooOften) as no:
        _partner_asks(client, "nonce-over")
    assert no.value.status == 429
    assert 0 < no.value.retry_after <= 60
    _partner_asks(other, "nonce-other")
