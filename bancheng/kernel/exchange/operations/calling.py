"""Letting a signed request in: which key, is the signature true, was it here before, what may the partner do. Two statements."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import CharField, OuterRef, Value
from django.db.models.functions import Concat

from bancheng.kernel.exchange.facts import Caller, Held
from bancheng.kernel.exchange.models import PartnerKey, Scope
from bancheng.kernel.exchange.operations.partners import KEY_KIND
from bancheng.kernel.exchange.rules.words import Act
from bancheng.kernel.identity import public as identity
from bancheng.lib import httpsig, signing
from bancheng.lib.refusal import Garbled

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
    partner = key.partner
    scopes = tuple(Held(Act(act), service, unit) for act, service, unit in (text.split("|") for text in key.held))
    return Caller(partner.pk, partner.user_id, partner.region, partner.code, partner.name, scopes)


def _key(key_id: str, at: datetime) -> Any:
    held = (
        Scope.objects.filter(partner=OuterRef("partner"), closed_at=None)
        .order_by("pk")
        .values(text=Concat("act", Value("|"), "service", Value("|"), "unit", output_field=CharField()))
    )
    rows = PartnerKey.objects.select_related("partner").annotate(held=ArraySubquery(held))
    key = rows.filter(key_id=key_id, revoked_at=None, partner__closed_at=None, partner__user__is_active=True).first()
    return key if key is not None and (key.before is None or key.before > at) else None


def forget_nonces(*, before: datetime) -> int:
    """Forget the nonces whose signatures are too old to pass; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM exchange_nonce WHERE at < %s", (before,))
        return int(cursor.rowcount)
