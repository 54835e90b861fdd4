"""How a partner's public key comes to work: handed in, proven by signing a challenge, let in by somebody else; replaced with an overlap.

Nobody here ever sees the secret. The proof shows that who hands the key in can sign with it; the second person compares the
fingerprint with the bank over another way, and needs an agreement in force. A key that works shortens those before it to fourteen days.
"""

import base64
import binascii
import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from bancheng.kernel.audit import public as audit
from bancheng.kernel.exchange.models import KeyOffer, Partner, PartnerKey
from bancheng.kernel.exchange.operations.partners import locked_partner
from bancheng.kernel.exchange.rules.words import OFFER_DAYS, OVERLAP
from bancheng.kernel.identity import public as identity
from bancheng.lib import sigalgs
from bancheng.lib.refusal import Garbled, Refused


def challenge_text(offer: KeyOffer, *, partner: str) -> bytes:
    """Return what the owner of a key signs to prove that he has its secret."""
    return f"bancheng key {partner} {offer.challenge} {sigalgs.fingerprint(bytes(offer.public_key))}".encode()


def offer_key(*, partner_id: int, public_key: str, signer: str = "", by: identity.Actor, at: datetime) -> KeyOffer:
    """Take in a public key; one that was offered before and did not come to work is withdrawn. It cannot do anything yet.

    Raises Refused: no_such_partner, not_a_key, key_is_known.
    """
    try:
        algorithm, material = sigalgs.read_public(public_key)
    except Garbled as no:
        raise Refused(
            "not_a_key",
            "公钥读不懂或强度不够，没有登记；请提交PEM格式的SM2、Ed25519、ECDSA P-256或RSA（2048至4096位）公钥。",
            en=f"That public key cannot be used and was not taken in: {no}.",
            status=422,
        ) from None
    with transaction.atomic():
        partner = locked_partner(partner_id)
        if PartnerKey.objects.filter(public_key=material).exists():  # also one that was revoked: it may have leaked
            raise Refused(
                "key_is_known",
                "这把公钥登记过，没有再次登记，请生成一对新的密钥。",
                en="This public key was registered before. Nothing was changed: make a new pair.",
                status=422,
            )
        partner.offers.filter(ended_at=None).update(ended_at=at, ended_by=by.ref)
        made = KeyOffer.objects.create(
            region=partner.region,
            partner=partner,
            algorithm=algorithm,
            public_key=material,
            signer=signer.strip() if algorithm == sigalgs.SM2 else "",
            challenge=secrets.token_hex(24),
            offered_by=by.ref,
            offered_at=at,
        )
        _note("exchange.key_offered", partner, by, at, algorithm=algorithm)
    return made


def prove_key(*, offer_id: int, signature: str, by: identity.Actor, at: datetime) -> None:
    """Take in the challenge's signature (base64; of ECDSA and SM2 r and s, 32 bytes each, or DER).

    Raises Refused: no_such_offer, not_proven.
    """
    with transaction.atomic():
        offer = _locked(offer_id, at)
        said = challenge_text(offer, partner=offer.partner.code)
        verify = sigalgs.VERIFY[offer.algorithm]
        forms = _forms(signature, offer.algorithm)
        if not any(verify(bytes(offer.public_key), said, one, offer.signer or sigalgs.USER_ID) for one in forms):
            raise Refused(
                "not_proven",
                "签名与公钥对不上，没有通过；请用同一对密钥的私钥对整段文字签名后再提交。",
                en="The signature does not fit the key. Sign the whole text with the secret of the same pair.",
                status=422,
            )
        if offer.proven_at is None:
            offer.proven_at = at
            offer.save(update_fields=["proven_at"])
            _note("exchange.key_proven", offer.partner, by, at)


def _forms(signature: str, algorithm: str) -> list[bytes]:
    try:
        given = base64.b64decode("".join(signature.split()), validate=True)
    except (binascii.Error, ValueError):
        return []
    if algorithm not in (sigalgs.P256, sigalgs.SM2) or len(given) == 64:
        return [given]
    try:
        return [sigalgs.plain(given)]  # command lines write DER
    except (ValueError, OverflowError):
        return []


def confirm_key(*, offer_id: int, by: identity.Actor, at: datetime) -> str:
    """Let a proven key work, by another than who handed it in; return its id. The keys before it work fourteen days longer.

    Raises Refused: no_such_offer, offer_not_proven, own_offer, no_agreement.
    """
    with transaction.atomic():
        offer = _locked(offer_id, at)
        partner = offer.partner
        _check_may_confirm(offer, by, at)
        living = partner.keys.filter(Q(before=None) | Q(before__gt=at + OVERLAP), revoked_at=None)
        living.update(before=at + OVERLAP)
        key = PartnerKey.objects.create(
            region=partner.region,
            partner=partner,
            key_id=f"{partner.code}-{secrets.token_hex(4)}",
            algorithm=offer.algorithm,
            secret_sealed=b"",
            public_key=offer.public_key,
            signer=offer.signer,
            made_by=by.ref,
            made_at=at,
        )
        offer.key, offer.ended_at, offer.ended_by = key, at, by.ref
        offer.save(update_fields=["key", "ended_at", "ended_by"])
        _note("exchange.key_made", partner, by, at, key=key.key_id, algorithm=key.algorithm)
    return key.key_id


def _check_may_confirm(offer: KeyOffer, by: identity.Actor, at: datetime) -> None:
    if offer.proven_at is None:
        raise Refused(
            "offer_not_proven",
            "对方还没有证明持有私钥，没有启用；请等对方提交签名。",
            en="Its owner has not proven yet that he has the secret; the key was not let in.",
        )
    if offer.offered_by == by.ref:
        raise Refused(
            "own_offer",
            "登记公钥的人不能自己启用，请由另一人核对指纹后启用。",
            en="Who handed the key in does not let it in himself: ask another operator.",
            status=403,
        )
    partner = offer.partner
    if partner.unit and not (partner.agreement and partner.agreed_until and partner.agreed_until >= at.date()):
        raise Refused(
            "no_agreement",
            "该单位没有有效的合作协议，密钥没有启用；请先登记协议。",
            en="There is no agreement in force with this organisation; the key was not let in. Enter the agreement first.",
        )


def withdraw_offer(*, offer_id: int, by: identity.Actor, at: datetime) -> None:
    """Let an offered key come to nothing. Raises Refused("no_such_offer")."""
    with transaction.atomic():
        offer = _locked(offer_id, at)
        offer.ended_at, offer.ended_by = at, by.ref
        offer.save(update_fields=["ended_at", "ended_by"])
        _note("exchange.key_withdrawn", offer.partner, by, at)


def _locked(offer_id: int, at: datetime) -> KeyOffer:
    rows = KeyOffer.objects.select_for_update(of=("self",)).select_related("partner")
    found = rows.filter(pk=offer_id, ended_at=None, offered_at__gt=at - OFFER_DAYS, partner__closed_at=None).first()
    if found is None:
        raise Refused(
            "no_such_offer",
            "没有这次公钥登记，或已办结、已超过七天，未作任何改动，请重新提交公钥。",
            en="There is no such offer of a key, or it ended or is older than seven days. Nothing was changed: hand the key in again.",
            status=404,
        )
    return found


def _note(action: str, partner: Partner, by: identity.Actor, at: datetime, **detail: str) -> None:
    audit.record(action, who=by.ref, about=f"partner:{partner.code}", at=at, region=partner.region, detail=detail)
