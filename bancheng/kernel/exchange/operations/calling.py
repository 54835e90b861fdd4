"""Letting a signed request in: which key, is the signature true, was it here before, what may the partner do. Two statements.

The second writes the nonce and counts the request: a partner that sends more than `PARTNER_PACE` a minute is told when to come again.
"""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.exchange.facts import Caller, Held
from bancheng.kernel.exchange.models import PartnerKey
from bancheng.kernel.exchange.operations.partners import KEY_KIND
from bancheng.kernel.exchange.rules.words import Act
from bancheng.kernel.identity import public as identity
from bancheng.lib import httpsig, rows, sigalgs, signing
from bancheng.lib.refusal import Garbled, Refused

KEY = """
JOIN exchange_partner partner ON partner.id = partner_id AND partner.closed_at IS NULL
JOIN identity_user account ON account.id = partner.user_id AND account.is_active
WHERE key_id = %s AND revoked_at IS NULL
"""
PARTNER = {
    "user_id": "partner.user_id",
    "of": "partner.region",
    "code": "partner.code",
    "name": "partner.name",
    "bank": "partner.unit",
    "agreed_until": "partner.agreed_until",
    "held": """(
        SELECT coalesce(json_agg(json_build_array(act, service, unit) ORDER BY id), '[]')
        FROM exchange_scope WHERE exchange_scope.partner_id = partner.id AND closed_at IS NULL
    )""",
}
REMEMBER = """
WITH remembered AS (
    INSERT INTO exchange_nonce (key_id, nonce, at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING RETURNING 1
), paced AS (
    INSERT INTO exchange_pace AS pace (partner_id, minute, count) VALUES (%s, %s, 1)
    ON CONFLICT (partner_id) DO UPDATE SET minute = excluded.minute,
        count = CASE WHEN pace.minute = excluded.minute THEN pace.count + 1 ELSE 1 END
    RETURNING count
)
SELECT EXISTS (SELECT FROM remembered), (SELECT count FROM paced)
"""


class TooOften(Refused):
    """A partner sends more than it may; it may come again after so many seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            "too_often",
            "请求过于频繁，未作任何改动，请按Retry-After所示秒数后重试。",
            en="Too many requests. Nothing was changed: try again after as many seconds as Retry-After says.",
            status=429,
        )
        self.retry_after = retry_after


def authenticate(message: httpsig.Message, *, at: datetime) -> Caller:
    """Return whose request this is. Raises Garbled, with the reason in English, for one that is not let in; TooOften (429).

    A key that never was, was revoked or ran out is one answer: who guesses learns nothing.
    """
    given = httpsig.read(message)
    key = _key(given.key_id, at)
    if key is None:
        raise Garbled("no key of this id works")
    material = bytes(key.public_key) or bytes.fromhex(identity.open_sealed(bytes(key.secret_sealed), kind=KEY_KIND))
    now = signing.seconds()
    user = key.signer or sigalgs.USER_ID
    httpsig.check(given, message, algorithm=key.algorithm, key=material, now=now, user=user)
    if message.headers.get("bank-id", key.code) not in (key.code, key.bank):
        raise Garbled("bank-id names another")
    _remember(given, key.partner_id, now, at)
    scopes = tuple(Held(Act(act), service, unit) for act, service, unit in key.held)
    return Caller(
        key.partner_id,
        key.user_id,
        key.of,
        key.code,
        key.name,
        scopes,
        unit=key.bank,
        agreed_until=_day(key.agreed_until),
    )


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


def _remember(given: httpsig.Given, partner_id: int, now: int, at: datetime) -> None:
    minute, second = divmod(now, 60)
    moment = datetime.fromtimestamp(now, at.tzinfo)
    with connection.cursor() as cursor:
        cursor.execute(REMEMBER, (given.key_id, given.nonce, moment, partner_id, minute))
        new, count = cursor.fetchone()
    if not new:
        raise Garbled("request replayed")
    if count > settings.PARTNER_PACE:
        raise TooOften(60 - second)


def _key(key_id: str, at: datetime) -> Any:
    with connection.cursor() as cursor:
        found, _ = rows.ask(cursor, rows.question(PartnerKey, KEY, [key_id], **PARTNER), catalogue.edition_question())
    return found[0] if found and (found[0].before is None or found[0].before > at) else None


def forget_nonces(*, before: datetime) -> int:
    """Forget the nonces whose signatures are too old to pass; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM exchange_nonce WHERE at < %s", (before,))
        return int(cursor.rowcount)
