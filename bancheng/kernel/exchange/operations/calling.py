"""Letting a signed request in: which key, is the signature true, was it here before, what may the partner do. Two statements."""

from datetime import datetime
from typing import Any

from django.db import connection

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.exchange.facts import Caller, Held
from bancheng.kernel.exchange.models import PartnerKey
from bancheng.kernel.exchange.operations.partners import KEY_KIND
from bancheng.kernel.exchange.rules.words import Act
from bancheng.kernel.identity import public as identity
from bancheng.lib import httpsig, rows, signing
from bancheng.lib.refusal import Garbled

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
    "held": """(
        SELECT coalesce(json_agg(json_build_array(act, service, unit) ORDER BY id), '[]')
        FROM exchange_scope WHERE exchange_scope.partner_id = partner.id AND closed_at IS NULL
    )""",
}
REMEMBER = "INSERT INTO exchange_nonce (key_id, nonce, at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"


def authenticate(message: httpsig.Message, *, at: datetime) -> Caller:
    """Return whose request this is. Raises Garbled, with the reason in English, for one that is not let in.

    A key that never was, was revoked or ran out is one answer: who guesses learns nothing.
    """
    given = httpsig.read(message)
    key = _key(given.key_id, at)
    if key is None:
        raise Garbled("no key of this id works")
    material = bytes(key.public_key) or bytes.fromhex(identity.open_sealed(bytes(key.secret_sealed), kind=KEY_KIND))
    now = signing.seconds()
    httpsig.check(given, message, algorithm=key.algorithm, key=material, now=now)
    with connection.cursor() as cursor:
        cursor.execute(REMEMBER, (given.key_id, given.nonce, datetime.fromtimestamp(now, at.tzinfo)))
        if not cursor.rowcount:
            raise Garbled("request replayed")
    scopes = tuple(Held(Act(act), service, unit) for act, service, unit in key.held)
    return Caller(key.partner_id, key.user_id, key.of, key.code, key.name, scopes)


def _key(key_id: str, at: datetime) -> Any:
    with connection.cursor() as cursor:
        found, _ = rows.ask(cursor, rows.question(PartnerKey, KEY, [key_id], **PARTNER), catalogue.edition_question())
    return found[0] if found and (found[0].before is None or found[0].before > at) else None


def forget_nonces(*, before: datetime) -> int:
    """Forget the nonces whose signatures are too old to pass; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM exchange_nonce WHERE at < %s", (before,))
        return int(cursor.rowcount)
