"""Partners: accounts, keys, scopes. A key's secret leaves this module once, in the answer to the operator who made it."""

import base64
import binascii
import secrets
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from bancheng.kernel.audit import public as audit
from bancheng.kernel.exchange.facts import MadeKey
from bancheng.kernel.exchange.models import Partner, PartnerKey, Scope, Subscription
from bancheng.kernel.exchange.rules.words import EVERY, OF_UNITS, OVERLAP, OWN, Act
from bancheng.kernel.identity import public as identity
from bancheng.lib import httpsig
from bancheng.lib.refusal import Refused

KEY_KIND = "partner_key"


def no_such_partner() -> Refused:
    """Return the refusal for a partner that is not there, or was closed."""
    return Refused(
        "no_such_partner",
        "没有这个合作系统，或已停用，未作任何改动。",
        en="There is no such partner, or it was closed; nothing was changed.",
        status=404,
    )


def open_partner(*, region: str, code: str, name: str, unit: str = "", by: identity.Actor, at: datetime) -> Partner:
    """Open the account of a partner's system (P-7); it can do nothing yet. `unit` is a bank's, which keeps its own keys.

    Raises Refused: may_not_keep_accounts, username_taken, unit_has_a_partner.
    """
    with transaction.atomic():
        if unit and Partner.objects.filter(region=region, unit=unit, closed_at=None).exists():
            raise Refused(
                "unit_has_a_partner",
                "该单位已开通合作系统，没有再次开通。",
                en="This organisation's system was opened before; nothing was changed.",
            )
        user = identity.open_machine_account(username=f"partner.{code}", name=name, region=region, by=by, at=at)
        partner = Partner.objects.create(
            region=region, code=code, name=user.display_name, user=user, unit=unit, opened_by=by.ref, opened_at=at
        )
        _note("exchange.partner_opened", partner, by, at)
    return partner


def close_partner(*, partner_id: int, by: identity.Actor, at: datetime) -> None:
    """Close a partner: its keys work no more, its webhooks end. Raises Refused("no_such_partner")."""
    with transaction.atomic():
        partner = locked_partner(partner_id)
        partner.closed_at = at
        partner.save(update_fields=["closed_at"])
        partner.keys.filter(revoked_at=None).update(revoked_at=at, revoked_by=by.ref)
        Subscription.objects.filter(partner=partner, ended_at=None).update(ended_at=at)
        _note("exchange.partner_closed", partner, by, at)


def agree(*, partner_id: int, agreement: str, until: date, by: identity.Actor, at: datetime) -> None:
    """Enter the agreement with a partner, and its last day. Raises Refused: no_such_partner, agreement_incomplete."""
    if not agreement.strip() or until < at.date():
        raise Refused(
            "agreement_incomplete",
            "协议编号不能为空，到期日不能早于今天，没有登记。",
            en="An agreement has a number and a last day that is not over; nothing was entered.",
            status=422,
        )
    with transaction.atomic():
        partner = locked_partner(partner_id)
        partner.agreement, partner.agreed_until = agreement.strip(), until
        partner.save(update_fields=["agreement", "agreed_until"])
        _note("exchange.agreed", partner, by, at, agreement=partner.agreement, until=until.isoformat())


def make_key(*, partner_id: int, public_key: str = "", by: identity.Actor, at: datetime) -> MadeKey:
    """Return a new key for a partner; those before it work fourteen days longer, unless they end sooner.

    With `public_key` (Ed25519, 32 bytes in base64) the partner keeps its own secret and none is made here.
    A bank's key comes by an offer that is proven and confirmed by another (`offers`).
    Raises Refused: no_such_partner, not_a_key, offer_a_key.
    """
    public = _public(public_key)
    secret = b"" if public else secrets.token_bytes(32)
    with transaction.atomic():
        partner = locked_partner(partner_id)
        if partner.unit:
            raise Refused(
                "offer_a_key",
                "银行的密钥由银行提交公钥、证明持有私钥、再由另一人启用，没有生成。",
                en="A bank hands in its public key, proves it has the secret, and another lets it in. No key was made here.",
            )
        living = partner.keys.filter(Q(before=None) | Q(before__gt=at + OVERLAP), revoked_at=None)
        living.update(before=at + OVERLAP)
        key = PartnerKey.objects.create(
            region=partner.region,
            partner=partner,
            key_id=f"{partner.code}-{secrets.token_hex(4)}",
            algorithm=httpsig.ED25519 if public else httpsig.HMAC,
            secret_sealed=identity.seal(secret.hex(), kind=KEY_KIND) if secret else b"",
            public_key=public,
            made_by=by.ref,
            made_at=at,
        )
        _note("exchange.key_made", partner, by, at, key=key.key_id, algorithm=key.algorithm)
    return MadeKey(key.key_id, base64.b64encode(secret).decode())


def _public(text: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b"?"
    if len(key) not in (0, 32):
        raise Refused(
            "not_a_key",
            "公钥应为32字节Ed25519公钥的Base64编码，尚未生成密钥，请核对。",
            en="A public key is 32 bytes of Ed25519 in base64. No key was made: check it.",
            status=422,
        )
    return key


def revoke_key(*, key_id: str, by: identity.Actor, at: datetime) -> None:
    """Let a key work no more, from this moment. Raises Refused("no_such_key")."""
    with transaction.atomic():
        key = PartnerKey.objects.select_for_update().select_related("partner").filter(key_id=key_id).first()
        if key is None:
            raise Refused("no_such_key", "没有这个密钥，未作任何改动。", en="There is no such key.", status=404)
        if key.revoked_at is None:
            key.revoked_at, key.revoked_by = at, by.ref
            key.save(update_fields=["revoked_at", "revoked_by"])
            _note("exchange.key_revoked", key.partner, by, at, key=key.key_id)


def give_scope(*, partner_id: int, act: str, service: str, unit: str, by: identity.Actor, at: datetime) -> None:
    """Allow a partner one act; given before, nothing changes. Raises Refused: no_such_partner, scope_needs_unit."""
    if Act(act) in OF_UNITS and unit in (OWN, EVERY):
        raise Refused(
            "scope_needs_unit",
            "审查办理和作出决定只能授权给一个具体单位，尚未授权，请选择单位。",
            en="Handling and deciding are allowed for one unit that is named. Nothing was given: choose the unit.",
            status=422,
        )
    with transaction.atomic():
        partner = locked_partner(partner_id)
        _, new = Scope.objects.get_or_create(
            region=partner.region,
            partner=partner,
            act=act,
            service=service,
            unit=unit,
            closed_at=None,
            defaults={"given_by": by.ref, "given_at": at},
        )
        if new:
            _note("exchange.scope_given", partner, by, at, act=act, service=service, unit=unit)


def take_scope(*, scope_id: int, by: identity.Actor, at: datetime) -> int:
    """Take a scope back; return whose it was. Raises Refused("no_such_scope")."""
    with transaction.atomic():
        scope = Scope.objects.select_for_update().select_related("partner").filter(pk=scope_id).first()
        if scope is None:
            raise Refused("no_such_scope", "没有这项授权，未作任何改动。", en="There is no such scope.", status=404)
        if scope.closed_at is None:
            scope.closed_at, scope.closed_by = at, by.ref
            scope.save(update_fields=["closed_at", "closed_by"])
            _note("exchange.scope_taken", scope.partner, by, at, act=scope.act, service=scope.service, unit=scope.unit)
    return scope.partner_id


def locked_partner(partner_id: int) -> Partner:
    """Return an open partner, locked until the caller's transaction ends. Raises Refused("no_such_partner")."""
    partner = Partner.objects.select_for_update().filter(pk=partner_id, closed_at=None).first()
    if partner is None:
        raise no_such_partner()
    return partner


def _note(action: str, partner: Partner, by: identity.Actor, at: datetime, **detail: str) -> None:
    about = f"partner:{partner.code}"
    audit.record(action, who=by.ref, about=about, at=at, region=partner.region, detail=detail)
