"""Partners for other parts' tests: a partner with scopes, and a client that signs whatever it sends."""

import base64
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlencode

from django.test import Client

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import queries
from bancheng.kernel.exchange.facts import Caller
from bancheng.kernel.exchange.models import Answer, DayFile, Delivery, Difference, KeyOffer, Partner, Subscription
from bancheng.kernel.exchange.operations import offers, partners, reconciling
from bancheng.kernel.exchange.operations.webhooks import SECRET_KIND
from bancheng.kernel.exchange.rules.words import State
from bancheng.kernel.identity import public as identity
from bancheng.lib import httpsig, identifiers, sigalgs, signing

REGION = "411000"
sources = reconciling._sources  # who says what stands in a day's file, by service
_serial = count(1)


def partner(
    *scopes: tuple[str, str, str], code: str = "", unit: str = "", region: str = REGION, at: datetime | None = None
) -> Partner:
    """Return a stored partner with scopes (act, service, unit); with a `unit` of its own it is a bank's, under an agreement."""
    at = at or clocks.now()
    code = code or f"sample-{next(_serial)}"
    made = partners.open_partner(region=region, code=code, name="样例合作系统", unit=unit, by=identity.MACHINE, at=at)
    if unit:
        until = at.date() + timedelta(days=365)
        partners.agree(partner_id=made.pk, agreement="样例协议", until=until, by=identity.MACHINE, at=at)
    for act, service, unit in scopes:
        partners.give_scope(partner_id=made.pk, act=act, service=service, unit=unit, by=identity.MACHINE, at=at)
    return made


def caller(made: Partner) -> Caller:
    """Return the partner as one whose request was verified."""
    return Caller(made.pk, made.user_id, made.region, made.code, made.name, queries.scopes_of(made.pk))


@dataclass
class Signing(Client):
    """A program of the partner's: signs each request with its newest key and gives each change a key of its own."""

    key_id: str
    key: bytes = field(repr=False)
    algorithm: str = httpsig.HMAC
    user: str = sigalgs.USER_ID

    def __post_init__(self) -> None:
        super().__init__()

    def generic(  # type: ignore[override]  # the library's own callers pass just these
        self, method: str, path: str, data: Any = "", content_type: str = "application/json", *args: Any, **extra: Any
    ) -> Any:
        body = data.encode() if isinstance(data, str) else bytes(data)
        headers = dict(extra.pop("headers", None) or {})
        if method not in ("GET", "HEAD") and "Idempotency-Key" not in headers:
            headers["Idempotency-Key"] = secrets.token_hex(8)
        query = urlencode(extra.get("query_params") or {}, doseq=True) or extra.get("QUERY_STRING", "")
        message = httpsig.Message.to(
            method, f"http://testserver{path}" + (f"?{query}" if query else ""), body=body, headers=headers
        )
        head = httpsig.sign(
            message,
            key_id=self.key_id,
            key=self.key,
            at=signing.seconds(),
            nonce=secrets.token_hex(8),
            algorithm=self.algorithm,
            user=self.user,
        )
        return super().generic(method, path, data, content_type, *args, headers={**headers, **head}, **extra)


BANK_SCOPES = tuple((act, "mortgages", "") for act in ("submit", "read", "events", "collect"))


def bank(
    *scopes: tuple[str, str, str],
    unit: str = "boc",
    algorithm: str = sigalgs.SM2,
    signer: str = "",
    at: datetime | None = None,
) -> tuple[Partner, "Signing"]:
    """Return a bank's partner with an agreement in force, and its program; its key was offered, proven and confirmed by another."""
    at = at or clocks.now()
    made = partners.open_partner(
        region=REGION, code=f"{unit}-{next(_serial)}", name=f"样例银行{unit}", unit=unit, by=identity.MACHINE, at=at
    )
    for act, service, of in scopes or BANK_SCOPES:
        partners.give_scope(partner_id=made.pk, act=act, service=service, unit=of, by=identity.MACHINE, at=at)
    partners.agree(
        partner_id=made.pk, agreement="抵押协作001", until=at.date() + timedelta(days=365), by=identity.MACHINE, at=at
    )
    return made, program(made, algorithm=algorithm, signer=signer, at=at)


def program(made: Partner, *, algorithm: str = sigalgs.SM2, signer: str = "", at: datetime | None = None) -> "Signing":
    """Return a program of a bank's with a new key that came the whole way."""
    at = at or clocks.now()
    pair = sigalgs.pair(algorithm)
    clerk, operator = identity.Actor("staff:clerk"), identity.Actor("staff:operator")
    offer = offers.offer_key(partner_id=made.pk, public_key=pair.public, signer=signer, by=clerk, at=at)
    text, user = offers.challenge_text(offer, partner=made.code), signer or sigalgs.USER_ID
    proof = base64.b64encode(sigalgs.sign(algorithm, pair.private, text, user=user)).decode()
    offers.prove_key(offer_id=offer.pk, signature=proof, by=clerk, at=at)
    key_id = offers.confirm_key(offer_id=offer.pk, by=operator, at=at)
    return Signing(key_id, pair.private, algorithm, user)


def client(made: Partner, *, at: datetime | None = None) -> Signing:
    """Return a program of the partner's, with a new key; a bank's came the whole way."""
    if made.unit:
        return program(made, algorithm=sigalgs.ED25519, at=at)
    key = partners.make_key(partner_id=made.pk, by=identity.MACHINE, at=at or clocks.now())
    return Signing(key.key_id, base64.b64decode(key.secret))


def offered(made: Partner, *, proven: bool = False) -> KeyOffer:
    """Return a public key that a bank's clerk handed in."""
    pair, now = sigalgs.pair(sigalgs.ED25519), clocks.now()
    clerk = identity.Actor("staff:clerk")
    offer = offers.offer_key(partner_id=made.pk, public_key=pair.public, by=clerk, at=now)
    if proven:
        text = offers.challenge_text(offer, partner=made.code)
        proof = base64.b64encode(sigalgs.sign(pair.algorithm, pair.private, text)).decode()
        offers.prove_key(offer_id=offer.pk, signature=proof, by=clerk, at=now)
    return offer


def difference(made: Partner, *, line: str = "样例证明1", owner: str = "") -> Difference:
    """Return a difference that nobody has cleared up, in a file of the bank's of its own day."""
    now, number = clocks.now(), DayFile.objects.filter(partner=made).count() + 1
    file = DayFile.objects.create(
        region=made.region,
        partner=made,
        service="mortgages",
        day=now.date() - timedelta(days=9_000 - number),
        number=number,
        previous="",
        digest="",
        count=0,
        sum_fen=0,
        body=b"",
        signature="",
        key_id="",
        made_at=now,
        due_at=now,
    )
    return Difference.objects.create(
        region=made.region,
        file=file,
        line=line,
        kind="diff",
        owner=owner or made.unit,
        due_on=now.date(),
        opened_at=now,
    )


def unanswered() -> None:
    """Forget every answer, as when processes die between a change and its answer."""
    Answer.objects.all().delete()


def halted(made: Partner) -> Subscription:
    """Return a webhook of the partner's that was tried in vain too often, with the delivery at its head."""
    now = clocks.real_now()
    line = Subscription.objects.create(
        id=identifiers.uuid7(now),
        region=made.region,
        partner=made,
        service="onething",
        url="https://partner.example/hooks",
        secret_sealed=identity.seal("00" * 32, kind=SECRET_KIND),
        position=0,
        made_at=now,
        tries=12,
        halted_at=now,
    )
    Delivery.objects.create(
        id=identifiers.uuid7(now),
        region=made.region,
        subscription=line,
        position=1,
        state=State.WAITING,
        tries=12,
        error="answered 503",
        body="{}",
        made_at=now,
    )
    return line
